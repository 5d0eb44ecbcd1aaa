"""The roster of one environment: its models, with places."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Set
from datetime import date
from functools import cached_property
from types import MappingProxyType
from typing import Any

from roster.findings import Place, Pointer
from roster.model import (
    SUPPLIED_KEYS,
    UNREADABLE_FEATURE,
    UNREADABLE_NUMBER,
    Model,
    RetiredModel,
    Retirement,
    parse_model,
    retirement_pointer,
)
from roster.naming import Suggestions
from roster.registries import Registries

ROSTER_FILE = "offered_models_metadata.yaml"
ROSTER_SCHEMA = "schemas/offered_models_metadata.schema.json"
_UNREAD: dict[str | int, Any] = {
    "features": [UNREADABLE_FEATURE],
    "default_for": [UNREADABLE_FEATURE],
    "replacement": "",
    "forced_by": "",
    "id": "",
    "capabilities": [UNREADABLE_FEATURE],
    "processed_in": [UNREADABLE_FEATURE],
    "data_retention_days": UNREADABLE_NUMBER,
}
"""Placeholders for values that cannot be read, where rules need to know that there is one."""


def roster_path(environment: str) -> str:
    """Return the path of an environment's roster in its repository."""
    return f"env/{environment}/{ROSTER_FILE}"


class Roster:
    """An environment's models, in the file's order.

    Attributes:
        complete: whether every model and its id could be read; otherwise a model that seems missing may exist.
        retired: the models that were removed after their last day, by id.
    """

    def __init__(
        self,
        path: str,
        environment: str,
        models: tuple[Model, ...],
        complete: bool = True,
        retired: Mapping[str, RetiredModel] = MappingProxyType({}),
    ) -> None:
        self.path, self.environment, self.models = path, environment, models
        self.complete, self.retired = complete, retired

    @classmethod
    def of(
        cls,
        path: str,
        environment: str,
        value: Any,
        invalid: Set[Pointer] = frozenset(),
        registries: Registries | None = None,
    ) -> "Roster":
        """Build a roster from a file's value, without the parts at ``invalid`` pointers.

        ``registries`` has the providers that supply keys which models leave out.
        """
        entries = value if isinstance(value, list) and () not in invalid else []
        if invalid:
            entries = [_without(entry, invalid, (index,)) for index, entry in enumerate(entries)]
        models = tuple(
            parse_model(index, entry, registries) for index, entry in enumerate(entries) if isinstance(entry, dict)
        )
        complete = len(models) == len(entries) and () not in invalid and all(model.id for model in models)
        return cls(path, environment, models, complete)

    def with_retired_models(self, retired: Mapping[str, RetiredModel]) -> "Roster":
        """Return this roster with models that were removed from its file."""
        return Roster(self.path, self.environment, self.models, self.complete, retired)

    def with_models(self, models: Iterable[Model]) -> "Roster":
        """Return this roster with some of its models only."""
        return Roster(self.path, self.environment, tuple(models), self.complete, self.retired)

    def at(self, model: Model, *keys: str | int) -> Place:
        """Return the place of a model, of one of its values or of an item in a list."""
        return Place(self.path, (model.position, *keys))

    def key(self, model: Model, *keys: str | int) -> Place:
        """Return the place of one of a model's keys, or of a key below it."""
        return Place(self.path, (model.position, *keys), at_key=True)

    def default_at(self, model: Model, feature: str) -> Place:
        """Return the place of a feature in a model's ``default_for``: an item of a list or a key of a mapping."""
        if isinstance(model.entry.get("default_for"), dict):
            return self.key(model, "default_for", feature)
        return self.at(model, "default_for", model.default_for.index(feature))

    def retirements(self) -> Iterator[tuple[Model, Retirement]]:
        """Yield each announced end, with its model."""
        return ((model, retirement) for model in self.models for retirement in model.retirements)

    def retirement_at(self, model: Model, retirement: Retirement, *keys: str | int) -> Place:
        """Return the place of one of a model's retirements: its key if there is no list, or one of its values."""
        pointer = retirement_pointer(model, retirement)
        return Place(self.path, (model.position, *pointer, *keys), at_key=(*pointer, *keys) == ("retirement",))

    @cached_property
    def by_id(self) -> dict[str, Model]:
        """The models by id; of models with the same id, the first."""
        return {model.id: model for model in reversed(self.models) if model.id}

    @cached_property
    def by_alias(self) -> dict[str, Model]:
        """The models by each of their earlier ids; of models with the same one, the first."""
        return {alias: model for model in reversed(self.models) for alias in model.aliases if alias}

    def find(self, id_: str) -> Model | None:
        """Return the model that an id or an earlier id resolves to, if any."""
        return self.by_id.get(id_) or self.by_alias.get(id_)

    @cached_property
    def id_suggestions(self) -> Suggestions:
        """Suggestions for misspelled ids."""
        return Suggestions({id_: id_ for id_ in self.by_id})

    @cached_property
    def serving(self) -> dict[str, list[Model]]:
        """The models for each feature that they serve or served."""
        return self._grouped("features")

    @cached_property
    def defaults(self) -> dict[str, list[Model]]:
        """The models that name each feature in ``default_for``."""
        return self._grouped("default_for")

    def default(self, feature: str, on: date | None = None) -> Model | None:
        """Return the default of a feature on a day, or on any day: the one with the largest share; None without one."""
        models = self._offered_defaults(feature, on)
        return max(models, key=lambda model: _share(model, feature), default=None)

    def default_shares(self, feature: str, on: date | None = None) -> dict[str, int]:
        """Return the share of each default of a feature on a day, or on any day, by the model's id.

        The shares are relative: those of models that are not offered are missing from the sum of 100.
        """
        return {model.id: _share(model, feature) for model in self._offered_defaults(feature, on)}

    def _offered_defaults(self, feature: str, on: date | None) -> list[Model]:
        models = self.defaults.get(feature, ())
        models = [model for model in models if feature in (model.offered_features(on) if on else model.features)]
        are_shares = all(feature in model.default_shares for model in models)
        return models if are_shares else models[:1]  # duplicate-default reports others

    def announced_shares(self, feature: str, on: date) -> dict[str, int]:
        """Return the share of each default of a feature on a day, if those that end until then have moved as announced.

        They are relative, as those of ``default_shares``.
        """
        announced: dict[str, int] = {}
        for default in self._offered_defaults(feature, None):
            successor = self.successor(default, feature, on)
            if successor and not default.is_suspended(on) and not successor.is_suspended(on):
                announced[successor.id] = announced.get(successor.id, 0) + _share(default, feature)
        return announced

    def announced_default(self, feature: str, on: date) -> Model | None:
        """Return the default with the largest of ``announced_shares``; None without one."""
        shares = self.announced_shares(feature, on)
        return self.by_id.get(max(shares, key=lambda id_: shares[id_])) if shares else None

    def successor(self, model: Model, feature: str, on: date) -> Model | None:
        """Return the model that serves the users of a model on a day: itself, or the next one that replaces it.

        Defaults must move along this path. A suspension is no end.
        """
        former = set[str]()
        while feature not in model.remaining_features(on):
            former.add(model.id)
            retirement = model.retirement_of(feature)
            replacement = self.by_id.get(retirement.replacement or "") if retirement else None
            if not replacement or replacement.id in former:
                return None
            model = replacement
        return model

    def default_ids(self, on: date | None = None) -> dict[str, str]:
        """Return the id of each feature's default on a day, or on any day, sorted by feature."""
        return {feature: model.id for feature in sorted(self.defaults) if (model := self.default(feature, on))}

    def _grouped(self, key: str) -> dict[str, list[Model]]:
        groups: defaultdict[str, list[Model]] = defaultdict(list)
        for model in self.models:
            for feature in dict.fromkeys(getattr(model, key)):
                if feature != UNREADABLE_FEATURE:
                    groups[feature].append(model)
        return dict(groups)

    def __iter__(self) -> Iterator[Model]:
        return iter(self.models)


def _share(model: Model, feature: str) -> int:
    return model.default_shares.get(feature, 100)


def _without(value: Any, invalid: Set[Pointer], pointer: Pointer) -> Any:
    """Return a value without the parts at invalid pointers; items of a list keep their index, which findings use."""
    if pointer in invalid:
        return _UNREAD.get(pointer[-1])
    if isinstance(value, dict):
        misspelled = {key: None for key in (*_UNREAD, *SUPPLIED_KEYS) if (*pointer, key) in invalid}
        return {key: _without(item, invalid, (*pointer, key)) for key, item in (misspelled | value).items()}
    if isinstance(value, list):
        return [
            UNREADABLE_FEATURE if (*pointer, index) in invalid else _without(item, invalid, (*pointer, index))
            for index, item in enumerate(value)
        ]
    return value
