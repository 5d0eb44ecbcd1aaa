"""The view model of the admin page, built from a state and a point in time. The wording is in the templates."""

from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from typing import NamedTuple

from roster.instance.page.feature_view import FeatureView, view_feature, view_options
from roster.instance.page.search_view import SearchView, build_search
from roster.instance.selection.attention import Attention, find_attention, visible_features
from roster.instance.selection.namespace_selections import NamespaceCounts
from roster.instance.selection.state import InstanceState, InstanceStatus

_STALE_AFTER = timedelta(days=2)
"""The page warns if the gateway has not confirmed the list for longer."""


class CategoryView(NamedTuple):
    """The features of one of GitLab's categories, or those without one if the name is empty."""

    name: str
    features: tuple[FeatureView, ...]


class SyncStateView(NamedTuple):
    """The sync state of the list.

    Attributes:
        version: the version of the list; 0 before the first sync.
        replaced_at: when the list last changed; None before the first sync.
        checked_at: when the gateway last confirmed the list; None before that.
        age: the time since ``checked_at``.
        failure, failed_at: the error of the latest sync; None if it succeeded.
        left_out: a sentence for each model or feature of the list that is left out because it is invalid.
    """

    version: int
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
        tomorrow: the first day until which an entry can be hidden.
        open_feature: the only feature in ``categories``, with its form; None for all features, without forms.
        search: the search over all features; None if there is an open feature, or nothing to search.
    """

    categories: tuple[CategoryView, ...]
    attention: Attention
    sync: SyncStateView
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
        view = view_feature(state.offered, feature, state.instance.get(feature.name), version, attention)
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
                yield category._replace(features=(view._replace(options=view_options(state, feature, today)),))


def _sync(status: InstanceStatus, now: datetime) -> SyncStateView:
    checked_at = status.last_contact_at if status.checked_at else None
    age = max(now - checked_at, timedelta()) if checked_at else None
    return SyncStateView(
        version=status.list.version if status.list else 0,
        replaced_at=status.list and status.list.replaced_at,
        checked_at=checked_at,
        age=age,
        is_stale=age is not None and age > _STALE_AFTER,
        failure=status.failure and (status.failure.message or status.failure.reason),
        failed_at=status.failure and status.failure.finished_at,
        left_out=status.left_out,
    )
