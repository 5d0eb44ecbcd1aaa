"""Which features definitions offer models for, and how."""

from collections.abc import Mapping, Sequence
from typing import Any

from roster.accept.older_definitions import weighted_shares
from roster.importing.features import FeatureNames
from roster.importing.release_states import release_states
from roster.importing.report import Report
from roster.importing.source import Source
from roster.model import ReleaseState
from roster.render.default_weights import in_order, shares_of

_KEY = "unit_primitives"
_LISTS = {"selectable_models": ReleaseState.GA, "beta_models": ReleaseState.BETA}
_LIST_NAMES = "selectable_models, beta_models, dev"


class FeatureOffers:
    """The lists of the features.

    Attributes:
        states: the release state of each listed model for each of its features, by id; lists that name no model of the
            file are ignored.
        deprecations: by id, the announcement for each feature that the model alone retires from.
    """

    def __init__(self, models: Sequence[str], names: FeatureNames) -> None:
        self.states: dict[str, dict[str, ReleaseState]] = {}
        self.deprecations: dict[str, dict[str, Mapping[str, Any]]] = {}
        self._models, self._names = models, names
        self._shares: dict[str, dict[str, int]] = {}

    @classmethod
    def of(cls, source: Source, features: Sequence[Any], models: Sequence[str], names: FeatureNames) -> "FeatureOffers":
        """Read the features.

        Raises:
            SourceError: a feature has no setting, or two have the same one.
        """
        offers = cls(models, names)
        for position, entry in enumerate(features):
            setting = entry.get("feature_setting") if isinstance(entry, dict) else None
            if not isinstance(setting, str) or not setting:
                raise source.error("a feature needs a feature_setting, as text", _KEY, position)
            if not isinstance(entry["dev"] or {}, dict):
                raise source.error("dev must be a mapping, or null", _KEY, position, "dev")
            if not all(isinstance(each, dict) for each in _list(entry["deprecated_models"])):
                raise source.error("deprecated_models must be a list of mappings", _KEY, position, "deprecated_models")
            offers._add(setting, entry)
        return offers

    def new_features(self) -> list[dict[str, Any]]:
        """Return entries for the registry."""
        return list(self._names.new.values())

    def of_model(self, model: Mapping[str, Any], report: Report, id_: str) -> dict[str, Any]:
        """Return ``release_state``, ``release_state_for``, ``features`` and ``default_for`` of a model."""
        shares = {name: each[model["identifier"]] for name, each in self._shares.items() if model["identifier"] in each}
        states = _ordered(self.states[model["identifier"]], model.get("features"))
        if model.get("release_state") in [*ReleaseState]:  # the lists do not have that of a default
            own = model.get("release_state_for")
            for name in shares:
                state = own.get(name) if isinstance(own, dict) else None
                states[name] = ReleaseState(str(state if state in [*ReleaseState] else model["release_state"]))
        values = release_states(states)
        report.carried(_LIST_NAMES, "features, " + ", ".join(values), id_)
        if shares:
            report.carried("default_models", "default_for", id_)
            values["default_for"] = list(shares) if set(shares.values()) == {100} else shares
        return values | {"features": list(states)}

    def _add(self, setting: str, entry: Mapping[str, Any]) -> None:
        primitives = [each for each in _list(entry.get(_KEY)) if isinstance(each, str)]
        name = self._names.name(setting, primitives)
        if name in self._names.new and isinstance(title := entry.get("title"), str):
            self._names.new[name]["title"] = title
        shares = self._default_shares(entry)
        dev = entry.get("dev")
        lists = [(each, ReleaseState.GA) for each in shares]
        lists += [(each, state) for key, state in _LISTS.items() for each in self._known(entry.get(key))]
        lists += [(each, ReleaseState.EXPERIMENT) for each in self._known(dev and dev.get("selectable_models"))]
        for model, state in lists:
            self.states.setdefault(model, {}).setdefault(name, state)
        if shares:
            self._shares[name] = shares
        for each in _list(entry.get("deprecated_models")):
            self.deprecations.setdefault(str(each.get("identifier")), {})[name] = each

    def _default_shares(self, entry: Mapping[str, Any]) -> dict[str, int]:
        """Return the share of each default by id; without weights, as from older gateways, these are equal."""
        own = entry.get("default_shares")
        own = [{"identifier": id_, "weight": own[id_]} for id_ in self._known([*own])] if isinstance(own, dict) else []
        if shares := shares_of(own):
            return shares
        ids = list(dict.fromkeys(self._known([entry.get("default_model"), *_list(entry.get("default_models"))])))
        shares = weighted_shares(entry, ids) or shares_of(ids)
        return in_order(shares, self._models) if shares else {}

    def _known(self, ids: Any) -> list[str]:
        return [each for each in _list(ids) if each in self._models]


def _ordered(states: Mapping[str, ReleaseState], features: Any) -> dict[str, ReleaseState]:
    """Return states in the order of a list of features."""
    order = {feature: position for position, feature in enumerate(_list(features))}
    return dict(sorted(states.items(), key=lambda item: order.get(item[0], len(order))))


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
