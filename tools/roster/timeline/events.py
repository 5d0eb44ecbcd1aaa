"""The events of a timeline: the notices and last days of retirements, and the defaults that must move by then."""

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from enum import StrEnum
from itertools import chain
from typing import NamedTuple

from roster.findings import Place
from roster.roster import UNREADABLE_FEATURE, Model, Retirement, Roster
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


class EventKind(StrEnum):
    """A kind of event. ``DEFAULT``: the day by whose end a default must have moved."""

    NOTICE = "notice"
    LAST_DAY = "last-day"
    DEFAULT = "default"


class Event(NamedTuple):
    """An event of a retirement. ``move`` is set for ``EventKind.DEFAULT``, which concerns only that feature."""

    day: date
    kind: EventKind
    retirement: ModelRetirement
    place: Place
    move: DefaultMove | None = None

    @property
    def features(self) -> tuple[str, ...]:
        """The features concerned."""
        return (self.move.feature,) if self.move else self.retirement.features

    def is_overdue(self, on: date) -> bool:
        """Return whether this is a default that should have moved before a day."""
        return self.move is not None and not self.move.moved and self.day < on


class Timeline(NamedTuple):
    """All retirements that rosters announce.

    Attributes:
        on: the day that counts as today.
        retirements: by environment in promotion order, and within one in the file's order.
    """

    on: date
    retirements: dict[str, tuple[ModelRetirement, ...]]

    def events(self) -> list[Event]:
        """Return the events by day; those of one day by environment and in the file's order."""
        retirements = chain.from_iterable(self.retirements.values())
        return sorted(chain.from_iterable(map(_events, retirements)), key=lambda event: event.day)


def build_timeline(rosters: Iterable[Roster], on: date) -> Timeline:
    """Return the timeline of some rosters; ``on`` is the day that counts as today."""
    return Timeline(on, {roster.environment: tuple(_retirements(roster)) for roster in rosters})


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
