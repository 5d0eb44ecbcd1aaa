"""Which features GitLab's unit_primitives.yml offers models for, and how."""

import re
from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from typing import Any

from roster.importing.features import FeatureNames
from roster.importing.interface import Context
from roster.importing.release_states import release_states
from roster.importing.report import FEATURE, Report
from roster.importing.source import Source
from roster.naming import quote
from roster.registries import Registries
from roster.render.default_weights import first_ahead, shares_of
from roster.render.feature_lists import feature_lists
from roster.render.gitlab_unit_primitives import unit_primitive
from roster.roster import ReleaseState, Roster

UNIT_PRIMITIVES = "the AI gateway's unit_primitives.yml"
SNAKE_CASE = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
_KEY = "configurable_unit_primitives"
_LISTS = {
    ("selectable_models",): ReleaseState.GA,
    ("beta_models",): ReleaseState.BETA,
    ("dev", "selectable_models"): ReleaseState.EXPERIMENT,
}
"""The lists of a feature's models, and the release state of each; of a model in several, the first list counts."""
_LIST_KEYS = "selectable_models, beta_models, dev"


class Offers:
    """The features of unit_primitives.yml.

    Attributes:
        listed: the ``gitlab_identifier`` of each model that serves a feature, with the state for each of its features.
        deprecations: by ``gitlab_identifier``, the announcement for each feature that the model alone retires from.
    """

    def __init__(self, names: FeatureNames) -> None:
        self.listed: dict[str, dict[str, ReleaseState]] = {}
        self.deprecations: dict[str, dict[str, Mapping[str, Any]]] = {}
        self._names = names
        self._entries: dict[str, Mapping[str, Any]] = {}
        self._shares: dict[str, dict[str, int]] = {}
        self._twice: list[tuple[str, str]] = []

    @classmethod
    def of(cls, source: Source, definitions: Mapping[str, tuple[int, Any]], names: FeatureNames) -> "Offers":
        """Read the features in the order of models.yml.

        Raises:
            SourceError: the file is no such file, or a list names a model that models.yml does not have.
        """
        offers = cls(names)
        for position, entry in enumerate(source.require_mapping(_KEY, UNIT_PRIMITIVES)[_KEY]):
            offers._add(source, position, entry, definitions)
        return offers

    def of_model(self, identifier: str, report: Report, id_: str) -> dict[str, Any]:
        """Return ``release_state``, ``release_state_for``, ``features`` and ``default_for`` of a model."""
        states = self.listed[identifier]
        shares = {name: shares[identifier] for name, shares in self._shares.items() if identifier in shares}
        report.carried(_LIST_KEYS, "features, release_state", id_)
        values = release_states(states)
        if "release_state_for" in values:
            report.carried(_LIST_KEYS, "release_state_for", id_)
        if shares:
            report.carried("default_models", "default_for", id_)
            values["default_for"] = list(shares) if set(shares.values()) == {100} else shares
        for other, name in self._twice:
            if other == identifier:
                report.changed(_LIST_KEYS, "release_state", f"{name} lists it twice, and the first list counts", id_)
        return values | {"features": list(states)}

    def feature_entries(
        self, entries: Sequence[Mapping[str, Any]], public_ids: Mapping[str, str], context: Context, report: Report
    ) -> list[dict[str, Any]]:
        """Return the registry entries: of new features, and of those for which the file says more than the roster."""
        roster = Roster.of("", context.environment, list(entries))
        identifiers = {id_: identifier for identifier, id_ in public_ids.items()}
        result = []
        for name, source in self._entries.items():
            new = self._names.new.get(name)
            feature = (
                Registries.of([new], [], []).features[name]
                if new
                else context.registries.features[name]._replace(gateway={})
            )
            lists = feature_lists(roster, feature, context.today)
            rendered = unit_primitive(lists, identifiers) if lists else {}
            changes = self._changed_primitives(name, source, context, report)
            gateway = _difference(source, rendered | changes, public_ids)
            for key in gateway:
                report.carried(key, "gateway, in schemas/features.yaml", name, FEATURE)
            known = {} if new else context.registries.features[name].gateway
            if gateway != known:
                changes["gateway"] = gateway or None
            if new or changes:
                result.append((new or {"name": name}) | changes)
        return result

    def _changed_primitives(
        self, name: str, source: Mapping[str, Any], context: Context, report: Report
    ) -> dict[str, Any]:
        """Return ``unit_primitives`` of a registered feature if those of the file differ."""
        own = source.get("unit_primitives")
        if name in self._names.new or own is None or own == list(context.registries.features[name].unit_primitives):
            return {}
        reason = "the file has others than the registry, where rosters of all environments get them from"
        report.changed("unit_primitives", "unit_primitives, in schemas/features.yaml", reason, name, FEATURE)
        return {"unit_primitives": own}

    def _add(self, source: Source, position: int, entry: Any, definitions: Mapping[str, tuple[int, Any]]) -> None:
        setting = entry.get("feature_setting") if isinstance(entry, dict) else None
        if not isinstance(setting, str) or not setting:
            raise source.error("a unit primitive needs a feature_setting, as text", _KEY, position)
        self._check_lists(source, position, definitions)
        name = self._names.name(setting, _texts(entry.get("unit_primitives")))
        self._entries[name] = entry
        defaults = _default_models(entry)
        shares = shares_of(defaults)
        if shares is None:
            raise source.error(
                "default_models must be a list of models, either all with a weight or none", _KEY, position
            )
        for identifier in shares:
            self.listed.setdefault(identifier, {})[name] = ReleaseState.GA
        for keys, state in _LISTS.items():
            for identifier in _texts(_at(entry, keys)):
                states = self.listed.setdefault(identifier, {})
                if name in states and identifier not in shares:
                    self._twice.append((identifier, name))
                states.setdefault(name, state)
        self._shares[name] = _in_order(shares, list(definitions))
        for each in entry.get("deprecated_models") or ():
            if isinstance(each, dict):
                self.deprecations.setdefault(each["identifier"], {})[name] = each

    def _check_lists(self, source: Source, position: int, definitions: Mapping[str, tuple[int, Any]]) -> None:
        entry = source.value[_KEY][position]
        for keys in (*_LISTS, ("deprecated_models",), ("unit_primitives",)):
            if not isinstance(_at(entry, keys) or [], list):
                raise source.error(f"{'.'.join(keys)} must be a list", _KEY, position, *keys)
        primitives = entry.get("unit_primitives") or []
        if not all(isinstance(each, str) and SNAKE_CASE.fullmatch(each) for each in primitives):
            message = "unit_primitives must be a list of names in snake case, such as [generate_code]"
            raise source.error(message, _KEY, position, "unit_primitives")
        for pointer, identifier in _named_models(entry):
            if not isinstance(identifier, str):
                raise source.error("a model must be given by its gitlab_identifier", _KEY, position, *pointer)
            if identifier not in definitions:
                message = f"models.yml has no model with the gitlab_identifier {quote(identifier)}"
                raise source.error(message, _KEY, position, *pointer)


def _default_models(entry: Mapping[str, Any]) -> Any:
    """Return ``default_models``, or ``default_model`` of older gateways as a list."""
    if "default_models" in entry or "default_model" not in entry:
        return entry.get("default_models")
    return [entry["default_model"]]


def _in_order(shares: dict[str, int], order: Sequence[str]) -> dict[str, int]:
    """Return shares such that a roster, whose order is that of models.yml, has the same first default as the file."""
    largest = max(shares.values())
    first = next(iter(shares))
    candidates = [identifier for identifier in order if shares.get(identifier) == largest]
    return first_ahead(shares) if shares[first] == largest and candidates[0] != first else shares


def _named_models(entry: Mapping[str, Any]) -> Iterator[tuple[tuple[str | int, ...], Any]]:
    """Yield the pointer and the id of each model that the lists of a feature name."""
    if "default_model" in entry and "default_models" not in entry:
        yield ("default_model",), entry["default_model"]
    for keys in (("default_models",), *_LISTS, ("deprecated_models",)):
        for index, item in enumerate(_list(_at(entry, keys))):
            yield (*keys, index), item.get("identifier") if isinstance(item, dict) else item


def _difference(
    source: Mapping[str, Any], rendered: Mapping[str, Any], public_ids: Mapping[str, str]
) -> dict[str, Any]:
    """Return the values that rendering does not give, with the models' public ids."""
    known = {"feature_setting", *(("default_model",) if "default_models" in source else ())}
    keys = [key for key in source if key not in known and source[key] != rendered.get(key)]
    values = {key: _with_public_ids(deepcopy(source[key]), public_ids) for key in keys if source[key] is not None}
    return values if source.get("selectable_models") else values | {"selectable_models": []}


def _with_public_ids(value: Any, public_ids: Mapping[str, str]) -> Any:
    if isinstance(value, dict):
        return {key: _with_public_ids(item, public_ids) for key, item in value.items()}
    if isinstance(value, list):
        return [_with_public_ids(item, public_ids) for item in value]
    return public_ids.get(value, value) if isinstance(value, str) else value


def _at(entry: Mapping[str, Any], keys: Sequence[str]) -> Any:
    value: Any = entry
    for key in keys:
        value = value.get(key) if isinstance(value, Mapping) else None
    return value


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _texts(value: Any) -> list[str]:
    return [item for item in _list(value) if isinstance(item, str)]
