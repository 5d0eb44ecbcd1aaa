"""Polling: call a function at an interval with jitter, or immediately on request or SIGHUP."""

import logging
import random
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from queue import Empty, SimpleQueue
from types import FrameType, TracebackType

JITTER = 0.1
"""The largest share by which an interval is lengthened or shortened, so that pollers do not synchronize."""

_SHUTDOWN_SECONDS = 1.0
"""How long shutdown waits for a poll in progress; a poll that is cut off has either taken effect completely or not."""

log = logging.getLogger("roster.download")


class Poller:
    """A thread that polls while the context is active. Exceptions of a poll are logged and do not stop it."""

    def __init__(self, poll: Callable[[], object], interval_seconds: float, seed: str) -> None:
        self._poll, self._interval, self._random = poll, interval_seconds, random.Random(seed)
        # SimpleQueue, because a signal handler may interrupt another one: only its put() is reentrant.
        self._wake: SimpleQueue[None] = SimpleQueue()
        self._stopped = False
        self._thread = threading.Thread(target=self._run, name="roster-reload", daemon=True)

    def __enter__(self) -> "Poller":
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, _: BaseException | None, __: TracebackType | None) -> None:
        self._stopped = True
        self.poll_now()
        self._thread.join(_SHUTDOWN_SECONDS)

    def poll_now(self, *_: int | FrameType | None) -> None:
        """Poll as soon as possible; usable as a signal handler."""
        self._wake.put(None)

    def next_delay(self, first: bool = False) -> float:
        """Return the seconds until the next poll; the first delay is random, so that restarts do not synchronize."""
        if first:
            return self._random.uniform(0, self._interval)
        return self._interval * self._random.uniform(1 - JITTER, 1 + JITTER)

    def _run(self) -> None:
        first = True
        while True:
            with suppress(Empty):
                self._wake.get(timeout=self.next_delay(first))
            while not self._wake.empty():  # several requests result in one poll
                self._wake.get()
            if self._stopped:
                return
            first = False
            try:
                self._poll()
            except Exception:  # a defect must not stop polling
                log.exception("a poll failed")


@contextmanager
def on_sighup(handler: Callable[[int, FrameType | None], object]) -> Iterator[None]:
    """Call a handler on SIGHUP, before the previous handler; do nothing without SIGHUP or outside the main thread."""
    if not hasattr(signal, "SIGHUP") or threading.current_thread() is not threading.main_thread():
        yield
        return
    previous = signal.getsignal(signal.SIGHUP)

    def call_both(number: int, frame: FrameType | None) -> None:
        handler(number, frame)
        if callable(previous):
            previous(number, frame)

    signal.signal(signal.SIGHUP, call_both)
    try:
        yield
    finally:
        signal.signal(signal.SIGHUP, previous or signal.SIG_DFL)
