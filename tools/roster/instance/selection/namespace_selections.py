"""Selections of namespaces, of all of them at once: how many selected a model, which did, and what serves them.

A namespace's selection is one model. What serves a namespace depends on that model, the feature, the list and the
instance's selection only, so each combination is resolved once, however many namespaces selected it.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import NamedTuple, TypeAlias

from sqlalchemy import ColumnElement, Connection, func, select, tuple_

from roster.instance.auth.actor_names import display_name_of, is_actor
from roster.instance.database.tables import selected_features, selection_versions, tokens
from roster.instance.selection.offered_list import OfferedList
from roster.instance.selection.paging import FIRST_PAGE, Key, Page, PageRequest, take_page
from roster.instance.selection.resolution import Resolution, SelectionLevel, StepOutcome, resolve
from roster.instance.selection.selections import Selection
from roster.instance.selection.state import InstanceState

NamespaceCounts: TypeAlias = Mapping[str, Mapping[str, int]]
"""How many namespaces selected a model, by feature and current id of the model."""
_NAMESPACE_ID = re.compile(r"(?:gid://gitlab/(?:Group|Namespace|Namespaces::[A-Za-z]+)/)?([1-9][0-9]{0,18})", re.ASCII)
_MAX_NAMESPACE_ID = 2**63 - 1
_BATCH = 1000
"""How many rows are in memory while all selections are read."""
_COLUMNS = selected_features.c
_OF_NAMESPACES = _COLUMNS.namespace_id.is_not(None)
_KEY = (_COLUMNS.namespace_id, _COLUMNS.id)
_VERSION = (selection_versions.c.namespace_id == _COLUMNS.namespace_id) & (
    selection_versions.c.feature == _COLUMNS.feature
)
_ACTOR = selection_versions.c.updated_by
_SELECTIONS = (
    select(*_KEY, _COLUMNS.feature, _COLUMNS.default_model, _COLUMNS.updated_at)
    .add_columns(selection_versions.c.version, display_name_of(_ACTOR).label("changed_by"))
    .select_from(selected_features.outerjoin(selection_versions, _VERSION).outerjoin(tokens, is_actor(_ACTOR)))
    .where(_OF_NAMESPACES)
)
_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


class NamespaceSelection(NamedTuple):
    """The model that a namespace selected for a feature.

    Attributes:
        model: the current id.
        alias: the earlier id that is stored, if any.
        version: as in ``SelectionVersion``; 0 if it was not recorded.
        changed_by: the display name of who made the last change; None if it was not recorded.
    """

    id: int
    namespace_id: int
    feature: str
    model: str
    alias: str | None
    version: int
    changed_at: datetime
    changed_by: str | None

    @property
    def key(self) -> Key:
        """The sort key in the list."""
        return self.namespace_id, self.id


class NamespaceFilter(NamedTuple):
    """Which selections to list; None means all.

    Attributes:
        model: the current id.
        effective: whether the selected model serves the namespace.
    """

    feature: str | None = None
    model: str | None = None
    namespace_id: int | None = None
    effective: bool | None = None


ALL = NamespaceFilter()
KEY_LENGTH = 2
"""The list is sorted by namespace, and within a namespace by the age of the selections."""


def parse_namespace_id(text: str) -> int | None:
    """Return the number of a namespace by its ID or global ID; None if the text is neither."""
    match = _NAMESPACE_ID.fullmatch(text)
    number = int(match[1]) if match else 0
    return number if 0 < number <= _MAX_NAMESPACE_ID else None


def selectable_models(offered: OfferedList) -> set[str]:
    """Return the current ids that selections may have: those of models in any list, and those that aliases lead to."""
    return {*offered.models, *offered.aliases.values()}


class NamespaceResolver:
    """Resolves which model serves a feature for the namespaces that selected a model."""

    def __init__(self, state: InstanceState) -> None:
        self.offered, self._instance = state.offered, state.instance
        self._resolutions: dict[tuple[str, str, str | None], Resolution] = {}

    def resolve(self, feature: str, model: str, alias: str | None = None) -> Resolution:
        """Return what serves the namespaces that selected a model by its current id, or by an earlier one."""
        key = feature, model, alias
        if key not in self._resolutions:
            renamed = {model: alias} if alias else {}
            # What the resolution does not depend on has any value.
            own = Selection(0, 0, feature, "", (model,), model, _LONG_AGO, _LONG_AGO, renamed)
            instance, start = self._instance.get(feature), SelectionLevel.NAMESPACE
            self._resolutions[key] = resolve(self.offered, feature, instance, own, start)
        return self._resolutions[key]

    def outcome(self, feature: str, model: str) -> StepOutcome:
        """Return what becomes of the selection of a model by namespaces."""
        return self.resolve(feature, model).steps[0].outcome

    def is_effective(self, feature: str, model: str) -> bool:
        """Return whether a model serves the namespaces that selected it, because they did."""
        return self.outcome(feature, model) is StepOutcome.SERVES


def load_namespace_counts(
    connection: Connection, offered: OfferedList, namespace_id: int | None = None
) -> NamespaceCounts:
    """Return how many namespaces selected each model, with one statement.

    Args:
        namespace_id: count the selections of this namespace only.
    """
    total = func.count().label("total")
    statement = select(_COLUMNS.feature, _COLUMNS.default_model, total).where(_OF_NAMESPACES)
    if namespace_id is not None:
        statement = statement.where(_COLUMNS.namespace_id == namespace_id)
    counts: dict[str, dict[str, int]] = {}
    for row in connection.execute(statement.group_by(_COLUMNS.feature, _COLUMNS.default_model)):
        by_model, model = counts.setdefault(row.feature, {}), offered.current_id(row.default_model)
        by_model[model] = by_model.get(model, 0) + row.total
    return counts


def count_matching(counts: NamespaceCounts, filter: NamespaceFilter, resolver: NamespaceResolver) -> int:
    """Return how many selections a filter lists; the counts are of its namespace."""
    return sum(
        count
        for feature, by_model in counts.items()
        for model, count in by_model.items()
        if filter.feature in (None, feature)
        and filter.model in (None, model)
        and filter.effective in (None, resolver.is_effective(feature, model))
    )


def count_namespace_selections(connection: Connection, resolver: NamespaceResolver, filter: NamespaceFilter) -> int:
    """Return how many selections a filter lists, with one statement."""
    counts = load_namespace_counts(connection, resolver.offered, filter.namespace_id)
    return count_matching(counts, filter, resolver)


def load_namespace_page(
    connection: Connection, resolver: NamespaceResolver, filter: NamespaceFilter, request: PageRequest
) -> Page[NamespaceSelection]:
    """Return a page of the selections that a filter lists, with one statement."""
    selections = iterate_namespace_selections(connection, resolver.offered, filter, request)
    if filter.effective is not None:
        selections = (
            each for each in selections if resolver.is_effective(each.feature, each.model) == filter.effective
        )
    return take_page(selections, request)


def iterate_namespace_selections(
    connection: Connection,
    offered: OfferedList,
    filter: NamespaceFilter = ALL,
    request: PageRequest = FIRST_PAGE,
) -> Iterator[NamespaceSelection]:
    """Yield the selections that a filter and a page let through, with one statement and few rows in memory.

    ``effective`` and the size of the page are left to the caller.
    """
    statement = _SELECTIONS.where(*_conditions(offered, filter), *_between(request))
    statement = statement.order_by(*(column.desc() if request.from_end else column.asc() for column in _KEY))
    with connection.execute(statement, execution_options={"yield_per": _BATCH}) as rows:
        for row in rows:
            model = offered.current_id(row.default_model)
            alias = row.default_model if model != row.default_model else None
            yield NamespaceSelection(
                row.id,
                row.namespace_id,
                row.feature,
                model,
                alias,
                row.version or 0,
                row.updated_at,
                row.changed_by,
            )


def _conditions(offered: OfferedList, filter: NamespaceFilter) -> Iterator[ColumnElement[bool]]:
    if filter.feature is not None:
        yield _COLUMNS.feature == filter.feature
    if filter.namespace_id is not None:
        yield _COLUMNS.namespace_id == filter.namespace_id
    if filter.model is not None:
        earlier_ids = [alias for alias, id_ in offered.aliases.items() if id_ == filter.model]
        yield _COLUMNS.default_model.in_([filter.model, *earlier_ids])


def _between(request: PageRequest) -> Iterator[ColumnElement[bool]]:
    if request.after:
        yield tuple_(*_KEY) > request.after
    if request.before:
        yield tuple_(*_KEY) < request.before
