"""The connections of audit events and syncs."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import insert

from roster.instance.auth.actor_names import actor_of
from roster.instance.auth.token_revocation import revoke_by_name
from roster.instance.auth.tokens import Access, add_token
from roster.instance.database.tables import tokens
from tests.instance.auth.test_token_authentication import READ
from tests.instance.database.statements import count_statements
from tests.instance.graphql.api_client import ApiClient
from tests.instance.history.recorded import START, audit_event, chosen, own_default, store_events, store_sync

EVENTS_QUERY = """query ($first: Int, $after: String, $last: Int, $before: String, $feature: String, $namespaceId: ID,
    $instanceOnly: Boolean! = false, $actor: String, $batch: String, $since: DateTime, $until: DateTime) {
  page: aiModelSelectionAuditEvents(
    first: $first, after: $after, last: $last, before: $before, feature: $feature, namespaceId: $namespaceId,
    instanceOnly: $instanceOnly, actor: $actor, batch: $batch, since: $since, until: $until
  ) { nodes { ...event } edges { cursor node { ...event } } pageInfo { ...position } }
}
fragment event on AiModelSelectionAuditEvent {
  id createdAt actor action feature title namespaceId batch summary old { ...value } new { ...value }
}
fragment value on AiModelSelectionAuditValue { mode models { ref name } defaultModel { ref name } }
fragment position on PageInfo { hasNextPage hasPreviousPage startCursor endCursor }"""
SYNCS_QUERY = """query ($first: Int, $after: String, $last: Int, $before: String,
    $outcome: AiModelSelectionSyncOutcome, $since: DateTime, $until: DateTime) {
  page: aiModelSelectionSyncRuns(
    first: $first, after: $after, last: $last, before: $before, outcome: $outcome, since: $since, until: $until
  ) { nodes { ...sync } edges { cursor node { ...sync } } pageInfo { ...position } }
}
fragment sync on AiModelSelectionSyncRun {
  id startedAt finishedAt outcome reason message version changes added changed removed leftOut
}
fragment position on PageInfo { hasNextPage hasPreviousPage startCursor endCursor }"""


def ids(page: dict[str, Any]) -> list[int]:
    assert [edge["node"] for edge in page["edges"]] == page["nodes"]
    return [int(node["id"].rpartition("/")[2]) for node in page["nodes"]]


def errors(api: ApiClient, query: str, **variables: Any) -> list[str]:
    return [error["message"] for error in api.post(query, READ, **variables).json()["errors"]]


@pytest.fixture
def history(api: ApiClient) -> ApiClient:
    """An API with 120 events, of which every fifth is about a namespace."""
    events = [
        audit_event(number, "code" if number % 2 else "chat", namespace_id=None if number % 5 else 7, batch=str(number))
        for number in range(1, 121)
    ]
    store_events(api.database, events)
    return api


def test_event_has_names_and_a_sentence(api: ApiClient):
    store_events(
        api.database,
        [
            audit_event(1, "chat", new=chosen("sonnet", "opus"), actor="alice"),
            audit_event(2, "chat", chosen("sonnet", "opus"), own_default("opus"), namespace_id=None, batch="b"),
            audit_event(3, "ended", new=chosen("gone"), namespace_id=7, actor="bob"),
        ],
    )
    newest, changed, first = api.execute(EVENTS_QUERY)["page"]["nodes"]
    sonnet, opus = ({"ref": name, "name": f"GitLab: {name}"} for name in ("sonnet", "opus"))
    nothing: dict[str, Any] = {"mode": "ROSTER", "models": [], "defaultModel": None}
    assert (first["old"], first["batch"]) == (nothing, None)
    assert first["new"] == {"mode": "CHOSEN_MODELS", "models": [sonnet, opus], "defaultModel": sonnet}
    assert changed == {
        "id": "gid://roster/AiModelSelectionAuditEvent/2",
        "createdAt": "2026-11-23T02:00:00+00:00",
        "actor": "alice",
        "action": "upsert",
        "feature": "chat",
        "title": "Chat",
        "namespaceId": None,
        "batch": "b",
        "old": first["new"],
        "new": {"mode": "OWN_DEFAULT", "models": [], "defaultModel": opus},
        "summary": "alice changed Chat: the default went from GitLab: sonnet to GitLab: opus; all models are allowed.",
    }
    assert (newest["title"], newest["namespaceId"]) == ("ended", "7")
    assert newest["summary"] == "bob selected gone for ended in namespace 7."


@pytest.mark.parametrize("forward", [True, False])
def test_pages_of_at_most_100_have_every_event_once(history: ApiClient, forward: bool):
    pages: list[list[int]] = []
    variables: dict[str, Any] = {} if forward else {"last": 1000}
    for _ in range(2):
        page = history.execute(EVENTS_QUERY, **variables)["page"]
        pages.append(ids(page))
        position = page["pageInfo"]
        assert (position["startCursor"], position["endCursor"]) == tuple(page["edges"][at]["cursor"] for at in (0, -1))
        variables |= {"after": position["endCursor"]} if forward else {"before": position["startCursor"]}
    assert not position["hasNextPage" if forward else "hasPreviousPage"]
    assert [len(page) for page in pages] == [100, 20]
    assert [id_ for page in (pages if forward else pages[::-1]) for id_ in page] == list(range(120, 0, -1))


def test_filters_of_events(history: ApiClient):
    moment = (START + timedelta(hours=118)).isoformat()
    for variables, expected in (
        ({"feature": "chat", "first": 3}, [120, 118, 116]),
        ({"namespaceId": "gid://gitlab/Group/7", "first": 2}, [120, 115]),
        ({"instanceOnly": True, "first": 2}, [119, 118]),
        ({"since": moment}, [120, 119, 118]),
        ({"until": moment, "first": 1}, [117]),
        ({"batch": "9"}, [9]),
        ({"actor": "alice", "first": 1}, [120]),
        ({"actor": "nobody"}, []),
        ({"feature": "\0"}, []),
        ({"first": 0}, []),
    ):
        page = history.execute(EVENTS_QUERY, **variables)["page"]
        assert ids(page) == expected, variables
        assert (page["pageInfo"]["endCursor"] is None) is (not expected)


def test_invalid_arguments_are_explained(history: ApiClient):
    for variables, message in (
        ({"after": "MjUwLTE"}, 'the cursor "MjUwLTE" is invalid: use one that this connection returned'),
        ({"before": "x" * 10_000}, f'the cursor "{"x" * 59}…" is invalid: use one that this connection returned'),
        ({"first": -1}, "first must be from 0 to 100, not -1"),
        ({"first": 1, "last": 1}, "first and last cannot be used together"),
        ({"namespaceId": "x"}, "a namespace ID must be a number, or a global ID such as gid://gitlab/Group/7"),
        (
            {"namespaceId": "7", "instanceOnly": True},
            "namespaceId and instanceOnly cannot be used together",
        ),
    ):
        assert errors(history, EVENTS_QUERY, **variables) == [message]
    (message,) = errors(history, EVENTS_QUERY, since="Monday")
    assert "DateTime" in message


def test_actors_have_the_names_of_their_tokens(api: ApiClient):
    for digest in ("1a2b3c4d", "5e6f7a8b"):  # the second one replaces the first one
        with api.database.write_transaction() as connection:
            add_token(connection, "Alice", digest + "0" * 56, Access.WRITE)
            revoke_by_name(connection, "Alice")
    actors = ("token:1a2b3c4d", "token:5e6f7a8b", "token:99999999")
    store_events(api.database, [audit_event(number, actor=actor) for number, actor in enumerate(actors, 11)])
    nodes = api.execute(EVENTS_QUERY)["page"]["nodes"]
    assert [node["actor"] for node in nodes] == ["token:99999999", "Alice", "Alice"]
    assert nodes[1]["summary"].startswith("Alice ")
    assert ids(api.execute(EVENTS_QUERY, actor="Alice")["page"]) == [12, 11]
    assert ids(api.execute(EVENTS_QUERY, actor="token:99999999")["page"]) == [13]


def test_actor_with_thousands_of_revoked_tokens(api: ApiClient):
    revoked = {"name": "bot", "access": "write", "created_at": START, "revoked_at": START}
    digests = [f"{number:064x}"[::-1] for number in range(1, 2_000)]
    with api.database.write_transaction() as connection:
        connection.execute(insert(tokens), [{**revoked, "digest": each, "actor": actor_of(each)} for each in digests])
    store_events(api.database, [audit_event(1, actor=actor_of(digests[-1])), audit_event(2, actor="token:99999999")])
    assert ids(api.execute(EVENTS_QUERY, actor="bot")["page"]) == [1]


def test_syncs_with_what_they_changed(api: ApiClient):
    store_sync(api.database, added=["sonnet", "gone"], removed=["old"])
    store_sync(api.database, changes=["The default of Chat went from a to b"], message="one is left out\nand another")
    store_sync(api.database, "failed", message="the gateway did not answer")
    store_sync(api.database, "recovered")
    recovered, failed, replaced, earlier = api.execute(SYNCS_QUERY)["page"]["nodes"]
    assert (recovered["outcome"], recovered["changes"]) == ("RECOVERED", [])
    assert (failed["reason"], failed["message"]) == ("unreachable", "the gateway did not answer")
    assert replaced["changes"] == ["The default of Chat went from a to b"]
    assert (replaced["message"], replaced["leftOut"]) == (None, ["one is left out", "and another"])
    assert earlier["changes"] == ["Added: GitLab: sonnet and gone", "Removed: GitLab: old"]
    assert (earlier["added"], earlier["changed"], earlier["removed"]) == (["sonnet", "gone"], [], ["old"])
    assert api.execute(SYNCS_QUERY, outcome="FAILED")["page"]["nodes"] == [failed]
    page = api.execute(SYNCS_QUERY, first=1, after=api.execute(SYNCS_QUERY, first=1)["page"]["pageInfo"]["endCursor"])
    assert page["page"]["nodes"] == [failed]
    later = (START + timedelta(seconds=1)).isoformat()
    assert api.execute(SYNCS_QUERY, since=later)["page"]["nodes"] == []
    assert len(api.execute(SYNCS_QUERY, until=later)["page"]["nodes"]) == 4


def test_connections_take_a_constant_number_of_statements(history: ApiClient):
    for _ in range(5):
        store_sync(history.database, changes=["x"])
    history.execute(EVENTS_QUERY, first=1)
    for query in (EVENTS_QUERY, SYNCS_QUERY):
        for size in (1, 20):
            with count_statements(history.database) as statements:
                history.execute(query, first=size)
            assert len(statements) == (4 if query == EVENTS_QUERY else 3)


def test_new_event_is_returned_by_a_repeated_query(history: ApiClient):
    assert ids(history.execute(EVENTS_QUERY, first=1)["page"]) == [120]
    store_events(history.database, [audit_event(121)])
    assert ids(history.execute(EVENTS_QUERY, first=1)["page"]) == [121]
