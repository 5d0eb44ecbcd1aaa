"""What the admin page shows, made of a state and a moment. The words stand in the templates."""

from collections.abc import Iterator
from datetime import date, datetime
from typing import NamedTuple

from roster.instance.page.formatting import age, category_title
from roster.instance.selection.offered_list import OfferedFeature, OfferedList, OfferedRetirement
from roster.instance.selection.resolution import SelectionLevel, StepOutcome, resolve
from roster.instance.selection.selections import Selection
from roster.instance.selection.state import InstanceState, InstanceStatus

_STALE_SECONDS = 2 * 24 * 3600
"""After how long without an answer of the gateway the page says so as a warning."""


class Ending(NamedTuple):
    """The announced end of a model for one feature; ``over`` when the last day is in the past.

    Attributes:
        replacement: the name of what takes over; None where that is not told, as is ``last_day``.
        days: until the last day.
    """

    last_day: date | None
    replacement: str | None
    days: int | None

    @property
    def over(self) -> bool:
        """Whether the last day has passed, and only the list has not been replaced yet."""
        return self.days is not None and self.days < 0


class Choice(NamedTuple):
    """A model in a feature's form.

    Attributes:
        available: whether it serves the feature now; otherwise it was chosen once.
        allowed, default: as the form shows them: what was chosen, else what holds without a choice.
        of_roster: whether it is the roster's default.
    """

    ref: str
    name: str
    release_state: str | None
    provider: str | None
    description: str | None
    cost_indicator: str | None
    available: bool
    allowed: bool
    default: bool
    of_roster: bool
    ending: Ending | None


class Feature(NamedTuple):
    """A feature with its form.

    Attributes:
        name: as the API takes it; ``title`` is for people.
        offered: whether any model serves it; otherwise it is here since it was chosen.
        chosen: whether the instance made a choice.
        serving, default, wanted: names of models: what serves now, the roster's default, and what the instance's
            choice names as its default; None for none.
        by: the level that decides; None where nothing serves.
        replaced: whether ``serving`` took over from the choice by the roster's word.
        unavailable: whether ``wanted`` does not serve the feature now; ``ended`` was its last day, where that is told.
        missing: the names of chosen models that are not available, but for ``wanted``.
        ending: of the model that the instance chose as its default.
    """

    name: str
    title: str
    offered: bool
    chosen: bool
    serving: str | None
    by: SelectionLevel | None
    default: str | None
    wanted: str | None
    replaced: bool
    unavailable: bool
    ended: date | None
    missing: tuple[str, ...]
    ending: Ending | None
    choices: tuple[Choice, ...]

    @property
    def is_broken(self) -> bool:
        """Whether something about the choice does not hold now."""
        return self.unavailable or bool(self.missing) or not self.serving

    @property
    def needs_attention(self) -> bool:
        """Whether something about the choice does not hold, or will not for long."""
        return self.is_broken or self.ending is not None


class Category(NamedTuple):
    """Features that belong together, by GitLab's name of their category."""

    name: str
    title: str
    features: tuple[Feature, ...]


class Sync(NamedTuple):
    """How the list fares.

    Attributes:
        replaced_at: since when it is the same; None where there is none yet.
        checked_at: when the gateway was last heard from.
        age: since then, in words; ``stale`` when that is long ago.
        failure: why it is not newer, and since when; None while nothing fails.
    """

    replaced_at: datetime | None
    checked_at: datetime | None
    age: str | None
    stale: bool
    failure: str | None
    failed_at: datetime | None


class Page(NamedTuple):
    """All that the page shows."""

    categories: tuple[Category, ...]
    attention: tuple[Feature, ...]
    sync: Sync

    def only(self, feature: str) -> "Page":
        """Return the page without the forms of other features."""
        shown = (
            category._replace(features=tuple(each for each in category.features if each.name == feature))
            for category in self.categories
        )
        return self._replace(categories=tuple(category for category in shown if category.features))


def page_of(state: InstanceState, now: datetime) -> Page:
    """Return what the page shows at a moment, which has a time zone."""
    # A category stands where its first feature does; what is offered no more may name one again later.
    grouped: dict[str, list[Feature]] = {}
    for known in _shown(state):
        shown = _feature(state.offered, known, state.instance.get(known.name), now.date())
        grouped.setdefault(known.category, []).append(shown)
    categories = tuple(Category(name, category_title(name), tuple(features)) for name, features in grouped.items())
    attention = tuple(each for category in categories for each in category.features if each.needs_attention)
    return Page(categories, attention, _sync(state.status, now))


def _shown(state: InstanceState) -> Iterator[OfferedFeature]:
    """Yield the features that are offered, in roster order, and then those that were only chosen."""
    known = state.offered.features
    yield from (feature for feature in known.values() if feature.offered)
    for name, selection in state.instance.items():
        feature = known.get(name) or OfferedFeature(name, name, selection.category, None, "list", False, {})
        if not feature.offered:
            yield feature


def _feature(offered: OfferedList, known: OfferedFeature, selection: Selection | None, today: date) -> Feature:
    resolution = resolve(offered, known.name, selection)
    chosen = resolution.steps[0]
    default = known.default if known.offered else None
    missing = [model for model in (selection.models if selection else ()) if model not in known.models]
    wanted = selection.default_model if selection else None
    refs = [*known.models, *missing]
    end = known.models.get(wanted) if wanted else None
    stone = offered.tombstone(wanted, known.name) if wanted and not offered.serves(wanted, known.name) else None
    return Feature(
        known.name,
        known.title,
        known.offered,
        selection is not None,
        _name(offered, resolution.model),
        resolution.level,
        _name(offered, default),
        _name(offered, wanted),
        chosen.outcome is StepOutcome.REPLACED,
        chosen.outcome in (StepOutcome.REPLACED, StepOutcome.UNAVAILABLE),
        stone and stone.last_day,
        tuple(offered.display_name(model) for model in missing if model != wanted),
        _ending(offered, end, today),
        tuple(_choice(offered, known, selection, ref, today) for ref in refs),
    )


def _choice(
    offered: OfferedList, feature: OfferedFeature, selection: Selection | None, ref: str, today: date
) -> Choice:
    model = offered.models.get(ref)
    return Choice(
        ref,
        offered.display_name(ref),
        model and model.release_state,
        model and model.provider,
        model and model.description,
        model and model.cost_indicator,
        ref in feature.models,
        ref in selection.models if selection else True,
        ref == (selection.default_model if selection else feature.default),
        ref == feature.default,
        _ending(offered, feature.models.get(ref), today),
    )


def _ending(offered: OfferedList, end: OfferedRetirement | None, today: date) -> Ending | None:
    """Return what is told of an end; nothing before its notice."""
    if end is None or (end.notice and end.notice > today):
        return None
    return Ending(end.last_day, _name(offered, end.replacement), (end.last_day - today).days if end.last_day else None)


def _name(offered: OfferedList, ref: str | None) -> str | None:
    return ref and offered.display_name(ref)


def _sync(status: InstanceStatus, now: datetime) -> Sync:
    failed = status.failure
    # Syncs of the command alone are not recorded while nothing is new, so without a check no age can be told.
    heard = status.last_contact_at if status.checked_at else None
    seconds = (now - heard).total_seconds() if heard else None
    return Sync(
        status.list and status.list.replaced_at,
        heard,
        None if seconds is None else age(seconds),
        seconds is not None and seconds > _STALE_SECONDS,
        failed and (failed.message or failed.reason),
        failed and failed.finished_at,
    )
