"""What will serve on a future day, by the retirements that the list announces.

A model serves a feature up to the last day of its retirement. If it is the roster's default, the roster has to name
another one by then. Until it does, the announced replacement is expected to become the default, or the default with
the largest share among those that remain.
"""

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from types import MappingProxyType
from typing import NamedTuple

from roster.accept.accepted_list import Tombstone
from roster.instance.selection.offered_list import OfferedFeature, OfferedList, OfferedRetirement
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


class FutureFeature(NamedTuple):
    """A feature on the day of the preview, and now."""

    feature: str
    title: str
    now: str | None
    model: str | None
    level: SelectionLevel | None


class Preview(NamedTuple):
    """The changes up to a day, that day included, by day and in list order; and all features on that day."""

    day: date
    changes: tuple[FutureChange, ...]
    features: tuple[FutureFeature, ...]


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
) -> Preview:
    """Return what changes from today to a day, for the instance or, if ``start`` is that level, for a namespace."""
    names = [name for name, feature in offered.features.items() if feature.offered]

    def serving(moment: OfferedList) -> dict[str, Resolution]:
        return {name: resolve(moment, name, instance.get(name), namespace.get(name), start) for name in names}

    now = before = serving(offered)
    changes: list[FutureChange] = []
    for change_day in _change_days(offered, today, day):
        after = serving(list_on(offered, change_day))
        changes += (
            _change(offered, offered.features[name], change_day, before[name], after[name])
            for name in names
            if before[name].model != after[name].model
        )
        before = after
    features = (
        FutureFeature(name, offered.features[name].title, now[name].model, before[name].model, before[name].level)
        for name in names
    )
    return Preview(day, tuple(changes), tuple(features))


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


def _change(
    offered: OfferedList, feature: OfferedFeature, day: date, before: Resolution, after: Resolution
) -> FutureChange:
    end = (before.model and feature.models.get(before.model)) or None
    words = tuple(_words(offered, end, before, after))
    return FutureChange(day, feature.name, feature.title, before.model, after.model, after.level, end, words)


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
        case _ if is_replacement:
            yield from ("its replacement, ", name, ", serves instead.")
        case _:
            yield from (name, f", selected by the {after.level}, serves instead.")
