"""A small document cannot ask for much, and what clients read the schema with is no such document."""

import time
from itertools import pairwise

import pytest
from graphql import get_introspection_query

from tests.instance.graphql.api import Api


def test_clients_can_read_the_schema(api: Api):
    everything = get_introspection_query(
        specified_by_url=True, directive_is_repeatable=True, schema_description=True, input_value_deprecation=True
    )
    assert "AiFeatureSetting" in {each["name"] for each in api.ask(everything)["__schema"]["types"]}


def nested(depth: int) -> str:
    return '{ __type(name: "Query") ' + "{ ofType " * (depth - 2) + "{ name }" + " }" * (depth - 1)


SETTINGS = "aiFeatureSettings { nodes { feature } }"


@pytest.mark.parametrize(
    ("allowed", "refused", "why"),
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
def test_how_much_is_allowed(api: Api, allowed: str, refused: str, why: str):
    assert "errors" not in api.post(allowed).json()
    (error,) = api.post(refused).json()["errors"]
    assert error["message"] == why


def test_fragments_within_fragments_cost_nothing_to_refuse(api: Api):
    names = [f"f{number}" for number in range(60)]
    doubled = "".join(f"fragment {name} on Query {{ ...{below} ...{below} }} " for name, below in pairwise(names))
    began = time.perf_counter()
    answer = api.post(f"{{ ...f0 }} {doubled} fragment f59 on Query {{ a: rosterVersion }}")
    assert answer.json()["errors"][0]["message"].startswith("the query exceeds the limit of ")
    assert time.perf_counter() - began < 5


@pytest.mark.parametrize(
    "query",
    ["{ ...a } fragment a on Query { ...a }", "{ ...a } fragment a on Query { ...b } fragment b on Query { ...a }"],
)
def test_a_fragment_within_itself_is_refused(api: Api, query: str):
    assert "within itself" in api.post(query).text


def test_the_schema_cannot_be_asked_for_again_and_again_within_itself(api: Api):
    query = "{ __schema { types { fields { type { fields { type { fields { type { fields { name } } } } } } } } } }"
    assert "introspection depth" in api.post(query).text
