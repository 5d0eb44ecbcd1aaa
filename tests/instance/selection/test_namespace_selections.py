"""Selections of all namespaces: counts, pages with filters, and what serves each of them."""

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import product, starmap

import pytest
from hypothesis import given
from hypothesis import strategies as some
from sqlalchemy import Connection

from roster.accept.accepted_list import SuspendedModel
from roster.instance.database.connections import Database
from roster.instance.selection.namespace_selections import (
    ALL,
    NamespaceFilter,
    NamespaceResolver,
    NamespaceSelection,
    count_matching,
    iterate_namespace_selections,
    load_namespace_counts,
    load_namespace_page,
    parse_namespace_id,
)
from roster.instance.selection.paging import FIRST_PAGE, PageRequest
from roster.instance.selection.resolution import SelectionLevel, resolve
from roster.instance.selection.selections import Selection, SelectionMode
from roster.instance.selection.state import InstanceState, InstanceStatus, StateReader
from tests.instance.database.statements import count_statements
from tests.instance.selection.namespace_rows import many, store_namespaces
from tests.instance.selection.offered_lists import (
    LAST_DAY,
    NOW,
    large_list,
    list_serving,
    store_list,
    store_selection,
)

MAX_ID = 2**63 - 1
SUSPENDED = {"paused": SuspendedModel("paused", LAST_DAY, "provider incident")}
OFFERED = list_serving(
    {"chat": ["claude", "gemini", "opus"], "code": ["claude", "coder"], "ended": []},
    retired={("old", ""): "gemini", ("older", "chat"): "old"},
    gone=["old", "older", "lost", "paused"],
)._replace(aliases={"claude_3": "claude", "old_1": "old"}, suspended=SUSPENDED)
MODELS = ["claude", "gemini", "opus", "coder", "old", "older", "lost", "paused", "claude_3", "old_1"]
CHOSEN = [
    (number, feature, model)
    for number, model in enumerate(MODELS, 1)
    for feature in ("chat", "code", "ended")
    if (number, feature) != (2, "code")
]


def fill(database: Database) -> None:
    with database.write_transaction() as connection:
        store_list(connection, OFFERED)
        store_selection(connection, "chat", "claude", "gemini")
        store_namespaces(connection, CHOSEN)


@contextmanager
def reading(database: Database) -> Iterator[tuple[Connection, NamespaceResolver]]:
    with database.read_transaction() as connection:
        yield connection, NamespaceResolver(StateReader().state(connection))


def listed(selections: list[NamespaceSelection]) -> list[tuple[int, str, str]]:
    return [(each.namespace_id, each.feature, each.alias or each.model) for each in selections]


def test_counts_are_by_current_id(database: Database):
    fill(database)
    with database.read_transaction() as connection, count_statements(database) as statements:
        counts = load_namespace_counts(connection, OFFERED)
        assert load_namespace_counts(connection, OFFERED, 9) == {each: {"claude": 1} for each in counts}
    assert len(statements) == 2
    others = {"opus": 1, "coder": 1, "older": 1, "lost": 1, "paused": 1}
    assert counts["chat"] == {"claude": 2, "gemini": 1, "old": 2} | others
    assert counts["code"] == {"claude": 2, "old": 2} | others


def test_filters_list_the_selections_that_they_count(database: Database):
    fill(database)

    def is_listed(number: int, feature: str, model: str, filter: NamespaceFilter) -> bool:
        serves = {"chat": ("claude", "claude_3", "gemini"), "code": ("claude", "claude_3", "coder"), "ended": ()}
        return (
            filter.feature in (None, feature)
            and filter.model in (None, OFFERED.current_id(model))
            and filter.namespace_id in (None, number)
            and filter.effective in (None, model in serves[feature])
        )

    filters = product(
        (None, "chat", "summary"), (None, "claude", "old", "gemini"), (None, 9, MAX_ID), (None, False, True)
    )
    failures = []
    with reading(database) as (connection, resolver):
        for filter in starmap(NamespaceFilter, filters):
            expected = [each for each in CHOSEN if is_listed(*each, filter)]
            page = load_namespace_page(connection, resolver, filter, FIRST_PAGE)
            counts = load_namespace_counts(connection, OFFERED, filter.namespace_id)
            if (listed(page.items), count_matching(counts, filter, resolver)) != (expected, len(expected)):
                failures.append(filter)
    assert failures == []


def test_pages_in_either_direction_have_each_selection_once(database: Database):
    fill(database)
    with reading(database) as (connection, resolver):
        for filter, from_end in product((ALL, NamespaceFilter(effective=False)), (False, True)):
            expected = listed(load_namespace_page(connection, resolver, filter, FIRST_PAGE).items)
            pages, request = [], PageRequest(4, from_end=from_end)
            while True:
                page = load_namespace_page(connection, resolver, filter, request)
                pages.append(listed(page.items))
                if not (page.has_previous if from_end else page.has_next):
                    break
                key = page.items[0 if from_end else -1].key
                request = request._replace(before=key) if from_end else request._replace(after=key)
            assert len(pages) > 3
            assert [each for items in (pages[::-1] if from_end else pages) for each in items] == expected


def test_selection_has_time_and_actor_of_its_change(database: Database):
    fill(database)
    with database.read_transaction() as connection:
        first = next(iterate_namespace_selections(connection, OFFERED, NamespaceFilter(namespace_id=9)))
    assert first == NamespaceSelection(first.id, 9, "chat", "claude", "claude_3", 1, NOW, "somebody")


def test_what_serves_each_listed_namespace_is_its_resolution(database: Database):
    fill(database)
    reader, failures = StateReader(), []
    with reading(database) as (connection, resolver):
        for each in list(iterate_namespace_selections(connection, OFFERED, NamespaceFilter("chat"))):
            state = reader.state(connection, each.namespace_id)
            instance, own = state.instance["chat"], state.namespace["chat"]
            expected = resolve(OFFERED, "chat", instance, own, SelectionLevel.NAMESPACE)
            if resolver.resolve("chat", each.model, each.alias) != expected:
                failures.append(each)
    assert failures == []


_MODEL = some.sampled_from(MODELS)


@given(
    some.lists(_MODEL, min_size=1, unique=True),
    some.sampled_from(SelectionMode),
    some.lists(some.tuples(some.sampled_from(["chat", "code", "ended"]), _MODEL), min_size=1),
    some.frozensets(some.sampled_from(["claude", "gemini", "opus", "coder"])),
)
def test_resolver_agrees_with_resolve(
    allowed: list[str], mode: SelectionMode, chosen: list[tuple[str, str]], withdrawn: frozenset[str]
):
    features = {
        name: feature._replace(models={id_: None for id_ in feature.models if id_ not in withdrawn})
        for name, feature in OFFERED.features.items()
    }
    offered = OFFERED._replace(features=features)

    def stored(number: int | None, feature: str, *models: str) -> Selection:
        selection = Selection(1, number, feature, "", models, models[0], NOW, NOW, mode=SelectionMode.CHOSEN_MODELS)
        return selection.with_current_ids(offered.aliases)

    own_models = allowed if mode is SelectionMode.CHOSEN_MODELS else allowed[:1]
    instance = {name: stored(None, name, *own_models)._replace(mode=mode) for name in ("chat", "code")}
    if mode is SelectionMode.ROSTER:
        instance = {}
    resolver = NamespaceResolver(InstanceState(InstanceStatus(True, None, None, None), offered, instance, {}))
    for feature, model in chosen:
        own, current = stored(7, feature, model), offered.current_id(model)
        resolution = resolver.resolve(feature, current, model if model != current else None)
        assert resolution == resolve(offered, feature, instance.get(feature), own, SelectionLevel.NAMESPACE)
        is_effective = resolution.level is SelectionLevel.NAMESPACE and resolution.model == current
        assert resolver.is_effective(feature, current) == is_effective


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("7", 7),
        ("gid://gitlab/Group/7", 7),
        ("gid://gitlab/Namespaces::UserNamespace/7", 7),
        (str(MAX_ID), MAX_ID),
        (str(2**63), None),
        ("0", None),
        ("007", None),
        ("٧", None),
        ("", None),
        ("gid://gitlab/Project/7", None),
        ("9" * 10_000, None),
    ],
)
def test_namespace_id(text: str, number: int | None):
    assert parse_namespace_id(text) == number


def test_page_of_many_selections_takes_two_statements(database: Database):
    with database.write_transaction() as connection:
        store_list(connection, large_list(5, 20))
        store_selection(connection, "feature_000", "model_000")
        store_namespaces(connection, many(60, 5, 20))
    with reading(database) as (connection, resolver):
        with count_statements(database) as statements:
            for filter in (ALL, NamespaceFilter(effective=False)):
                counts = load_namespace_counts(connection, resolver.offered)
                page = load_namespace_page(connection, resolver, filter, PageRequest(50))
                assert (len(page.items), page.has_next) == (50, True)
        assert len(statements) == 4
        assert sum(map(sum, (by_model.values() for by_model in counts.values()))) == 300
