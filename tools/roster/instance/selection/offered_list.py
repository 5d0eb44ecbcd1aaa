"""The offered list of an instance, built from an accepted download and the list before it.

Models and features that are no longer offered are kept, because a selection may still name them. A plain list has no
defaults, retirements, suspensions, earlier ids, titles or descriptions; those of the previous list are kept.
"""

import json
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from types import MappingProxyType
from typing import Any, Literal, NamedTuple

from roster.accept.accepted_list import AcceptedList, AcceptedModel, SuspendedModel, Tombstone
from roster.model import ReleaseState
from roster.render.definitions_json import MODEL_FACTS

_MAX_REPLACEMENTS = 100
"""The longest chain of tombstones that is followed; it may be a cycle."""
DefaultSource = Literal["list", "kept", "first"]
"""The source of a feature's default: the list; or, for a plain list, the previous list (``kept``), or the first GA
model of the feature, or else its first model (``first``)."""


class OfferedRetirement(NamedTuple):
    """The announced retirement of a model for one feature; unannounced parts are None."""

    notice: date | None
    last_day: date | None
    replacement: str | None

    def is_announced(self, on: date) -> bool:
        """Return whether admins see it on a day: from the day of its notice on."""
        return self.notice is None or self.notice <= on


class ListedModel(NamedTuple):
    """A model as admins see it.

    Attributes:
        offered: False if it is only in an earlier list.
        context_window, max_output_tokens: in tokens; None if unknown.
        processed_in: the regions in which prompts are processed; empty if unknown.
        data_retention_days: how long the provider stores prompts; None if unknown.
        documentation: the address of a page about the model.
    """

    id: str
    name: str
    release_state: str
    provider: str | None
    description: str | None
    cost_indicator: str | None
    offered: bool
    context_window: int | None = None
    max_output_tokens: int | None = None
    capabilities: tuple[str, ...] = ()
    processed_in: tuple[str, ...] = ()
    data_retention_days: int | None = None
    documentation: str | None = None


class OfferedFeature(NamedTuple):
    """A feature as admins see it.

    Attributes:
        default: the id of the roster's default model, if any.
        offered: whether any model serves it; if not, it is from an earlier list and ``models`` is empty.
        models: the retirements of the models that currently serve it, by model id, in roster order.
        release_states: the release states of these models for the feature, where they differ from the model's.
        shares: the share of each default by model id, the largest first; empty if there is one default only.
        offered_since: since when each model serves it; without those that served it before dates were noted.
        default_since: when the default last moved, or when the feature was first offered; None if long ago.
        previous_default: the default before that.
    """

    name: str
    title: str
    category: str
    default: str | None
    default_source: DefaultSource
    offered: bool
    models: Mapping[str, OfferedRetirement | None]
    release_states: Mapping[str, str] = MappingProxyType({})
    shares: Mapping[str, int] = MappingProxyType({})
    offered_since: Mapping[str, datetime] = MappingProxyType({})
    default_since: datetime | None = None
    previous_default: str | None = None

    def arrived_after(self, model: str, moment: datetime) -> bool:
        """Return whether a model began to serve the feature after a moment."""
        return model in self.offered_since and self.offered_since[model] > moment


class OfferedList(NamedTuple):
    """Features by name and models by id; those currently offered come first, in roster order.

    Attributes:
        retired: tombstones by model and feature; the feature is empty for a model retired for all features.
        suspended: models that are not offered at the moment, by id.
        aliases: the current id for each earlier one.
        withdrawn: since when models no longer serve a feature, by model and feature.
    """

    features: Mapping[str, OfferedFeature]
    models: Mapping[str, ListedModel]
    retired: Mapping[tuple[str, str], Tombstone]
    suspended: Mapping[str, SuspendedModel] = MappingProxyType({})
    aliases: Mapping[str, str] = MappingProxyType({})
    withdrawn: Mapping[tuple[str, str], datetime] = MappingProxyType({})

    def serves(self, model: str | None, feature: str) -> bool:
        """Return whether a model currently serves a feature."""
        offered_feature = self.features.get(feature)
        return offered_feature is not None and model in offered_feature.models

    def current_id(self, model: str) -> str:
        """Return the current id of a model by an id, which may be an earlier one."""
        return self.aliases.get(model, model)

    def suspension(self, model: str, feature: str) -> SuspendedModel | None:
        """Return why a model does not serve a feature at the moment; None if it serves it, or is retired for it."""
        return None if self.tombstone(model, feature) else self.suspended.get(model)

    def release_state(self, model: str, feature: str) -> str | None:
        """Return a model's release state for a feature; None if no list contained the model."""
        offered_model, offered_feature = self.models.get(model), self.features.get(feature)
        state = offered_feature and offered_feature.release_states.get(model)
        return state or (offered_model.release_state if offered_model else None)

    def title(self, feature: str) -> str:
        """Return a feature's title; its name if no list contained it."""
        offered_feature = self.features.get(feature)
        return offered_feature.title if offered_feature else feature

    def display_name(self, model: str) -> str:
        """Return a model's name; its id if no list contained it."""
        offered_model = self.models.get(model)
        return offered_model.name if offered_model else model

    def tombstone(self, model: str, feature: str) -> Tombstone | None:
        """Return a model's tombstone for a feature, or for all features."""
        return self.retired.get((model, feature)) or self.retired.get((model, ""))

    def replacement_for(self, model: str, feature: str) -> str | None:
        """Return the model that serves a feature in place of a retired one, following a chain of tombstones."""
        for _ in range(_MAX_REPLACEMENTS):
            tombstone = self.tombstone(model, feature)
            if tombstone is None or tombstone.replacement is None:
                return None
            model = self.current_id(tombstone.replacement)
            if self.serves(model, feature):
                return model
        return None


EMPTY_LIST = OfferedList(MappingProxyType({}), MappingProxyType({}), MappingProxyType({}))
"""The list before the first sync."""


def build_offered_list(accepted: AcceptedList, before: OfferedList) -> OfferedList:
    """Build the list of a download, with everything that the download does not contain taken from the previous list."""
    definitions: dict[str, Any] = json.loads(accepted.definitions)
    is_plain = accepted.kind != "definitions"
    definition_of = {definition["identifier"]: definition for definition in definitions["models"]}
    models = {model.id: _model(model, definition_of[model.id]) for model in accepted.offered_models}
    serving: dict[str, list[str]] = {}
    for accepted_model in accepted.offered_models:
        for name in accepted_model.features:
            serving.setdefault(name, []).append(accepted_model.id)
    features = {
        name: _feature(item, serving[name], accepted, definition_of)
        for item in definitions["unit_primitives"]
        if (name := item["feature"]) in serving
    }
    if is_plain:
        models = {id_: _complete_model(model, before.models.get(id_)) for id_, model in models.items()}
        features = {name: _complete_feature(feature, models, before) for name, feature in features.items()}
    for id_, model in before.models.items():
        models.setdefault(id_, model._replace(offered=False))
    for name, feature in before.features.items():
        features.setdefault(name, feature._replace(offered=False, models=MappingProxyType({})))
    if is_plain:
        offered = {model.id for model in accepted.offered_models}
        suspended = {id_: model for id_, model in before.suspended.items() if id_ not in offered}
        aliases = {alias: id_ for alias, id_ in before.aliases.items() if alias not in offered}
        return OfferedList(features, models, before.retired, suspended, aliases)
    retired = dict(_tombstones_by_feature(accepted.retired))
    suspended = {model.id: model for model in accepted.suspended}
    return OfferedList(features, models, retired, suspended, accepted.aliases)


def _model(model: AcceptedModel, definition: Mapping[str, Any]) -> ListedModel:
    details = {key: definition[key] for key in ("provider", "description", "cost_indicator")}
    facts = {key: definition[key] for key in MODEL_FACTS if key in definition}
    facts = {key: tuple(value) if isinstance(value, list) else value for key, value in facts.items()}
    return ListedModel(model.id, model.name, model.release_state, offered=True, **details, **facts)


def _feature(
    item: Mapping[str, Any], serving: list[str], accepted: AcceptedList, definition_of: Mapping[str, Any]
) -> OfferedFeature:
    name = item["feature"]
    retirements = {model["identifier"]: _retirement(model) for model in item["deprecated_models"]}
    models = {id_: retirements.get(id_) or _retirement(definition_of[id_]["deprecation"]) for id_ in serving}
    states = dict(_release_states(item, accepted, definition_of))
    shares = accepted.default_shares.get(name, {})
    shares = {id_: shares[id_] for id_ in sorted(shares, key=lambda id_: -shares[id_])}
    default = accepted.defaults.get(name)
    return OfferedFeature(name, item["title"], item["category"], default, "list", True, models, states, shares)


def _release_states(
    item: Mapping[str, Any], accepted: AcceptedList, definition_of: Mapping[str, Any]
) -> Iterator[tuple[str, str]]:
    """Yield the release states of models for a feature where they differ from the model's.

    A default is selectable in any state, so the lists show only the states of the others. GitLab's own gateway has
    nothing but the lists.
    """
    listed = dict.fromkeys(item.get("beta_models", ()), ReleaseState.BETA.value)
    listed |= dict.fromkeys((item.get("dev") or {}).get("selectable_models", ()), ReleaseState.EXPERIMENT.value)
    for model in accepted.offered_models:
        if item["feature"] in model.features:
            own = definition_of[model.id].get("release_state_for", {}).get(item["feature"])
            state = own or listed.get(model.id, model.release_state)
            if state != model.release_state:
                yield model.id, state


def _complete_model(model: ListedModel, before: ListedModel | None) -> ListedModel:
    """Complete a model of a plain list from the previous list."""
    if before is None:
        return model
    return before._replace(name=model.name, release_state=model.release_state, offered=True)


def _complete_feature(
    feature: OfferedFeature, models: Mapping[str, ListedModel], before: OfferedList
) -> OfferedFeature:
    """Complete a feature of a plain list from the previous list, including its default."""
    previous = before.features.get(feature.name)
    default, source = _fallback_default(feature, models, previous)
    if previous is None:
        return feature._replace(default=default, default_source=source)
    retirements = {id_: retirement or previous.models.get(id_) for id_, retirement in feature.models.items()}
    shares = {id_: share for id_, share in previous.shares.items() if id_ in feature.models and source == "kept"}
    return previous._replace(
        default=default,
        default_source=source,
        offered=True,
        models=retirements,
        release_states={id_: state for id_, state in previous.release_states.items() if id_ in feature.models},
        shares=shares if len(shares) > 1 else {},
    )


def _fallback_default(
    feature: OfferedFeature, models: Mapping[str, ListedModel], previous: OfferedFeature | None
) -> tuple[str | None, DefaultSource]:
    if previous and previous.default in feature.models and previous.default_source != "first":
        return previous.default, "kept"
    generally_available = [id_ for id_ in feature.models if models[id_].release_state == ReleaseState.GA]
    return next(iter([*generally_available, *feature.models]), None), "first"


def _retirement(deprecation: Mapping[str, Any] | None) -> OfferedRetirement | None:
    if deprecation is None:
        return None
    notice, last_day = deprecation["deprecation_date"], deprecation["removal_version"]
    retirement = OfferedRetirement(
        date.fromisoformat(notice) if notice else None,
        date.fromisoformat(last_day) if last_day else None,
        deprecation["replacement"],
    )
    return retirement if any(retirement) else None


def _tombstones_by_feature(tombstones: tuple[Tombstone, ...]) -> Iterator[tuple[tuple[str, str], Tombstone]]:
    for tombstone in tombstones:
        for feature in tombstone.features or ("",):
            yield (tombstone.id, feature), tombstone._replace(features=(feature,) if feature else ())
