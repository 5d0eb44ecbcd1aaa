"""Tokens in the API: who may list and revoke them, and requests that run during a revocation."""

import time
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from typing import Any

import pytest

from roster import __version__
from roster.instance.auth.actor_names import command_actor
from roster.instance.auth.token_revocation import revoke_by_name
from roster.instance.auth.tokens import Access, add_token, hash_token, load_tokens
from roster.instance.graphql import request_context
from tests.instance.auth.test_token_authentication import READ, WRITE, open_session_for
from tests.instance.database.statements import count_statements
from tests.instance.graphql.api_client import ApiClient

ALICE = "the-token-of-alice"
TOKENS = "{ aiModelSelectionTokens { nodes { id name access current createdAt lastUsedAt revokedAt revokedBy } } }"
REVOKE = """mutation ($input: AiModelSelectionTokenRevokeInput!) {
  aiModelSelectionTokenRevoke(input: $input) {
    token { name revokedBy current } needsConfirmation errors clientMutationId
  }
}"""
EVENTS = """query ($first: Int, $after: String) { aiModelSelectionTokenEvents(first: $first, after: $after) {
  nodes { id actor action name previousName access summary } pageInfo { endCursor } } }"""
RESTORE = "mutation ($id: ID!) { aiFeatureSettingRestore(input: {auditEventId: $id}) { errors } }"
UPDATE = """mutation ($input: AiFeatureSettingUpdateInput!) { aiFeatureSettingUpdate(input: $input) { errors } }"""


def add(api: ApiClient, name: str, token: str, access: Access = Access.WRITE) -> None:
    with api.database.write_transaction() as connection:
        add_token(connection, name, hash_token(token), access)


def stored_id(api: ApiClient, name: str) -> str:
    with api.database.read_transaction() as connection:
        return next(str(token.id) for token in load_tokens(connection) if token.name == name)


def revoke(api: ApiClient, name: str, token: str = WRITE, **input: Any) -> Any:
    sent = {"id": stored_id(api, name)} | input
    return api.execute(REVOKE, token, input=sent)["aiModelSelectionTokenRevoke"]


def test_tokens_are_listed_for_write_access_only(api: ApiClient):
    add(api, "alice", ALICE)
    add(api, "reader", "reader", Access.READ)
    with count_statements(api.database) as statements:
        nodes = api.execute(TOKENS, ALICE)["aiModelSelectionTokens"]["nodes"]
    assert len(statements) == 3  # the caller, the status and the tokens
    assert [(node["name"], node["access"], node["current"]) for node in nodes] == [
        ("alice", "WRITE", True),
        ("reader", "READ", False),
    ]
    assert nodes[0]["lastUsedAt"] is nodes[0]["revokedAt"] is nodes[0]["revokedBy"] is None
    for token in ("reader", READ):
        body = api.post(TOKENS.replace("{", "{ rosterVersion ", 1), token).json()
        (error,) = body["errors"]
        assert (body["data"]["aiModelSelectionTokens"], body["data"]["rosterVersion"]) == (None, __version__)
        assert error["message"] == "you don't have permission to see the tokens: your token is read-only"
    assert "permission" in api.post(REVOKE, READ, input={"id": "1"}).json()["errors"][0]["message"]


def test_revoked_token_is_rejected_at_once(api: ApiClient):
    add(api, "alice", ALICE)
    cookie = {"cookie": f"roster_session={open_session_for(api.database, ALICE).cookie}"}
    api.execute(TOKENS, ALICE)
    payload = revoke(api, "alice", clientMutationId="7")
    actor = f"token:{hash_token(WRITE)[:8]}"
    assert payload == {
        "token": {"name": "alice", "revokedBy": actor, "current": False},
        "needsConfirmation": False,
        "errors": [],
        "clientMutationId": "7",
    }
    for response in (api.post(TOKENS, ALICE), api.post("{ rosterVersion }", None, cookie)):
        assert response.status_code == 401
        assert response.json()["errors"] == [{"message": 'the access token "alice" was revoked: use another one'}]
    nodes = api.execute(TOKENS, WRITE)["aiModelSelectionTokens"]["nodes"]
    assert [(node["name"], node["revokedBy"]) for node in nodes] == [("alice", actor)]
    (error,) = revoke(api, "alice")["errors"]
    assert error.startswith('the token "alice" was already revoked on ')


def test_last_write_token_needs_a_confirmation(api: ApiClient):
    add(api, "admin", WRITE)
    for _ in range(2):
        payload = revoke(api, "admin")
        assert (payload["token"], payload["needsConfirmation"]) == (None, True)
        assert payload["errors"][0].startswith('"admin" is the last token with write access: without it, nobody can')
    confirmed = revoke(api, "admin", confirmLastWriteToken=True)
    assert confirmed["token"] == {"name": "admin", "revokedBy": "admin", "current": True}
    assert api.post(TOKENS, WRITE).status_code == 401


@pytest.mark.parametrize("id_", ["", "x", "-1", "999", "9" * 5000, "\x00", "\ud800"])
def test_unknown_token_is_reported(api: ApiClient, id_: str):
    payload = api.execute(REVOKE, WRITE, input={"id": id_})["aiModelSelectionTokenRevoke"]
    assert (payload["token"], payload["errors"]) == (None, ["there is no such token: reload the list"])


def test_events_tell_who_added_and_revoked_a_token(api: ApiClient):
    add(api, "admin", WRITE)
    add(api, "alice", ALICE, Access.READ)
    revoke(api, "alice")
    api.select("chat", "sonnet")
    page = api.execute(EVENTS, WRITE, first=1)["aiModelSelectionTokenEvents"]
    command = command_actor()
    expected = [
        ("admin", "REVOKED", "alice", "READ", 'admin revoked the access token "alice", which had read access.'),
        (command, "ADDED", "alice", "READ", f'{command} added the access token "alice" with read access.'),
        (command, "ADDED", "admin", "WRITE", f'{command} added the access token "admin" with write access.'),
    ]
    older = api.execute(EVENTS, WRITE, after=page["pageInfo"]["endCursor"])["aiModelSelectionTokenEvents"]
    nodes = page["nodes"] + older["nodes"]
    assert [
        tuple(node[name] for name in ("actor", "action", "name", "access", "summary")) for node in nodes
    ] == expected
    (event,) = api.execute("{ aiModelSelectionAuditEvents { nodes { feature } } }")["aiModelSelectionAuditEvents"][
        "nodes"
    ]
    assert event == {"feature": "chat"}
    restored = api.execute(RESTORE, WRITE, id=nodes[0]["id"].rpartition("/")[2])["aiFeatureSettingRestore"]
    assert restored["errors"][0].startswith("there is no audit event ")
    assert "permission" in api.post(EVENTS, READ).json()["errors"][0]["message"]


def test_change_that_waits_during_the_revocation_is_refused(api: ApiClient, monkeypatch: pytest.MonkeyPatch):
    add(api, "alice", ALICE)
    waits = Event()

    class WaitingContext(request_context.RequestContext):
        def writing(self) -> Any:
            waits.set()
            return super().writing()

    monkeypatch.setattr("roster.instance.graphql.endpoint.RequestContext", WaitingContext)
    input = {"feature": "chat", "models": ["sonnet"], "defaultModel": "sonnet"}
    with ThreadPoolExecutor() as threads:
        with api.database.write_transaction() as connection:
            response = threads.submit(api.post, UPDATE, ALICE, input=input)
            assert waits.wait(30)
            revoke_by_name(connection, "alice")
        body = response.result().json()
    assert [error["message"] for error in body["errors"]] == ['the access token "alice" was revoked: use another one']
    assert api.settings()["chat"]["selection"] is None


def test_requests_during_a_revocation_succeed_or_are_rejected(api: ApiClient):
    add(api, "alice", ALICE)
    started = Event()

    def query() -> list[int]:
        statuses = []
        deadline = time.monotonic() + 30
        while 401 not in statuses and time.monotonic() < deadline:
            statuses.append(api.post("{ rosterVersion }", ALICE).status_code)
            started.set()
        return statuses

    with ThreadPoolExecutor() as threads:
        queries = [threads.submit(query) for _ in range(3)]
        assert started.wait(30)
        revoke(api, "alice")
        for each in queries:
            *before, last = each.result()
            assert (set(before), last) in (({200}, 401), (set(), 401))


def test_change_before_the_revocation_is_kept(api: ApiClient):
    add(api, "alice", ALICE)
    input = {"feature": "chat", "models": ["sonnet"], "defaultModel": "sonnet"}
    assert api.execute(UPDATE, ALICE, input=input)["aiFeatureSettingUpdate"]["errors"] == []
    revoke(api, "alice")
    nodes = api.execute('{ aiFeatureSettings(features: ["chat"]) { nodes { changedBy selection { id } } } }')
    (node,) = nodes["aiFeatureSettings"]["nodes"]
    assert (node["changedBy"], node["selection"] is None) == ("alice", False)
