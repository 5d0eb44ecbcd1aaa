"""GraphQL over HTTP: who is let in, what is taken, how errors are told, and nothing while the feature is off."""

import json
import logging
import re
from typing import Any

import pytest
from graphql import get_introspection_query

from roster import __version__
from roster.instance.database.connections import Database
from roster.instance.graphql import endpoint, request_context
from tests.instance.auth.test_token_authentication import READ, WRITE
from tests.instance.database.statements import counted
from tests.instance.graphql.api import INDEX, Api

VERSION = {"data": {"rosterVersion": __version__}}
GRAPHQL = {"accept": "application/graphql-response+json"}


def message(answer: Any) -> str:
    (error,) = answer.json()["errors"]
    return error["message"]


@pytest.mark.parametrize("query", ["{ rosterVersion }", get_introspection_query()])
@pytest.mark.parametrize("headers", [{}, {"authorization": "Bearer wrong"}, {"authorization": "Basic eA=="}])
def test_who_has_no_good_token_sees_nothing_and_does_not_reach_the_database(
    api: Api, query: str, headers: dict[str, str]
):
    with counted(api.database) as statements:
        answer = api.post(query, None, headers)
    assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")
    assert message(answer) == "authentication required: send a valid bearer token or session cookie"
    assert statements == []


def test_a_cookie_of_no_session_is_refused_too(api: Api):
    assert api.post("{ rosterVersion }", None, {"cookie": "roster_session=x"}).status_code == 401


def test_only_post_is_answered(api: Api):
    for method in ("GET", "PUT", "DELETE"):
        answer = api.client.request(method, "/api/graphql?query={rosterVersion}")
        assert (answer.status_code, answer.headers["allow"]) == (405, "POST")


@pytest.mark.parametrize(
    "kind",
    ["", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "application/json; charset=latin-1"],
)
def test_no_other_media_type_is_taken(api: Api, kind: str):
    answer = api.post("{ rosterVersion }", headers={"content-type": kind})
    assert answer.status_code == 415
    assert message(answer) == "the content type must be application/json, in UTF-8"


@pytest.mark.parametrize(
    "kind", ["application/json", "Application/JSON; charset=UTF-8", 'application/json;charset="utf-8"']
)
def test_json_is_taken(api: Api, kind: str):
    answer = api.post("{ rosterVersion }", headers={"content-type": kind})
    assert answer.json() == VERSION
    assert answer.headers["content-type"] == "application/json; charset=utf-8"
    assert answer.headers["cache-control"] == "no-store"


def test_a_large_request_is_refused(api: Api):
    assert api.post("{ rosterVersion }" + " " * 60_000).json() == VERSION
    answer = api.post("{ rosterVersion }" + " " * endpoint.MAX_REQUEST_BYTES)
    assert (answer.status_code, message(answer)) == (413, "the request body is larger than 65,536 bytes")


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ("", "the request body is not valid JSON"),
        ("{", "the request body is not valid JSON"),
        ("[" * 60_000, "the request body is not valid JSON"),
        ("\xff", "the request body is not valid JSON"),
        (json.dumps([{"query": "{ rosterVersion }"}]), "batches are not supported"),
        ("3", "the request body must be an object with a GraphQL document as its query"),
        ("{}", "the request body must be an object with a GraphQL document as its query"),
        ('{"query": ""}', "the request body must be an object with a GraphQL document as its query"),
        ('{"query": 3}', "the request body must be an object with a GraphQL document as its query"),
        ('{"query": "{a}", "variables": []}', "variables must be an object"),
        ('{"query": "{a}", "operationName": 3}', "operationName must be a string"),
    ],
)
def test_what_is_no_request_is_refused(api: Api, body: str, why: str):
    headers = {"authorization": "Bearer a-token-that-reads", "content-type": "application/json"}
    answer = api.client.post("/api/graphql", content=body.encode("latin-1"), headers=headers)
    assert answer.status_code == 400
    assert message(answer).startswith(why)


@pytest.mark.parametrize(
    ("query", "why"),
    [
        ("{", "Syntax Error"),
        ("{ nothing }", "Cannot query field 'nothing' on type 'Query'."),
        ("subscription { rosterVersion }", ""),
        ("fragment a on Query { rosterVersion }", ""),
        (
            "query a { rosterVersion } query b { rosterVersion }",
            "Must provide operation name if query contains multiple operations.",
        ),
        (
            "query ($x: ID!) { aiFeatureSettings(namespaceId: $x) { nodes { feature } } }",
            "Variable '$x' has invalid value",
        ),
        ("{" * 900, "Syntax Error"),
        ('query ($x: String = "\\ud800") { rosterVersion }', "Syntax Error"),
    ],
)
def test_what_cannot_be_executed_has_a_status_of_its_own_where_that_is_understood(api: Api, query: str, why: str):
    plain, strict = api.post(query), api.post(query, headers=GRAPHQL)
    assert (plain.status_code, strict.status_code) == (200, 400)
    assert strict.headers["content-type"] == "application/graphql-response+json; charset=utf-8"
    assert plain.json() == strict.json()
    assert plain.json().keys() == {"errors"}
    assert plain.json()["errors"][0]["message"].startswith(why)
    assert "internal" not in plain.text


def test_what_was_executed_is_answered_with_what_there_is(api: Api):
    answer = api.post(INDEX, headers=GRAPHQL, namespaceId="x")
    assert answer.status_code == 200
    assert answer.json()["data"] is None
    assert answer.json()["errors"][0]["path"] == ["aiFeatureSettings"]


def test_one_of_several_operations_is_executed(api: Api):
    body = {"query": "query a { rosterVersion } query b { nothing: rosterVersion }", "operationName": "a"}
    headers = {"authorization": "Bearer a-token-that-reads"}
    assert api.client.post("/api/graphql", json=body, headers=headers).json() == VERSION


@pytest.mark.parametrize("token", [READ, WRITE])
def test_none_of_several_operations_is_executed_where_none_is_named(api: Api, token: str):
    change = 'mutation b { aiFeatureSettingUpdate(input: {feature: "chat", models: ["opus"], defaultModel: "opus"}) '
    change += "{ errors } }"
    for query in (f"query a {{ rosterVersion }} {change}", f"{change} query a {{ rosterVersion }}"):
        answer = api.post(query, token)
        assert message(answer) == "Must provide operation name if query contains multiple operations."
        assert "data" not in answer.json()
    assert api.index()["chat"]["selection"] is None


def test_nobody_is_told_what_went_wrong_within(
    api: Api, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    def broken(*_: object) -> None:
        raise ValueError("postgresql://user:password@host")

    monkeypatch.setattr(request_context.RequestContext, "state", broken)
    with caplog.at_level(logging.ERROR, "roster.instance"):
        answer = api.post(INDEX)
    assert answer.status_code == 200
    found = re.fullmatch(r"internal error ([0-9a-f]{16}): see the instance's log", message(answer))
    assert found
    (record,) = [each for each in caplog.records if each.name == "roster.instance"]
    assert found[1] in record.getMessage()
    assert record.exc_info
    assert "password" not in answer.text


def test_a_defect_before_the_execution_is_not_told_either(api: Api, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(endpoint, "_execute", None)
    answer = api.post(INDEX)
    assert answer.status_code == 500
    assert message(answer).startswith("internal error ")


def test_without_its_database_the_api_says_that_it_is_not_available(api: Api, monkeypatch: pytest.MonkeyPatch):
    from roster.settings.secret import Secret

    monkeypatch.setattr(
        request_context.RequestContext, "__init__", _without(Database(Secret("sqlite:////nowhere/at/all.db")))
    )
    answer = api.post(INDEX)
    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "10"
    assert "nowhere" not in answer.text


def _without(database: Database) -> Any:
    real = request_context.RequestContext.__init__
    return lambda self, _, *others: real(self, database, *others)


def test_while_the_feature_is_off_there_is_none_of_our_fields(api: Api):
    before = api.choose("chat", "opus")["aiFeatureSetting"]
    names = "{ __schema { types { name } queryType { fields { name } } mutationType { name } } }"
    api.switch(False)
    told = api.ask(names)["__schema"]
    assert told["queryType"]["fields"] == [{"name": "rosterVersion"}]
    assert told["mutationType"] is None
    assert not [each["name"] for each in told["types"] if each["name"].startswith("Ai")]
    assert api.post("{ rosterVersion }").json() == VERSION
    for query in ("{ aiModelSelectionSync { version } }", "mutation { a: nothing }"):
        assert api.post(query).json().keys() == {"errors"}
    api.switch(True)
    assert api.index()["chat"] == before
