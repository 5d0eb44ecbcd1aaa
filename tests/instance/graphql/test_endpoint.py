"""The endpoint: authentication, request parsing, errors, and the feature flag."""

import json
import logging
import re
import time
from contextlib import AbstractContextManager
from itertools import count
from typing import Any

import pytest
from graphql import get_introspection_query
from sqlalchemy import Connection, text

from roster import __version__
from roster.instance.database import worker_threads
from roster.instance.database.connections import Database
from roster.instance.database.errors import DatabaseBusy
from roster.instance.graphql import endpoint, http_request, request_context
from roster.instance.graphql.request_context import FLAG_OFF
from roster.settings.secret import Secret
from tests.instance.auth.test_token_authentication import READ, WRITE
from tests.instance.database.statements import count_statements
from tests.instance.graphql.api_client import SETTINGS_QUERY, ApiClient
from tests.instance.sync.sync_helpers import open_database

VERSION = {"data": {"rosterVersion": __version__}}
GRAPHQL = {"accept": "application/graphql-response+json"}


def message(response: Any) -> str:
    (error,) = response.json()["errors"]
    return error["message"]


@pytest.mark.parametrize("query", ["{ rosterVersion }", get_introspection_query()])
@pytest.mark.parametrize(
    ("headers", "count"),
    [({}, 0), ({"authorization": "Bearer wrong"}, 1), ({"authorization": "Basic eA=="}, 0)],
    ids=["none", "wrong", "basic"],
)
def test_missing_or_invalid_token_is_rejected_with_at_most_one_statement(
    api: ApiClient, query: str, headers: dict[str, str], count: int
):
    with count_statements(api.database) as statements:
        response = api.post(query, None, headers)
    assert (response.status_code, response.headers["www-authenticate"]) == (401, "Bearer")
    assert message(response) == "authentication required: send a valid bearer token or session cookie"
    assert len(statements) == count


def test_cookie_without_session_is_rejected(api: ApiClient):
    assert api.post("{ rosterVersion }", None, {"cookie": "roster_session=x"}).status_code == 401


def get(api: ApiClient, method: str = "GET", **parameters: str) -> Any:
    headers = {"authorization": f"Bearer {WRITE}"}
    return api.client.request(method, "/api/graphql", params=parameters, headers=headers)


def test_query_can_be_sent_with_get(api: ApiClient):
    response = get(api, query="{ rosterVersion }")
    assert (response.status_code, response.json()) == (200, VERSION)
    assert response.headers["cache-control"] == "no-store"
    named = "query b { rosterVersion } "
    named += "query a($names: [String!]) { aiFeatureSettings(features: $names) { nodes { feature } } }"
    response = get(api, query=named, variables='{"names": ["chat"]}', operationName="a", extensions="{}")
    assert response.json() == {"data": {"aiFeatureSettings": {"nodes": [{"feature": "chat"}]}}}
    assert get(api, query="{ rosterVersion }", variables="").json() == VERSION
    assert get(api, "HEAD", query="{ rosterVersion }").status_code == 200


def test_mutation_must_be_sent_with_post(api: ApiClient):
    for method in ("GET", "HEAD"):
        response = get(api, method, query=f"mutation {{ {CHOOSE} }}")
        assert (response.status_code, response.headers["allow"]) == (405, "GET, HEAD, POST")
    assert message(get(api, query=f"mutation {{ {CHOOSE} }}")) == "a mutation must be sent with POST"
    assert api.settings()["chat"]["selection"] is None


def test_invalid_url_is_rejected(api: ApiClient):
    assert message(get(api)) == "the URL must have a GraphQL document as its parameter query"
    assert message(get(api, query="{a}", variables="{")) == "variables is not valid JSON"
    assert message(get(api, query="{a}", variables="[]")) == "variables must be an object"
    assert message(get(api, query="{a}", extensions="[")) == "extensions is not valid JSON"


def test_other_methods_are_rejected_in_the_shape_of_graphql(api: ApiClient):
    for method in ("PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "BREW"):
        response = get(api, method, query="{ rosterVersion }")
        assert (response.status_code, response.headers["allow"]) == (405, "GET, HEAD, POST")
        assert message(response) == "send queries with GET or POST, and mutations with POST"


def test_persisted_query_is_not_supported(api: ApiClient):
    """As Apollo's clients expect, which then send the document."""
    extensions = {"persistedQuery": {"version": 1, "sha256Hash": "0" * 64}}
    expected = {"message": "PersistedQueryNotSupported", "extensions": {"code": "PERSISTED_QUERY_NOT_SUPPORTED"}}
    headers = {"authorization": f"Bearer {READ}"}
    sent = api.client.post("/api/graphql", json={"extensions": extensions}, headers=headers)
    for response in (sent, get(api, extensions=json.dumps(extensions))):
        assert (response.status_code, response.json()) == (200, {"errors": [expected]})
    document = {"query": "{ rosterVersion }", "extensions": extensions}
    assert api.client.post("/api/graphql", json=document, headers=headers).json() == VERSION


@pytest.mark.parametrize(
    "kind",
    ["", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "application/json; charset=latin-1"],
)
def test_other_content_types_are_rejected(api: ApiClient, kind: str):
    response = api.post("{ rosterVersion }", headers={"content-type": kind})
    assert response.status_code == 415
    assert message(response) == "the content type must be application/json, in UTF-8"


@pytest.mark.parametrize(
    "kind",
    [
        "application/json",
        "Application/JSON; charset=UTF-8",
        'application/json;charset="utf-8"',
        "application/json; charset=utf8; profile=x",
        "application/json; odata=verbose",
    ],
)
def test_json_content_types_are_accepted(api: ApiClient, kind: str):
    response = api.post("{ rosterVersion }", headers={"content-type": kind})
    assert response.json() == VERSION
    assert response.headers["content-type"] == "application/json; charset=utf-8"
    assert response.headers["cache-control"] == "no-store"


def test_compressed_body_is_rejected(api: ApiClient):
    response = api.post("{ rosterVersion }", headers={"content-encoding": "gzip"})
    assert (response.status_code, response.headers["accept-encoding"]) == (415, "identity")
    assert message(response) == 'the request body must not be compressed: its content encoding is "gzip"'
    assert api.post("{ rosterVersion }", headers={"content-encoding": "Identity"}).json() == VERSION


def test_oversized_body_is_rejected(api: ApiClient):
    assert api.post("{ rosterVersion }", unused=" " * 500_000).json() == VERSION
    response = api.post("{ rosterVersion }", unused=" " * http_request.MAX_REQUEST_BYTES)
    assert (response.status_code, message(response)) == (413, "the request body is larger than 524,288 bytes")


def test_long_document_is_rejected(api: ApiClient):
    query = "{ rosterVersion } #"
    query += "x" * (http_request.MAX_DOCUMENT_CHARACTERS - len(query))
    assert api.post(query).json() == VERSION
    response = api.post(query + "x")
    expected = "the document is longer than 32,768 characters: send values as variables"
    assert (response.status_code, message(response)) == (413, expected)


@pytest.mark.parametrize(
    ("body", "expected"),
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
def test_malformed_body_is_rejected(api: ApiClient, body: str, expected: str):
    headers = {"authorization": "Bearer a-token-that-reads", "content-type": "application/json"}
    response = api.client.post("/api/graphql", content=body.encode("latin-1"), headers=headers)
    assert response.status_code == 400
    assert message(response).startswith(expected)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("{", "Syntax Error"),
        ("{ nothing }", "Cannot query field 'nothing' on type 'Query'."),
        ("subscription { rosterVersion }", ""),
        ("fragment a on Query { rosterVersion }", "the document has no query or mutation"),
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
def test_invalid_document_has_status_400_with_graphql_response_type(api: ApiClient, query: str, expected: str):
    plain, strict = api.post(query), api.post(query, headers=GRAPHQL)
    assert (plain.status_code, strict.status_code) == (200, 400)
    assert strict.headers["content-type"] == "application/graphql-response+json; charset=utf-8"
    assert plain.json() == strict.json()
    assert plain.json().keys() == {"errors"}
    assert plain.json()["errors"][0]["message"].startswith(expected)
    assert "internal" not in plain.text


def test_executed_operation_with_errors_has_status_200(api: ApiClient):
    response = api.post(SETTINGS_QUERY, headers=GRAPHQL, namespaceId="x")
    assert response.status_code == 200
    assert response.json()["data"]["aiFeatureSettings"] is None
    assert response.json()["errors"][0]["path"] == ["aiFeatureSettings"]


def test_named_operation_is_executed(api: ApiClient):
    body = {"query": "query a { rosterVersion } query b { nothing: rosterVersion }", "operationName": "a"}
    headers = {"authorization": "Bearer a-token-that-reads"}
    assert api.client.post("/api/graphql", json=body, headers=headers).json() == VERSION
    response = api.client.post("/api/graphql", json=body | {"operationName": "c"}, headers=headers)
    assert message(response) == 'the document has no operation "c"'


@pytest.mark.parametrize("token", [READ, WRITE])
def test_several_operations_without_a_name_are_rejected(api: ApiClient, token: str):
    change = 'mutation b { aiFeatureSettingUpdate(input: {feature: "chat", models: ["opus"], defaultModel: "opus"}) '
    change += "{ errors } }"
    for query in (f"query a {{ rosterVersion }} {change}", f"{change} query a {{ rosterVersion }}"):
        response = api.post(query, token)
        assert message(response) == "Must provide operation name if query contains multiple operations."
        assert "data" not in response.json()
    assert api.settings()["chat"]["selection"] is None


def test_internal_error_is_masked_and_logged(
    api: ApiClient, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    def broken(*_: object) -> None:
        raise ValueError("postgresql://user:password@host")

    monkeypatch.setattr(request_context.RequestContext, "state", broken)
    with caplog.at_level(logging.ERROR, "roster.instance"):
        response = api.post(SETTINGS_QUERY)
    assert response.status_code == 200
    match = re.fullmatch(r"internal error ([0-9a-f]{16}): see the instance's log", message(response))
    assert match
    (record,) = [each for each in caplog.records if each.name == "roster.instance"]
    assert match[1] in record.getMessage()
    assert record.exc_info
    assert "password" not in response.text


def test_internal_error_outside_of_execution_is_masked(api: ApiClient, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(endpoint, "_execute", None)
    response = api.post(SETTINGS_QUERY)
    assert response.status_code == 500
    assert message(response).startswith("internal error ")


CHOOSE = 'aiFeatureSettingUpdate(input: {feature: "chat", models: ["opus"], defaultModel: "opus"}) { errors }'


@pytest.mark.parametrize("query", [SETTINGS_QUERY, "{ rosterVersion }", "{ nothing }", f"mutation {{ {CHOOSE} }}"])
def test_unavailable_database_responds_503(query: str, caplog: pytest.LogCaptureFixture):
    api = ApiClient(Database(Secret("sqlite:////nowhere/at/all.db")))
    for _ in range(5):
        response = api.post(query)
        assert (response.status_code, response.headers["retry-after"]) == (503, "10")
        assert message(response) == "the database is unavailable: see the instance's log"
    (record,) = [each for each in caplog.records if each.name == "roster.instance"]
    assert "/nowhere/at/all.db cannot be used: unable to open database file" in record.getMessage()
    assert not record.exc_info


@pytest.mark.parametrize(
    ("table", "query"),
    [
        ("instance_ai_lists", SETTINGS_QUERY),
        ("instance_ai_features", SETTINGS_QUERY),
        ("instance_ai_offered_models", SETTINGS_QUERY),
        ("instance_ai_features", f"mutation {{ {CHOOSE} }}"),
        ("instance_ai_audit_events", f"mutation {{ {CHOOSE} }}"),
        ("instance_ai_audit_events", f"mutation {{ rosterVersion: __typename a: {CHOOSE} b: {CHOOSE} }}"),
    ],
)
def test_database_that_fails_within_an_operation_responds_503(
    api: ApiClient, table: str, query: str, caplog: pytest.LogCaptureFixture
):
    with api.database.write_transaction() as connection:
        connection.execute(text(f"ALTER TABLE {table} RENAME TO others"))
    for _ in range(5):
        assert api.post(query).status_code == 503
    errors = [each for each in caplog.records if each.name == "roster.instance" and each.levelname == "ERROR"]
    assert [each.exc_info for each in errors] == [None]


def test_busy_database_responds_503_within_the_time_to_wait(
    api: ApiClient, migrated_url: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(worker_threads, "WRITE_WAIT_SECONDS", 0.5)
    several = " ".join(f"m{number}: {CHOOSE}" for number in range(9))
    with open_database(migrated_url) as other, other.write_transaction():
        started = time.monotonic()
        response = api.post(f"mutation {{ {several} }}")
        assert 0.4 < time.monotonic() - started < 4
        assert (response.status_code, response.headers["retry-after"]) == (503, "10")
        assert message(response) == "the database is busy: try again in a few seconds"
        assert api.settings()["chat"]["selection"] is None
    assert api.post(f"mutation {{ {several} }}").status_code == 200


def test_failure_after_a_mutation_reports_that_it_was_executed(api: ApiClient, monkeypatch: pytest.MonkeyPatch):
    write, calls = api.database.write_transaction, count()

    def fail_second_time(until: float | None = None) -> AbstractContextManager[Connection]:
        if next(calls):
            raise DatabaseBusy("busy")
        return write(until)

    monkeypatch.setattr(api.database, "write_transaction", fail_second_time)
    response = api.post(f"mutation {{ a: {CHOOSE} b: {CHOOSE} }}")
    assert (response.status_code, response.headers["retry-after"]) == (503, "10")
    expected = "the database is busy or unavailable: 1 mutation of the request was executed before, so query what was"
    assert message(response) == f"{expected} saved"
    assert api.settings()["chat"]["selection"]


LONG = "x" * 6000


@pytest.mark.parametrize(
    ("query", "variables"),
    [
        ("{ aiFeatureSettings(features: [" + "1 " * 900 + "]) { nodes { feature } } }", {}),
        (f'{{ aiFeatureSettings(namespaceId: "{LONG}") {{ nodes {{ feature }} }} }}', {}),
        ("{ " + f"aiFeatureSettings(namespaceId: {{x: {LONG}}}) {{ nodes {{ feature }} }} " * 9 + "}", {}),
        ("{ " + f"x{LONG} " * 9 + "}", {}),
        ("{ rosterVersion " + "@x" * 400 + " }", {}),
        ("{ aiFeatureSettings(" + "features: 1 " * 300 + ") { nodes { feature } } }", {}),
        (SETTINGS_QUERY, {"features": [1] * 20_000}),
        (SETTINGS_QUERY, {"features": [{"a": LONG}] * 10}),
        (SETTINGS_QUERY, {"features": [LONG] * 10}),
        (SETTINGS_QUERY, {"namespaceId": LONG * 10}),
        ("query(" + " ".join(f"$v{n}: Int!" for n in range(150)) + ") { rosterVersion }", {}),
        ("mutation { " + f"{CHOOSE.replace('opus', LONG)} }}", {}),
        ("mutation { " + CHOOSE.replace('["opus"]', "[" + '"a" "b" ' * 400 + "]") + " }", {}),
    ],
)
def test_error_response_is_small(api: ApiClient, query: str, variables: dict[str, Any]):
    response = api.post(query, headers=GRAPHQL, **variables)
    assert len(response.content) < 20_000
    errors = response.json().get("errors", [])
    assert len(errors) <= 21
    assert all(len(error.get("locations", [])) <= 10 for error in errors)


def test_schema_is_reduced_while_the_flag_is_off(api: ApiClient):
    before = api.select("chat", "opus")["aiFeatureSetting"]
    names = "{ __schema { types { name } queryType { fields { name } } mutationType { name } } }"
    api.set_flag(False)
    schema = api.execute(names)["__schema"]
    assert schema["queryType"]["fields"] == [{"name": "rosterVersion"}]
    assert schema["mutationType"] is None
    assert not [each["name"] for each in schema["types"] if each["name"].startswith("Ai")]
    assert api.post("{ rosterVersion }").json() == VERSION
    for query in ("{ aiModelSelectionSync { version } }", f"mutation {{ {CHOOSE} }}", "mutation { a: nothing }"):
        response = api.post(query).json()
        assert response.keys() == {"errors"}
        assert response["errors"][-1]["message"] == FLAG_OFF
        assert api.post(query).json() == response
    assert "roster instance flag on" in FLAG_OFF
    (error,) = api.post("{").json()["errors"]
    assert error["message"].startswith("Syntax Error")
    api.set_flag(True)
    assert api.settings()["chat"] == before
