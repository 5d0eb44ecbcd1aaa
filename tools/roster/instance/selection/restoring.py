"""Restoring earlier selections from audit events: one selection, or all that were changed together.

A restore is a change like any other: it is validated, gets a version and an audit event, and can be undone. What takes
back the latest change also restores models that are no longer available, which might have been kept otherwise.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, func, select

from roster.instance.auth.token_events import IS_OF_TOKEN
from roster.instance.database.tables import audit_events
from roster.instance.selection.offered_list import OfferedList
from roster.instance.selection.request_errors import BY_ID, by_title
from roster.instance.selection.requested_selection import RequestedSelection, follow_roster
from roster.instance.selection.selection_changes import (
    ChangeOutcome,
    SelectionError,
    change_selections,
)
from roster.instance.selection.selections import (
    SelectionKey,
    SelectionMode,
    VersionedSelection,
    load_versioned_selections,
)
from roster.naming import quote

_ID = re.compile(r"[0-9]{1,19}", re.ASCII)
_MAX_ID = 2**63 - 1


def restore_selection(
    connection: Connection, offered: OfferedList, event_id: str, version: int | None, actor: str
) -> ChangeOutcome:
    """Restore the selection from before an audit event.

    ``version`` is the one that the restore is based on; None restores it in any case.
    """
    number = int(event_id) if _ID.fullmatch(event_id) else _MAX_ID + 1
    events = _load_events(connection, (audit_events.c.id == number) & ~IS_OF_TOKEN) if number <= _MAX_ID else []
    if not events:
        return ChangeOutcome((SelectionError("", f"there is no audit event {quote(event_id)}"),))
    is_latest = not _changed_since(connection, events)
    request = _request(events[0])._replace(version=version, undoes=is_latest)
    return change_selections(connection, offered, [request], actor)


def undo_batch(connection: Connection, offered: OfferedList, batch: str, actor: str) -> ChangeOutcome:
    """Restore all selections from before the changes with the same batch, unless one was changed since."""
    # PostgreSQL rejects a text with a NUL.
    events = _load_events(connection, audit_events.c.batch == batch) if batch.isprintable() else []
    if not events:
        return ChangeOutcome((SelectionError("", f"there are no changes with the batch {quote(batch)}"),))
    if later := _changed_since(connection, events):
        stored = load_versioned_selections(connection, *(namespace_id for namespace_id, _ in later))
        conflicts = tuple(_conflict(offered, each) for each in stored if each.key in later)
        return ChangeOutcome(conflicts, keys=tuple((event.namespace_id, event.feature) for event in events))
    return change_selections(connection, offered, [_request(event)._replace(undoes=True) for event in events], actor)


def _load_events(connection: Connection, condition: ColumnElement[bool]) -> Sequence[Row[Any]]:
    return connection.execute(select(audit_events).where(condition).order_by(audit_events.c.id)).all()


def _request(event: Row[Any]) -> RequestedSelection:
    """Return the request for the selection that an event has as its old value."""
    value: Mapping[str, Any] | None = event.old_value
    if value is None:
        return follow_roster(event.feature, event.namespace_id)
    mode = SelectionMode(value.get("mode", SelectionMode.CHOSEN_MODELS))
    return RequestedSelection(event.feature, tuple(value["models"]), value["default_model"], event.namespace_id, mode)


def _changed_since(connection: Connection, events: Sequence[Row[Any]]) -> list[SelectionKey]:
    """Return the namespace and feature of each selection that was changed after its event."""
    columns = audit_events.c
    statement = (
        select(columns.namespace_id, columns.feature, func.max(columns.id).label("latest"))
        .where(columns.feature.in_({event.feature for event in events}))
        .group_by(columns.namespace_id, columns.feature)
    )
    latest = {(row.namespace_id, row.feature): row.latest for row in connection.execute(statement)}
    return [key for event in events if latest[key := (event.namespace_id, event.feature)] > event.id]


def _conflict(offered: OfferedList, stored: VersionedSelection) -> SelectionError:
    message, problem = (
        f"{stored.version.describe(words.feature(stored.feature))}, after the changes to undo: nothing was undone"
        for words in (BY_ID, by_title(offered))
    )
    return SelectionError(stored.feature, message, stored.version, problem)
