"""The events of a timeline: notices, last days, the defaults that must move by then, and upcoming suspensions."""

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from enum import StrEnum
from itertools import chain
from typing import NamedTuple

from roster.findings import Place
from roster.model import UNREADABLE_FEATURE, Model, Retirement
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


class EventKind(StrEnum):
    """A kind of event. ``DEFAULT``: the day by whose end a default must have moved."""

    NOTICE = "notice"
    LAST_DAY = "last-day"
    DEFAULT = "default"
    SUSPENSION = "suspension"


class Event(NamedTuple):
    """An event of a retirement or suspension. ``move`` is set for ``EventKind.DEFAULT``: only that feature."""

    day: date
    kind: EventKind
    subject: ModelRetirement | ModelSuspension
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
    """All retirements and upcoming suspensions that rosters announce.

    Attributes:
        on: the day that counts as today.
        retirements: by environment in promotion order, and within one in the file's order.
        suspensions: those that have not begun before today, by environment.
    """

    on: date
    retirements: dict[str, tuple[ModelRetirement, ...]]
    suspensions: dict[str, tuple[ModelSuspension, ...]]

    def events(self) -> list[Event]:
        """Return the events by day; those of one day by environment and in the file's order."""
        events: list[Event] = []
        for environment, retirements in self.retirements.items():
            events += chain.from_iterable(map(_events, retirements))
            for each in self.suspensions[environment]:
                events.append(Event(each.since, EventKind.SUSPENSION, each, each.place))
        return sorted(events, key=lambda event: event.day)


def build_timeline(rosters: Iterable[Roster], on: date) -> Timeline:
    """Return the timeline of some rosters; ``on`` is the day that counts as today."""
    rosters = list(rosters)
    return Timeline(
        on,
        {roster.environment: tuple(_retirements(roster)) for roster in rosters},
        {roster.environment: tuple(_suspensions(roster, on)) for roster in rosters},
    )


def _suspensions(roster: Roster, on: date) -> Iterator[ModelSuspension]:
    for model in roster:
        if model.suspended and model.suspended.since and model.suspended.since >= on:
            since, reason = model.suspended.since, redact_message(model.suspended.reason or "unknown")
            features = (redact_message(feature) for feature in model.remaining_features(since) if feature)
            name, place = redact_message(model.name or model.id), roster.at(model, "suspended", "since")
            yield ModelSuspension(roster.environment, _id(model), name, since, reason, tuple(features), place)


def _retirements(roster: Roster) -> Iterator[ModelRetirement]:
    for model, retirement in roster.retirements():
        if retirement.notice or retirement.last_day:
            ending = dict.fromkeys(model.ending_features(retirement))
            features = [feature for feature in ending if feature != UNREADABLE_FEATURE]
            yield ModelRetirement(
                roster.environment,
                _id(model),
                redact_message(model.name or model.id),
                retirement.notice,
                retirement.last_day,
                retirement.replacement and redact_message(retirement.replacement),
                tuple(map(redact_message, features)),
                set(model.features) - {UNREADABLE_FEATURE} <= set(features),
                tuple(_default_moves(roster, model, retirement, features)),
                roster.retirement_at(model, retirement),
            )


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
