"""Deletion of old records: audit events, sync runs, expired sessions, and completed deliveries to the webhook.

Each batch is a transaction of its own, followed by a pause as long as it took, so that other writers get their turn.
"""

import time
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, Connection, Table, delete, func, select

from roster.instance.database.connections import Database
from roster.instance.database.tables import audit_events, lists, sessions, sync_runs, webhook_deliveries
from roster.instance.selection.attention_storage import load_attention
from roster.instance.selection.state import StateReader

BATCH_ROWS = 1000


class Prunable(NamedTuple):
    """Rows that can be deleted.

    Attributes:
        condition: which rows of the table; it still excludes those that are needed when the rows are deleted.
    """

    table: Table
    condition: ColumnElement[bool]


def find_prunable(connection: Connection, before: datetime, now: datetime) -> Mapping[str, Prunable]:
    """Return the rows from before a time, by the name of their kind. Versions of selections are never among them."""
    return {
        "audit event": Prunable(audit_events, audit_events.c.created_at < before),
        "sync run": Prunable(sync_runs, _outdated_runs(before)),
        "expired session": Prunable(sessions, sessions.c.expires_at <= now),
        "webhook message": Prunable(webhook_deliveries, _outdated_deliveries(connection, before, now)),
    }


def _outdated_runs(before: datetime) -> ColumnElement[bool]:
    """Return the condition of old runs, without the newest one and that of the current list: these show the status."""
    newest = select(func.max(sync_runs.c.id)).scalar_subquery()
    current = select(sync_runs.c.id).where(sync_runs.c.outcome == "replaced", sync_runs.c.version == lists.c.version)
    return (sync_runs.c.finished_at < before) & (sync_runs.c.id != newest) & sync_runs.c.id.not_in(current)


def _outdated_deliveries(connection: Connection, before: datetime, now: datetime) -> ColumnElement[bool]:
    """Return the condition of old completed deliveries, without those of entries that would be sent again."""
    attention = load_attention(connection, StateReader().state(connection), now.date())
    columns = webhook_deliveries.c
    is_over = columns.next_attempt_at.is_(None) & (columns.created_at < before)
    return is_over & columns.key.not_in([entry.key for entry in attention.all_entries])


def count_prunable(database: Database, before: datetime, now: datetime) -> dict[str, int]:
    """Return the number of rows that ``prune`` would delete, by the name of their kind."""
    with database.read_transaction() as connection:
        return {
            name: connection.execute(select(func.count()).select_from(rows.table).where(rows.condition)).scalar_one()
            for name, rows in find_prunable(connection, before, now).items()
        }


def prune(
    database: Database, before: datetime, now: datetime | None = None, pause: Callable[[float], None] = time.sleep
) -> Iterator[tuple[str, int]]:
    """Delete the rows from before a time; yield each kind with the number of deleted rows."""
    with database.read_transaction() as connection:
        prunable = find_prunable(connection, before, now or datetime.now(UTC))
    for name, rows in prunable.items():
        yield name, sum(_delete_in_batches(database, rows, pause))


def _delete_in_batches(database: Database, rows: Prunable, pause: Callable[[float], None]) -> Iterator[int]:
    (key,) = rows.table.primary_key
    batch = select(key).where(rows.condition).limit(BATCH_ROWS)
    while True:
        with database.write_transaction() as connection:
            started = time.monotonic()
            deleted = connection.execute(delete(rows.table).where(key.in_(batch))).rowcount
        yield deleted
        if deleted < BATCH_ROWS:
            return
        pause(time.monotonic() - started)
