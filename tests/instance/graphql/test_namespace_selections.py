"""The connection of namespaces' selections, and the number of namespaces that selected a model."""

from typing import Any

import pytest

from roster.instance.database.connections import Database
from tests.instance.database.statements import count_statements
from tests.instance.graphql.api_client import ApiClient
from tests.instance.selection.namespace_rows import many, store_namespaces
from tests.instance.selection.offered_lists import SMALL_LIST, large_list

CONNECTION = """query list($feature: String, $model: ID, $namespaceId: ID, $effective: Boolean,
    $first: Int, $after: String, $last: Int, $before: String) {
  list: aiModelSelectionNamespaceSelections(feature: $feature, model: $model, namespaceId: $namespaceId,
      effective: $effective, first: $first, after: $after, last: $last, before: $before) {
    nodes {
      id namespaceId feature title effective explanation version changedBy changedAt
      model { ref name namespaceCount }
      resolution { model { ref } source steps { outcome } }
    }
    edges { cursor node { namespaceId feature } }
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    count
  }
}"""
COUNTS = "{ aiFeatureSettings { nodes { feature offeredModels { ref namespaceCount } } } }"
CHOSEN = [(7, "chat", "haiku"), (7, "code", "codestral"), (8, "chat", "opus_3"), (9, "chat", "old")]


@pytest.fixture
def api(api: ApiClient) -> ApiClient:
    """An API of an instance with selections of three namespaces; it does not allow what two of them selected."""
    api.store_list(SMALL_LIST._replace(aliases={"opus_3": "opus"}))
    api.select("chat", "sonnet", "haiku")
    with api.database.write_transaction() as connection:
        store_namespaces(connection, CHOSEN)
    return api


def listed(api: ApiClient, **variables: Any) -> Any:
    return api.execute(CONNECTION, **variables)["list"]


def numbers(connection: Any) -> list[str]:
    return [node["namespaceId"] for node in connection["nodes"]]


def test_nodes_say_what_serves_each_namespace_and_why(api: ApiClient):
    connection = listed(api)
    first, _, third, last = connection["nodes"]
    assert connection["count"] == 4
    assert (first["effective"], first["resolution"]["source"]) == (True, "NAMESPACE")
    assert third.pop("id")
    assert third == {
        "namespaceId": "8",
        "feature": "chat",
        "title": "Chat",
        "effective": False,
        "explanation": 'the namespace selected "opus_3", an earlier id of "opus", which the instance does not allow; '
        'the instance selected "sonnet"',
        "version": 1,
        "changedBy": "somebody",
        "changedAt": "2026-08-05T12:00:30+00:00",
        "model": {"ref": "opus", "name": "GitLab: opus", "namespaceCount": 1},
        "resolution": {
            "model": {"ref": "sonnet"},
            "source": "INSTANCE",
            "steps": [{"outcome": "NOT_ALLOWED"}, {"outcome": "SERVES"}],
        },
    }
    assert last["resolution"]["model"] == {"ref": "sonnet"}
    assert [edge["node"]["namespaceId"] for edge in connection["edges"]] == numbers(connection)


def test_resolution_equals_that_of_the_namespace(api: ApiClient):
    query = "query r($namespaceId: ID) { aiFeatureSettings(namespaceId: $namespaceId) { nodes { feature resolution { "
    query += "model { ref } source steps { outcome } } } } }"
    for node in listed(api)["nodes"]:
        settings = api.execute(query, namespaceId=node["namespaceId"])["aiFeatureSettings"]["nodes"]
        (resolution,) = (each["resolution"] for each in settings if each["feature"] == node["feature"])
        assert node["resolution"] == resolution


def test_filters(api: ApiClient):
    cases: list[tuple[dict[str, Any], list[str]]] = [
        ({"feature": "chat"}, ["7", "8", "9"]),
        ({"model": "opus"}, ["8"]),
        ({"model": "opus_3"}, ["8"]),
        ({"namespaceId": "gid://gitlab/Group/7"}, ["7", "7"]),
        ({"effective": False}, ["8", "9"]),
        ({"effective": True}, ["7", "7"]),
        ({"feature": "summary", "effective": None}, []),
    ]
    for filter, expected in cases:
        connection = listed(api, **filter)
        assert (numbers(connection), connection["count"]) == (expected, len(expected)), filter


def test_pages_in_both_directions(api: ApiClient):
    first = listed(api, first=3)
    assert (numbers(first), first["count"]) == (["7", "7", "8"], 4)
    assert first["pageInfo"] == {
        "hasNextPage": True,
        "hasPreviousPage": False,
        "startCursor": first["edges"][0]["cursor"],
        "endCursor": first["edges"][2]["cursor"],
    }
    second = listed(api, first=3, after=first["pageInfo"]["endCursor"])
    assert numbers(second) == ["9"]
    assert (second["pageInfo"]["hasNextPage"], second["pageInfo"]["hasPreviousPage"]) == (False, True)
    assert numbers(listed(api, last=2, before=second["pageInfo"]["startCursor"])) == ["7", "8"]
    assert numbers(listed(api, last=1)) == ["9"]
    empty = listed(api, first=0)
    assert (empty["nodes"], empty["pageInfo"]["endCursor"], empty["pageInfo"]["hasNextPage"]) == ([], None, True)


def test_invalid_arguments_are_explained(api: ApiClient):
    cases: list[tuple[dict[str, Any], str]] = [
        ({"feature": "chart"}, 'there is no feature "chart": did you mean "chat"?'),
        ({"feature": "\0"}, 'there is no feature "\\x00"'),
        ({"model": "x" * 10_000}, "there is no model"),
        ({"namespaceId": "seven"}, "a namespace ID must be a number, or a global ID such as gid://gitlab/Group/7"),
        ({"first": 1, "last": 1}, "first and last cannot be used together"),
        ({"first": -1}, "first must be from 0 to 100, not -1"),
        ({"last": -1}, "last must be from 0 to 100, not -1"),
        ({"after": "7"}, 'the cursor "7" is invalid: use one that this connection returned'),
        ({"before": "é"}, 'the cursor "é" is invalid: use one that this connection returned'),
    ]
    for variables, message in cases:
        (error,) = api.post(CONNECTION, **variables).json()["errors"]
        assert error["message"].startswith(message), variables
        assert len(error["message"]) < 300


def test_namespace_counts_are_read_when_requested(api: ApiClient):
    def counts() -> dict[str, dict[str, int]]:
        nodes = api.execute(COUNTS)["aiFeatureSettings"]["nodes"]
        return {each["feature"]: {m["ref"]: m["namespaceCount"] for m in each["offeredModels"]} for each in nodes}

    assert counts() == {"chat": {"haiku": 1, "sonnet": 0, "opus": 1}, "code": {"sonnet": 0, "codestral": 1}}
    for query, expected in ((COUNTS, 4), (COUNTS.replace("namespaceCount", "name"), 3)):
        for _ in range(2):  # the second time, from the cache
            with count_statements(api.database) as statements:
                api.execute(query)
            assert len(statements) == expected
    api.mutate("aiModelSelectionNamespaceUpdate", namespaceId="12", feature="code", model="sonnet")
    assert counts()["code"] == {"sonnet": 1, "codestral": 1}


def test_each_mutation_returns_the_counts_after_it(api: ApiClient):
    update = """aiModelSelectionNamespaceUpdate(input: {namespaceId: "%d", feature: "code", model: "sonnet"}) {
      errors aiFeatureSetting { selection { defaultModel { namespaceCount } } } }"""
    data = api.post(f"mutation {{ one: {update % 12} two: {update % 13} }}").json()["data"]
    counts = [data[name]["aiFeatureSetting"]["selection"]["defaultModel"]["namespaceCount"] for name in ("one", "two")]
    assert counts == [1, 2]


def test_large_connection_takes_few_statements_and_has_at_most_100_nodes(database: Database):
    api, statements_taken = ApiClient(database), []
    api.set_flag(True)
    for features, namespaces in ((3, 5), (6, 60)):
        api.store_list(large_list(features, 10))
        with database.write_transaction() as connection:
            store_namespaces(connection, many(namespaces, features, 10, offset=1000 * features), 100_000 * features)
        api.settings()
        for effective in (None, True):
            with count_statements(database) as statements:
                page = listed(api, first=1000, effective=effective)
            statements_taken.append(len(statements))
    assert len(page["nodes"]) == 100
    assert page["count"] == 3 * 5 + 6 * 60
    assert set(statements_taken) == {6}
