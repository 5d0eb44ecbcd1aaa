"""How long features have a default. The time for an answer does not depend on the number of defaults."""

from collections.abc import Callable
from datetime import date, timedelta
from functools import cached_property
from itertools import dropwhile

from roster.model import Model
from roster.roster import Roster

_Ends = dict[str, list[tuple[date, str]]]
"""The last day and the id of the two defaults that last longest, by feature. After both days, no default is left."""


class LastingDefaults:
    """The defaults of a roster that last longest."""

    def __init__(self, roster: Roster) -> None:
        self._roster = roster

    def has_default(self, feature: str, on: date) -> bool:
        """Return whether a default of a feature is offered on a day."""
        return any(last_day >= on for last_day, _ in self._offered.get(feature, ()))

    def has_successor(self, feature: str, on: date, besides: Model) -> bool:
        """Return whether a default of a feature other than a model, or its successor, serves the feature on a day.

        ``Roster.successor`` says which model that is. A suspension is no end.
        """
        return any(last_day >= on and id_ != besides.id for last_day, id_ in self._served.get(feature, ()))

    @cached_property
    def _offered(self) -> _Ends:
        return self._longest(lambda model, feature, _: _offered_until(model, feature))

    @cached_property
    def _served(self) -> _Ends:
        return self._longest(self._served_until)

    def _longest(self, last_day: Callable[[Model, str, dict[int, date]], date]) -> _Ends:
        ends: _Ends = {}
        for feature, models in self._roster.defaults.items():
            known: dict[int, date] = {}
            ends[feature] = sorted((last_day(model, feature, known), model.id) for model in models)[-2:]
        return ends

    def _served_until(self, model: Model, feature: str, known: dict[int, date]) -> date:
        """Return the last day on which a model or a successor serves a feature; ``known`` has those found before."""
        path: dict[int, Model] = {}
        successor: Model | None = model
        while successor and successor.position not in known and successor.position not in path:
            path[successor.position] = successor
            retirement = successor.retirement_of(feature)
            successor = self._roster.by_id.get(retirement.replacement or "") if retirement else None
        last_day = known.get(successor.position, date.min) if successor else date.min
        if successor and successor.position in path:  # a circle of replacements
            circle = dropwhile(lambda each: each is not successor, path.values())
            last_day = max(_remains_until(each, feature) for each in circle)
        for each in reversed(path.values()):
            last_day = known[each.position] = max(last_day, _remains_until(each, feature))
        return last_day


def _offered_until(model: Model, feature: str) -> date:
    """Return the last day on which a model is offered for a feature."""
    last_day = _remains_until(model, feature)
    if not model.suspended:
        return last_day
    since = model.suspended.since or date.min
    return min(last_day, since - timedelta(days=1) if since > date.min else date.min)


def _remains_until(model: Model, feature: str) -> date:
    """Return the last day before a retirement ends a feature of a model; the first of the calendar if it has none."""
    if feature not in model.features:
        return date.min
    ending = (each for each in model.retirements if feature in model.ending_features(each))
    return min((each.last_day for each in ending if each.last_day), default=date.max)
