"""The response cache: hits for an unchanged state, and invalidation."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from itertools import count
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roster.instance.auth.sessions import close_session
from roster.instance.database.connections import Database
from roster.instance.database.migrate import upgrade
from roster.instance.graphql import endpoint, request_context
from roster.instance.graphql.request_context import RequestContext
from roster.instance.graphql.response_cache import ResponseCache
from roster.instance.selection.state import StateReader
from roster.settings.secret import Secret
from tests.instance.auth.test_token_authentication import READ, WRITE, open_session_for
from tests.instance.database.statements import count_statements
from tests.instance.graphql.api_client import SETTING, ApiClient
from tests.instance.selection.offered_lists import NOW, SMALL_LIST, list_of_features, offered_feature, store_list
from tests.properties import examples

QUERY = f"""query index($features: [String!], $namespaceId: ID) {{
  aiFeatureSettings(features: $features, namespaceId: $namespaceId) {{ nodes {{ ...setting }} }}
}} {SETTING}"""
UPDATE = "mutation m($input: AiFeatureSettingUpdateInput!) { aiFeatureSettingUpdate(input: $input) { errors } }"
UPDATE_NAMESPACE = UPDATE.replace("AiFeatureSettingUpdate", "AiModelSelectionNamespaceUpdate").replace(
    "aiFeatureSettingUpdate", "aiModelSelectionNamespaceUpdate"
)
OTHER = list_of_features(
    offered_feature("chat", "sonnet", "haiku"), offered_feature("summary", "haiku"), gone=("opus",)
)


@pytest.fixture
def executed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The actors of all operations executed from now on."""
    actors: list[str] = []
    real = endpoint._execute

    def execute(operation: Any, context: Any, type_: Any) -> Any:
        result = real(operation, context, type_)  # raises for an operation of another type
        actors.append(context.caller.actor)
        return result

    monkeypatch.setattr(endpoint, "_execute", execute)
    return actors


@pytest.fixture
def second_process(api: ApiClient, migrated_url: str) -> Iterator[ApiClient]:
    """A second process of the same instance, with its own connections and cache."""
    database = Database(Secret(migrated_url))
    other = ApiClient(database)
    other.versions = api.versions
    yield other
    database.close()


def default(api: ApiClient, **variables: Any) -> str:
    """Return the model that serves the chat, through a query whose response is cached."""
    (chat,) = api.execute(QUERY, features=["chat"], **variables)["aiFeatureSettings"]["nodes"]
    return chat["resolution"]["model"]["ref"]


def test_response_is_cached_for_all_callers(api: ApiClient, executed: list[str]):
    first = api.post(QUERY, READ)
    with count_statements(api.database) as statements:
        again, strict = (
            api.post(QUERY, WRITE),
            api.post(QUERY, "another", {"accept": "application/graphql-response+json"}),
        )
    assert first.json()["data"]["aiFeatureSettings"]["nodes"]
    assert first.content == again.content == strict.content
    assert first.headers == again.headers
    assert strict.headers["content-type"] == "application/graphql-response+json; charset=utf-8"
    assert len(executed) == 1
    assert len(statements) == 6  # three for each, with that of the token


def test_write_of_another_process_invalidates_the_cache(api: ApiClient, second_process: ApiClient):
    assert default(api) == "haiku"
    second_process.select("chat", "haiku", "opus", default="opus")
    assert default(api) == "opus"
    second_process.select("chat", "haiku", "opus")
    assert default(api) == "haiku"
    second_process.mutate("aiFeatureSettingDelete", feature="chat")
    assert default(api) == "haiku"
    second_process.store_list(OTHER)
    assert default(api) == "sonnet"
    second_process.store_list(SMALL_LIST)
    assert default(api) == "haiku"


def test_namespace_response_is_cached_until_its_selection_changes(
    api: ApiClient, second_process: ApiClient, executed: list[str]
):
    api.select("chat", "haiku", "opus")
    assert [default(api, namespaceId=number) for number in (7, 8)] == ["haiku", "haiku"]
    second_process.mutate("aiModelSelectionNamespaceUpdate", namespaceId=7, feature="chat", model="opus")
    executed.clear()
    assert [default(api, namespaceId=number) for number in (8, 7)] == ["haiku", "opus"]
    assert len(executed) == 1
    second_process.mutate("aiModelSelectionNamespaceDelete", namespaceId=7, feature="chat")
    assert default(api, namespaceId=7) == "haiku"


def test_change_of_any_queried_namespace_invalidates_the_cache(api: ApiClient, second_process: ApiClient):
    api.select("chat", "haiku", "opus")
    settings = 'aiFeatureSettings(features: "chat", namespaceId: {}) {{ nodes {{ resolution {{ source }} }} }}'
    query = f"{{ seven: {settings.format(7)} eight: {settings.format(8)} }}"
    before = api.execute(query)
    second_process.mutate("aiModelSelectionNamespaceUpdate", namespaceId=8, feature="chat", model="opus")
    assert api.execute(query) == before | {"eight": {"nodes": [{"resolution": {"source": "NAMESPACE"}}]}}


def test_flag_applies_to_cached_responses(api: ApiClient, second_process: ApiClient):
    fields = "{ __schema { queryType { fields { name } } } }"
    before = api.execute(QUERY), api.execute(fields)
    second_process.set_flag(False)
    assert api.post(QUERY).json().keys() == {"errors"}
    assert api.execute(fields) == {"__schema": {"queryType": {"fields": [{"name": "rosterVersion"}]}}}
    second_process.set_flag(True)
    assert (api.execute(QUERY), api.execute(fields)) == before


def test_unauthenticated_caller_gets_no_cached_response(api: ApiClient):
    session = open_session_for(api.database, READ)
    cookie = {"cookie": f"roster_session={session.cookie}"}
    assert api.post(QUERY, None, cookie).content == api.post(QUERY, READ).content
    with api.database.write_transaction() as connection:
        close_session(connection, session.cookie)
    assert [api.post(QUERY, *who).status_code for who in ((None, cookie), ("wrong",), (None,))] == [401, 401, 401]


@pytest.mark.parametrize("query", ["mutation { __typename }", "query a { rosterVersion } mutation b { __typename }"])
def test_mutation_response_is_not_cached(api: ApiClient, executed: list[str], query: str):
    body = {"query": query, "operationName": "b" if "query a" in query else None}

    def post(token: str) -> Any:
        return api.client.post("/api/graphql", json=body, headers={"authorization": f"Bearer {token}"})

    for _ in range(2):
        assert post(WRITE).json() == {"data": {"__typename": "Mutation"}}
        assert post(READ).status_code == 403
    assert len(executed) == 2


def test_repeated_mutation_is_executed_again(api: ApiClient):
    before = api.select("chat", "opus")["aiFeatureSetting"]["selection"]
    api.mutate("aiFeatureSettingDelete", feature="chat")
    again = api.select("chat", "opus")["aiFeatureSetting"]["selection"]
    assert again["createdAt"] != before["createdAt"]
    assert default(api) == "opus"


def test_cache_key_includes_variables_and_operation_name(api: ApiClient):
    for _ in range(2):
        for features in (["chat"], ["code"], ["code", "chat"], [], None):
            nodes = api.execute(QUERY, features=features)["aiFeatureSettings"]["nodes"]
            assert [node["feature"] for node in nodes] == (["chat", "code"] if features is None else features)
        for name in ("a", "b"):
            body = {"query": "query a { a: rosterVersion } query b { b: rosterVersion }", "operationName": name}
            response = api.client.post("/api/graphql", json=body, headers={"authorization": f"Bearer {READ}"})
            assert list(response.json()["data"]) == [name]


def test_response_with_age_is_not_cached(api: ApiClient, monkeypatch: pytest.MonkeyPatch):
    seconds = count()
    clock = SimpleNamespace(now=lambda _: NOW + timedelta(hours=1, seconds=next(seconds)))
    monkeypatch.setattr(request_context, "datetime", clock)
    ages = [
        api.execute("{ aiModelSelectionSync { ageSeconds } }")["aiModelSelectionSync"]["ageSeconds"] for _ in range(3)
    ]
    assert ages == [3600, 3601, 3602]


@pytest.mark.parametrize("query", ["{ nothing }", "{", QUERY])
def test_response_with_errors_is_not_cached(api: ApiClient, executed: list[str], query: str):
    assert [len(api.post(query, features=["cod"]).json()["errors"]) for _ in range(2)] == [1, 1]
    assert len(executed) == 2


def test_cached_response_requires_the_database(api: ApiClient, monkeypatch: pytest.MonkeyPatch):
    assert api.post(QUERY).status_code == 200
    monkeypatch.setattr(
        api.database, "read_transaction", Database(Secret("sqlite:////nowhere/at/all.db")).read_transaction
    )
    assert api.post(QUERY).status_code == 503


def test_concurrent_queries_after_a_write_see_it(api: ApiClient, second_process: ApiClient):
    with ThreadPoolExecutor(4) as threads:
        for model in ("opus", "sonnet", "haiku") * 4:
            second_process.select("chat", "haiku", "sonnet", "opus", default=model)
            assert set(threads.map(lambda _: default(api), range(8))) == {model}


def test_cache_is_bounded_by_entries_and_bytes(api: ApiClient):
    few, small = ResponseCache(max_entries=2), ResponseCache(max_bytes=10)
    with RequestContext(api.database, StateReader(), None) as context:
        for name in (b"a", b"b", b"a", b"c"):
            few.put(name, b"of " + name, context)
        assert [few.get(name, context) for name in (b"a", b"b", b"c")] == [b"of a", None, b"of c"]
        for name, size in ((b"a", 4), (b"b", 4), (b"c", 4), (b"b", 3), (b"d", 10)):
            small.put(name, b"x" * size, context)
        assert [small.get(name, context) for name in (b"a", b"b", b"c", b"d")] == [None, b"xxx", b"xxxx", None]


def test_replaced_list_evicts_its_responses(api: ApiClient):
    responses, reader = ResponseCache(), StateReader()

    def roundtrip(version: int, name: bytes, body: bytes | None = None) -> bytes | None:
        with api.database.write_transaction() as connection:
            store_list(connection, SMALL_LIST, version)
        with RequestContext(api.database, reader, None) as context:
            if body:
                responses.put(name, body, context)
            return responses.get(name, context)

    assert roundtrip(1, b"a", b"first") == roundtrip(1, b"a") == b"first"
    assert roundtrip(2, b"a") is None
    assert roundtrip(1, b"a") == b"first"
    assert roundtrip(2, b"b", b"second") == b"second"
    assert roundtrip(1, b"a") is None


@pytest.fixture(scope="module")
def cached_and_uncached(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[ApiClient, ApiClient]]:
    """Two APIs over one SQLite database, with and without a response cache."""
    folder: Path = tmp_path_factory.mktemp("responses")
    database = Database(Secret(f"sqlite:///{folder}/instance.db"))
    upgrade(database)
    cached = ApiClient(database)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(endpoint, "ResponseCache", partial(ResponseCache, max_entries=0))
        uncached = ApiClient(database)
    yield cached, uncached
    database.close()


MODELS = st.lists(st.sampled_from(["haiku", "sonnet", "opus", "codestral"]), min_size=1, max_size=3, unique=True)
CHANGE = st.tuples(
    st.sampled_from(["on", "on", "off", "small", "other", "instance", "instance", "namespace", "nothing", "nothing"]),
    st.sampled_from(["chat", "code", "summary"]),
    MODELS,
    st.sampled_from([7, 8]),
)
QUERIES = st.tuples(
    st.sampled_from(
        [QUERY, "{ aiModelSelectionSync { version replacedAt } rosterVersion }", "mutation { __typename }"]
    ),
    st.sampled_from([READ, WRITE]),
    st.sampled_from([None, [], ["chat"], ["summary", "code"]]),
    st.sampled_from([None, 7, 8, "gid://gitlab/Group/8", "x"]),
)


def change(api: ApiClient, kind: str, offered_feature: str, models: list[str], namespace_id: int) -> None:
    """Apply a change, or have it rejected."""
    input: dict[str, Any] = {"feature": offered_feature}
    match kind:
        case "on" | "off":
            api.set_flag(kind == "on")
        case "small" | "other":
            api.store_list(SMALL_LIST if kind == "small" else OTHER)
        case "instance":
            input |= {"models": models, "defaultModel": models[0]}
            api.post(UPDATE, input=input)
        case "namespace":
            api.post(UPDATE_NAMESPACE, input=input | {"model": models[0], "namespaceId": namespace_id})


@examples(20)
@given(steps=st.lists(st.tuples(CHANGE, st.lists(QUERIES, min_size=1, max_size=3)), min_size=3, max_size=10))
def test_cached_and_uncached_responses_are_equal(cached_and_uncached: tuple[ApiClient, ApiClient], steps: list[Any]):
    cached, uncached = cached_and_uncached
    cached.set_flag(True)
    for applied, queries in steps:
        change(uncached, *applied)
        for query, token, features, namespace_id in queries * 2:
            response, expected = (
                api.post(query, token, features=features, namespaceId=namespace_id) for api in (cached, uncached)
            )
            assert (response.status_code, response.content) == (expected.status_code, expected.content)
