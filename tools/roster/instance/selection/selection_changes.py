"""Changes of selections: validate and write them, together with their versions and audit events.

Only the stored list is consulted, so that no admin waits for a gateway. The connection is that of
``Database.write_transaction``, and the offered list was read with it, so that nothing changes between validation and
write. The number of statements does not depend on the number of changes.
"""

import secrets
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, bindparam, delete, insert, select, update

from roster.instance.database.tables import (
    audit_events,
    namespaces,
    selected_features,
    selected_models,
    selection_versions,
)
from roster.instance.selection.offered_list import OfferedList
from roster.instance.selection.request_errors import by_title, find_errors
from roster.instance.selection.requested_selection import RequestedSelection
from roster.instance.selection.selections import (
    Selection,
    SelectionKey,
    SelectionMode,
    SelectionVersion,
    load_versioned_selections,
)
from roster.naming import counted, quote

_MAX_ERRORS = 50
"""With how many errors no more changes are checked; finding near misses takes time."""


class SelectionError(NamedTuple):
    """Why a selection was refused.

    Attributes:
        message: for people who use the API.
        conflict: the stored version, if the requested change is based on another one.
        problem: the message with titles of features and names of models, for people at the page.
    """

    feature: str
    message: str
    conflict: SelectionVersion | None = None
    problem: str | None = None


class ChangeOutcome(NamedTuple):
    """What became of requested changes.

    Attributes:
        errors: if there are any, nothing was written.
        batch: what the audit events have in common; None if nothing was written.
        keys: the namespace (None for the instance) and the feature of each selection that was to be changed.
    """

    errors: tuple[SelectionError, ...] = ()
    batch: str | None = None
    keys: tuple[SelectionKey, ...] = ()

    @property
    def namespace_id(self) -> int | None:
        """The namespace of the first selection; None for the instance."""
        return self.keys[0][0] if self.keys else None


class Change(NamedTuple):
    """A requested change, and what is stored."""

    requested: RequestedSelection
    before: Selection | None
    version: SelectionVersion | None


def change_selections(
    connection: Connection, offered: OfferedList, requested: Sequence[RequestedSelection], actor: str
) -> ChangeOutcome:
    """Create, update and delete selections, all of them or, if there are errors, none.

    A selection that is already as requested is not written, whatever version the request is based on. Selections of
    namespaces remain when the instance's is deleted. Models can be requested by an earlier id; the current one is
    stored. The audit events of the changes have the same ``batch``.
    """
    levels = {each.namespace_id for each in requested}
    # The features' names are compared here and not in the statements, because PostgreSQL rejects some texts.
    stored = load_versioned_selections(connection, *levels)
    selections = {each.key: each.selection for each in stored if each.selection}
    versions = {each.key: each.version for each in stored}
    changes, errors = review_changes(offered, requested, selections, versions)
    batch = _write(connection, offered, changes, actor) if changes and not errors else None
    return ChangeOutcome(tuple(errors), batch, tuple(each.key for each in requested))


def review_changes(
    offered: OfferedList,
    requested: Sequence[RequestedSelection],
    selections: Mapping[SelectionKey, Selection],
    versions: Mapping[SelectionKey, SelectionVersion],
) -> tuple[list[Change], list[SelectionError]]:
    """Return the changes that requests make to the stored selections, and the errors of the requests."""
    requested = [each.with_current_ids(offered.aliases) for each in requested]
    reviewed = [Change(each, selections.get(each.key), versions.get(each.key)) for each in requested]
    errors: list[SelectionError] = []
    unchecked = 0
    for change in reviewed:
        if conflict := _conflict(change):
            errors += conflict
        elif len(errors) < _MAX_ERRORS:
            errors += _errors(offered, change, selections.get((None, change.requested.feature)))
        else:
            unchecked += 1
    if unchecked:
        errors.append(SelectionError("", f"{counted(unchecked, 'more change')} not checked"))
    errors += _duplicates(requested)
    return [each for each in reviewed if not each.requested.equals(each.before)], errors


def _conflict(change: Change) -> list[SelectionError]:
    requested, version = change.requested, change.version
    number = version.number if version else 0
    if requested.version in (None, number) or requested.equals(change.before):
        return []
    if version is None:
        message = f"the selection for {quote(requested.feature)} has no version {requested.version}: load it again"
        return [SelectionError(requested.feature, message)]
    message = f"{version.describe(quote(requested.feature))}: it is at version {number}, not {requested.version}"
    return [SelectionError(requested.feature, message, version)]


def _errors(offered: OfferedList, change: Change, instance: Selection | None) -> list[SelectionError]:
    arguments = offered, change.requested, instance, change.before
    messages = list(find_errors(*arguments))
    problems = find_errors(*arguments, by_title(offered)) if messages else ()
    return [
        SelectionError(change.requested.feature, message, problem=problem)
        for message, problem in zip(messages, problems, strict=True)
    ]


def _duplicates(requested: Sequence[RequestedSelection]) -> list[SelectionError]:
    counts = Counter(each.key for each in requested)
    return [
        SelectionError(feature, f"{quote(feature)} is changed more than once")
        for (_, feature), count in counts.items()
        if count > 1
    ]


def _write(connection: Connection, offered: OfferedList, changes: Sequence[Change], actor: str) -> str:
    """Write the changes; return their batch."""
    now = datetime.now(UTC)
    _delete_rows(connection, changes)
    _write_namespaces(connection, changes)
    ids = _write_features(connection, offered, changes, now)
    models = [
        {"instance_ai_feature_id": ids[each.requested.key], "model": model}
        for each in changes
        if each.requested.key in ids
        for model in each.requested.stored_models
    ]
    if models:
        connection.execute(insert(selected_models), models)
    _write_versions(connection, changes, actor, now)
    batch = secrets.token_hex(8)
    _write_audit_events(connection, changes, actor, now, batch)
    return batch


def _delete_rows(connection: Connection, changes: Sequence[Change]) -> None:
    """Delete the selections that follow the roster now, and the models of the others."""
    stored = [(each.requested.mode, each.before.id) for each in changes if each.before]
    deleted = [id_ for mode, id_ in stored if mode is SelectionMode.ROSTER]
    updated = [id_ for mode, id_ in stored if mode is not SelectionMode.ROSTER]
    if deleted:  # the database deletes the selected models with the rows
        connection.execute(delete(selected_features).where(selected_features.c.id.in_(deleted)))
    if updated:
        connection.execute(delete(selected_models).where(selected_models.c.instance_ai_feature_id.in_(updated)))


def _write_namespaces(connection: Connection, changes: Sequence[Change]) -> None:
    numbers = {each.requested.namespace_id for each in changes if each.requested.namespace_id is not None}
    if numbers:
        missing = numbers.difference(connection.scalars(select(namespaces.c.id).where(namespaces.c.id.in_(numbers))))
        if missing:
            connection.execute(insert(namespaces), [{"id": number} for number in sorted(missing)])


def _write_features(
    connection: Connection, offered: OfferedList, changes: Sequence[Change], now: datetime
) -> Mapping[SelectionKey, int]:
    """Write the selections' rows without their models; return their ids."""
    ids: dict[SelectionKey, int] = {}
    updated: list[dict[str, Any]] = []
    inserted: list[dict[str, Any]] = []
    for requested, before, _ in changes:
        if requested.mode is SelectionMode.ROSTER:
            continue
        values = {
            "updated_at": now,
            "default_model": requested.default_model,
            "mode": requested.mode.value,
            "feature_category": offered.features[requested.feature].category,
        }
        if before:
            ids[requested.key] = before.id
            updated.append(values | {"row": before.id})
        else:
            own = {"feature": requested.feature, "namespace_id": requested.namespace_id, "created_at": now}
            inserted.append(values | own)
    if updated:
        connection.execute(update(selected_features).where(selected_features.c.id == bindparam("row")), updated)
    if inserted:
        columns = selected_features.c
        rows = insert(selected_features).returning(columns.id, columns.namespace_id, columns.feature)
        ids |= {(row.namespace_id, row.feature): row.id for row in connection.execute(rows, inserted)}
    return ids


def _write_versions(connection: Connection, changes: Sequence[Change], actor: str, now: datetime) -> None:
    values = {"updated_by": actor, "updated_at": now}
    increased = [
        values | {"row": each.version.row_id, "version": each.version.number + 1} for each in changes if each.version
    ]
    created = [
        values | {"namespace_id": each.requested.namespace_id, "feature": each.requested.feature, "version": 1}
        for each in changes
        if each.version is None
    ]
    if increased:
        statement = update(selection_versions).where(selection_versions.c.id == bindparam("row"))
        connection.execute(statement, increased)
    if created:
        connection.execute(insert(selection_versions), created)


def _write_audit_events(
    connection: Connection, changes: Sequence[Change], actor: str, now: datetime, batch: str
) -> None:
    events = [
        {
            "actor": actor,
            "created_at": now,
            "action": "delete" if requested.mode is SelectionMode.ROSTER else "upsert",
            "feature": requested.feature,
            "namespace_id": requested.namespace_id,
            "old_value": before and _audit_value(before.mode, before.models, before.default_model),
            "new_value": _audit_value(requested.mode, requested.models, requested.default_model),
            "batch": batch,
        }
        for requested, before, _ in changes
    ]
    connection.execute(insert(audit_events), events)


def _audit_value(mode: SelectionMode, models: tuple[str, ...], default_model: str) -> dict[str, Any] | None:
    """Return a selection as in audit events; None if it follows the roster. Earlier events have no mode."""
    if mode is SelectionMode.ROSTER:
        return None
    allowed = list(models) if mode is SelectionMode.CHOSEN_MODELS else []
    return {"mode": mode.value, "models": allowed, "default_model": default_model}
