"""The view model of the page of namespaces: their selections, and what serves each of them. Wording is in templates."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import NamedTuple
from urllib.parse import urlencode

from roster.instance.selection.namespace_selections import (
    KEY_LENGTH,
    NamespaceCounts,
    NamespaceFilter,
    NamespaceResolver,
    NamespaceSelection,
    count_matching,
    parse_namespace_id,
    selectable_models,
)
from roster.instance.selection.offered_list import OfferedList
from roster.instance.selection.paging import Page, PageRequest, decode_cursor, encode_cursor
from roster.instance.selection.resolution import Resolution, ResolutionStep, SelectionLevel, StepOutcome

PAGE_SIZE = 50
_MAX_SHOWN = 100
"""How much of a text from the address is shown."""


class TypedFilter(NamedTuple):
    """A filter and a position as in the address of the page: any text, from a form or made up."""

    feature: str = ""
    model: str = ""
    namespace: str = ""
    not_effective: str = ""
    after: str = ""
    before: str = ""

    def query(self, **others: str) -> str:
        """Return the query string with the filter, and what is given instead of the position."""
        values = self._replace(after="", before="")._replace(**others)
        return urlencode({name: value for name, value in values._asdict().items() if value})


class FilterProblem(NamedTuple):
    """A value of the filter that fits nothing: the name of its field, and the value, shortened."""

    field: str
    value: str


class Option(NamedTuple):
    """A value of a filter, with how many selections it lists; 0 for one that was given in the address."""

    value: str
    name: str
    total: int
    is_selected: bool


class SelectionRow(NamedTuple):
    """A selection of a namespace. Models are display names.

    Attributes:
        feature: the title.
        step: what becomes of the selection.
        served_by: None if no model serves the feature.
        decided_by: the level whose choice serves the namespace; None if no model does.
        is_default_replaced: whether the replacement of the instance's default serves.
    """

    namespace_id: int
    feature: str
    model: str
    step: ResolutionStep
    served_by: str | None
    decided_by: SelectionLevel | None
    is_default_replaced: bool
    changed_at: datetime
    changed_by: str | None


class NamespacesView(NamedTuple):
    """The page.

    Attributes:
        total: how many selections the filter lists, on all pages.
        previous, next: the query strings of the neighboring pages; None at the ends.
    """

    rows: tuple[SelectionRow, ...]
    total: int
    typed: TypedFilter
    problems: tuple[FilterProblem, ...]
    features: tuple[Option, ...]
    models: tuple[Option, ...]
    previous: str | None
    next: str | None

    @property
    def is_filtered(self) -> bool:
        """Whether a filter is set."""
        return bool(self.typed.query())


def parse_filter(typed: TypedFilter, offered: OfferedList) -> tuple[NamespaceFilter, tuple[FilterProblem, ...]]:
    """Return the filter, and its values that fit nothing."""
    model = offered.current_id(typed.model)
    namespace_id = parse_namespace_id(typed.namespace.strip())
    fits = {
        "feature": not typed.feature or typed.feature in offered.features,
        "model": not typed.model or model in selectable_models(offered),
        "namespace": not typed.namespace.strip() or namespace_id is not None,
    }
    problems = (
        FilterProblem(name, getattr(typed, name)[:_MAX_SHOWN]) for name, is_valid in fits.items() if not is_valid
    )
    filter = NamespaceFilter(
        typed.feature or None, model or None, namespace_id, False if typed.not_effective == "1" else None
    )
    return filter, tuple(problems)


def parse_position(typed: TypedFilter) -> PageRequest:
    """Return the page to show; the first one if its position is invalid."""
    after, before = (decode_cursor(cursor, KEY_LENGTH) for cursor in (typed.after, typed.before))
    return PageRequest(PAGE_SIZE, after, before, from_end=before is not None)


def build_namespaces_page(
    typed: TypedFilter,
    filter: NamespaceFilter,
    problems: tuple[FilterProblem, ...],
    counts: NamespaceCounts,
    page: Page[NamespaceSelection],
    resolver: NamespaceResolver,
) -> NamespacesView:
    """Build the page. The counts are of the filter's namespace."""
    offered, first, last = resolver.offered, page.items[:1], page.items[-1:]
    return NamespacesView(
        rows=tuple(_row(each, resolver) for each in page.items),
        total=0 if problems else count_matching(counts, filter, resolver),
        typed=typed,
        problems=problems,
        features=_options(_feature_counts(counts), filter.feature, offered.features, offered.title),
        models=_options(_model_counts(counts), filter.model, selectable_models(offered), offered.display_name),
        previous=typed.query(before=encode_cursor(first[0].key)) if page.has_previous and first else None,
        next=typed.query(after=encode_cursor(last[0].key)) if page.has_next and last else None,
    )


def _row(selection: NamespaceSelection, resolver: NamespaceResolver) -> SelectionRow:
    resolution = resolver.resolve(selection.feature, selection.model, selection.alias)
    offered = resolver.offered
    return SelectionRow(
        selection.namespace_id,
        offered.title(selection.feature),
        offered.display_name(selection.model),
        resolution.steps[0],
        offered.display_name(resolution.model) if resolution.model else None,
        resolution.level,
        _is_default_replaced(resolution),
        selection.changed_at,
        selection.changed_by,
    )


def _is_default_replaced(resolution: Resolution) -> bool:
    last = resolution.steps[-1]
    return last.level is SelectionLevel.INSTANCE and last.outcome is StepOutcome.REPLACED


def _feature_counts(counts: NamespaceCounts) -> dict[str, int]:
    return {feature: sum(by_model.values()) for feature, by_model in counts.items()}


def _model_counts(counts: NamespaceCounts) -> dict[str, int]:
    total: Counter[str] = Counter()
    for by_model in counts.values():
        total.update(by_model)
    return total


def _options(
    counts: Mapping[str, int], selected: str | None, known: Iterable[str], name: Callable[[str], str]
) -> tuple[Option, ...]:
    """Return the options of a filter, by name: what is selected, and the value of the filter if it is known."""
    values = {*counts, *({selected} & set(known) if selected else ())}
    repeated = {text for text, count in Counter(map(name, values)).items() if count > 1}

    def option(value: str) -> Option:
        text = f"{name(value)} ({value})" if name(value) in repeated else name(value)
        return Option(value, text, counts.get(value, 0), value == selected)

    return tuple(sorted(map(option, values), key=lambda each: (each.name.casefold(), each.value)))
