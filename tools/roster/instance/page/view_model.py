"""The view model of the admin page, built from a state and a point in time. The wording is in the templates."""

from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from typing import NamedTuple

from roster.accept.accepted_list import SuspendedModel
from roster.instance.page.search_view import SearchView, build_search
from roster.instance.selection.attention import Attention, find_attention, visible_features
from roster.instance.selection.attention_entry import PROBLEMS, AttentionEntry, AttentionKind
from roster.instance.selection.namespace_selections import NamespaceCounts
from roster.instance.selection.offered_list import ListedModel, OfferedFeature, OfferedList, OfferedRetirement
from roster.instance.selection.resolution import SelectionLevel, StepOutcome, resolve
from roster.instance.selection.selections import Selection, SelectionMode, SelectionVersion
from roster.instance.selection.state import InstanceState, InstanceStatus

_STALE_AFTER = timedelta(days=2)
"""The page warns if the gateway has not confirmed the list for longer."""


class RetirementView(NamedTuple):
    """The announced retirement of a model for one feature.

    Attributes:
        replacement: a display name; None if no replacement is announced.
        days_left: days until the last day, negative if the list still has the model afterwards; None if no last day is
            announced.
    """

    last_day: date | None
    replacement: str | None
    days_left: int | None


class ModelOption(NamedTuple):
    """A model in a feature's form.

    Attributes:
        is_available: whether the model can serve the feature now; an unavailable one is shown because it is selected.
        release_state: the model's release state for the feature; empty if no list contained the model.
        suspension: why the model is unavailable, if it is suspended.
        share: its share of the users without a selected model, in percent, if it is one of several roster defaults.
        is_allowed, is_default: the state of the form's controls: the selection, or without one what applies instead.
        is_new: whether it began to serve the feature after the selection was made.
        namespace_count: how many namespaces selected it for the feature.
    """

    model: ListedModel
    release_state: str
    is_available: bool
    suspension: SuspendedModel | None
    is_allowed: bool
    is_default: bool
    is_roster_default: bool
    share: int | None
    retirement: RetirementView | None
    is_new: bool
    namespace_count: int = 0


class FeatureView(NamedTuple):
    """A feature: a row, and its form if it is open. Models outside of the form are display names.

    Attributes:
        name: the name in the API, unlike the ``title``.
        mode, version: of the instance's selection.
        changed_by, changed_at: the latest change of the selection; None if there was none.
        is_offered: whether any model serves the feature; otherwise it is shown because it has a selection.
        served_by: the model that serves the feature now; None if there is none.
        serving_id: the id of that model.
        level: the level that decided on ``served_by``.
        selected_default: the default model of the instance's selection; None without a selection.
        is_replaced: whether the replacement of ``selected_default`` serves instead.
        entries: what needs attention about the feature.
        hidden_entries: what an admin hid.
        options: the models of the form; None if only the row is shown, because forms are large.
        namespace_count: how many namespaces selected a model for the feature.
    """

    name: str
    title: str
    mode: SelectionMode
    version: int
    changed_by: str | None
    changed_at: datetime | None
    is_offered: bool
    served_by: str | None
    serving_id: str | None
    level: SelectionLevel | None
    roster_default: str | None
    selected_default: str | None
    is_replaced: bool
    entries: tuple[AttentionEntry, ...]
    hidden_entries: tuple[AttentionEntry, ...]
    options: tuple[ModelOption, ...] | None = None
    namespace_count: int = 0

    @property
    def has_problem(self) -> bool:
        """Whether part of the selection is unavailable, or no model serves the feature."""
        return any(entry.kind in PROBLEMS for entry in self.entries)

    @property
    def is_retiring(self) -> bool:
        """Whether the retirement of the selected default is announced."""
        return any(entry.kind is AttentionKind.DEFAULT_RETIRING for entry in self.entries)


class CategoryView(NamedTuple):
    """The features of one of GitLab's categories, or those without one if the name is empty."""

    name: str
    features: tuple[FeatureView, ...]


class SyncView(NamedTuple):
    """The sync state of the list.

    Attributes:
        replaced_at: when the list last changed; None before the first sync.
        checked_at: when the gateway last confirmed the list; None before that.
        age: the time since ``checked_at``.
        failure, failed_at: the error of the latest sync; None if it succeeded.
        left_out: a sentence for each model or feature of the list that is left out because it is invalid.
    """

    replaced_at: datetime | None
    checked_at: datetime | None
    age: timedelta | None
    is_stale: bool
    failure: str | None
    failed_at: datetime | None
    left_out: tuple[str, ...]


class PageView(NamedTuple):
    """The whole page.

    Attributes:
        attention: what needs the admin's attention.
        tomorrow: the first day until which a notice can be hidden.
        open_feature: the only feature in ``categories``, with its form; None for all features, without forms.
        search: the search over all features; None if there is an open feature, or nothing to search.
    """

    categories: tuple[CategoryView, ...]
    attention: Attention
    sync: SyncView
    tomorrow: date
    open_feature: str | None = None
    search: SearchView | None = None


def with_namespace_counts(page: PageView, counts: NamespaceCounts) -> PageView:
    """Return a page whose features and models have the number of namespaces that selected them."""

    def counted(feature: FeatureView) -> FeatureView:
        by_model = counts.get(feature.name, {})
        options = feature.options and tuple(
            option._replace(namespace_count=by_model.get(option.model.id, 0)) for option in feature.options
        )
        return feature._replace(namespace_count=sum(by_model.values()), options=options)

    categories = (each._replace(features=tuple(map(counted, each.features))) for each in page.categories)
    return page._replace(categories=tuple(categories))


def build_page(
    state: InstanceState, now: datetime, open_feature: str | None = None, attention: Attention | None = None
) -> PageView:
    """Build the page of all features, or of an open one. ``now`` has a time zone.

    Args:
        attention: what needs attention, as stored; by default, that of the state alone.
    """
    attention = attention or find_attention(state, {}, (), now.date())
    # Features are in list order and their categories may alternate: a category is placed where its first feature is.
    by_category: dict[str, list[FeatureView]] = {}
    for feature in visible_features(state):
        version = state.versions.get((None, feature.name))
        view = _feature(state.offered, feature, state.instance.get(feature.name), version, attention)
        by_category.setdefault(feature.category, []).append(view)
    by_category |= {"": by_category.pop("", [])}  # features without a category come last
    categories = tuple(CategoryView(name, tuple(each)) for name, each in by_category.items() if each)
    page = PageView(
        categories, attention, _sync(state.status, now), now.date() + timedelta(days=1), open_feature=open_feature
    )
    if open_feature is not None:
        return page._replace(categories=tuple(_with_only_form(state, categories, open_feature, now.date())))
    names = [feature.name for category in categories for feature in category.features]
    return page._replace(search=build_search(state.offered, names, now.date()) if names else None)


def _with_only_form(
    state: InstanceState, categories: Iterable[CategoryView], feature: str, today: date
) -> Iterator[CategoryView]:
    """Yield the category of a feature with only this feature and its form; nothing if the page does not list it."""
    for category in categories:
        for view in category.features:
            if view.name == feature:
                yield category._replace(features=(view._replace(options=_options(state, feature, today)),))


def _feature(
    offered: OfferedList,
    feature: OfferedFeature,
    selection: Selection | None,
    version: SelectionVersion | None,
    attention: Attention,
) -> FeatureView:
    resolution = resolve(offered, feature.name, selection)
    instance_outcome = resolution.steps[0].outcome
    default = selection.default_model if selection else None
    return FeatureView(
        name=feature.name,
        title=feature.title,
        mode=selection.mode if selection else SelectionMode.ROSTER,
        version=version.number if version else 0,
        changed_by=version.changed_by if version else None,
        changed_at=version.changed_at if version else None,
        is_offered=feature.offered,
        served_by=_name(offered, resolution.model),
        serving_id=resolution.model,
        level=resolution.level,
        roster_default=_name(offered, feature.default if feature.offered else None),
        selected_default=_name(offered, default),
        is_replaced=instance_outcome is StepOutcome.REPLACED,
        entries=tuple(each for each in attention.entries if each.feature == feature.name),
        hidden_entries=tuple(each.entry for each in attention.hidden if each.entry.feature == feature.name),
    )


def _options(state: InstanceState, name: str, today: date) -> tuple[ModelOption, ...]:
    """Return the models that serve a feature, then the other selected ones."""
    feature = next(feature for feature in visible_features(state) if feature.name == name)
    selection = state.instance.get(name)
    refs = dict.fromkeys([*feature.models, *(selection.models if selection else ())])
    return tuple(_option(state.offered, feature, selection, ref, today) for ref in refs)


def _option(
    offered: OfferedList, feature: OfferedFeature, selection: Selection | None, ref: str, today: date
) -> ModelOption:
    unknown = ListedModel(ref, ref, "", None, None, None, offered=False)
    total, is_available = sum(feature.shares.values()), ref in feature.models
    return ModelOption(
        model=offered.models.get(ref, unknown),
        release_state=offered.release_state(ref, feature.name) or "",
        is_available=is_available,
        suspension=None if is_available else offered.suspension(ref, feature.name),
        is_allowed=selection is None or selection.allowed is None or ref in selection.allowed,
        is_default=ref == (selection.default_model if selection else feature.default),
        is_roster_default=ref == feature.default or ref in feature.shares,
        share=round(100 * feature.shares[ref] / total) if ref in feature.shares else None,
        retirement=view_retirement(offered, feature.models.get(ref), today),
        is_new=selection is not None and feature.arrived_after(ref, selection.updated_at),
    )


def view_retirement(offered: OfferedList, end: OfferedRetirement | None, today: date) -> RetirementView | None:
    if end is None or not end.is_announced(today):
        return None
    days_left = (end.last_day - today).days if end.last_day else None
    return RetirementView(end.last_day, _name(offered, end.replacement), days_left)


def _name(offered: OfferedList, ref: str | None) -> str | None:
    return ref and offered.display_name(ref)


def _sync(status: InstanceStatus, now: datetime) -> SyncView:
    checked_at = status.last_contact_at if status.checked_at else None
    age = max(now - checked_at, timedelta()) if checked_at else None
    return SyncView(
        replaced_at=status.list and status.list.replaced_at,
        checked_at=checked_at,
        age=age,
        is_stale=age is not None and age > _STALE_AFTER,
        failure=status.failure and (status.failure.message or status.failure.reason),
        failed_at=status.failure and status.failure.finished_at,
        left_out=status.left_out,
    )
