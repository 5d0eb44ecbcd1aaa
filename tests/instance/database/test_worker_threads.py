"""No request waits for long for a database that does not respond, and reads do not wait for writes."""

import asyncio
import time
from collections.abc import Callable, Iterator
from threading import Event

import pytest

from roster.instance.database import worker_threads
from roster.instance.database.connections import Database
from roster.instance.database.errors import DatabaseUnavailable
from roster.instance.database.worker_threads import WorkerThreads
from roster.settings.secret import Secret


@pytest.fixture
def threads(monkeypatch: pytest.MonkeyPatch) -> WorkerThreads:
    for name in ("READ_SECONDS", "WRITE_SECONDS", "CHECK_SECONDS", "EXPORT_SECONDS"):
        monkeypatch.setattr(worker_threads, name, 0.1)
    return WorkerThreads(Database(Secret("sqlite:////nowhere/instance.db")))


@pytest.fixture
def stuck() -> Iterator[Event]:
    """An event that calls wait for, until the end of the test."""
    event = Event()
    yield event
    event.set()


def calls(threads: WorkerThreads, result: Callable[[], object]) -> dict[str, Callable[[], object]]:
    return {
        "read": lambda: asyncio.run(threads.read(result)),
        "write": lambda: asyncio.run(threads.write(lambda _: result())),
        "check": lambda: threads.check(result),
        "export": lambda: asyncio.run(threads.export(result)),
    }


@pytest.mark.parametrize("kind", ["read", "write", "check", "export"])
def test_stuck_call_fails_in_time_and_delays_no_other_kind(threads: WorkerThreads, stuck: Event, kind: str):
    for _ in range(5):  # more than there are threads
        started = time.monotonic()
        with pytest.raises(DatabaseUnavailable, match=r"cannot be used: no response within 0\.1 seconds"):
            calls(threads, stuck.wait)[kind]()
        assert time.monotonic() - started < 2
    for other, call in calls(threads, lambda: 42).items():
        if other != kind:
            assert call() == 42
    stuck.set()
    assert calls(threads, lambda: 42)[kind]() == 42


@pytest.mark.parametrize("kind", ["read", "write", "check", "export"])
def test_error_of_a_call_is_raised(threads: WorkerThreads, kind: str):
    with pytest.raises(ZeroDivisionError):
        calls(threads, lambda: 1 / 0)[kind]()
