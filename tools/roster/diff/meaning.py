"""What a roster means to gateways and instances, as JSON values, and which models of two versions are the same.

Meaning is what rendering makes of a roster, on whatever day: the order of models, comments and the way in which a value
is written have none.
"""

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Iterator
from datetime import date
from typing import Any

from roster.diff.notice import Notice
from roster.roster import NO_FEATURE, Model, Roster

DEPLOYMENT = {"identifier": "identifier", "endpoint": "endpoint", "api_key": "api-key", "family": "family"}
"""What says how a model is reached, and the roster's key for each."""
IGNORED_KEYS = frozenset({"description", "provider", "cost_indicator"})
"""The keys of a model whose changes affect no customer."""


def meaning(roster: Roster) -> dict[str, Any]:
    """Return what a roster means, as JSON values: ``models`` by their ids, and ``defaults`` by their features."""
    return {"models": {id_: described(model) for id_, model in roster.by_id.items()}, "defaults": defaults(roster)}


def described(model: Model) -> dict[str, Any]:
    """Return what a model means, as JSON values."""
    return {
        "name": model.api_name,
        "release_state": model.release_state,
        "features": sorted(features_of(model)),
        "deployment": {key: getattr(model, key) for key in DEPLOYMENT},
        "retirement": retirement(model),
    }


def features_of(model: Model) -> frozenset[str]:
    """Return the features that a model serves, today or once."""
    return frozenset(model.features) - {NO_FEATURE}


def defaults(roster: Roster) -> dict[str, str]:
    """Return the id of each feature's default."""
    return {feature: model.id for feature in roster.defaults if (model := roster.default(feature))}


def retirement(model: Model) -> dict[str, Any] | None:
    """Return a model's retirement, with the features that it ends."""
    announced = model.retirement
    return announced and {
        "notice": _day(announced.notice),
        "last_day": _day(announced.last_day),
        "replacement": announced.replacement,
        "features": sorted(features_of(model).intersection(model.ending())),
    }


def _day(day: date | None) -> str | None:
    return day.isoformat() if day else None


def paired(before: Roster, after: Roster, notice: Notice) -> Iterator[tuple[Model, Model]]:
    """Yield the models that are the same in both versions.

    That is those with the same id; of the others, those that share a deployment, or else a name, with just one.
    """
    there, here = dict(before.by_id), dict(after.by_id)
    for id_ in [id_ for id_ in there if id_ in here]:
        yield there.pop(id_), here.pop(id_)
    keys: tuple[Callable[[Model], Hashable], ...] = (
        lambda model: (model.identifier, model.endpoint),
        lambda model: model.api_name,
    )
    for key in keys:
        old, new = (_alone(models.values(), key, notice) for models in (there, here))
        for what in old.keys() & new.keys():
            yield there.pop(old[what].id), here.pop(new[what].id)


def _alone(models: Iterable[Model], key: Callable[[Model], Hashable], notice: Notice) -> dict[Hashable, Model]:
    """Return the models that share what the key says with no other; those that have ended are nobody's successor."""
    lasting = [model for model in models if not notice.is_over(model, features_of(model))]
    counted = Counter(map(key, lasting))
    return {key(model): model for model in lasting if counted[key(model)] == 1}
