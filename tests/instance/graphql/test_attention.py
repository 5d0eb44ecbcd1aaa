"""Entries, the preview of a future day, and a requested sync in the API."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from roster.instance.auth.token_authentication import Authentication
from roster.instance.database.connections import Database
from roster.instance.database.worker_threads import WorkerThreads
from roster.instance.graphql import request_context
from roster.instance.graphql.endpoint import api_router
from roster.instance.selection.offered_list import OfferedRetirement
from roster.instance.selection.state import StateReader
from roster.instance.sync.schedule import SyncSchedule
from roster.instance.sync.sync_now import SyncNow
from tests.download.scripted_server import ScriptedServer, answer, ok
from tests.instance.auth.test_token_authentication import READ, WRITE, Hashes
from tests.instance.database.statements import count_statements
from tests.instance.graphql.api_client import ApiClient
from tests.instance.selection.namespace_rows import store_namespaces
from tests.instance.selection.offered_lists import large_list, list_serving
from tests.instance.sync.sync_helpers import OLD, settings_for

TODAY = datetime.now(UTC).date()
SOON, LATER = TODAY + timedelta(days=9), TODAY + timedelta(days=30)
ATTENTION = """query ($hidden: Boolean! = false) { aiModelSelectionAttention(includeHidden: $hidden) {
  count nodes { key kind feature title since sentence hidden hiddenUntil hiddenBy
    actions { kind label change { mode models defaultModel version } } } } }"""
HIDE = """mutation ($input: AiModelSelectionAttentionHideInput!) { aiModelSelectionAttentionHide(input: $input) {
  errors clientMutationId attention { count nodes { key hiddenUntil } } } }"""
SHOW = """mutation ($input: AiModelSelectionAttentionShowInput!) { aiModelSelectionAttentionShow(input: $input) {
  errors attention { count } } }"""
PREVIEW = """query ($at: Date!) { aiModelSelectionPreview(at: $at) { at
  changes { on feature title before { ref } after { ref name } source lastDay replacement { ref } sentence }
  namespaceMoves { on feature title namespaces sentence
    moves { before { ref } after { ref } namespaces reason } }
  features { feature title now { ref } model { ref } source movedNamespaces } } }"""
SYNC = "mutation { aiModelSelectionSyncNow(input: {}) { outcome sentence errors clientMutationId } }"


@pytest.fixture
def api(database: Database) -> ApiClient:
    """An API of an instance whose selected default retires soon."""
    api = ApiClient(database)
    api.set_flag(True)
    ends = {("claude", "chat"): OfferedRetirement(TODAY, SOON, "gemini")}
    api.store_list(list_serving({"chat": ["gemini", "claude"]}, ends=ends))
    api.select("chat", "claude", "gemini")
    return api


def entries(api: ApiClient, **variables: Any) -> Any:
    return api.execute(ATTENTION, **variables)["aiModelSelectionAttention"]


class TestNotices:
    def test_entry_has_actions_that_can_be_saved(self, api: ApiClient):
        found = entries(api)
        assert found["count"] == 1
        (entry,) = found["nodes"]
        assert (entry["kind"], entry["feature"], entry["since"]) == (
            "DEFAULT_RETIRING",
            "chat",
            f"{TODAY}T00:00:00+00:00",
        )
        assert entry["sentence"].startswith("Your default model, GitLab: claude, retires on ")
        action = entry["actions"][0]
        assert (action["kind"], action["label"]) == ("MAKE_DEFAULT", "Make GitLab: gemini the default")
        change = {"feature": entry["feature"], **action["change"]}
        assert change == {
            "feature": "chat", "mode": "CHOSEN_MODELS", "models": ["claude", "gemini"],
            "defaultModel": "gemini", "version": 1,
        }  # fmt: skip
        assert api.mutate("aiFeatureSettingUpdate", **change)["errors"] == []
        assert entries(api)["count"] == 0

    def test_notice_is_hidden_and_shown_again(self, api: ApiClient):
        key = entries(api)["nodes"][0]["key"]
        until = str(LATER)
        input = {"key": key, "until": until, "clientMutationId": "7"}
        payload = api.execute(HIDE, WRITE, input=input)["aiModelSelectionAttentionHide"]
        attention = {"count": 0, "nodes": [{"key": key, "hiddenUntil": until}]}
        assert payload == {"errors": [], "clientMutationId": "7", "attention": attention}
        assert entries(api)["nodes"] == []
        (hidden,) = entries(api, hidden=True)["nodes"]
        assert (hidden["hidden"], hidden["hiddenUntil"]) == (True, until)
        assert hidden["hiddenBy"].startswith("token:")
        assert api.execute(SHOW, WRITE, input={"key": key})["aiModelSelectionAttentionShow"] == {
            "errors": [], "attention": {"count": 1},
        }  # fmt: skip

    def test_notice_is_kept_as_it_is(self, api: ApiClient):
        key = entries(api)["nodes"][0]["key"]
        api.execute(HIDE, WRITE, input={"key": key})
        assert entries(api)["count"] == 0
        assert entries(api, hidden=True)["nodes"][0]["hiddenUntil"] is None

    def test_errors(self, api: ApiClient):
        key = entries(api)["nodes"][0]["key"]
        for input, error in (
            ({"key": "x" * 10_000}, "this entry no longer applies: reload the page"),
            ({"key": key, "until": str(TODAY)}, f"the day must be after today, {TODAY}, not {TODAY}"),
        ):
            payload = api.execute(HIDE, WRITE, input=input)["aiModelSelectionAttentionHide"]
            assert payload["errors"] == [error]
            assert payload["attention"]["count"] == 1
        assert api.post(HIDE, READ, input={"key": key}).status_code == 403

    @pytest.mark.parametrize("key", ["", "unknown", "\0", "\ud800", "x" * 10_000])
    def test_unknown_entry_is_shown_already(self, api: ApiClient, key: str):
        payload = api.execute(SHOW, WRITE, input={"key": key})["aiModelSelectionAttentionShow"]
        assert payload == {"errors": [], "attention": {"count": 1}}

    def test_statements_are_constant(self, database: Database):
        api, counts = ApiClient(database), []
        api.set_flag(True)
        for features, models in ((2, 5), (6, 40)):
            api.store_list(large_list(features, models))
            for number in range(features):
                api.select(f"feature_{number:03}", "model_001")
            api.execute(ATTENTION)
            with count_statements(database) as statements:
                assert api.execute(ATTENTION)
            counts.append(len(statements))
        assert counts[0] == counts[1] <= 6


class TestPreview:
    def test_changes_until_a_day(self, api: ApiClient):
        with api.database.write_transaction() as connection:
            store_namespaces(connection, [(7, "chat", "claude"), (8, "chat", "claude"), (9, "chat", "gemini")])
        found = api.execute(PREVIEW, at=str(LATER))["aiModelSelectionPreview"]
        (change,) = found["changes"]
        assert change["on"] == str(SOON + timedelta(days=1))
        assert (change["before"]["ref"], change["after"]["ref"], change["source"]) == ("claude", "gemini", "INSTANCE")
        assert (change["lastDay"], change["replacement"]) == (str(SOON), {"ref": "gemini"})
        assert found["features"] == [
            {
                "feature": "chat", "title": "Title of chat", "now": {"ref": "claude"}, "model": {"ref": "gemini"},
                "source": "INSTANCE", "movedNamespaces": 2,
            }
        ]  # fmt: skip
        (moves,) = found["namespaceMoves"]
        assert (moves["on"], moves["feature"], moves["namespaces"]) == (change["on"], "chat", 2)
        assert moves["moves"] == [
            {"before": {"ref": "claude"}, "after": {"ref": "gemini"}, "namespaces": 2, "reason": "MODEL_RETIRES"}
        ]
        assert moves["sentence"] == "2 namespaces go from GitLab: claude to GitLab: gemini."
        assert api.execute(PREVIEW, at=str(SOON))["aiModelSelectionPreview"]["changes"] == []

    def test_invalid_days(self, api: ApiClient):
        for day, message in (
            (str(TODAY - timedelta(days=1)), "is in the past"),
            (str(date(9999, 12, 31)), "is too far away"),
            ("soon", "Date"),
        ):
            (error,) = api.post(PREVIEW, READ, at=day).json()["errors"]
            assert message in error["message"]


class TestSyncNow:
    @pytest.fixture
    def gateway(self) -> Iterator[ScriptedServer]:
        with ScriptedServer(ok(OLD, 'ETag: "old"')) as server:
            yield server

    def client(self, database: Database, gateway: str | None, wait_seconds: float = 30) -> TestClient:
        settings = settings_for(gateway or "http://localhost:1")
        settings = settings if gateway else settings._replace(gateway=None)
        sync_now = SyncNow(database, settings, SyncSchedule(database, settings), wait_seconds)
        app = FastAPI()
        app.include_router(api_router(WorkerThreads(database), StateReader(), Authentication(*Hashes()), sync_now))
        return TestClient(app)

    def post(self, client: TestClient, token: str = WRITE) -> Any:
        headers = {"authorization": f"Bearer {token}"}
        response = client.post("/api/graphql", json={"query": SYNC}, headers=headers)
        return response.json()["data"]["aiModelSelectionSyncNow"] if response.status_code == 200 else response

    def test_any_process_syncs_at_most_once_in_some_seconds(
        self, api: ApiClient, gateway: ScriptedServer, monkeypatch: pytest.MonkeyPatch
    ):
        monkeypatch.setattr("roster.instance.sync.sync_now.MIN_SECONDS", 600)  # however slow the machine is
        one, other = (self.client(api.database, gateway.origin) for _ in range(2))
        payload = self.post(one)
        assert (payload["outcome"], payload["errors"], payload["clientMutationId"]) == ("REPLACED", [], None)
        assert payload["sentence"].startswith("The list was replaced: ")
        for client in (one, other):
            assert self.post(client)["errors"] == [
                "a sync was started less than 600 seconds ago: try again in a moment"
            ]
        assert len(gateway.requests) == 1

    def test_failure_and_missing_gateway(self, api: ApiClient):
        with ScriptedServer(answer("401 Unauthorized")) as server:
            payload = self.post(self.client(api.database, server.origin))
        assert payload["outcome"] == "FAILED"
        assert payload["sentence"] == "The sync failed: the source answered 401. The current list remains in use."
        (error,) = self.post(self.client(api.database, None))["errors"]
        assert error == "this instance has no gateway to sync with: set ROSTER_INSTANCE_GATEWAY_URL"

    def test_slow_gateway_does_not_delay_the_answer(self, api: ApiClient):
        with ScriptedServer([30.0]) as server:
            payload = self.post(self.client(api.database, server.origin, wait_seconds=0.01))
        assert (payload["outcome"], payload["errors"]) == ("STARTED", [])

    def test_revocation_while_the_request_waits_prevents_the_sync(
        self, api: ApiClient, gateway: ScriptedServer, monkeypatch: pytest.MonkeyPatch
    ):
        monkeypatch.setattr(request_context, "is_revoked", lambda connection, actor: True)
        headers = {"authorization": f"Bearer {WRITE}"}
        response = self.client(api.database, gateway.origin).post("/api/graphql", json={"query": SYNC}, headers=headers)
        (error,) = response.json()["errors"]
        assert "was revoked" in error["message"]
        assert gateway.requests == []

    def test_read_only_token_cannot_sync(self, api: ApiClient, gateway: ScriptedServer):
        assert self.post(self.client(api.database, gateway.origin), READ).status_code == 403
        assert gateway.requests == []
