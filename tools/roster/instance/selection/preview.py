"""What will serve on a future day, by the retirements that the list announces.

A model serves a feature up to the last day of its retirement. If it is the roster's default, the roster has to name
another one by then. Until it does, the announced replacement is expected to become the default, or the default with
the largest share among those that remain.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta
from types import MappingProxyType
from typing import NamedTuple, TypeAlias

from roster.accept.accepted_list import Tombstone
from roster.instance.selection.effect import MoveReason, NamespaceMove, as_stored
from roster.instance.selection.namespace_selections import NamespaceCounts
from roster.instance.selection.offered_list import OfferedFeature, OfferedList, OfferedRetirement
from roster.instance.selection.requested_selection import RequestedSelection
from roster.instance.selection.resolution import Resolution, SelectionLevel, resolve
from roster.instance.selection.selections import Selection
from roster.instance.selection.words import Words, model_name

MAX_DAYS_AHEAD = 5 * 366
"""Retirements are announced months ahead, so a day years away is a slip."""


class FutureChange(NamedTuple):
    """A feature that another model serves from a day on.

    Attributes:
        before, after: the models before and from that day on; None if no model serves the feature.
        level: the level that decides from that day on.
        end: the retirement of ``before``, which causes the change.
        words: the change as a sentence, without the feature.
    """

    day: date
    feature: str
    title: str
    before: str | None
    after: str | None
    level: SelectionLevel | None
    end: OfferedRetirement | None
    words: Words


class FutureMoves(NamedTuple):
    """Namespaces with a selection for a feature that get another model on a day."""

    day: date
    feature: str
    title: str
    moves: tuple[NamespaceMove, ...]

    @property
    def namespaces(self) -> int:
        """How many there are."""
        return sum(move.namespaces for move in self.moves)


class FeatureOnDay(NamedTuple):
    """What changes on a day about a feature: for users without a selected model, for namespaces, or both."""

    day: date
    feature: str
    title: str
    change: FutureChange | None
    moves: FutureMoves | None


class FutureFeature(NamedTuple):
    """A feature on the day of the preview, and now.

    Attributes:
        moved_namespaces: how many namespaces with a selection have another model on the day than now.
    """

    feature: str
    title: str
    now: str | None
    model: str | None
    level: SelectionLevel | None
    moved_namespaces: int

    @property
    def is_unchanged(self) -> bool:
        """Whether the same model serves everybody as now."""
        return self.now == self.model and not self.moved_namespaces


class Preview(NamedTuple):
    """What changes up to a day, that day included, by day and in list order; and all features on that day.

    Attributes:
        changes: those of users without a selected model.
        moves: those of namespaces with a selection.
    """

    day: date
    changes: tuple[FutureChange, ...]
    moves: tuple[FutureMoves, ...]
    features: tuple[FutureFeature, ...]

    @property
    def by_day(self) -> tuple[FeatureOnDay, ...]:
        """The changes and the moves, those of the same feature on a day together."""
        changes = {(each.day, each.feature): each for each in self.changes}
        moves = {(each.day, each.feature): each for each in self.moves}
        position = {feature.feature: number for number, feature in enumerate(self.features)}
        keys = sorted({**changes, **moves}, key=lambda key: (key[0], position[key[1]]))
        titles = {feature.feature: feature.title for feature in self.features}
        return tuple(FeatureOnDay(*key, titles[key[1]], changes.get(key), moves.get(key)) for key in keys)

    @property
    def unchanged(self) -> int:
        """The number of features that the same model still serves for everybody."""
        return sum(each.is_unchanged for each in self.features)


class _Users(NamedTuple):
    """Users of a feature: those of the namespaces that selected a model or, if that is None, all others."""

    feature: str
    selected: str | None = None

    @property
    def selection(self) -> Selection | None:
        """The selection of the namespaces."""
        return as_stored(RequestedSelection(self.feature, (self.selected,), self.selected)) if self.selected else None


_Models: TypeAlias = tuple[str | None, str | None]
_Serving: TypeAlias = Mapping[_Users, Resolution]


def preview_problem(day: date, today: date) -> str:
    """Return why there is no preview of a day; empty if there is one."""
    if day < today:
        return f"{day} is in the past: enter a day from today, {today}, on"
    latest = today + timedelta(days=MAX_DAYS_AHEAD)
    return f"{day} is too far away: enter a day until {latest}" if day > latest else ""


def preview(
    offered: OfferedList,
    instance: Mapping[str, Selection],
    today: date,
    day: date,
    namespace: Mapping[str, Selection] = MappingProxyType({}),
    start: SelectionLevel = SelectionLevel.INSTANCE,
    namespaces: NamespaceCounts = MappingProxyType({}),
) -> Preview:
    """Return what changes from today to a day, for the instance or, if ``start`` is that level, for a namespace.

    Args:
        namespaces: how many namespaces selected which model; for the moves of a preview for the instance.
    """
    names = [name for name, feature in offered.features.items() if feature.offered]
    counts = {_Users(name, model): count for name in names for model, count in namespaces.get(name, {}).items()}

    def resolved(moment: OfferedList, users: _Users) -> Resolution:
        selection = users.selection or namespace.get(users.feature)
        level = SelectionLevel.NAMESPACE if users.selected else start
        return resolve(moment, users.feature, instance.get(users.feature), selection, level)

    now = before = {users: resolved(offered, users) for users in (*map(_Users, names), *counts)}
    changes: list[FutureChange] = []
    moves: list[FutureMoves] = []
    for change_day in _change_days(offered, today, day):
        moment = list_on(offered, change_day)
        after = before | {users: resolved(moment, users) for users in before if _may_move(moment, users, before[users])}
        moved = [users for users in before if before[users].model != after[users].model]
        changes += (
            _change(offered, users.feature, change_day, before[users], after[users])
            for users in moved
            if users.selected is None
        )
        moves += _moves(offered, change_day, {users: counts[users] for users in moved if users.selected}, before, after)
        before = after
    return Preview(day, tuple(changes), tuple(moves), tuple(_features(offered, names, counts, now, before)))


def _may_move(moment: OfferedList, users: _Users, before: Resolution) -> bool:
    """Return whether users may get another model than before. A feature may have many users, so most are left out.

    Lists only lose models. So what served still does, unless it is gone, or the selected model is, whose replacements
    may come to one that is allowed.
    """
    is_gone = before.model is None or not moment.serves(before.model, users.feature)
    return is_gone or users.selected is None or not moment.serves(users.selected, users.feature)


def _moves(
    offered: OfferedList, day: date, counts: Mapping[_Users, int], before: _Serving, after: _Serving
) -> Iterator[FutureMoves]:
    """Yield the moves of namespaces on a day, by feature; those between the same models together."""
    moves: dict[str, Counter[tuple[_Models, MoveReason]]] = {}
    for users, count in counts.items():
        was, will_be = before[users], after[users]
        decided = was.level is SelectionLevel.NAMESPACE
        reason = MoveReason.MODEL_RETIRES if decided else MoveReason.FOLLOWS_INSTANCE
        moves.setdefault(users.feature, Counter())[(was.model, will_be.model), reason] += count
    for feature, totals in moves.items():
        of_feature = (NamespaceMove(*models, count, reason) for (models, reason), count in totals.items())
        yield FutureMoves(day, feature, offered.features[feature].title, tuple(of_feature))


def _features(
    offered: OfferedList, names: Iterable[str], counts: Mapping[_Users, int], now: _Serving, then: _Serving
) -> Iterator[FutureFeature]:
    moved: Counter[str] = Counter()
    for users, count in counts.items():
        moved[users.feature] += count if now[users].model != then[users].model else 0
    for name in names:
        was, will_be = now[_Users(name)], then[_Users(name)]
        title = offered.features[name].title
        yield FutureFeature(name, title, was.model, will_be.model, will_be.level, moved[name])


def list_on(offered: OfferedList, day: date) -> OfferedList:
    """Return the list as it is expected to be on a day."""
    retired = dict(offered.retired)
    features: dict[str, OfferedFeature] = {}
    for name, feature in offered.features.items():
        ended = {
            model: Tombstone(model, end.last_day, end.replacement, (name,))
            for model, end in feature.models.items()
            if end and end.last_day and end.last_day < day
        }
        retired |= {(model, name): tombstone for model, tombstone in ended.items()}
        models = {model: end for model, end in feature.models.items() if model not in ended}
        features[name] = feature._replace(models=models, offered=bool(models)) if ended else feature
    expected = offered._replace(features=features, retired=retired)
    moved = {
        name: feature._replace(default=_default_on(expected, offered.features[name]))
        for name, feature in features.items()
    }
    return expected._replace(features=moved)


def _default_on(expected: OfferedList, feature: OfferedFeature) -> str | None:
    """Return the default of a feature of today's list on the day of an expected list."""
    default = feature.default
    if default is None or default not in feature.models or expected.serves(default, feature.name):
        return default
    remaining = (model for model in feature.shares if expected.serves(model, feature.name))
    return next(remaining, None) or expected.replacement_for(default, feature.name)


def _change_days(offered: OfferedList, today: date, day: date) -> list[date]:
    """Return the days after last days, in order. A model that the list still has after its last day goes tomorrow."""
    ends = (end for feature in offered.features.values() for end in feature.models.values())
    days = {end.last_day + timedelta(days=1) for end in ends if end and end.last_day and end.last_day < day}
    return sorted({max(each, today + timedelta(days=1)) for each in days}) if day > today else []


def _change(offered: OfferedList, feature: str, day: date, before: Resolution, after: Resolution) -> FutureChange:
    end = (before.model and offered.features[feature].models.get(before.model)) or None
    words = tuple(_words(offered, end, before, after))
    title = offered.features[feature].title
    return FutureChange(day, feature, title, before.model, after.model, after.level, end, words)


def _words(
    offered: OfferedList, end: OfferedRetirement | None, before: Resolution, after: Resolution
) -> Iterator[str | date]:
    if before.model and end and end.last_day:  # only retirements differ between two days
        yield from (model_name(offered, before.model), " retires, with ", end.last_day, " as its last day; ")
    if after.model is None:
        yield "no other model is known to serve the feature then."
        return
    replacement = end and end.replacement
    is_replacement = replacement is not None and offered.current_id(replacement) == after.model
    name, both_roster = model_name(offered, after.model), before.level is after.level is SelectionLevel.ROSTER
    match after.level:
        case SelectionLevel.ROSTER if both_roster and is_replacement:
            yield from ("its replacement, ", name, ", is expected to become the roster default.")
        case SelectionLevel.ROSTER if both_roster:
            yield from (name, " is expected to be the roster default then.")
        case SelectionLevel.ROSTER:
            yield from ("the roster default, ", name, ", serves instead.")
        case _ if is_replacement or before.level is after.level:
            yield from ("its replacement, ", name, ", serves instead.")
        case _:
            yield from (name, f", selected by the {after.level}, serves instead.")
