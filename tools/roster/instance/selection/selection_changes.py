"""Changes of selections: validate and write a selection, together with its audit event.

Only the stored list is consulted, so that no admin waits for a gateway. Each function takes the connection of
``Database.write_transaction`` and the offered list read with it, so that nothing changes between validation and write.
It returns errors as messages for people, all at once; then nothing is written.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, delete, insert, select, update

from roster.instance.database.tables import audit_events, namespaces, selected_features, selected_models
from roster.instance.selection.offered_list import OfferedFeature, OfferedList
from roster.instance.selection.resolution import allowed_models
from roster.instance.selection.selections import Selection, load_selections, selected_for
from roster.naming import did_you_mean, join_names, quote

_MAX_MODEL_ERRORS = 10
"""How many models get an error message of their own; finding near misses takes time."""
_MAX_CHOICES = 10
"""How many models an error message offers."""
_NO_LIST = "there is no list of models yet: models can be selected after the first sync"


class RequestedSelection(NamedTuple):
    """A selection that an admin requests: the models to allow for a feature, and the default.

    Attributes:
        namespace_id: the namespace that selects one model; None for the instance.
    """

    feature: str
    models: tuple[str, ...]
    default_model: str
    namespace_id: int | None = None

    def with_current_ids(self, aliases: Mapping[str, str]) -> "RequestedSelection":
        """Return the selection with current ids; a model that is listed by two of its ids is listed once."""
        if aliases.keys().isdisjoint({*self.models, self.default_model}):
            return self
        models: list[str] = []
        for model in self.models:
            current = aliases.get(model, model)
            if model == current or current not in {*self.models, *models}:
                models.append(current)
        default_model = aliases.get(self.default_model, self.default_model)
        return self._replace(models=tuple(models), default_model=default_model)


def upsert_selection(
    connection: Connection, offered: OfferedList, requested: RequestedSelection, actor: str
) -> list[str]:
    """Create or update a selection; return errors. A selection that is already as requested is not written.

    Models can be requested by an earlier id; the current one is stored.
    """
    instance, stored = _load_stored(connection, requested.feature, requested.namespace_id)
    requested = requested.with_current_ids(offered.aliases)
    if errors := list(_validate(offered, requested, instance, stored)):
        return errors
    if stored and (set(stored.models), stored.default_model) == (set(requested.models), requested.default_model):
        return []
    id_ = _write_feature(connection, requested, stored, offered.features[requested.feature].category)
    models = [{"instance_ai_feature_id": id_, "model": model} for model in requested.models]
    connection.execute(insert(selected_models), models)
    _write_audit_event(connection, actor, stored, requested)
    return []


def _write_feature(
    connection: Connection, requested: RequestedSelection, before: Selection | None, category: str
) -> int:
    """Write a selection's row without its models, and return its id."""
    now = datetime.now(UTC)
    values = {"updated_at": now, "default_model": requested.default_model, "feature_category": category}
    if before:
        connection.execute(delete(selected_models).where(selected_models.c.instance_ai_feature_id == before.id))
        connection.execute(update(selected_features).where(selected_features.c.id == before.id).values(values))
        return before.id
    namespace_id = requested.namespace_id
    known_namespace = select(namespaces.c.id).where(namespaces.c.id == namespace_id)
    if namespace_id is not None and connection.scalar(known_namespace) is None:
        connection.execute(insert(namespaces).values(id=namespace_id))
    row = insert(selected_features).values(
        **values, feature=requested.feature, namespace_id=namespace_id, created_at=now
    )
    return int(connection.execute(row.returning(selected_features.c.id)).scalar_one())


def delete_selection(
    connection: Connection, offered: OfferedList, feature: str, namespace_id: int | None, actor: str
) -> list[str]:
    """Delete a selection, so that the next level decides; return errors.

    Without a selection, nothing is written. Selections of namespaces remain when the instance's is deleted.
    """
    _, before = _load_stored(connection, feature, namespace_id)
    if before is None:
        return list(_unknown_feature(offered, feature))
    # The database deletes the selected models with the row.
    connection.execute(delete(selected_features).where(selected_features.c.id == before.id))
    _write_audit_event(connection, actor, before, None)
    return []


def _load_stored(
    connection: Connection, feature: str, namespace_id: int | None
) -> tuple[Selection | None, Selection | None]:
    """Return the stored selections for a feature: the instance's, and the one to change."""
    # The feature's name is compared here and not in the statement, because PostgreSQL rejects some texts.
    selections = {
        selection.namespace_id: selection
        for selection in load_selections(connection, selected_for(namespace_id))
        if selection.feature == feature
    }
    return selections.get(None), selections.get(namespace_id)


def _validate(
    offered: OfferedList, requested: RequestedSelection, instance: Selection | None, before: Selection | None
) -> Iterator[str]:
    """Yield the errors of a requested selection."""
    if not offered.features:
        yield _NO_LIST
        return
    yield from _unknown_feature(offered, requested.feature)
    models = requested.models
    if not models:
        yield "at least one model must be allowed"
    for model in sorted(model for model, count in Counter(models).items() if count > 1)[:_MAX_MODEL_ERRORS]:
        yield f"{quote(model)} is listed more than once"
    if models and requested.default_model not in models:
        hint = did_you_mean(requested.default_model, models)
        yield _with_hint(f"the default {quote(requested.default_model)} is not one of the allowed models", hint)
    instance, before = (each and each.with_current_ids(offered.aliases) for each in (instance, before))
    if feature := offered.features.get(requested.feature):
        of_namespace = requested.namespace_id is not None
        selectable = allowed_models(offered, feature.name, instance if of_namespace else None)
        yield from _validate_models(offered, feature, requested, before, selectable)


def _validate_models(
    offered: OfferedList,
    feature: OfferedFeature,
    requested: RequestedSelection,
    before: Selection | None,
    selectable: tuple[str, ...],
) -> Iterator[str]:
    refused = set(requested.models).difference(selectable)
    rejected = [
        model
        for model in dict.fromkeys(requested.models)
        if model in refused and not _is_unchanged(model, requested, before)
    ]
    yield from (_rejection(offered, feature, model, selectable) for model in rejected[:_MAX_MODEL_ERRORS])
    if len(rejected) > _MAX_MODEL_ERRORS:
        yield f"{len(rejected) - _MAX_MODEL_ERRORS} more models cannot be selected"


def _is_unchanged(model: str, requested: RequestedSelection, before: Selection | None) -> bool:
    """Return whether a model keeps its role. It need not be available then, so that saving does not lose it."""
    if before is None:
        return False
    return model == before.default_model or (model in before.models and model != requested.default_model)


def _rejection(offered: OfferedList, feature: OfferedFeature, model: str, selectable: tuple[str, ...]) -> str:
    """Return why a model cannot be selected for a feature."""
    if selectable:
        others = len(selectable) - _MAX_CHOICES
        choices = [*map(quote, selectable[:_MAX_CHOICES]), *([f"{others} others"] if others > 0 else [])]
        hint = f"select {join_names(choices, word='or')}"
    else:
        hint = "no model can be selected for it now"
    if model in feature.models:
        return f"the instance does not allow {quote(model)} for {quote(feature.name)}: {hint}"
    if suspension := offered.suspension(model, feature.name):
        return f"{quote(model)} is suspended since {suspension.since} ({suspension.reason}): {hint}"
    if replacement := offered.replacement_for(model, feature.name):
        return f"{quote(model)} no longer serves {quote(feature.name)}: it was replaced by {quote(replacement)}"
    if model in offered.models:
        return f"{quote(model)} does not serve {quote(feature.name)}: {hint}"
    return _with_hint(f"there is no model {quote(model)}", did_you_mean(model, selectable) or hint)


def _unknown_feature(offered: OfferedList, feature: str) -> Iterator[str]:
    if feature not in offered.features:
        yield _with_hint(f"there is no feature {quote(feature)}", did_you_mean(feature, offered.features))


def _with_hint(error: str, hint: str) -> str:
    return f"{error}: {hint}" if hint else error


def _write_audit_event(
    connection: Connection, actor: str, old: Selection | None, new: RequestedSelection | None
) -> None:
    subject = new or old
    assert subject
    event = insert(audit_events).values(
        actor=actor,
        created_at=datetime.now(UTC),
        action="upsert" if new else "delete",
        feature=subject.feature,
        namespace_id=subject.namespace_id,
        old_value=_audit_value(old),
        new_value=_audit_value(new),
    )
    connection.execute(event)


def _audit_value(selection: Selection | RequestedSelection | None) -> dict[str, Any] | None:
    return selection and {"models": list(selection.models), "default_model": selection.default_model}
