"""Syncs whose gateway is a scripted server, what a database holds, and a process that ends at one of its calls."""

import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Select, Table, event, select

from roster.instance.database import feature_flag
from roster.instance.database.connections import Database
from roster.instance.database.tables import UTCDateTime, metadata, sync_runs
from roster.instance.instance_settings import GATEWAY_TOKEN, GATEWAY_URL, InstanceSettings, load_settings
from roster.instance.selection.offered_list_storage import load_offered_list
from roster.instance.selection.state import InstanceStatus, load_status
from roster.instance.sync.schedule import SyncSchedule
from roster.instance.sync.sync import Sync, SyncResult
from roster.settings.secret import Secret
from tests.accept.downloads import model, rendered, retiring
from tests.download.scripted_server import Scripted, ok
from tests.download.settings import CANARY, Waited

OLD = rendered("definitions", model("claude") + model("gemini") + model("mistral"))
NEW = rendered("definitions", model("claude") + model("gemini") + model("gpt", retiring("2026-12-01", "gemini")))
"""``mistral`` is gone, ``gpt`` is new."""
PLAIN = rendered("offered_models", model("claude") + model("gemini") + model("mistral"))
DEFINITIONS, OFFERED = "/v1/models/definitions", "/v1/models/offered"


def given(gateway: str, **changes: Any) -> InstanceSettings:
    """Return an instance's settings for a gateway: the defaults, but for what is changed, and a deadline for tests."""
    found, warnings = load_settings({GATEWAY_URL: gateway, GATEWAY_TOKEN: CANARY})
    assert not warnings
    return found._replace(**{"deadline_seconds": 5.0} | changes)


def sync(database: Database, gateway: str, **changes: Any) -> SyncResult:
    """Sync once, without pauses."""
    return Sync(database, given(gateway, **changes), timing=Waited().timing()).run()


def synced(database: Database, body: bytes, *headers: str, **changes: Any) -> SyncResult:
    """Sync once with a gateway that answers with some definitions."""
    with Scripted(ok(body, *headers)) as server:
        return sync(database, server.origin, **changes)


@contextmanager
def opened(url: str) -> Iterator[Database]:
    """Give the database of a URL."""
    database = Database(Secret(url))
    try:
        yield database
    finally:
        database.close()


def switch(database: Database, on: bool) -> None:
    with database.write_transaction() as connection:
        feature_flag.set_enabled(connection, on)


def seen(database: Database) -> InstanceStatus:
    with database.read_transaction() as connection:
        return load_status(connection)


def models(database: Database) -> list[str]:
    """Return the ids of the models that are offered."""
    with database.read_transaction() as connection:
        return [each.id for each in load_offered_list(connection).models.values() if each.offered]


def dump(database: Database, *, without: tuple[Table, ...] = ()) -> dict[str, list[tuple[Any, ...]]]:
    """Return all that a database holds, but for points in time and the numbers of runs."""
    with database.read_transaction() as connection:
        return {
            table.name: [tuple(row) for row in connection.execute(_telling(table))]
            for table in metadata.sorted_tables
            if table not in without
        }


def _telling(table: Table) -> Select[Any]:
    skipped = {"id"} if table is sync_runs else set()
    told = (column for column in table.c if not isinstance(column.type, UTCDateTime) and column.name not in skipped)
    return select(*told).order_by(*table.primary_key)


class Calls:
    """Counts what a process asks of a database: connections, statements and commits.

    Args:
        at: the number of the call before which ``act`` is called.
        ends: count the end of each transaction as a call, too.

    Attributes:
        seen: how many there were so far.
        statements: those that were executed, each once, however many rows it was given.
    """

    def __init__(
        self, database: Database, at: int = 0, act: Callable[[], None] = lambda: None, *, ends: bool = False
    ) -> None:
        self.seen = 0
        self.statements: list[str] = []
        self._at, self._act = at, act
        engine = database.engine
        event.listen(engine, "do_connect", self._count)
        event.listen(engine, "before_cursor_execute", self._executed)
        event.listen(engine, "commit", self._count)
        if ends:
            event.listen(engine.pool, "checkin", self._count)

    @property
    def writes(self) -> list[str]:
        return [each for each in self.statements if each.split()[0] in ("INSERT", "UPDATE", "DELETE")]

    @property
    def reads(self) -> list[str]:
        return [each for each in self.statements if each.startswith("SELECT")]

    def _executed(self, _connection: object, _cursor: object, statement: str, *_: object) -> None:
        self.statements.append(statement)
        self._count()

    def _count(self, *_: object) -> None:
        self.seen += 1
        if self.seen == self._at:
            self._act()


def killed_at(url: str, gateway: str, at: int) -> None:
    """Sync in this process, which ends at a call, if there are so many."""
    with opened(url) as database:
        Calls(database, at, lambda: os.kill(os.getpid(), signal.SIGKILL), ends=True)
        sync(database, gateway)


def once(url: str, gateway: str, told: Any) -> None:
    """Sync in this process, and tell what came of it."""
    with opened(url) as database:
        told.put(sync(database, gateway).outcome)


def leading(url: str, gateway: str, lease_seconds: float, lease_check_seconds: float) -> None:
    """Sync in this process in the background, until it is killed."""
    with opened(url) as database, SyncSchedule(database, given(gateway), lease_seconds, lease_check_seconds):
        time.sleep(60)
