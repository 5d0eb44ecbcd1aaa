"""The roster of one environment: typed models with places."""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Set
from datetime import date, timedelta
from enum import StrEnum
from functools import cached_property
from types import MappingProxyType
from typing import Any, NamedTuple

from roster.findings import Place, Pointer
from roster.naming import Suggestions, derive_id

ROSTER_FILE = "offered_models_metadata.yaml"
ROSTER_SCHEMA = "schemas/offered_models_metadata.schema.json"

DATE_KEYS = frozenset({"notice", "last_day"})
"""The keys of a roster whose value is a date, as in the JSON Schema."""
API_NAME_PREFIX = "GitLab: "
"""Prefix of a model's name in the API if the roster has no ``display_name``."""


UNREADABLE_FEATURE = ""
"""Placeholder for an item in a list of features that is not text; alone, for a list that cannot be read."""
_UNREAD: dict[str | int, Any] = {
    "features": [UNREADABLE_FEATURE],
    "default_for": [UNREADABLE_FEATURE],
    "replacement": "",
    "id": "",
}
"""Placeholders for values that cannot be read, where rules need to know that there is one."""


class ReleaseState(StrEnum):
    """How finished the offer of a model is, most finished first."""

    GA = "GA"
    BETA = "BETA"
    EXPERIMENT = "EXPERIMENT"


class Retirement(NamedTuple):
    """The announced end of a model, or of some of its features.

    Attributes:
        notice: the day from which admins are notified; None if the file has no valid date.
        last_day: the last day on which the model is offered; None if the file has no valid date.
        replacement: the id of the model that takes over; None without one, empty if it cannot be read.
        features: the features that end; empty for all of them.
    """

    notice: date | None = None
    last_day: date | None = None
    replacement: str | None = None
    features: tuple[str, ...] = ()

    def is_over(self, on: date) -> bool:
        """Return whether the last day is before a day."""
        return self.last_day is not None and self.last_day < on


class Model(NamedTuple):
    """A model of a roster. A key without a valid value is None, or empty for a list.

    Attributes:
        position: its index in the roster, from 0.
        id: the public id, pinned by the file or derived from the name; empty if neither gives one.
        entry: all its values by key, as in the file.
    """

    position: int
    id: str
    name: str | None
    identifier: str | None
    api_key: str | None
    endpoint: str | None
    release_state: str | None
    family: str | None
    features: tuple[str, ...]
    default_for: tuple[str, ...]
    display_name: str | None
    description: str | None
    provider: str | None
    cost_indicator: str | None
    retirement: Retirement | None
    id_is_pinned: bool
    entry: Mapping[str, Any]

    @property
    def own_values(self) -> dict[str, Any]:
        """The values of keys that only the repository's schema has, such as ``owner`` or ``retirement.reason``."""
        values = {key: value for key, value in self.entry.items() if key not in _KEYS}
        if isinstance(retirement := self.entry.get("retirement"), dict):
            values |= {f"retirement.{key}": retirement[key] for key in retirement if key not in Retirement._fields}
        return values

    @property
    def api_name(self) -> str:
        """The model's name in the API."""
        return self.display_name or f"{API_NAME_PREFIX}{self.name}"

    def retiring_features(self) -> tuple[str, ...]:
        """Return the features that its retirement ends."""
        if self.retirement is None:
            return ()
        return self.retirement.features or self.features

    def offered_features(self, on: date) -> tuple[str, ...]:
        """Return the features that it serves on a day: all but those that have ended."""
        if self.retirement is None or not self.retirement.is_over(on):
            return self.features
        ended = self.retiring_features()
        return tuple(feature for feature in self.features if feature not in ended)


_KEYS = frozenset("api-key" if field == "api_key" else field for field in Model._fields[1:-2])
"""The keys that the toolkit knows: the fields of a model without its position, ``id_is_pinned`` and ``entry``."""


def comparable(value: Any) -> str:
    """Return a text that is equal for values with the same meaning; for Python, ``true`` is also equal to 1."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True)


def days_after(day: date, days: int) -> date:
    """Return the day a number of days after another one, or the last day of the calendar."""
    return day + timedelta(days=min(days, (date.max - day).days))


def roster_path(environment: str) -> str:
    """Return the path of an environment's roster in its repository."""
    return f"env/{environment}/{ROSTER_FILE}"


class Roster:
    """An environment's models, in the file's order.

    Attributes:
        complete: whether every model and its id could be read; otherwise a model that seems missing may exist.
        retired: the retirements of models that were removed after their last day (tombstones), by id.
    """

    def __init__(
        self,
        path: str,
        environment: str,
        models: tuple[Model, ...],
        complete: bool = True,
        retired: Mapping[str, Retirement] = MappingProxyType({}),
    ) -> None:
        self.path, self.environment, self.models = path, environment, models
        self.complete, self.retired = complete, retired

    @classmethod
    def of(cls, path: str, environment: str, value: Any, invalid: Set[Pointer] = frozenset()) -> "Roster":
        """Build a roster from a file's value, without the parts at ``invalid`` pointers."""
        entries = value if isinstance(value, list) and () not in invalid else []
        if invalid:
            entries = [_without(entry, invalid, (index,)) for index, entry in enumerate(entries)]
        models = tuple(_model(index, entry) for index, entry in enumerate(entries) if isinstance(entry, dict))
        complete = len(models) == len(entries) and () not in invalid and all(model.id for model in models)
        return cls(path, environment, models, complete)

    def with_retired_models(self, retired: Mapping[str, Retirement]) -> "Roster":
        """Return this roster with the retirements of models that were removed from its file."""
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

    @cached_property
    def by_id(self) -> dict[str, Model]:
        """The models by id; of models with the same id, the first."""
        return {model.id: model for model in reversed(self.models) if model.id}

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
        """Return the default model of a feature on a day, or on any day; None without one."""
        models = self.defaults.get(feature, ())
        return next(
            (model for model in models if feature in (model.offered_features(on) if on else model.features)), None
        )

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


def entry_id(entry: Mapping[str, Any]) -> str:
    """Return the public id of a parsed model: pinned, or else derived from its name; empty without either."""
    if isinstance(pinned := entry.get("id"), str):
        return pinned
    return derive_id(name) if isinstance(name := entry.get("name"), str) else ""


def _model(index: int, entry: dict[str, Any]) -> Model:
    get = entry.get
    retirement = get("retirement")
    return Model(  # by position: with names, 20,000 models take 20 ms longer
        index,
        entry_id(entry),
        get("name"),
        get("identifier"),
        get("api-key"),
        get("endpoint"),
        get("release_state"),
        get("family"),
        tuple(get("features") or ()),
        tuple(get("default_for") or ()),
        get("display_name"),
        get("description"),
        get("provider"),
        get("cost_indicator"),
        _retirement(retirement) if retirement is not None else None,
        get("id") is not None,
        entry,
    )


def _retirement(entry: dict[str, Any]) -> Retirement:
    notice, last_day = entry.get("notice"), entry.get("last_day")
    return Retirement(
        notice=date.fromisoformat(notice) if notice else None,
        last_day=date.fromisoformat(last_day) if last_day else None,
        replacement=entry.get("replacement"),
        features=tuple(entry.get("features") or ()),
    )


def _without(value: Any, invalid: Set[Pointer], pointer: Pointer) -> Any:
    """Return a value without the parts at invalid pointers; items of a list keep their index, which findings use."""
    if pointer in invalid:
        return _UNREAD.get(pointer[-1])
    if isinstance(value, dict):
        misspelled = {key: None for key in _UNREAD if (*pointer, key) in invalid}
        return {key: _without(item, invalid, (*pointer, key)) for key, item in (misspelled | value).items()}
    if isinstance(value, list):
        return [UNREADABLE_FEATURE if (*pointer, index) in invalid else item for index, item in enumerate(value)]
    return value
