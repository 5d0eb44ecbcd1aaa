"""Two concurrent syncs: one replaces the list and the other finds it unchanged, in any order of calls."""

import threading
from collections.abc import Iterator

import pytest

from tests.download.scripted_server import ScriptedServer, ok
from tests.instance.sync.sync_helpers import (
    NEW,
    OLD,
    dump_database,
    open_database,
    read_status,
    set_flag,
    sync_from,
    sync_once,
)
from tests.instance.sync.test_sync_interrupted import FORKED

TIMES = 6


@pytest.fixture
def gateway() -> Iterator[ScriptedServer]:
    with ScriptedServer(ok(NEW)) as server:
        yield server


@pytest.fixture
def url(migrated_url: str) -> str:
    with open_database(migrated_url) as database:
        set_flag(database, on=True)
    return migrated_url


def replaced_once(url: str, version: int) -> None:
    with open_database(url) as database:
        status = read_status(database)
        assert status.list
        assert status.list.version == version
        assert len(dump_database(database)["instance_ai_sync_runs"]) == version


def test_concurrent_threads(url: str, gateway: ScriptedServer):
    for number in range(1, TIMES + 1):
        gateway.plays = [ok(NEW if number % 2 else OLD)]
        outcomes: list[str] = []
        together = threading.Barrier(2)

        def run(outcomes: list[str] = outcomes, together: threading.Barrier = together) -> None:
            with open_database(url) as database:
                together.wait(30)
                outcomes.append(sync_from(database, gateway.origin).outcome)

        threads = [threading.Thread(target=run) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        assert sorted(outcomes) == ["replaced", "unchanged"]
        replaced_once(url, number)


def test_concurrent_processes(url: str, gateway: ScriptedServer):
    for number in range(1, TIMES + 1):
        gateway.plays = [ok(NEW if number % 2 else OLD)]
        outcomes = FORKED.Queue()
        processes = [FORKED.Process(target=sync_once, args=(url, gateway.origin, outcomes)) for _ in range(2)]
        for process in processes:
            process.start()
        assert sorted(outcomes.get(timeout=60) for _ in processes) == ["replaced", "unchanged"]
        for process in processes:
            process.join(60)
        replaced_once(url, number)
