"""Moves of users from one model to another, by retirements and suspensions."""

from collections.abc import Callable, Iterator
from datetime import date
from typing import NamedTuple

from roster.findings import Place
from roster.model import Model, Retirement, days_after
from roster.naming import MAX_IN_PASSING, list_names
from roster.roster import Roster

_MAX_LENGTH = 20
"""Of a path, in models, which bounds the time for a hostile roster."""
_MAX_STEPS, _MAX_FALLBACKS, _MAX_DEFAULTS = 50_000, 2_000, 100
"""How many steps and fallbacks are examined in a roster, which bounds the time, too. Whole shares of 100 allow no more
than 100 defaults of a feature."""


class Move(NamedTuple):
    """A move of users, from the first model of a path to the last one.

    Attributes:
        features: the features whose users are moved.
        role: what makes the users move there, for a hint: the replacement, or the default.
    """

    features: tuple[str, ...]
    path: tuple[Model, ...]
    role: str

    def __str__(self) -> str:
        return f"{list_names(self.features, limit=MAX_IN_PASSING)}: {' → '.join(model.id for model in self.path)}"


class _Step(NamedTuple):
    """Where a retirement or a suspension moves the users of a model, for one feature."""

    place: Place
    role: str
    successors: tuple[Model, ...]


def user_moves(roster: Roster, states: Callable[[Model], bool], today: date) -> Iterator[tuple[Place, Move]]:
    """Yield each move between models that state a value, and the place of the retirement or suspension that starts it.

    A path goes on through models that do not state the value; those behind the next one that does are moves of their
    own. Moves of several features along the same path are one.
    """
    steps = _Steps(roster, today)
    for model in roster:
        if (model.retirements or model.suspended) and states(model):
            moves: dict[tuple[Place, tuple[int, ...]], Move] = {}
            for feature in dict.fromkeys(model.remaining_features(today)):  # others have moved
                for step in steps.of(model, feature):
                    for path in steps.paths(model, feature, step, states):
                        key = (step.place, tuple(each.position for each in path))
                        earlier = moves[key].features if key in moves else ()
                        moves[key] = Move((*earlier, feature), path, step.role)
            yield from ((place, move) for (place, _), move in moves.items())


class _Steps:
    """The steps of users in a roster."""

    def __init__(self, roster: Roster, today: date) -> None:
        self._roster, self._today = roster, today
        self._defaults: dict[tuple[str, date], tuple[Model, ...]] = {}
        self._remaining = _MAX_STEPS
        self._successors: dict[tuple[int, str], list[Model]] = {}

    def of(self, model: Model, feature: str) -> Iterator[_Step]:
        """Yield the steps of a model's users for a feature: because of its retirement, and of its suspension."""
        if retirement := model.retirement_of(feature):
            yield self._retirement(model, retirement, feature)
        since = max(model.suspended.since or self._today, self._today) if model.suspended else None
        if since and feature in model.remaining_features(since):
            yield _Step(self._roster.key(model, "suspended"), "the default", self._fallback(model, feature, since))

    def _retirement(self, model: Model, retirement: Retirement, feature: str) -> _Step:
        roster, last_day = self._roster, retirement.last_day
        if retirement.replacement is None:
            day = max(days_after(last_day, 1), self._today) if last_day else self._today
            place = roster.retirement_at(model, retirement)
            return _Step(place, "the replacement or the default", self._fallback(model, feature, day))
        replacement = roster.find(retirement.replacement)
        place = roster.retirement_at(model, retirement, "replacement")
        serves = replacement and feature in replacement.features
        return _Step(place, "the replacement", (replacement,) if replacement and serves else ())

    def _fallback(self, model: Model, feature: str, day: date) -> tuple[Model, ...]:
        """Return the defaults to which a model's users fall back on a day."""
        key = (feature, day)
        is_bounded = len(self._roster.defaults.get(feature, ())) <= _MAX_DEFAULTS
        if is_bounded and key not in self._defaults and len(self._defaults) < _MAX_FALLBACKS:
            ids = self._roster.default_shares(feature, day)
            self._defaults[key] = tuple(self._roster.by_id[id_] for id_ in ids if id_)
        return tuple(each for each in self._defaults.get(key, ()) if each is not model)

    def paths(
        self, model: Model, feature: str, step: _Step, states: Callable[[Model], bool]
    ) -> Iterator[tuple[Model, ...]]:
        """Yield the paths that begin with a step, each up to the first model that states a value."""
        pending: list[tuple[Model, ...]] = [(model, successor) for successor in step.successors]
        passed = {model.id}
        while pending and self._remaining:
            path = pending.pop()
            self._remaining -= 1
            *_, last = path
            if last.id in passed or len(path) > _MAX_LENGTH:
                continue
            passed.add(last.id)
            if states(last):
                yield path
            else:
                pending += [(*path, each) for each in self._successors_of(last, feature)]

    def _successors_of(self, model: Model, feature: str) -> list[Model]:
        key = (model.position, feature)
        if key not in self._successors:
            self._successors[key] = [each for step in self.of(model, feature) for each in step.successors]
        return self._successors[key]
