"""Helpers for sync tests: syncs from a scripted gateway, database dumps, and processes killed at a database call."""

import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Select, Table, event, select

from roster.instance.database import feature_flag
from roster.instance.database.connections import Database
from roster.instance.database.tables import UTCDateTime, audit_events, metadata, sync_runs
from roster.instance.instance_settings import GATEWAY_TOKEN, GATEWAY_URL, InstanceSettings, load_settings
from roster.instance.selection.offered_list_storage import load_offered_list
from roster.instance.selection.state import InstanceStatus, load_status
from roster.instance.sync.schedule import SyncSchedule
from roster.instance.sync.sync import Sync, SyncResult
from roster.settings.secret import Secret
from tests.accept.example_downloads import model, rendered, retiring
from tests.download.download_helpers import CANARY, RecordedPauses
from tests.download.scripted_server import ScriptedServer, ok

OLD = rendered("definitions", model("claude") + model("gemini") + model("mistral"))
NEW = rendered("definitions", model("claude") + model("gemini") + model("gpt", retiring("2026-12-01", "gemini")))
"""``mistral`` is removed and ``gpt`` is added."""
PLAIN = rendered("offered_models", model("claude") + model("gemini") + model("mistral"))
DEFINITIONS, OFFERED = "/v1/models/definitions", "/v1/models/offered"


def settings_for(gateway: str, **changes: Any) -> InstanceSettings:
    """Return the default settings for a gateway, with a short deadline and the given changes."""
    settings, warnings = load_settings({GATEWAY_URL: gateway, GATEWAY_TOKEN: CANARY})
    assert not warnings
    return settings._replace(**{"deadline_seconds": 5.0} | changes)


def sync_from(database: Database, gateway: str, **changes: Any) -> SyncResult:
    """Sync once, without delays between retries."""
    return Sync(database, settings_for(gateway, **changes), timing=RecordedPauses().timing()).run()


def sync_body(database: Database, body: bytes, *headers: str, **changes: Any) -> SyncResult:
    """Sync once from a gateway that serves a body."""
    with ScriptedServer(ok(body, *headers)) as server:
        return sync_from(database, server.origin, **changes)


@contextmanager
def open_database(url: str) -> Iterator[Database]:
    """Open the database at a URL."""
    database = Database(Secret(url))
    try:
        yield database
    finally:
        database.close()


def set_flag(database: Database, on: bool) -> None:
    with database.write_transaction() as connection:
        feature_flag.set_enabled(connection, on)


def read_status(database: Database) -> InstanceStatus:
    with database.read_transaction() as connection:
        return load_status(connection)


def offered_model_ids(database: Database) -> list[str]:
    """Return the ids of the offered models."""
    with database.read_transaction() as connection:
        return [each.id for each in load_offered_list(connection).models.values() if each.offered]


def dump_database(database: Database, *, without: tuple[Table, ...] = ()) -> dict[str, list[tuple[Any, ...]]]:
    """Return the content of all tables, except for timestamps and the ids of sync runs."""
    with database.read_transaction() as connection:
        return {
            table.name: [tuple(row) for row in connection.execute(_comparable_columns(table))]
            for table in metadata.sorted_tables
            if table not in without
        }


def _comparable_columns(table: Table) -> Select[Any]:
    skipped = {sync_runs: {"id"}, audit_events: {"batch"}}.get(table, set())
    columns = (column for column in table.c if not isinstance(column.type, UTCDateTime) and column.name not in skipped)
    return select(*columns).order_by(*table.primary_key)


class DatabaseCalls:
    """Counts the calls to a database: connections, statements and commits.

    Args:
        at: the number of the call before which ``act`` is called.
        ends: also count the end of each transaction.

    Attributes:
        count: the number of calls so far.
        statements: the executed statements; an executemany counts once.
    """

    def __init__(
        self, database: Database, at: int = 0, act: Callable[[], None] = lambda: None, *, ends: bool = False
    ) -> None:
        self.count = 0
        self.statements: list[str] = []
        self._at, self._act = at, act
        engine = database.engine
        event.listen(engine, "do_connect", self._on_call)
        event.listen(engine, "before_cursor_execute", self._on_execute)
        event.listen(engine, "commit", self._on_call)
        if ends:
            event.listen(engine.pool, "checkin", self._on_call)

    @property
    def writes(self) -> list[str]:
        return [each for each in self.statements if each.split()[0] in ("INSERT", "UPDATE", "DELETE")]

    @property
    def reads(self) -> list[str]:
        return [each for each in self.statements if each.startswith("SELECT")]

    def _on_execute(self, _connection: object, _cursor: object, statement: str, *_: object) -> None:
        self.statements.append(statement)
        self._on_call()

    def _on_call(self, *_: object) -> None:
        self.count += 1
        if self.count == self._at:
            self._act()


def sync_and_die_at_call(url: str, gateway: str, at: int) -> None:
    """Sync in this process, which kills itself at a database call, if it gets that far."""
    with open_database(url) as database:
        DatabaseCalls(database, at, lambda: os.kill(os.getpid(), signal.SIGKILL), ends=True)
        sync_from(database, gateway)


def sync_once(url: str, gateway: str, outcomes: Any) -> None:
    """Sync in this process, and put the outcome into a queue."""
    with open_database(url) as database:
        outcomes.put(sync_from(database, gateway).outcome)


def lead_until_killed(url: str, gateway: str, lease_seconds: float, lease_check_seconds: float) -> None:
    """Sync in this process in the background, until it is killed."""
    with (
        open_database(url) as database,
        SyncSchedule(database, settings_for(gateway), lease_seconds, lease_check_seconds),
    ):
        time.sleep(60)
