"""The changes of the registered features that a roster serves, and of what only the rendered artifacts show."""

from collections.abc import Iterator
from datetime import date
from typing import Any, NamedTuple

from roster.diff import own_keys
from roster.diff.change import Change, ChangeBuilder
from roster.diff.meaning import moved_items, moved_models
from roster.diff.shown_changes import differing_parts
from roster.findings import Place
from roster.naming import join_names
from roster.registries import FEATURES, Feature, Registries
from roster.roster import Roster

_KINDS = {
    "feature-renamed": {"title": "title", "category": "category"},
    "feature-setting-changed": {"setting": "setting", "unit_primitives": "unit primitives"},
}
"""The attributes of a feature that each kind is about, with their names in messages."""


class ServedRosters(NamedTuple):
    """Two versions of a roster with the registries of each."""

    base: Roster
    head: Roster
    old: Registries
    new: Registries


def feature_changes(rosters: ServedRosters, builder: ChangeBuilder) -> Iterator[Change]:
    """Yield the changes of the features that both versions serve."""
    for name in sorted(rosters.base.serving.keys() & rosters.head.serving.keys()):
        old, new = rosters.old.features.get(name), rosters.new.features.get(name)
        if old is None or new is None or old == new:
            continue
        place = Place(FEATURES, (list(rosters.new.features).index(name),))
        for kind, titles in _KINDS.items():
            if keys := [key for key in titles if getattr(old, key) != getattr(new, key)]:
                values = [{key: _json(getattr(each, key)) for key in keys} for each in (old, new)]
                moved = join_names(f"{titles[key]} {_moved(values[0][key], values[1][key])}" for key in keys)
                yield builder.build(
                    kind, place, feature=name, old=values[0], new=values[1], moved=moved, registry=FEATURES
                )
        yield from _gateway_change(old, new, place, builder)
    yield from _feature_order_change(rosters, builder)


def _gateway_change(old: Feature, new: Feature, place: Place, builder: ChangeBuilder) -> Iterator[Change]:
    if changed := own_keys.changed_values(old.gateway, new.gateway):
        yield builder.build(
            "feature-gateway-changed",
            place,
            feature=new.name,
            old=changed.old,
            new=changed.new,
            moved=changed.words,
            registry=FEATURES,
        )


def _feature_order_change(rosters: ServedRosters, builder: ChangeBuilder) -> Iterator[Change]:
    """Yield the change of the order of the registered features, if it is another one for the served features."""
    served = rosters.base.serving.keys() & rosters.head.serving.keys()
    orders = [[name for name in each.features if name in served] for each in (rosters.old, rosters.new)]
    common = set(orders[0]) & set(orders[1])
    old, new = ([name for name in order if name in common] for order in orders)
    if moved := [new[index] for index in moved_items([old.index(name) for name in new])]:
        place = Place(FEATURES, (list(rosters.new.features).index(moved[0]),))
        parts = join_names([_new_place(name, new) for name in moved], limit=8)
        yield builder.build("features-reordered", place, old=old, new=new, moved=parts, registry=FEATURES)


def _new_place(name: str, order: list[str]) -> str:
    index = order.index(name)
    return f"{name} is now {f'after {order[index - 1]}' if index else 'first'}"


def _json(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


def _moved(old: Any, new: Any) -> str:
    before, after = differing_parts(*(", ".join(each) if isinstance(each, list) else each for each in (old, new)))
    return f"{before} → {after}"


def order_change(base: Roster, head: Roster, new_ids: dict[str, str], builder: ChangeBuilder) -> Iterator[Change]:
    """Yield the change of the order in which admins see the models that both versions have."""
    if not (base.complete and head.complete) or not (moved := moved_models(base, head, new_ids)):
        return
    ids = [model.id for model in head]
    positions = {id_: position for position, id_ in reversed(list(enumerate(ids)))}
    parts = [
        f"{builder.name(model)} is now {f'after {builder.name(head.models[index - 1])}' if index else 'first'}"
        for model in moved
        for index in [positions[model.id]]
    ]
    matched = set(new_ids.values())
    yield builder.build(
        "models-reordered",
        head.at(moved[0]),
        old=[new_ids[model.id] for model in base if model.id in new_ids],
        new=[id_ for id_ in ids if id_ in matched],
        moved=join_names(parts, limit=8),
    )


def unexplained_change(rosters: ServedRosters, on: date, builder: ChangeBuilder) -> Iterator[Change]:
    """Yield a change if the rendered artifacts differ, for versions without any other change."""
    if rosters.base.models == rosters.head.models and rosters.old.features == rosters.new.features:
        return
    from roster.render.definitions_json import build_definitions  # most versions that differ have other changes
    from roster.render.offered_models_json import offered_models

    sides = ((rosters.base, rosters.old), (rosters.head, rosters.new))
    old, new = (
        {"offered_models": offered_models(roster, on), **build_definitions(roster, on, registries)}
        for roster, registries in sides
    )
    if keys := [key for key in old | new if visible(old.get(key)) != visible(new.get(key))]:
        yield builder.build("artifact-changed", Place(rosters.head.path), keys=join_names(keys))


_UNORDERED = frozenset({"features", "capabilities", "processed_in", "unit_primitives"})


def visible(value: Any, key: str = "") -> Any:
    """Return a value of an artifact without the order of lists whose order has no meaning."""
    if isinstance(value, dict):
        return {name: visible(item, name) for name, item in value.items()}
    if isinstance(value, list):
        items = [visible(item) for item in value]
        return sorted(items) if key in _UNORDERED and all(isinstance(item, str) for item in items) else items
    return value
