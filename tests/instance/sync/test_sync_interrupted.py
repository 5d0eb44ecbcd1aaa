"""An interrupted sync, by a database failure or a kill at any call, leaves the old list or the new one."""

import sqlite3
from collections.abc import Iterator
from itertools import count
from multiprocessing import get_context
from typing import NamedTuple

import pytest
from sqlalchemy import delete
from sqlalchemy.exc import OperationalError

from roster.findings import ConfigurationError
from roster.instance.database.connections import Database
from roster.instance.database.tables import metadata
from tests.download.scripted_server import Play, ScriptedServer, answer, ok
from tests.instance.sync.sync_helpers import (
    NEW,
    OLD,
    DatabaseCalls,
    dump_database,
    open_database,
    set_flag,
    sync_and_die_at_call,
    sync_from,
)

pytestmark = pytest.mark.slow

FORKED = get_context("forkserver")
FORKED.set_forkserver_preload(["tests.instance.sync.sync_helpers"])


class Case(NamedTuple):
    """The definitions of the previous sync, the gateway's response, and the outcome."""

    body: bytes | None
    play: Play = ok(NEW)
    outcome: str = "replaced"


CASES = {
    "first sync": Case(None),
    "replacing sync": Case(OLD),
    "rejected sync": Case(OLD, answer("401 Unauthorized"), "failed"),
}
each_case = pytest.mark.parametrize("case", CASES.values(), ids=CASES)


@pytest.fixture
def gateway() -> Iterator[ScriptedServer]:
    with ScriptedServer(ok(NEW)) as server:
        yield server


def prepare(url: str, gateway: ScriptedServer, case: Case) -> None:
    """Empty the database, and do the previous sync."""
    with open_database(url) as database:
        with database.write_transaction() as connection:
            for table in reversed(metadata.sorted_tables):
                connection.execute(delete(table))
        set_flag(database, on=True)
        if case.body:
            gateway.plays = [ok(case.body)]
            sync_from(database, gateway.origin)
        gateway.plays = [case.play]


def dumps_before_and_after(url: str, gateway: ScriptedServer, case: Case) -> tuple[object, object]:
    """Return dumps before and after an undisturbed sync."""
    prepare(url, gateway, case)
    with open_database(url) as database:
        before = dump_database(database)
        assert sync_from(database, gateway.origin).outcome == case.outcome
        return before, dump_database(database)


def assert_next_sync_completes(database: Database, gateway: ScriptedServer, after: object) -> None:
    """Assert that an undisturbed sync completes an interrupted one."""
    assert sync_from(database, gateway.origin).outcome in ("replaced", "unchanged", "failed")
    assert dump_database(database) == after


def fail() -> None:
    raise OperationalError("a statement", {}, sqlite3.OperationalError("disk I/O error"))


@each_case
def test_failure_at_any_call_changes_nothing(migrated_url: str, gateway: ScriptedServer, case: Case):
    before, after = dumps_before_and_after(migrated_url, gateway, case)
    for at in count(1):
        prepare(migrated_url, gateway, case)
        with open_database(migrated_url) as database:
            calls = DatabaseCalls(database, at, fail)
            error = sync_error(database, gateway)
        with open_database(migrated_url) as database:
            if calls.count < at:
                break
            assert "disk I/O error" in error
            assert dump_database(database) == before, at
            assert_next_sync_completes(database, gateway, after)
    assert error == ""
    assert at > 6


@each_case
@pytest.mark.parametrize("databases", ["postgresql"], indirect=True)  # SQLite has no server
def test_lost_connection_at_any_call_changes_nothing_or_everything(
    migrated_url: str, gateway: ScriptedServer, case: Case
):
    with open_database(migrated_url) as database, open_database(migrated_url) as other:
        before, after = dumps_before_and_after(migrated_url, gateway, case)
        error = []
        for at in count(1):
            prepare(migrated_url, gateway, case)
            calls = DatabaseCalls(database, at, lambda: end_connections(other))
            error.append(sync_error(database, gateway))
            if calls.count < at:
                break
            assert dump_database(other) == (before if error[-1] else after), at
            assert_next_sync_completes(other, gateway, after)
            database.close()
        assert sum(map(bool, error)) > 4


def end_connections(database: Database) -> None:
    """Terminate all other connections to a database."""
    ended = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> "
    with database.engine.connect() as connection:
        connection.exec_driver_sql(f"{ended} pg_backend_pid()")


def sync_error(database: Database, gateway: ScriptedServer) -> str:
    """Sync, and return the error message if the database fails."""
    try:
        sync_from(database, gateway.origin)
    except ConfigurationError as error:
        return str(error)
    return ""


@each_case
def test_kill_at_any_call_leaves_old_or_new_list(migrated_url: str, gateway: ScriptedServer, case: Case):
    before, after = dumps_before_and_after(migrated_url, gateway, case)
    replaced = []
    for at in count(1):
        prepare(migrated_url, gateway, case)
        process = FORKED.Process(target=sync_and_die_at_call, args=(migrated_url, gateway.origin, at))
        process.start()
        process.join(60)
        with open_database(migrated_url) as database:
            dump = dump_database(database)
            assert dump in (before, after), at
            assert_next_sync_completes(database, gateway, after)
        if process.exitcode == 0:
            break
        assert process.exitcode == -9
        replaced.append(dump == after)
    assert len(replaced) > 6
    assert replaced == sorted(replaced), "the new list must not disappear again"
    assert replaced[-1], "the last calls must come after the commit"
