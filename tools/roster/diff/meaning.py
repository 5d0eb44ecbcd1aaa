"""The meaning of a roster to gateways and instances as JSON values, and the matching of models in two versions.

The meaning is what rendering makes of a roster, on whatever day. Comments and the style of a value have none;
``moved_models`` compares the order of models.
"""

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from roster.diff.notice import NoticePolicy
from roster.model import UNREADABLE_FEATURE, UNREADABLE_NUMBER, Model, Retirement
from roster.roster import Roster

DEPLOYMENT = {"identifier": "identifier", "endpoint": "endpoint", "api_key": "api-key", "family": "family"}
"""The attributes of a model that make up its deployment, and the roster's key for each."""
LISTS = ("aliases", "capabilities", "processed_in")
"""The keys of lists whose order has no meaning."""
SHOWN_KEYS = ("provider", "cost_indicator", "description", "documentation")
"""The keys whose values admins read."""
OTHER_KEYS = (*SHOWN_KEYS, "context_window", "max_output_tokens", "data_retention_days", "gateway")
"""The other keys whose values have a meaning as they are."""
NO_FEATURE = ""
"""Stands for the features of a retirement that ends no feature that the model serves."""


def roster_meaning(roster: Roster) -> dict[str, Any]:
    """Return a roster's meaning: ``models`` by id, and ``defaults`` by feature."""
    return {
        "models": {id_: model_meaning(model) for id_, model in roster.by_id.items()},
        "defaults": {
            feature: defaults_meaning(shares)
            for feature in sorted(roster.defaults)
            if (shares := roster.default_shares(feature))
        },
    }


def defaults_meaning(shares: Mapping[str, int]) -> Any:
    """Return the id of a feature's default; of several, the shares by id; None without one."""
    return dict(shares) if len(shares) > 1 else next(iter(shares), None)


def model_meaning(model: Model) -> dict[str, Any]:
    """Return a model's meaning. Keys that it does not have are missing, unless every model has them."""
    optional = {
        "release_state_for": _states(model),
        "suspended": suspension_meaning(model),
        **{key: sorted(getattr(model, key)) for key in LISTS},
        **{key: getattr(model, key) for key in OTHER_KEYS if is_stated(model, key)},
        "own_keys": model.own_values,
    }
    return {
        "name": model.api_name,
        "release_state": model.release_state,
        "features": sorted(served_features(model)),
        "deployment": {key: getattr(model, key) for key in DEPLOYMENT},
        "retirement": retirements_meaning(endings(model)),
        **{key: value for key, value in optional.items() if value or value == 0},
    }


def served_features(model: Model) -> frozenset[str]:
    """Return the features that a model serves or served before its retirement."""
    return frozenset(model.features) - {UNREADABLE_FEATURE}


def _states(model: Model) -> dict[str, str]:
    """Return the release states of served features that differ from the model's."""
    features = sorted(served_features(model).intersection(model.release_state_for))
    states = {feature: model.release_state_for[feature] for feature in features}
    return {feature: state for feature, state in states.items() if state and state != model.release_state}


def is_stated(model: Model, key: str) -> bool:
    """Return whether a model has a readable value at a key."""
    return model.entry.get(key) is not None


def is_unreadable(model: Model, key: str) -> bool:
    """Return whether a model has a key whose value, or an item of it, cannot be read."""
    value = model.entry.get(key, "")
    return value in (None, UNREADABLE_NUMBER) or (isinstance(value, list) and UNREADABLE_FEATURE in value)


def suspension_meaning(model: Model) -> dict[str, Any] | None:
    """Return a model's suspension."""
    return model.suspended and {"since": _iso(model.suspended.since), "reason": model.suspended.reason}


def endings(model: Model) -> dict[str, Retirement]:
    """Return the retirement of each feature that ends; ``NO_FEATURE`` for the first one if none ends a feature."""
    served, ending = served_features(model), dict[str, Retirement]()
    for retirement in model.retirements:
        for feature in served.intersection(model.ending_features(retirement)):
            ending.setdefault(feature, retirement)
    return ending or dict(zip((NO_FEATURE,), model.retirements, strict=False))


def retirements_meaning(ending: Mapping[str, Retirement]) -> Any:
    """Return the retirements of some features: one, several with different terms as a list, or None without one."""
    features = defaultdict(list)
    for feature, retirement in ending.items():
        features[terms(retirement)].append(feature)
    meanings: list[Any] = [retirement_meaning(retirement, names) for retirement, names in features.items()]
    meanings.sort(key=lambda meaning: str(meaning["features"]))
    return meanings if len(meanings) > 1 else next(iter(meanings), None)


def terms(retirement: Retirement | None) -> Retirement | None:
    """Return a retirement without its features."""
    return retirement and retirement._replace(features=())


def retirement_meaning(retirement: Retirement | None, features: Iterable[str]) -> dict[str, Any] | None:
    """Return the meaning of a retirement of some features."""
    return retirement and {
        "notice": _iso(retirement.notice),
        "last_day": _iso(retirement.last_day),
        "replacement": retirement.replacement,
        "features": sorted(filter(None, features)),
        **({"forced_by": retirement.forced_by} if retirement.forced_by else {}),
    }


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None


def match_models(base: Roster, head: Roster, notice: NoticePolicy) -> Iterator[tuple[Model, Model]]:
    """Yield the pairs of models that are the same in both versions.

    Models with the same id match, or else a model with the other's id as an alias. The others match by deployment, or
    else by name, where that is unique in both.
    """
    old, new = dict(base.by_id), dict(head.by_id)
    ids = [(id_, id_) for id_ in old if id_ in new]
    ids += [(id_, head.by_alias[id_].id) for id_ in old if id_ in head.by_alias]
    ids += [(base.by_alias[id_].id, id_) for id_ in new if id_ in base.by_alias]
    for old_id, new_id in ids:
        if old_id in old and new_id in new:
            yield old.pop(old_id), new.pop(new_id)
    keys: tuple[Callable[[Model], Hashable], ...] = (
        lambda model: (model.identifier, model.endpoint),
        lambda model: model.api_name,
    )
    for key in keys:
        unique_old, unique_new = (_unique(models.values(), key, notice) for models in (old, new))
        for value in unique_old.keys() & unique_new.keys():
            yield old.pop(unique_old[value].id), new.pop(unique_new[value].id)


def _unique(models: Iterable[Model], key: Callable[[Model], Hashable], notice: NoticePolicy) -> dict[Hashable, Model]:
    """Return the models whose key is unique, by key. Retired models do not count: a new model only looks like them."""
    active = [model for model in models if not notice.has_ended(model, served_features(model))]
    counts = Counter(map(key, active))
    return {key(model): model for model in active if counts[key(model)] == 1}


def moved_models(base: Roster, head: Roster, new_ids: Mapping[str, str]) -> list[Model]:
    """Return the models of head, in its order, that have another place among those that both versions have.

    The others are a longest sequence that has the same order in both.

    Args:
        new_ids: the id in head of each model that both have, by its id in base.
    """
    old = {new_ids[model.id]: model.position for model in reversed(base.models) if model.id in new_ids}
    models = [model for model in head if model.id in old and head.by_id.get(model.id) is model]
    return [models[index] for index in moved_items([old[model.id] for model in models])]


def moved_items(positions: Sequence[int]) -> list[int]:
    """Return the indexes of the items, given by their former positions, that are in no longest sequence in order."""
    tops, sequences = list[int](), list[int]()  # patience sorting
    for position in positions:
        length = bisect_left(tops, position)
        tops[length : length + 1] = [position]
        sequences.append(length)
    remaining, moved, last = len(tops) - 1, list[int](), max(positions, default=0) + 1
    for index in reversed(range(len(positions))):
        if sequences[index] == remaining and positions[index] < last:
            remaining, last = remaining - 1, positions[index]
        else:
            moved.append(index)
    return moved[::-1]
