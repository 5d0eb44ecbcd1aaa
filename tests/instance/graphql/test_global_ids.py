"""Global IDs: one for each object in a list, the same in queries and in payloads of mutations."""

from collections import defaultdict
from typing import Any

from graphql import GraphQLObjectType

from roster.instance.auth.tokens import Access, add_token, hash_token
from roster.instance.graphql.executable_schema import schema
from roster.instance.graphql.global_ids import global_id, stored_id
from tests.instance.auth.test_token_authentication import WRITE
from tests.instance.graphql.api_client import ApiClient
from tests.instance.history.recorded import store_sync

MODEL = """fragment model on AiModelSelectionOfferedModel {
  __typename id ref name releaseState available namespaceCount
}"""

SETTING = f"""fragment setting on AiFeatureSetting {{
  __typename id feature version mode
  defaultModel {{ ...model }} defaultModels {{ model {{ ...model }} }} allowedModels {{ ...model }}
  offeredModels {{ ...model }} selection {{ __typename id namespaceId models {{ ...model }} }}
  resolution {{ model {{ ...model }} steps {{ model {{ ...model }} }} }}
}} {MODEL}"""
SETTINGS = f"""{{
  instance: aiFeatureSettings {{ nodes {{ ...setting }} }}
  seven: aiFeatureSettings(namespaceId: 7) {{ nodes {{ ...setting }} }}
  eight: aiFeatureSettings(namespaceId: 8) {{ nodes {{ ...setting }} }}
}} {SETTING}"""
OTHERS = """{
  aiModelSelectionNamespaceSelections { nodes { __typename id feature model { __typename id ref namespaceCount } } }
  aiModelSelectionAuditEvents { nodes { __typename id summary } }
  aiModelSelectionSyncRuns { nodes { __typename id startedAt } }
  aiModelSelectionTokens { nodes { __typename id name } }
  aiModelSelectionAttention { nodes { __typename id key } }
}"""
CHANGES = {
    "gid://roster/AiFeatureSetting/chat": 'aiFeatureSettingUpdate(input: {feature: "chat", models: ["haiku", "opus"], '
    'defaultModel: "opus"})',
    "gid://roster/AiFeatureSetting/7/chat": "aiModelSelectionNamespaceUpdate(input: "
    '{namespaceId: 7, feature: "chat", model: "haiku"})',
}
"""A mutation by the ID of the setting that it changes."""


def change(api: ApiClient, id_: str) -> Any:
    return api.execute(f"mutation {{ {CHANGES[id_]} {{ aiFeatureSetting {{ ...setting }} errors }} }} {SETTING}", WRITE)


def objects(data: Any) -> dict[str, list[dict[str, Any]]]:
    """Return the objects with an ID anywhere in a response, by their IDs."""
    by_id = defaultdict(list)
    pending = [data]
    while pending:
        value = pending.pop()
        if isinstance(value, dict) and "id" in value:
            by_id[value["id"]].append(value)
        pending += value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return by_id


def populate(api: ApiClient) -> None:
    """Store one object of each type at least, with equal numbers."""
    with api.database.write_transaction() as connection:
        add_token(connection, "alice", hash_token("the-token-of-alice"), Access.WRITE)
    store_sync(api.database)
    for id_ in CHANGES:
        change(api, id_)


def test_objects_with_the_same_id_have_the_same_fields(api: ApiClient):
    populate(api)
    by_id = objects(api.execute(SETTINGS)) | objects(api.execute(OTHERS, WRITE))
    differing = {id_: each for id_, each in by_id.items() if any(value != each[0] for value in each)}
    assert not differing
    types = {each[0]["__typename"] for each in by_id.values()}
    assert all(id_.startswith(f"gid://roster/{each[0]['__typename']}/") for id_, each in by_id.items())
    assert types >= {
        "AiFeatureSetting",
        "AiModelSelection",
        "AiModelSelectionAuditEvent",
        "AiModelSelectionNamespaceSelection",
        "AiModelSelectionOfferedModel",
        "AiModelSelectionSyncRun",
        "AiModelSelectionToken",
    }


def test_ids_differ_by_namespace(api: ApiClient):
    populate(api)
    data = api.execute(SETTINGS)
    instance, seven, eight = (objects(data[name]).keys() for name in ("instance", "seven", "eight"))
    assert not instance & seven | instance & eight | seven & eight
    assert "gid://roster/AiFeatureSetting/chat" in instance
    assert "gid://roster/AiFeatureSetting/7/chat" in seven
    assert "gid://roster/AiModelSelectionOfferedModel/7/chat/opus" in seven


def test_payload_has_the_ids_of_the_query(api: ApiClient):
    for id_ in CHANGES:
        before, payload = objects(api.execute(SETTINGS)), objects(change(api, id_))
        after = objects(api.execute(SETTINGS))
        assert payload[id_] == after[id_] != before[id_], id_
        assert all(after[each] for each in payload)


def test_type_of_every_node_has_an_id():
    types = schema._schema.type_map.values()
    nodes = [
        each.fields["nodes"].type
        for each in types
        if isinstance(each, GraphQLObjectType) and each.name.endswith("Connection")
    ]
    without = [str(each) for each in nodes if "id" not in each.of_type.of_type.of_type.fields]
    assert nodes
    assert not without


def test_restore_and_revocation_accept_global_ids(api: ApiClient):
    populate(api)
    mutation = """mutation ($event: ID!, $revoked: ID!) {
      aiFeatureSettingRestore(input: {auditEventId: $event}) { errors }
      aiModelSelectionTokenRevoke(input: {id: $revoked, confirmLastWriteToken: true}) { token { id name } errors }
    }"""
    (token,) = api.execute("{ aiModelSelectionTokens { nodes { id } } }", WRITE)["aiModelSelectionTokens"]["nodes"]
    events = api.execute("{ aiModelSelectionAuditEvents(instanceOnly: true) { nodes { id } } }")
    (event,) = events["aiModelSelectionAuditEvents"]["nodes"]
    data = api.execute(mutation, WRITE, event=event["id"], revoked=token["id"])
    assert data["aiFeatureSettingRestore"] == {"errors": []}
    assert data["aiModelSelectionTokenRevoke"] == {"token": token | {"name": "alice"}, "errors": []}


def test_global_id_escapes_its_parts():
    assert global_id("A", "a/b", "c d", 7) == "gid://roster/A/a%2Fb/c%20d/7"


def test_global_id_of_another_type_is_no_number():
    assert [stored_id("A", id_) for id_ in ("7", "gid://roster/A/7", "gid://roster/B/7", "gid://roster/A/x", "")] == [
        "7",
        "7",
        "gid://roster/B/7",
        "gid://roster/A/x",
        "",
    ]
