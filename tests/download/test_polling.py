"""Polling: delays, immediate polls, shutdown, SIGHUP."""

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator

import pytest

from roster.download.polling import JITTER, Poller, on_sighup
from tests.new_threads import NewThreads


class Polls:
    """Counts polls; each runs the given action."""

    def __init__(self, does: Callable[[], object] = lambda: None) -> None:
        self.count = 0
        self._does, self._polled = does, threading.Semaphore(0)

    def __call__(self) -> None:
        self.count += 1
        self._polled.release()
        self._does()

    def came(self, times: int = 1, within: float = 5.0) -> bool:
        return all(self._polled.acquire(timeout=within) for _ in range(times))


@pytest.fixture(autouse=True)
def handler() -> Iterator[object]:
    """Check that the test's SIGHUP handler is restored."""
    before = signal.getsignal(signal.SIGHUP)
    yield before
    assert signal.getsignal(signal.SIGHUP) is before


class TestDelays:
    def test_first_delay_varies_with_seed(self):
        offsets = sorted(Poller(Polls(), 300, f"gateway-{number}").next_delay(first=True) for number in range(200))
        assert offsets[0] < 15
        assert offsets[-1] > 285
        assert 100 < offsets[100] < 200

    def test_delays_are_deterministic_per_seed(self):
        one, same, other = (Poller(Polls(), 300, seed) for seed in ("a", "a", "b"))
        course = [one.next_delay(first) for first in (True, False, False)]
        assert course == [same.next_delay(first) for first in (True, False, False)]
        assert course != [other.next_delay(first) for first in (True, False, False)]

    def test_later_delays_have_ten_percent_jitter(self):
        poller = Poller(Polls(), 300, "a")
        waits = [poller.next_delay() for _ in range(1000)]
        assert 300 * (1 - JITTER) <= min(waits) < 275
        assert 325 < max(waits) <= 300 * (1 + JITTER)
        assert abs(sum(waits) / 1000 - 300) < 5


class TestPolling:
    def test_polls_repeat(self):
        polls = Polls()
        with Poller(polls, 0.01, "a"):
            assert polls.came(times=5)

    def test_poller_waits_between_polls(self):
        polls = Polls()
        with Poller(polls, 3600, "a"):
            assert not polls.came(within=0.2)

    def test_poll_now_polls_immediately(self):
        polls = Polls()
        with Poller(polls, 3600, "a") as poller:
            for _ in range(3):
                poller.poll_now()
                assert polls.came()

    def test_requests_during_poll_result_in_one_poll(self):
        going_on = threading.Event()
        polls = Polls(going_on.wait)
        with Poller(polls, 3600, "a") as poller:
            poller.poll_now()
            assert polls.came()
            for _ in range(10):
                poller.poll_now()
            going_on.set()
            assert polls.came()
            assert not polls.came(within=0.2)

    def test_exception_does_not_stop_polling(self, caplog: pytest.LogCaptureFixture):
        polls = Polls(lambda: 1 / 0)
        with Poller(polls, 0.01, "a"):
            assert polls.came(times=3)
        assert "ZeroDivisionError" in caplog.text


class TestStop:
    def test_waiting_poller_stops_immediately(self):
        threads = NewThreads("roster-reload")
        with Poller(Polls(), 3600, "a"):
            assert len(threads.running()) == 1
            started = time.monotonic()
        assert time.monotonic() - started < 0.9
        assert threads.running() == []

    def test_poller_stops_during_poll(self):
        going_on = threading.Event()
        polls = Polls(going_on.wait)
        with Poller(polls, 3600, "a") as poller:
            poller.poll_now()
            assert polls.came()
            started = time.monotonic()
        assert time.monotonic() - started < 2
        going_on.set()
        assert not polls.came(within=0.2), "no poll starts after the end"


class TestSighup:
    def test_sighup_polls_immediately(self):
        polls = Polls()
        with Poller(polls, 3600, "a") as poller, on_sighup(poller.poll_now):
            for _ in range(3):
                os.kill(os.getpid(), signal.SIGHUP)
                assert polls.came()

    def test_many_signals_are_harmless(self):
        """A signal can arrive while another one is handled."""
        polls = Polls()
        with Poller(polls, 3600, "a") as poller, on_sighup(poller.poll_now):
            for _ in range(2000):
                os.kill(os.getpid(), signal.SIGHUP)
            assert polls.came()

    def test_previous_handler_is_called(self):
        signals: list[int] = []
        before = signal.signal(signal.SIGHUP, lambda number, _: signals.append(number))
        try:
            polls = Polls()
            with Poller(polls, 3600, "a") as poller, on_sighup(poller.poll_now):
                os.kill(os.getpid(), signal.SIGHUP)
                assert polls.came()
            assert signals == [signal.SIGHUP]
            os.kill(os.getpid(), signal.SIGHUP)
            assert signals == [signal.SIGHUP] * 2
        finally:
            signal.signal(signal.SIGHUP, before)

    def test_no_handler_in_other_thread(self):
        left: list[bool] = []

        def enter() -> None:
            with on_sighup(lambda *_: None):
                left.append(True)

        thread = threading.Thread(target=enter)
        thread.start()
        thread.join()
        assert left == [True]
