"""Answers that are kept: sent again while nothing changed, and never a moment longer."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from itertools import count
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from roster.instance.auth.sessions import close_session
from roster.instance.database.connections import Database
from roster.instance.database.migrate import upgrade
from roster.instance.graphql import endpoint, request_context
from roster.instance.graphql.request_context import RequestContext
from roster.instance.graphql.response_cache import ResponseCache
from roster.instance.graphql.type_builders import SettingBuilder
from roster.instance.selection.state import StateReader
from roster.settings.secret import Secret
from tests.instance.auth.test_token_authentication import READ, WRITE
from tests.instance.database.statements import counted
from tests.instance.graphql.api import SETTING, Api
from tests.instance.selection.listed import NOW, SMALL, feature, offered, store

QUERY = f"""query index($features: [String!], $namespaceId: ID) {{
  aiFeatureSettings(features: $features, namespaceId: $namespaceId) {{ nodes {{ ...setting }} }}
}} {SETTING}"""
UPDATE = "mutation m($input: AiFeatureSettingUpdateInput!) { aiFeatureSettingUpdate(input: $input) { errors } }"
UPDATE_NAMESPACE = UPDATE.replace("AiFeatureSettingUpdate", "AiModelSelectionNamespaceUpdate").replace(
    "aiFeatureSettingUpdate", "aiModelSelectionNamespaceUpdate"
)
OTHER = offered(feature("chat", "sonnet", "haiku"), feature("summary", "haiku"), gone=("opus",))


@pytest.fixture
def executed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What is executed from now on, by the actors who asked."""
    told: list[str] = []
    real = endpoint._execute

    def tell(request: Any, asked: Any, work: Any, caller: Any) -> Any:
        told.append(caller.actor)
        return real(request, asked, work, caller)

    monkeypatch.setattr(endpoint, "_execute", tell)
    return told


@pytest.fixture
def elsewhere(api: Api, migrated_url: str) -> Iterator[Api]:
    """The same instance in another process: with a database, a reader and answers of its own."""
    database = Database(Secret(migrated_url))
    other = Api(database)
    other.versions = api.versions
    yield other
    database.close()


def default(api: Api, **variables: Any) -> str:
    """Return what serves the chat, from the query whose answer is kept."""
    (chat,) = api.ask(QUERY, features=["chat"], **variables)["aiFeatureSettings"]["nodes"]
    return chat["resolution"]["model"]["ref"]


def test_an_answer_is_made_once_and_sent_to_whoever_may_read(api: Api, executed: list[str]):
    first = api.post(QUERY, READ)
    with counted(api.database) as statements:
        again, strict = (
            api.post(QUERY, WRITE),
            api.post(QUERY, "another", {"accept": "application/graphql-response+json"}),
        )
    assert first.json()["data"]["aiFeatureSettings"]["nodes"]
    assert first.content == again.content == strict.content
    assert first.headers == again.headers
    assert strict.headers["content-type"] == "application/graphql-response+json; charset=utf-8"
    assert len(executed) == 1
    assert len(statements) == 4  # two for each


def test_what_another_process_writes_is_seen_by_the_next_query(api: Api, elsewhere: Api):
    assert default(api) == "haiku"
    elsewhere.choose("chat", "haiku", "opus", default="opus")
    assert default(api) == "opus"
    elsewhere.choose("chat", "haiku", "opus")
    assert default(api) == "haiku"
    elsewhere.mutate("aiFeatureSettingDelete", feature="chat")
    assert default(api) == "haiku"
    elsewhere.store(OTHER)
    assert default(api) == "sonnet"
    elsewhere.store(SMALL)
    assert default(api) == "haiku"


def test_a_namespaces_answer_lasts_until_its_own_choice_changes(api: Api, elsewhere: Api, executed: list[str]):
    api.choose("chat", "haiku", "opus")
    assert [default(api, namespaceId=number) for number in (7, 8)] == ["haiku", "haiku"]
    elsewhere.mutate("aiModelSelectionNamespaceUpdate", namespaceId=7, feature="chat", model="opus")
    executed.clear()
    assert [default(api, namespaceId=number) for number in (8, 7)] == ["haiku", "opus"]
    assert len(executed) == 1
    elsewhere.mutate("aiModelSelectionNamespaceDelete", namespaceId=7, feature="chat")
    assert default(api, namespaceId=7) == "haiku"


def test_every_namespace_that_an_answer_is_about_counts(api: Api, elsewhere: Api):
    api.choose("chat", "haiku", "opus")
    settings = 'aiFeatureSettings(features: "chat", namespaceId: {}) {{ nodes {{ resolution {{ source }} }} }}'
    query = f"{{ seven: {settings.format(7)} eight: {settings.format(8)} }}"
    before = api.ask(query)
    elsewhere.mutate("aiModelSelectionNamespaceUpdate", namespaceId=8, feature="chat", model="opus")
    assert api.ask(query) == before | {"eight": {"nodes": [{"resolution": {"source": "NAMESPACE"}}]}}


def test_the_flag_hides_what_is_kept_at_once(api: Api, elsewhere: Api):
    fields = "{ __schema { queryType { fields { name } } } }"
    before = api.ask(QUERY), api.ask(fields)
    elsewhere.switch(False)
    assert api.post(QUERY).json().keys() == {"errors"}
    assert api.ask(fields) == {"__schema": {"queryType": {"fields": [{"name": "rosterVersion"}]}}}
    elsewhere.switch(True)
    assert (api.ask(QUERY), api.ask(fields)) == before


def test_who_may_not_ask_gets_nothing_that_is_kept(api: Api):
    session = api.sign_in(READ)
    cookie = {"cookie": f"roster_session={session.cookie}"}
    assert api.post(QUERY, None, cookie).content == api.post(QUERY, READ).content
    with api.database.write_transaction() as connection:
        close_session(connection, session.cookie)
    assert [api.post(QUERY, *who).status_code for who in ((None, cookie), ("wrong",), (None,))] == [401, 401, 401]


@pytest.mark.parametrize("query", ["mutation { __typename }", "query a { rosterVersion } mutation b { __typename }"])
def test_a_mutations_answer_is_never_kept(api: Api, executed: list[str], query: str):
    body = {"query": query, "operationName": "b" if "query a" in query else None}

    def post(token: str) -> Any:
        return api.client.post("/api/graphql", json=body, headers={"authorization": f"Bearer {token}"})

    for _ in range(2):
        assert post(WRITE).json() == {"data": {"__typename": "Mutation"}}
        assert post(READ).status_code == 403
    assert len(executed) == 4


def test_a_mutation_is_executed_each_time(api: Api):
    before = api.choose("chat", "opus")["aiFeatureSetting"]["selection"]
    api.mutate("aiFeatureSettingDelete", feature="chat")
    again = api.choose("chat", "opus")["aiFeatureSetting"]["selection"]
    assert again["createdAt"] != before["createdAt"]
    assert default(api) == "opus"


def test_variables_and_operations_are_told_apart(api: Api):
    for _ in range(2):
        for features in (["chat"], ["code"], ["code", "chat"], [], None):
            nodes = api.ask(QUERY, features=features)["aiFeatureSettings"]["nodes"]
            assert [node["feature"] for node in nodes] == (["chat", "code"] if features is None else features)
        for name in ("a", "b"):
            body = {"query": "query a { a: rosterVersion } query b { b: rosterVersion }", "operationName": name}
            answer = api.client.post("/api/graphql", json=body, headers={"authorization": f"Bearer {READ}"})
            assert list(answer.json()["data"]) == [name]


def test_the_age_of_the_list_goes_on(api: Api, monkeypatch: pytest.MonkeyPatch):
    seconds = count()
    clock = SimpleNamespace(now=lambda _: NOW + timedelta(hours=1, seconds=next(seconds)))
    monkeypatch.setattr(request_context, "datetime", clock)
    ages = [api.ask("{ aiModelSelectionSync { ageSeconds } }")["aiModelSelectionSync"]["ageSeconds"] for _ in range(3)]
    assert ages == [3600, 3601, 3602]


@pytest.mark.parametrize("query", ["{ nothing }", "{", QUERY])
def test_an_answer_with_errors_is_made_again(api: Api, executed: list[str], query: str):
    assert [len(api.post(query, features=["cod"]).json()["errors"]) for _ in range(2)] == [1, 1]
    assert len(executed) == 2


def test_without_its_database_nothing_that_is_kept_is_told(api: Api, monkeypatch: pytest.MonkeyPatch):
    assert api.post(QUERY).status_code == 200
    monkeypatch.setattr(
        api.database, "read_transaction", Database(Secret("sqlite:////nowhere/at/all.db")).read_transaction
    )
    assert api.post(QUERY).status_code == 503


def test_whoever_asks_after_a_write_sees_it_however_many_ask_at_once(api: Api, elsewhere: Api):
    with ThreadPoolExecutor(4) as threads:
        for model in ("opus", "sonnet", "haiku") * 4:
            elsewhere.choose("chat", "haiku", "sonnet", "opus", default=model)
            assert set(threads.map(lambda _: default(api), range(8))) == {model}


def test_only_so_many_answers_and_bytes_are_kept(api: Api):
    few, small = ResponseCache(max_entries=2), ResponseCache(max_bytes=10)
    with RequestContext(api.database, StateReader(), SettingBuilder(), None) as work:
        for name in (b"a", b"b", b"a", b"c"):
            few.put(name, b"of " + name, work)
        assert [few.get(name, work) for name in (b"a", b"b", b"c")] == [b"of a", None, b"of c"]
        for name, size in ((b"a", 4), (b"b", 4), (b"c", 4), (b"b", 3), (b"d", 10)):
            small.put(name, b"x" * size, work)
        assert [small.get(name, work) for name in (b"a", b"b", b"c", b"d")] == [None, b"xxx", b"xxxx", None]


def test_answers_of_a_list_that_was_replaced_are_dropped(api: Api):
    answers, reader = ResponseCache(), StateReader()

    def asked(version: int, name: bytes, body: bytes | None = None) -> bytes | None:
        with api.database.write_transaction() as connection:
            store(connection, SMALL, version)
        with RequestContext(api.database, reader, SettingBuilder(), None) as work:
            if body:
                answers.put(name, body, work)
            return answers.get(name, work)

    assert asked(1, b"a", b"first") == asked(1, b"a") == b"first"
    assert asked(2, b"a") is None
    assert asked(1, b"a") == b"first"
    assert asked(2, b"b", b"second") == b"second"
    assert asked(1, b"a") is None


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Api, Api]]:
    """Two APIs of one SQLite database: as it is, and without kept answers."""
    folder: Path = tmp_path_factory.mktemp("answers")
    database = Database(Secret(f"sqlite:///{folder}/instance.db"))
    upgrade(database)
    keeping = Api(database)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(endpoint, "ResponseCache", partial(ResponseCache, max_entries=0))
        yield keeping, Api(database)
    database.close()


MODELS = st.lists(st.sampled_from(["haiku", "sonnet", "opus", "codestral"]), min_size=1, max_size=3, unique=True)
CHANGE = st.tuples(
    st.sampled_from(["on", "on", "off", "small", "other", "instance", "instance", "namespace", "nothing", "nothing"]),
    st.sampled_from(["chat", "code", "summary"]),
    MODELS,
    st.sampled_from([7, 8]),
)
QUESTION = st.tuples(
    st.sampled_from(
        [QUERY, "{ aiModelSelectionSync { version replacedAt } rosterVersion }", "mutation { __typename }"]
    ),
    st.sampled_from([READ, WRITE]),
    st.sampled_from([None, [], ["chat"], ["summary", "code"]]),
    st.sampled_from([None, 7, 8, "gid://gitlab/Group/8", "x"]),
)


def change(api: Api, kind: str, feature: str, models: list[str], namespace_id: int) -> None:
    """Change the state, as far as that is allowed now."""
    input: dict[str, Any] = {"feature": feature}
    match kind:
        case "on" | "off":
            api.switch(kind == "on")
        case "small" | "other":
            api.store(SMALL if kind == "small" else OTHER)
        case "instance":
            input |= {"models": models, "defaultModel": models[0]}
            api.post(UPDATE, input=input)
        case "namespace":
            api.post(UPDATE_NAMESPACE, input=input | {"model": models[0], "namespaceId": namespace_id})


@settings(max_examples=20, deadline=None)
@given(steps=st.lists(st.tuples(CHANGE, st.lists(QUESTION, min_size=1, max_size=3)), min_size=3, max_size=10))
def test_whatever_happens_a_kept_answer_is_the_one_that_would_be_made(both: tuple[Api, Api], steps: list[Any]):
    keeping, making = both
    keeping.switch(True)
    for happens, questions in steps:
        change(making, *happens)
        for query, token, features, namespace_id in questions * 2:
            found, expected = (
                api.post(query, token, features=features, namespaceId=namespace_id) for api in (keeping, making)
            )
            assert (found.status_code, found.content) == (expected.status_code, expected.content)
