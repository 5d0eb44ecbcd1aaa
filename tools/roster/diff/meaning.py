"""The meaning of a roster to gateways and instances as JSON values, and the matching of models in two versions.

The meaning is what rendering makes of a roster, on whatever day. The order of models, comments and the style of a value
have none.
"""

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Iterator
from datetime import date
from typing import Any

from roster.diff.notice import NoticePolicy
from roster.roster import UNREADABLE_FEATURE, Model, Roster

DEPLOYMENT = {"identifier": "identifier", "endpoint": "endpoint", "api_key": "api-key", "family": "family"}
"""The attributes of a model that make up its deployment, and the roster's key for each."""


def roster_meaning(roster: Roster) -> dict[str, Any]:
    """Return a roster's meaning: ``models`` by id, and ``defaults`` by feature."""
    return {
        "models": {id_: model_meaning(model) for id_, model in roster.by_id.items()},
        "defaults": roster.default_ids(),
    }


def model_meaning(model: Model) -> dict[str, Any]:
    """Return a model's meaning."""
    return {
        "name": model.api_name,
        "release_state": model.release_state,
        "features": sorted(served_features(model)),
        "deployment": {key: getattr(model, key) for key in DEPLOYMENT},
        "retirement": retirement_meaning(model),
        **({"own_keys": model.own_values} if model.own_values else {}),
    }


def served_features(model: Model) -> frozenset[str]:
    """Return the features that a model serves or served before its retirement."""
    return frozenset(model.features) - {UNREADABLE_FEATURE}


def retirement_meaning(model: Model) -> dict[str, Any] | None:
    """Return a model's retirement, with the features that it ends."""
    retirement = model.retirement
    return retirement and {
        "notice": _iso(retirement.notice),
        "last_day": _iso(retirement.last_day),
        "replacement": retirement.replacement,
        "features": sorted(served_features(model).intersection(model.retiring_features())),
    }


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None


def match_models(base: Roster, head: Roster, notice: NoticePolicy) -> Iterator[tuple[Model, Model]]:
    """Yield the pairs of models that are the same in both versions.

    Models with the same id match. The others match by deployment, or else by name, where that is unique in both.
    """
    old, new = dict(base.by_id), dict(head.by_id)
    for id_ in [id_ for id_ in old if id_ in new]:
        yield old.pop(id_), new.pop(id_)
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
