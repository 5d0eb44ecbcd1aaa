"""The events of a timeline: notices, last days, the defaults that must move by then, upcoming suspensions, and the ends
of models at their providers.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from enum import StrEnum
from itertools import chain
from typing import NamedTuple

from roster.findings import Place
from roster.model import UNREADABLE_FEATURE, Model, Retirement
from roster.registries import Registries
from roster.roster import Roster
from roster.secret_redaction import redact_message


class DefaultMove(NamedTuple):
    """The default of a feature that a retirement ends.

    Attributes:
        default: the id of the current default.
        moved: whether that is already another model.
        place: the feature in the default's ``default_for``.
    """

    feature: str
    default: str
    moved: bool
    place: Place


class ModelRetirement(NamedTuple):
    """The announced retirement of a model, or of some of its features, without secrets.

    Attributes:
        model: the id; empty where the file gives none.
        notice: the first day of the notice; None where the file has no valid day.
        last_day: the last day on which the model is offered; None where the file has no valid day.
        replacement: the id of the replacement; None without one, empty if it cannot be read.
        features: the features that end.
        all_features: whether the model serves no other feature.
        unreplaced: the features that neither a replacement nor a default serves afterwards.
        default_moves: the defaults of the features, in the same order.
        place: the model's retirement.
    """

    environment: str
    model: str
    name: str
    notice: date | None
    last_day: date | None
    replacement: str | None
    features: tuple[str, ...]
    all_features: bool
    unreplaced: tuple[str, ...]
    default_moves: tuple[DefaultMove, ...]
    place: Place

    def has_ended(self, on: date) -> bool:
        """Return whether the last day has passed."""
        return self.last_day is not None and self.last_day < on

    def is_in_notice(self, on: date) -> bool:
        """Return whether admins see the notice and the model is still offered."""
        return self.notice is not None and self.notice <= on and not self.has_ended(on)


class ModelSuspension(NamedTuple):
    """The announced suspension of a model, without secrets.

    Attributes:
        since: the first day without an offer.
        features: the features that the model serves until then.
        place: the first day in the file.
    """

    environment: str
    model: str
    name: str
    since: date
    reason: str
    features: tuple[str, ...]
    place: Place


class EndAtProvider(NamedTuple):
    """The end of a model at its provider, without secrets.

    Attributes:
        provider: the provider's title.
        day: the day from which the provider no longer answers.
        earliest: whether the model only does not end before that day.
        last_day: the last day on which the roster offers the model; None if that is not announced.
        features: the features that it serves now.
        place: the identifier.
    """

    environment: str
    model: str
    name: str
    provider: str
    day: date
    earliest: bool
    last_day: date | None
    features: tuple[str, ...]
    place: Place

    @property
    def is_met(self) -> bool:
        """Whether the roster stops to offer the model before that day."""
        return self.last_day is not None and self.last_day < self.day


EventSubject = ModelRetirement | ModelSuspension | EndAtProvider


class EventKind(StrEnum):
    """A kind of event. ``DEFAULT``: the day by whose end a default must have moved."""

    NOTICE = "notice"
    LAST_DAY = "last-day"
    DEFAULT = "default"
    SUSPENSION = "suspension"
    PROVIDER_END = "provider-end"


class Event(NamedTuple):
    """An event of a model. ``move`` is set for ``EventKind.DEFAULT``: only that feature."""

    day: date
    kind: EventKind
    subject: EventSubject
    place: Place
    move: DefaultMove | None = None

    @property
    def features(self) -> tuple[str, ...]:
        """The features concerned."""
        return (self.move.feature,) if self.move else self.subject.features

    def is_overdue(self, on: date) -> bool:
        """Return whether this is a default that should have moved before a day."""
        return self.move is not None and not self.move.moved and self.day < on


class Timeline(NamedTuple):
    """All retirements and upcoming suspensions that rosters announce, and the ends of their models at the providers.

    Attributes:
        on: the day that counts as today.
        retirements: by environment in promotion order, and within one in the file's order.
        suspensions: those that have not begun before today, by environment.
        provider_ends: those of models that have not retired before today, by environment.
        revised: when the rosters were last changed; None if that is unknown.
        shared_names: the names of several models, also of models without events.
    """

    on: date
    retirements: dict[str, tuple[ModelRetirement, ...]]
    suspensions: dict[str, tuple[ModelSuspension, ...]]
    provider_ends: dict[str, tuple[EndAtProvider, ...]]
    revised: datetime | None = None
    shared_names: frozenset[str] = frozenset()

    def events(self) -> list[Event]:
        """Return the events by day; those of one day by environment and in the file's order."""
        events: list[Event] = []
        for environment, retirements in self.retirements.items():
            events += chain.from_iterable(map(_events, retirements))
            for each in self.suspensions[environment]:
                events.append(Event(each.since, EventKind.SUSPENSION, each, each.place))
            for end in self.provider_ends[environment]:
                events.append(Event(end.day, EventKind.PROVIDER_END, end, end.place))
        return sorted(events, key=lambda event: event.day)


def build_timeline(
    rosters: Iterable[Roster], on: date, registries: Registries | None = None, revised: datetime | None = None
) -> Timeline:
    """Return the timeline of some rosters; ``on`` is the day that counts as today, ``revised`` that of the timeline."""
    rosters = list(rosters)
    return Timeline(
        on,
        {roster.environment: tuple(_retirements(roster)) for roster in rosters},
        {roster.environment: tuple(_suspensions(roster, on)) for roster in rosters},
        {roster.environment: tuple(_provider_ends(roster, on, registries)) if registries else () for roster in rosters},
        revised,
        frozenset(_shared_names(rosters)),
    )


def _shared_names(rosters: Iterable[Roster]) -> Iterator[str]:
    names = Counter(name for name, _ in {(_name(model), model.id) for roster in rosters for model in roster})
    yield from (name for name, number in names.items() if number > 1)


def _provider_ends(roster: Roster, on: date, registries: Registries) -> Iterator[EndAtProvider]:
    for model in roster:
        facts = registries.facts_of(model)
        features = [feature for feature in model.remaining_features(on) if feature != UNREADABLE_FEATURE]
        if facts and facts.ends and features:
            yield EndAtProvider(
                roster.environment,
                _id(model),
                _name(model),
                redact_message(registries.provider_title(model)),
                facts.ends,
                facts.ends_earliest,
                _last_day(model, features),
                tuple(map(redact_message, features)),
                roster.at(model, "identifier"),
            )


def _last_day(model: Model, features: Iterable[str]) -> date | None:
    """Return the day on which the last of some features ends; None if one of them remains."""
    retirements = map(model.retirement_of, features)
    days = [retirement.last_day if retirement else None for retirement in retirements]
    return None if None in days else max(filter(None, days))


def _suspensions(roster: Roster, on: date) -> Iterator[ModelSuspension]:
    for model in roster:
        if model.suspended and model.suspended.since and model.suspended.since >= on:
            since, reason = model.suspended.since, redact_message(model.suspended.reason or "unknown")
            features = (redact_message(feature) for feature in model.remaining_features(since) if feature)
            name, place = _name(model), roster.at(model, "suspended", "since")
            yield ModelSuspension(roster.environment, _id(model), name, since, reason, tuple(features), place)


def _retirements(roster: Roster) -> Iterator[ModelRetirement]:
    for model, retirement in roster.retirements():
        if retirement.notice or retirement.last_day:
            ending = dict.fromkeys(model.ending_features(retirement))
            features = [feature for feature in ending if feature != UNREADABLE_FEATURE]
            yield ModelRetirement(
                roster.environment,
                _id(model),
                _name(model),
                retirement.notice,
                retirement.last_day,
                retirement.replacement and redact_message(retirement.replacement),
                tuple(map(redact_message, features)),
                set(model.features) - {UNREADABLE_FEATURE} <= set(features),
                tuple(map(redact_message, _unreplaced(roster, retirement, features))),
                tuple(_default_moves(roster, model, retirement, features)),
                roster.retirement_at(model, retirement),
            )


def _unreplaced(roster: Roster, retirement: Retirement, features: list[str]) -> list[str]:
    """Return the features without a default if no replacement is named; all of them if its name cannot be read."""
    if retirement.replacement is None:
        return [feature for feature in features if not roster.defaults.get(feature)]
    return [] if retirement.replacement else features


def _name(model: Model) -> str:
    return redact_message(model.name or model.id)


def _id(model: Model) -> str:
    """Return a model's id; empty if it is derived from a name that contains a secret."""
    return model.id if redact_message(model.name or "") == (model.name or "") else ""


def _default_moves(
    roster: Roster, model: Model, retirement: Retirement, features: Iterable[str]
) -> Iterator[DefaultMove]:
    """Yield the defaults of the features that are the model itself or a model that remains.

    A default that retires at the same time or earlier is left to its own retirement.
    """
    day_after = retirement.last_day + timedelta(days=1) if retirement.last_day else date.min
    for feature in features:
        defaults = roster.defaults.get(feature, [])
        remaining = [default for default in defaults if feature in default.offered_features(day_after)]
        default = model if model in defaults else remaining[0] if remaining else None
        if default:
            place = roster.default_at(default, feature)
            yield DefaultMove(redact_message(feature), _id(default), default is not model, place)


def _events(retirement: ModelRetirement) -> Iterator[Event]:
    path, pointer = retirement.place.path, retirement.place.pointer
    if retirement.notice:
        yield Event(retirement.notice, EventKind.NOTICE, retirement, Place(path, (*pointer, "notice")))
    if retirement.last_day:
        yield Event(retirement.last_day, EventKind.LAST_DAY, retirement, Place(path, (*pointer, "last_day")))
        for move in retirement.default_moves:
            yield Event(retirement.last_day, EventKind.DEFAULT, retirement, move.place, move)
