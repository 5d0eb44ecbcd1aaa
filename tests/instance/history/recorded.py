"""Audit events and sync runs to store, without the selections and lists that they are about."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import insert

from roster.instance.database.connections import Database
from roster.instance.database.tables import audit_events, sync_runs
from roster.instance.history.audit_log import FOLLOWS_ROSTER, AuditEvent, AuditValue
from roster.instance.selection.selections import SelectionMode

START = datetime(2026, 11, 23, 0, 0, tzinfo=UTC)
"""A Monday."""


def chosen(*models: str) -> AuditValue:
    """Return a selection that allows some models; its default is the first one."""
    return AuditValue(SelectionMode.CHOSEN_MODELS, models, models[0])


def own_default(model: str) -> AuditValue:
    return AuditValue(SelectionMode.OWN_DEFAULT, (), model)


def audit_event(
    id_: int,
    feature: str = "chat",
    old: AuditValue = FOLLOWS_ROSTER,
    new: AuditValue = FOLLOWS_ROSTER,
    actor: str = "alice",
    namespace_id: int | None = None,
    batch: str | None = None,
    at: datetime | None = None,
) -> AuditEvent:
    action = "delete" if new == FOLLOWS_ROSTER else "upsert"
    created_at = at or START + timedelta(hours=id_)
    return AuditEvent(id_, created_at, actor, action, feature, namespace_id, batch, old, new)


def store_events(database: Database, events: Iterable[AuditEvent]) -> None:
    rows = [
        {**event._asdict(), "old_value": _stored(event.old), "new_value": _stored(event.new)}
        for event in events
    ]  # fmt: skip
    for row in rows:
        del row["old"], row["new"]
    with database.write_transaction() as connection:
        connection.execute(insert(audit_events), rows)


def _stored(value: AuditValue) -> dict[str, Any] | None:
    return None if value == FOLLOWS_ROSTER else value._asdict()


def store_sync(database: Database, outcome: str = "replaced", at: datetime = START, **values: Any) -> None:
    row = {"started_at": at, "finished_at": at, "outcome": outcome}
    row |= {"reason": "unreachable"} if outcome == "failed" else {"version": 1}
    with database.write_transaction() as connection:
        connection.execute(insert(sync_runs).values(row | values))
