"""Choosing models, and taking a choice back. Only the stored list is asked, so that no admin waits for a gateway.

Each function wants the connection of ``Database.writing``, with the list read by it: then nobody changes anything
between the check and the write. What is refused is told in sentences for people, all of them at once, and nothing is
written. What was changed is written together with an audit event.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, delete, insert, or_, select, update

from roster.instance.database.tables import audit_events, namespaces, selected_features, selected_models
from roster.instance.selection import selections
from roster.instance.selection.offered_list import OfferedFeature, OfferedList
from roster.instance.selection.resolution import allowed_models
from roster.instance.selection.selections import Selection
from roster.naming import did_you_mean, listed, quote

_TOLD_OF_AT_MOST = 10
"""How many models of one choice are told what is wrong with them; looking for what each was meant to be takes time."""
_NO_LIST = "no list of models was copied from the gateway yet: models can be chosen after the first sync"


class RequestedSelection(NamedTuple):
    """What an admin wants: the models to allow for a feature, and the default among them.

    Attributes:
        namespace_id: whose choice it is, of one model; None for the instance's.
    """

    feature: str
    models: tuple[str, ...]
    default_model: str
    namespace_id: int | None = None


class _Chosen(NamedTuple):
    """What is chosen for a feature before a change."""

    instance: Selection | None
    own: Selection | None


def upsert_selection(connection: Connection, offered: OfferedList, wish: RequestedSelection, actor: str) -> list[str]:
    """Make a choice, or change it; return why not. A choice that is as it was wished is left alone."""
    chosen = _chosen(connection, wish.feature, wish.namespace_id)
    if errors := list(_wrong(offered, wish, chosen)):
        return errors
    before = chosen.own
    if before and (set(before.models), before.default_model) == (set(wish.models), wish.default_model):
        return []
    now = datetime.now(UTC)
    values = {
        "updated_at": now,
        "default_model": wish.default_model,
        "feature_category": offered.features[wish.feature].category,
    }
    if before:
        id_ = before.id
        connection.execute(delete(selected_models).where(selected_models.c.instance_ai_feature_id == id_))
        connection.execute(update(selected_features).where(selected_features.c.id == id_).values(values))
    else:
        _know(connection, wish.namespace_id)
        values |= {"feature": wish.feature, "namespace_id": wish.namespace_id, "created_at": now}
        id_ = connection.execute(
            insert(selected_features).values(values).returning(selected_features.c.id)
        ).scalar_one()
    connection.execute(
        insert(selected_models), [{"instance_ai_feature_id": id_, "model": model} for model in wish.models]
    )
    _audit(connection, actor, now, "upsert", wish.feature, wish.namespace_id, before, wish)
    return []


def delete_selection(
    connection: Connection, offered: OfferedList, feature: str, namespace_id: int | None, actor: str
) -> list[str]:
    """Take a choice back, so that the next level's counts again; return why not.

    Where nothing is chosen there is nothing to do. The choices of namespaces stay when the instance's goes.
    """
    before = _chosen(connection, feature, namespace_id).own
    if before is None:
        return list(_unknown(offered, feature))
    connection.execute(delete(selected_features).where(selected_features.c.id == before.id))  # its models go with it
    _audit(connection, actor, datetime.now(UTC), "delete", feature, namespace_id, before, None)
    return []


def _chosen(connection: Connection, feature: str, namespace_id: int | None) -> _Chosen:
    """Return the choices for a feature. Its name is no part of the statement: PostgreSQL does not take every text."""
    which = selections.is_instance_selection()
    if namespace_id is not None:
        which = or_(which, selected_features.c.namespace_id == namespace_id)
    found = {
        each.namespace_id: each for each in selections.load_selections(connection, which) if each.feature == feature
    }
    return _Chosen(found.get(None), found.get(namespace_id))


def _wrong(offered: OfferedList, wish: RequestedSelection, chosen: _Chosen) -> Iterator[str]:
    """Yield what is wrong with a wish."""
    if not offered.features:
        yield _NO_LIST
        return
    yield from _unknown(offered, wish.feature)
    if not wish.models:
        yield "at least one model has to be allowed"
    for model in sorted({model for model in wish.models if wish.models.count(model) > 1})[:_TOLD_OF_AT_MOST]:
        yield f"{quote(model)} is named more than once"
    if wish.models and wish.default_model not in wish.models:
        hint = did_you_mean(wish.default_model, wish.models)
        yield _told(f"the default {quote(wish.default_model)} is not among the allowed models", hint)
    known = offered.features.get(wish.feature)
    if known is None:
        return
    among = tuple(known.models) if wish.namespace_id is None else allowed_models(offered, known.name, chosen.instance)
    wrong = [
        model for model in dict.fromkeys(wish.models) if model not in among and not _stays(model, wish, chosen.own)
    ]
    yield from (_why(offered, known, model, among) for model in wrong[:_TOLD_OF_AT_MOST])
    if len(wrong) > _TOLD_OF_AT_MOST:
        yield f"{len(wrong) - _TOLD_OF_AT_MOST} more models cannot be chosen either"


def _stays(model: str, wish: RequestedSelection, before: Selection | None) -> bool:
    """Say whether a model is wished for as what it was: then it need not be available, so that no save loses it."""
    if before is None:
        return False
    return model == before.default_model or (model in before.models and model != wish.default_model)


def _why(offered: OfferedList, feature: OfferedFeature, model: str, among: tuple[str, ...]) -> str:
    """Return why a model cannot be chosen for a feature."""
    choice = f"it can be {listed(map(quote, among), word='or')}" if among else "no model can be chosen for it now"
    if model in feature.models:
        return f"the instance does not allow {quote(model)} for {quote(feature.name)}: {choice}"
    if heir := offered.replacement_for(model, feature.name):
        return f"{quote(model)} does not serve {quote(feature.name)} any more: {quote(heir)} took over"
    if model in offered.models:
        return f"{quote(model)} does not serve {quote(feature.name)}: {choice}"
    return _told(f"there is no model {quote(model)}", did_you_mean(model, among) or choice)


def _unknown(offered: OfferedList, feature: str) -> Iterator[str]:
    if feature not in offered.features:
        yield _told(f"there is no feature {quote(feature)}", did_you_mean(feature, offered.features))


def _told(what: str, hint: str) -> str:
    return f"{what}: {hint}" if hint else what


def _know(connection: Connection, namespace_id: int | None) -> None:
    known = select(namespaces.c.id).where(namespaces.c.id == namespace_id)
    if namespace_id is not None and connection.scalar(known) is None:
        connection.execute(insert(namespaces).values(id=namespace_id))


def _audit(
    connection: Connection,
    actor: str,
    now: datetime,
    action: str,
    feature: str,
    namespace_id: int | None,
    old: Selection | None,
    new: RequestedSelection | None,
) -> None:
    values = {"actor": actor, "created_at": now, "action": action, "feature": feature, "namespace_id": namespace_id}
    connection.execute(insert(audit_events).values(values | {"old_value": _value(old), "new_value": _value(new)}))


def _value(choice: Selection | RequestedSelection | None) -> dict[str, Any] | None:
    return choice and {"models": list(choice.models), "default_model": choice.default_model}
