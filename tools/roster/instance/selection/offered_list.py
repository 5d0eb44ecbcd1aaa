"""The offered list as an instance knows it: plain data, made of an accepted download and of what was known before.

What is offered no longer stays known, since a choice may still name it. What a plain list does not say (defaults,
retirements, titles, descriptions) stays as it was, too.
"""

import json
from collections.abc import Iterator, Mapping
from datetime import date
from types import MappingProxyType
from typing import Any, Literal, NamedTuple

from roster.accept.accepted_list import AcceptedList, AcceptedModel, Tombstone
from roster.roster import ReleaseState

DefaultSource = Literal["list", "kept", "first"]
"""Where a feature's default is from: the list names it; or a plain list does not, and it is kept from the list before,
or the first generally available model of the feature, else the first one."""


class OfferedRetirement(NamedTuple):
    """The announced end of a model, for one feature; None for what is not told."""

    notice: date | None
    last_day: date | None
    replacement: str | None


class OfferedModel(NamedTuple):
    """A model as admins see it.

    Attributes:
        offered: whether it is in the list; otherwise it was once.
    """

    id: str
    name: str
    release_state: str
    provider: str | None
    description: str | None
    cost_indicator: str | None
    offered: bool


class OfferedFeature(NamedTuple):
    """A feature as admins see it.

    Attributes:
        default: the roster's; None where it has none.
        offered: whether a model serves it; otherwise one did once, and ``models`` is empty.
        models: the ids of the models that serve it now, in roster order, with what is announced of their end.
    """

    name: str
    title: str
    category: str
    default: str | None
    default_source: DefaultSource
    offered: bool
    models: Mapping[str, OfferedRetirement | None]


class OfferedList(NamedTuple):
    """All features and models, by their names and ids; those that are offered first, in roster order.

    Attributes:
        retired: tombstones by model and feature, which is empty for all of its features.
    """

    features: Mapping[str, OfferedFeature]
    models: Mapping[str, OfferedModel]
    retired: Mapping[tuple[str, str], Tombstone]

    def serves(self, model: str | None, feature: str) -> bool:
        """Say whether a model serves a feature now."""
        known = self.features.get(feature)
        return known is not None and model in known.models

    def display_name(self, model: str) -> str:
        """Return a model's name for people; its id where no list ever told one."""
        known = self.models.get(model)
        return known.name if known else model

    def tombstone(self, model: str, feature: str) -> Tombstone | None:
        """Return what the list says of a model's end, for a feature or for all."""
        return self.retired.get((model, feature)) or self.retired.get((model, ""))

    def replacement_for(self, model: str, feature: str) -> str | None:
        """Return what serves a feature in a model's place, by its tombstone, or that of its replacement, and so on."""
        seen = {model}
        while stone := self.tombstone(model, feature):
            model = stone.replacement
            if self.serves(model, feature):
                return model
            if model in seen:
                return None
            seen.add(model)
        return None


EMPTY_LIST = OfferedList(MappingProxyType({}), MappingProxyType({}), MappingProxyType({}))
"""What is known before the first sync."""


def build_offered_list(accepted: AcceptedList, before: OfferedList) -> OfferedList:
    """Return the list that a download says, with what it does not say as it was before."""
    told: dict[str, Any] = json.loads(accepted.definitions)
    whole = accepted.kind == "definitions"
    about = {model["identifier"]: model for model in told["models"]}
    models = {model.id: _model(model, about[model.id]) for model in accepted.offered_models}
    features = {
        feature.name: feature for item in told["unit_primitives"] if (feature := _feature(item, accepted, about)).models
    }
    if not whole:
        models = {id_: _known_model(model, before.models.get(id_)) for id_, model in models.items()}
        features = {name: _known_feature(feature, models, before) for name, feature in features.items()}
    gone = {id_: model._replace(offered=False) for id_, model in before.models.items() if id_ not in models}
    ended = {
        name: feature._replace(offered=False, models=MappingProxyType({}))
        for name, feature in before.features.items()
        if name not in features
    }
    retired = dict(_by_feature(accepted.retired)) if whole else before.retired
    return OfferedList(features | ended, models | gone, retired)


def _model(model: AcceptedModel, about: Mapping[str, Any]) -> OfferedModel:
    said = (about["provider"], about["description"], about["cost_indicator"])
    return OfferedModel(model.id, model.name, model.release_state, *said, offered=True)


def _feature(item: Mapping[str, Any], accepted: AcceptedList, about: Mapping[str, Any]) -> OfferedFeature:
    name = item["feature"]
    ends = {each["identifier"]: _end(each) for each in item["deprecated_models"]}
    serving = [model.id for model in accepted.offered_models if name in model.features]
    models = {id_: ends.get(id_) or _end(about[id_]["deprecation"]) for id_ in serving}
    return OfferedFeature(name, item["title"], item["category"], accepted.defaults.get(name), "list", True, models)


def _known_model(model: OfferedModel, before: OfferedModel | None) -> OfferedModel:
    """Return a model of a plain list, with what only definitions say as it was."""
    if before is None:
        return model
    return before._replace(name=model.name, release_state=model.release_state, offered=True)


def _known_feature(feature: OfferedFeature, models: Mapping[str, OfferedModel], before: OfferedList) -> OfferedFeature:
    """Return a feature of a plain list, with what only definitions say as it was, or a default that stands in."""
    known = before.features.get(feature.name)
    default, source = _stand_in(feature, models, known)
    if known is None:
        return feature._replace(default=default, default_source=source)
    ends = {id_: end or known.models.get(id_) for id_, end in feature.models.items()}
    return known._replace(default=default, default_source=source, offered=True, models=ends)


def _stand_in(
    feature: OfferedFeature, models: Mapping[str, OfferedModel], known: OfferedFeature | None
) -> tuple[str | None, DefaultSource]:
    if known and known.default in feature.models and known.default_source != "first":
        return known.default, "kept"
    finished = [id_ for id_ in feature.models if models[id_].release_state == ReleaseState.GA]
    return next(iter([*finished, *feature.models]), None), "first"


def _end(told: Mapping[str, Any] | None) -> OfferedRetirement | None:
    if told is None:
        return None
    notice, last_day = (told[key] and date.fromisoformat(told[key]) for key in ("deprecation_date", "removal_version"))
    return (
        OfferedRetirement(notice, last_day, told["replacement"]) if notice or last_day or told["replacement"] else None
    )


def _by_feature(stones: tuple[Tombstone, ...]) -> Iterator[tuple[tuple[str, str], Tombstone]]:
    for stone in stones:
        for feature in stone.features or ("",):
            yield (stone.id, feature), stone._replace(features=(feature,) if feature else ())
