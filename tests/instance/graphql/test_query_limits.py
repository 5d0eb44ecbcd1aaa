"""Query limits: small documents must not cause much work; the introspection query of clients is allowed."""

import time
from collections.abc import Iterator
from itertools import pairwise

import pytest
import strawberry
from graphql import DocumentNode, get_introspection_query
from strawberry.extensions import SchemaExtension

from roster.instance.graphql.executable_schema import ReleaseTokens
from roster.instance.graphql.resolvers import DisabledQuery
from tests.instance.auth.test_token_authentication import READ
from tests.instance.graphql.api_client import ApiClient


def test_introspection_query_is_within_the_limits(api: ApiClient):
    everything = get_introspection_query(
        specified_by_url=True, directive_is_repeatable=True, schema_description=True, input_value_deprecation=True
    )
    assert "AiFeatureSetting" in {each["name"] for each in api.execute(everything)["__schema"]["types"]}


def nested(depth: int) -> str:
    return '{ __type(name: "Query") ' + "{ ofType " * (depth - 2) + "{ name }" + " }" * (depth - 1)


SETTINGS = "aiFeatureSettings { nodes { feature } }"


@pytest.mark.parametrize(
    ("allowed", "rejected", "message"),
    [
        (nested(15), nested(16), "the query exceeds the limit of 15 nested fields"),
        (
            "{" + "rosterVersion " * 10 + "}",
            "{" + "rosterVersion " * 11 + "}",
            "the query exceeds the limit of 10 root fields",
        ),
        (
            "{ aiFeatureSettings { nodes {" + "".join(f"a{n}: title " for n in range(20)) + "} } }",
            "{ aiFeatureSettings { nodes {" + "".join(f"a{n}: title " for n in range(21)) + "} } }",
            "the query exceeds the limit of 20 aliases",
        ),
        (
            "{ aiFeatureSettings(features: [" + '"chat" ' * 980 + "]) { nodes { feature } } }",
            "{ aiFeatureSettings(features: [" + '"chat" ' * 1000 + "]) { nodes { feature } } }",
            "Syntax Error: Document contains more than 1000 tokens. Parsing aborted.",
        ),
        (
            "{ ...a ...a } fragment a on Query { " + "rosterVersion " * 5 + "}",
            "{ ...a ...a } fragment a on Query { " + "... on Query { rosterVersion } " * 6 + "}",
            "the query exceeds the limit of 10 root fields",
        ),
        (
            "{ " + SETTINGS + " }",
            "{ ...a } fragment a on Query { a: rosterVersion " + "...b " * 7 + "} "
            "fragment b on Query { aiFeatureSettings { nodes { x: title y: title z: title } } }",
            "the query exceeds the limit of 20 aliases",
        ),
    ],
)
def test_query_limits(api: ApiClient, allowed: str, rejected: str, message: str):
    assert "errors" not in api.post(allowed).json()
    (error,) = api.post(rejected).json()["errors"]
    assert error["message"] == message


BRANCHES = {
    "deep": "__schema { queryType { fields { type { ofType { ofType { ofType { ofType { ofType { ofType { ofType { "
    "ofType { ofType { ofType { ofType { name } } } } } } } } } } } } } } }",
    "roots": "rosterVersion " * 11,
    "aliases": "aiFeatureSettings { nodes {" + "".join(f"a{n}: title " for n in range(21)) + "} }",
}
"""Fields that exceed a limit each."""


@pytest.mark.parametrize("branch", BRANCHES)
def test_limits_apply_to_a_branch_in_any_position(api: ApiClient, branch: str):
    big, small = BRANCHES[branch], "rosterVersion"
    forms = {
        "field": "{{ {} }}",
        "inline fragment": "{{ ... {{ {} }} }}",
        "fragment": "{{ ...a }} fragment a on Query {{ {} }}",
        "inline fragment between fields": "{{ rosterVersion ... {{ {} }} rosterVersion }}",
        "nested fragment": "{{ ...a }} fragment b on Query {{ {} }} fragment a on Query {{ ...b rosterVersion }}",
        "other operation": "query a {{ rosterVersion }} query b {{ {} }} query c {{ rosterVersion }}",
    }
    accepted = []
    for name, form in forms.items():
        for fields in (f"{big} {small}", f"{small} {big}", f"{small} {big} {small}", f"{big} {small} {small}"):
            body = {"query": form.format(fields), "operationName": "a" if "query a" in form else None}
            response = api.client.post("/api/graphql", json=body, headers={"authorization": f"Bearer {READ}"})
            if "the query exceeds the limit of " not in response.text:
                accepted.append((name, fields.index(big)))
    assert accepted == []


def test_long_alias_is_rejected(api: ApiClient):
    assert api.execute("{ " + "a" * 100 + ": rosterVersion }")
    (error,) = api.post("{ aiFeatureSettings { nodes { " + "a" * 101 + ": title } } }").json()["errors"]
    assert error["message"] == "an alias exceeds the limit of 100 characters"


def test_exponential_fragments_are_rejected_quickly(api: ApiClient):
    names = [f"f{number}" for number in range(60)]
    doubled = "".join(f"fragment {name} on Query {{ ...{below} ...{below} }} " for name, below in pairwise(names))
    began = time.perf_counter()
    response = api.post(f"{{ ...f0 }} {doubled} fragment f59 on Query {{ a: rosterVersion }}")
    assert response.json()["errors"][0]["message"].startswith("the query exceeds the limit of ")
    assert time.perf_counter() - began < 5


@pytest.mark.parametrize(
    "query",
    ["{ ...a } fragment a on Query { ...a }", "{ ...a } fragment a on Query { ...b } fragment b on Query { ...a }"],
)
def test_cyclic_fragment_is_rejected(api: ApiClient, query: str):
    assert "within itself" in api.post(query).text


def test_nested_introspection_is_rejected(api: ApiClient):
    query = "{ __schema { types { fields { type { fields { type { fields { type { fields { name } } } } } } } } } }"
    assert "introspection depth" in api.post(query).text


def test_tokens_of_a_document_are_released():
    """They would keep long comments in memory."""
    documents: list[DocumentNode | None] = []

    class Executed(SchemaExtension):
        def on_execute(self) -> Iterator[None]:
            documents.append(self.execution_context.graphql_document)
            yield

    extensions = [ReleaseTokens, Executed]
    result = strawberry.Schema(DisabledQuery, extensions=extensions).execute_sync("# comment\n{ __typename }")
    (document,) = documents
    assert result.data == {"__typename": "Query"}
    assert document
    assert document.loc
    tokens = (document.loc.start_token, document.loc.end_token)
    assert [(token.prev, token.next) for token in tokens] == [(None, None)] * 2
