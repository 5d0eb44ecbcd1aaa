"""What happens when: the ends that rosters announce, and the events that follow from them, on whatever day one asks."""

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from enum import StrEnum
from typing import NamedTuple

from roster.findings import Place
from roster.roster import NO_FEATURE, Model, Retirement, Roster
from roster.secret_patterns import masked_sentence


class Move(NamedTuple):
    """What becomes of the default of a feature that ends.

    Attributes:
        default: the id of the model that is its default in the file.
        moved: that is another model than the one that ends.
        place: where the file says so.
    """

    feature: str
    default: str
    moved: bool
    place: Place


class Ending(NamedTuple):
    """The announced end of a model, or of some of its features.

    What a roster with an error holds may be anything; a secret is blotted out.

    Attributes:
        model: the id; empty where the file gives none.
        notice: admins are told from this day; None where the file has no valid day, as for ``last_day``.
        replacement: the id that takes over; None where the file has none.
        features: what ends. whole: that is all the model serves.
        moves: the defaults of what ends, in the same order.
        place: the model's retirement.
    """

    environment: str
    model: str
    name: str
    notice: date | None
    last_day: date | None
    replacement: str | None
    features: tuple[str, ...]
    whole: bool
    moves: tuple[Move, ...]
    place: Place

    def over(self, on: date) -> bool:
        """Say whether the last day has passed on a day."""
        return self.last_day is not None and self.last_day < on

    def running(self, on: date) -> bool:
        """Say whether admins are told on a day, and the model is still offered."""
        return self.notice is not None and self.notice <= on and not self.over(on)


class Kind(StrEnum):
    """What happens on a day: on the last one a model is still offered, and a default has to have moved by its end."""

    NOTICE = "notice"
    LAST_DAY = "last-day"
    DEFAULT = "default"


class Event(NamedTuple):
    """What happens on a day. Of a default, ``move`` says which; it is about that feature only."""

    day: date
    kind: Kind
    ending: Ending
    place: Place
    move: Move | None = None

    @property
    def features(self) -> tuple[str, ...]:
        """The features that it is about."""
        return (self.move.feature,) if self.move else self.ending.features

    def overdue(self, on: date) -> bool:
        """Say whether it is a default that had to move before a day, and has not."""
        return self.move is not None and not self.move.moved and self.day < on


class Timeline(NamedTuple):
    """All that rosters announce.

    Attributes:
        on: the day that counts as today.
        endings: those of each environment, in the file's order; environments stand in promotion order.
    """

    on: date
    endings: dict[str, tuple[Ending, ...]]

    def events(self) -> list[Event]:
        """Return what happens, by day; on one day by environment, and as the files have it."""
        every = (event for endings in self.endings.values() for ending in endings for event in _events(ending))
        return sorted(every, key=lambda event: event.day)


def timeline(rosters: Iterable[Roster], on: date) -> Timeline:
    """Return what some rosters announce; ``on`` is the day that counts as today."""
    return Timeline(on, {roster.environment: tuple(_endings(roster)) for roster in rosters})


def _endings(roster: Roster) -> Iterator[Ending]:
    for model in roster:
        retirement = model.retirement
        if retirement and (retirement.notice or retirement.last_day):
            features = [feature for feature in dict.fromkeys(model.ending()) if feature != NO_FEATURE]
            yield Ending(
                roster.environment,
                _id(model),
                masked_sentence(model.name or model.id),
                retirement.notice,
                retirement.last_day,
                masked_sentence(retirement.replacement or "") or None,
                tuple(map(masked_sentence, features)),
                set(model.features) - {NO_FEATURE} <= set(features),
                tuple(_moves(roster, model, retirement, features)),
                roster.key(model, "retirement"),
            )


def _id(model: Model) -> str:
    """Return a model's id; none where it is made of a name that holds a secret."""
    return model.id if masked_sentence(model.name or "") == (model.name or "") else ""


def _moves(roster: Roster, model: Model, retirement: Retirement, features: Iterable[str]) -> Iterator[Move]:
    """Yield the defaults of what ends that are on the model, or on one that stays; of any other its own end tells."""
    after = retirement.last_day + timedelta(days=1) if retirement.last_day else date.min
    for feature in features:
        holder = model if model in roster.defaults.get(feature, ()) else roster.default(feature, after)
        if holder:
            place = roster.at(holder, "default_for", holder.default_for.index(feature))
            yield Move(masked_sentence(feature), _id(holder), holder is not model, place)


def _events(ending: Ending) -> Iterator[Event]:
    path, pointer, *_ = ending.place
    if ending.notice:
        yield Event(ending.notice, Kind.NOTICE, ending, Place(path, (*pointer, "notice")))
    if ending.last_day:
        yield Event(ending.last_day, Kind.LAST_DAY, ending, Place(path, (*pointer, "last_day")))
        for move in ending.moves:
            yield Event(ending.last_day, Kind.DEFAULT, ending, move.place, move)
