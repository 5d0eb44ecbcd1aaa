"""The models of a roster: typed values, and what they mean on a day."""

import json
from collections.abc import Mapping
from datetime import date, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Any, NamedTuple

from roster.naming import derive_id
from roster.registries import Registries

DATE_KEYS = frozenset({"notice", "last_day", "since"})
"""The keys of a roster whose value is a date, as in the JSON Schema."""
SUPPLIED_KEYS = ("api-key", "endpoint")
"""The keys that a model may leave out if its provider supplies them."""
_NONE: Mapping[str, Any] = MappingProxyType({})
API_NAME_PREFIX = "GitLab: "
"""Prefix of a model's name in the API if the roster has no ``display_name``."""
UNREADABLE_FEATURE = ""
"""Placeholder for an item in a list of names that is not text; alone, for a list that cannot be read."""
UNREADABLE_NUMBER = -1
"""Placeholder for a number that cannot be read."""


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
        forced_by: ``provider`` if the provider ends the model with less notice than the environment requires; empty if
            it cannot be read.
    """

    notice: date | None = None
    last_day: date | None = None
    replacement: str | None = None
    features: tuple[str, ...] = ()
    forced_by: str | None = None

    def is_over(self, on: date) -> bool:
        """Return whether the last day is before a day."""
        return self.last_day is not None and self.last_day < on


class RetiredModel(NamedTuple):
    """What remains of a model that was removed from its file after its last day.

    Attributes:
        retirements: the ends that were over when it was removed.
        aliases: its earlier ids.
    """

    retirements: tuple[Retirement, ...]
    aliases: tuple[str, ...] = ()

    def retirements_over(self, on: date) -> tuple[Retirement, ...]:
        """Return the retirements whose last day is before a day."""
        return tuple(each for each in self.retirements if each.is_over(on))


class Suspension(NamedTuple):
    """A reversible stop: from a day on, the model is not offered, but not retired either.

    Attributes:
        since: the first day without an offer; None if the file has no valid date, so on every day.
        reason: why, for admins; None if the file has no valid text.
    """

    since: date | None = None
    reason: str | None = None


class Model(NamedTuple):
    """A model of a roster. A key without a valid value is None, or empty for a list or a mapping.

    Attributes:
        position: its index in the roster, from 0.
        id: the public id, pinned by the file or derived from the name; empty if neither gives one.
        api_key: the variable that contains the key, of the model or its provider; ``ambient`` if none is needed.
        endpoint: that of the model or its provider.
        default_for: the features that it is a default of, alone or with a share.
        default_shares: its share of each of these in percent, where the file gives shares.
        release_state_for: the release states of features where they differ from ``release_state``.
        retirements: the announced ends, one for each item where the file has a list.
        aliases: earlier ids that still resolve to the model.
        context_window: how many tokens a request and its answer may have together.
        max_output_tokens: how many tokens an answer may have.
        processed_in: the regions in which prompts are processed; empty if unknown.
        data_retention_days: how long the provider stores prompts; None if unknown.
        owner: who answers for the entry.
        documentation: the address of a page about the model.
        gateway: settings for the gateway that are passed through unchanged.
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
    retirements: tuple[Retirement, ...]
    default_shares: Mapping[str, int]
    release_state_for: Mapping[str, str]
    suspended: Suspension | None
    aliases: tuple[str, ...]
    context_window: int | None
    max_output_tokens: int | None
    capabilities: tuple[str, ...]
    processed_in: tuple[str, ...]
    data_retention_days: int | None
    owner: str | None
    documentation: str | None
    gateway: Mapping[str, Any]
    id_is_pinned: bool
    entry: Mapping[str, Any]

    @property
    def own_values(self) -> dict[str, Any]:
        """The values of keys that only the repository's schema has, such as ``team`` or ``retirement.reason``."""
        values = {key: value for key, value in self.entry.items() if key not in _KEYS}
        entry = self.entry.get("retirement")
        retirements = [each for each in (entry if isinstance(entry, list) else [entry]) if isinstance(each, dict)]
        for key in dict.fromkeys(key for each in retirements for key in each if key not in Retirement._fields):
            own = [each.get(key) for each in retirements]
            values[f"retirement.{key}"] = own[0] if len(own) == 1 else own
        return values

    @property
    def api_name(self) -> str:
        """The model's name in the API."""
        return self.display_name or f"{API_NAME_PREFIX}{self.name}"

    @property
    def complete_name(self) -> str:
        """The model's name in the API with its provider, by which admins tell models with the same name apart."""
        return f"{self.api_name} - {self.provider}" if self.provider else self.api_name

    def state_for(self, feature: str) -> str | None:
        """Return the release state of one of its features."""
        return self.release_state_for.get(feature) or self.release_state

    def ending_features(self, retirement: Retirement) -> tuple[str, ...]:
        """Return the features that one of its retirements ends."""
        return retirement.features or self.features

    def retiring_features(self) -> tuple[str, ...]:
        """Return the features that its retirements end."""
        return tuple(feature for each in self.retirements for feature in self.ending_features(each))

    def retirement_of(self, feature: str) -> Retirement | None:
        """Return the retirement that ends a feature, if any."""
        return next((each for each in self.retirements if feature in self.ending_features(each)), None)

    def is_suspended(self, on: date) -> bool:
        """Return whether it is suspended on a day."""
        return self.suspended is not None and (self.suspended.since is None or self.suspended.since <= on)

    def offered_features(self, on: date) -> tuple[str, ...]:
        """Return the features that it serves on a day: all but those that have ended; none while it is suspended."""
        return () if self.is_suspended(on) else self.remaining_features(on)

    def remaining_features(self, on: date) -> tuple[str, ...]:
        """Return the features that have not ended on a day; selections of them are kept while it is suspended."""
        if not self.retirements:
            return self.features
        ended = {feature for each in self.retirements if each.is_over(on) for feature in self.ending_features(each)}
        return tuple(feature for feature in self.features if feature not in ended)


_KEYS = {"api-key", "retirement", *Model._fields} - {"position", "id_is_pinned", "entry"}
"""The keys that the toolkit knows: those of a model's fields, some of which have another name."""


def comparable(value: Any) -> str:
    """Return a text that is equal for values with the same meaning; for Python, ``true`` is also equal to 1."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True)


def days_after(day: date, days: int) -> date:
    """Return the day a number of days after another one, or the last day of the calendar."""
    return day + timedelta(days=min(days, (date.max - day).days))


def entry_id(entry: Mapping[str, Any]) -> str:
    """Return the public id of a parsed model: pinned, or else derived from its name; empty without either."""
    if isinstance(pinned := entry.get("id"), str):
        return pinned
    return derive_id(name) if isinstance(name := entry.get("name"), str) else ""


def retirement_pointer(model: Model, retirement: Retirement) -> tuple[str | int, ...]:
    """Return the path from a model to one of its retirements."""
    is_list = isinstance(model.entry.get("retirement"), list)
    return ("retirement", model.retirements.index(retirement)) if is_list else ("retirement",)


def parse_model(index: int, entry: dict[str, Any], registries: Registries | None) -> Model:
    values = entry
    if registries and not ("endpoint" in entry and "api-key" in entry):
        values = entry | registries.supplied_values(entry)
    get = values.get
    shares = get("default_for") or ()
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
        tuple(shares),
        get("display_name"),
        get("description"),
        get("provider"),
        get("cost_indicator"),
        _retirements(get("retirement")),
        {feature: _whole(share) for feature, share in shares.items() if share} if isinstance(shares, dict) else _NONE,
        get("release_state_for") or _NONE,
        _suspension(get("suspended")),
        tuple(get("aliases") or ()),
        _whole(get("context_window")),
        _whole(get("max_output_tokens")),
        tuple(get("capabilities") or ()),
        tuple(get("processed_in") or ()),
        _whole(get("data_retention_days")),
        get("owner"),
        get("documentation"),
        get("gateway") or _NONE,
        get("id") is not None,
        entry,
    )


def _whole(value: Any) -> Any:
    """Return a number that JSON Schema takes for a whole one, such as 200000.0, as one."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _retirements(value: Any) -> tuple[Retirement, ...]:
    """Return the retirements of a model; an item that cannot be read keeps its index."""
    if value is None:
        return ()
    return tuple(map(_retirement, value)) if isinstance(value, list) else (_retirement(value),)


def _retirement(entry: Any) -> Retirement:
    if not isinstance(entry, dict):
        return Retirement(replacement="")
    return Retirement(
        notice=_day(entry.get("notice")),
        last_day=_day(entry.get("last_day")),
        replacement=entry.get("replacement"),
        features=tuple(entry.get("features") or ()),
        forced_by=entry.get("forced_by"),
    )


def _suspension(entry: dict[str, Any] | None) -> Suspension | None:
    return None if entry is None else Suspension(_day(entry.get("since")), entry.get("reason"))


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
