"""Root fields: an error in one leaves the others in the response."""

from typing import Any

import pytest
from graphql import GraphQLNonNull, GraphQLObjectType

from roster.instance.graphql.executable_schema import disabled_schema, schema
from tests.instance.auth.test_token_authentication import READ, WRITE
from tests.instance.graphql.api_client import ApiClient

ONE_PAGE = {"hasNextPage": False, "hasPreviousPage": False}


@pytest.mark.parametrize("which", [schema, disabled_schema])
def test_every_root_field_is_nullable(which: Any):
    roots: list[GraphQLObjectType] = [root for root in (which._schema.query_type, which._schema.mutation_type) if root]
    fields = {f"{root}.{name}": field.type for root in roots for name, field in root.fields.items()}
    assert not [name for name, type_ in fields.items() if isinstance(type_, GraphQLNonNull)]


def test_failed_query_leaves_the_others(api: ApiClient):
    fields = "{ nodes { feature } }"
    body = api.post(
        f"""{{
          a: aiFeatureSettings(features: ["chat"]) {fields}
          b: aiFeatureSettings(features: ["caht"]) {fields}
          c: aiFeatureSettings(namespaceId: "x") {fields}
          d: aiModelSelectionAuditEvents(after: "x") {{ nodes {{ id }} }}
          e: aiFeatureSettings(features: ["code"], namespaceId: 7) {fields}
          rosterVersion
        }}""",
        READ,
    ).json()
    data = body["data"]
    assert [data[name] for name in "bcd"] == [None] * 3
    assert [data[name]["nodes"] for name in "ae"] == [[{"feature": "chat"}], [{"feature": "code"}]]
    assert data["rosterVersion"]
    assert [error["path"] for error in body["errors"]] == [["b"], ["c"], ["d"]]
    assert body["errors"][0]["message"] == 'there is no feature "caht": did you mean "chat"?'


def test_failed_mutation_leaves_the_others(api: ApiClient):
    body = api.post(
        """mutation {
          a: aiFeatureSettingUpdate(input: {feature: "chat", models: ["opus"], defaultModel: "opus"}) { errors }
          b: aiModelSelectionNamespaceUpdate(input: {namespaceId: "x", feature: "chat", model: "opus"}) { errors }
          c: aiFeatureSettingUpdate(input: {feature: "code", models: ["sonnet"], defaultModel: "sonnet"}) { errors }
        }""",
        WRITE,
    ).json()
    assert body["data"] == {"a": {"errors": []}, "b": None, "c": {"errors": []}}
    assert [error["path"] for error in body["errors"]] == [["b"]]
    saved = {feature: setting["selection"] for feature, setting in api.settings().items()}
    assert {feature: selection["defaultModel"]["ref"] for feature, selection in saved.items()} == {
        "chat": "opus",
        "code": "sonnet",
    }


def test_connections_without_pagination_have_edges_and_page_info(api: ApiClient):
    fields = "{ nodes { id } edges { node { id } cursor } pageInfo { ...page } }"
    data = api.execute(
        f"""{{
          some: aiFeatureSettings {fields}
          none: aiFeatureSettings(features: []) {fields}
          attention: aiModelSelectionAttention {fields}
          tokens: aiModelSelectionTokens {fields}
        }}
        fragment page on PageInfo {{ hasNextPage hasPreviousPage startCursor endCursor }}""",
        WRITE,
    )
    for connection in data.values():
        cursors = [edge["cursor"] for edge in connection["edges"]]
        start, end = (cursors[0], cursors[-1]) if cursors else (None, None)
        assert [edge["node"] for edge in connection["edges"]] == connection["nodes"]
        assert connection["pageInfo"] == ONE_PAGE | {"startCursor": start, "endCursor": end}
        assert len(set(cursors)) == len(cursors)
    assert len(data["some"]["nodes"]) == 2


def test_every_connection_has_edges_and_page_info():
    """As in https://relay.dev/graphql/connections.htm."""
    for name, type_ in schema._schema.type_map.items():
        if name.endswith("Connection"):
            assert isinstance(type_, GraphQLObjectType)
            assert str(type_.fields["pageInfo"].type) == "PageInfo!", name
            edge = schema._schema.type_map[str(type_.fields["edges"].type).strip("[]!")]
            assert isinstance(edge, GraphQLObjectType)
            assert edge.name.endswith("Edge")
            assert f"[{edge.fields['node'].type}]!" == str(type_.fields["nodes"].type)
            assert str(edge.fields["cursor"].type) == "String!", name


def test_scalars_name_their_specifications(api: ApiClient):
    query = '{ date: __type(name: "Date") { ...url } time: __type(name: "DateTime") { ...url } }'
    data = api.execute(query + " fragment url on __Type { specifiedByURL }")
    assert {name: each["specifiedByURL"] for name, each in data.items()} == {
        "date": "https://scalars.graphql.org/chillicream/date.html",
        "time": "https://scalars.graphql.org/chillicream/date-time.html",
    }
