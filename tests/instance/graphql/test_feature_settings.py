"""The settings of features: offered models, selection and resolution; and the sync state."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import insert

from roster.accept.acceptance import accept
from roster.accept.accepted_list import DownloadKind
from roster.instance.database.tables import leases, sync_runs
from roster.instance.selection.offered_list import EMPTY_LIST, build_offered_list
from tests.accept.example_downloads import CRITERIA, model, rendered
from tests.instance.graphql.api_client import SETTINGS_QUERY, ApiClient
from tests.instance.selection.offered_lists import SMALL_LIST, list_of_features, offered_feature, store_selection

HAIKU: dict[str, Any] = {
    "ref": "haiku",
    "name": "GitLab: haiku",
    "releaseState": "GA",
    "provider": "Bedrock",
    "description": "What haiku is good at",
    "costIndicator": "$$",
    "contextWindow": None,
    "maxOutputTokens": None,
    "capabilities": [],
    "processedIn": [],
    "dataRetentionDays": None,
    "documentation": None,
    "aliases": [],
    "available": True,
    "suspension": None,
    "retirement": None,
}


def refs(models: list[dict[str, Any]]) -> list[str]:
    return [model["ref"] for model in models]


def test_feature_without_selection_is_served_by_roster_default(api: ApiClient):
    nodes = api.settings()
    assert list(nodes) == ["chat", "code"]
    chat = nodes["chat"]
    assert (chat["title"], chat["category"], chat["offered"]) == ("Chat", "chat_category", True)
    assert chat["defaultModel"] == chat["resolution"]["model"] == HAIKU
    assert chat["selection"] is None
    assert refs(chat["offeredModels"]) == refs(chat["allowedModels"]) == ["haiku", "sonnet", "opus"]
    assert chat["resolution"]["source"] == "ROSTER"
    assert [(step["source"], step["outcome"], step["model"]) for step in chat["resolution"]["steps"]] == [
        ("INSTANCE", "NOTHING_CHOSEN", None),
        ("ROSTER", "SERVES", HAIKU),
    ]


def test_announced_retirement_has_dates_and_replacement(api: ApiClient):
    opus = api.settings()["chat"]["offeredModels"][-1]
    replacement = {"ref": "sonnet", "name": "GitLab: sonnet"}
    assert opus["available"]
    assert opus["retirement"] == {"notice": "2026-08-05", "lastDay": "2026-12-01", "replacement": replacement}


def test_model_has_facts_suspension_and_shares(api: ApiClient):
    text = model("claude") + model("gemini").replace("default_for: [duo_chat]", "default_for: {duo_chat: 75}")
    text += model(
        "mistral",
        "  default_for: {duo_chat: 25}\n  aliases: [mistral_old]\n  context_window: 200000\n"
        "  max_output_tokens: 64000\n  capabilities: [tools]\n  processed_in: [eu]\n  data_retention_days: 0\n"
        "  documentation: https://docs.example.com/mistral\n  release_state_for: {duo_chat: BETA}\n",
    )
    suspended = "  suspended: {since: 2026-06-01, reason: provider incident}\n"
    criteria = CRITERIA._replace(kinds=frozenset[DownloadKind]({"definitions"}))
    download = accept(rendered("definitions", text + model("gpt", suspended)), criteria, None)
    api.store_list(build_offered_list(download, EMPTY_LIST))
    with api.database.write_transaction() as connection:
        store_selection(connection, "duo_chat", "mistral_old", "gpt")
    chat = api.settings()["duo_chat"]
    assert chat["defaultModels"] == [
        {"model": {"ref": "gemini"}, "share": 75},
        {"model": {"ref": "mistral"}, "share": 25},
    ]
    mistral, gpt = chat["selection"]["models"]
    assert (
        mistral
        | {
            "ref": "mistral",
            "name": "GitLab: Mistral",
            "releaseState": "BETA",
            "contextWindow": 200_000,
            "maxOutputTokens": 64_000,
            "capabilities": ["tools"],
            "processedIn": ["eu"],
            "dataRetentionDays": 0,
            "documentation": "https://docs.example.com/mistral",
            "aliases": ["mistral_old"],
            "available": True,
        }
        == mistral
    )
    assert (gpt["available"], gpt["retirement"]) == (False, None)
    assert gpt["suspension"] == {"since": "2026-06-01", "reason": "provider incident"}
    step = chat["resolution"]["steps"][0]
    assert (step["outcome"], step["model"]["ref"]) == ("SERVES", "mistral")
    assert step["explanation"] == 'the instance selected "mistral_old", an earlier id of "mistral"'


def test_selection_is_returned(api: ApiClient):
    api.select("chat", "haiku", "opus", default="opus")
    chat = api.settings()["chat"]
    assert refs(chat["selection"]["models"]) == refs(chat["allowedModels"]) == ["haiku", "opus"]
    assert chat["selection"]["defaultModel"]["ref"] == chat["resolution"]["model"]["ref"] == "opus"
    assert chat["selection"]["namespaceId"] is None
    assert chat["resolution"]["source"] == "INSTANCE"
    assert chat["defaultModel"] == HAIKU
    age = datetime.now(UTC) - datetime.fromisoformat(chat["selection"]["createdAt"])
    assert timedelta(0) < age < timedelta(minutes=1)


def test_removed_selection_is_unavailable_and_next_level_serves(api: ApiClient):
    api.select("chat", "haiku", "opus", default="opus")
    api.store_list(list_of_features(offered_feature("chat", "haiku", "sonnet"), gone=("opus",)))
    chat = api.settings()["chat"]
    assert [(model["ref"], model["available"]) for model in chat["selection"]["models"]] == [
        ("haiku", True),
        ("opus", False),
    ]
    assert chat["resolution"]["model"]["ref"] == "haiku"
    assert chat["resolution"]["steps"][0] == {
        "source": "INSTANCE",
        "outcome": "UNAVAILABLE",
        "model": chat["selection"]["defaultModel"],
        "explanation": 'the instance selected "opus", which is not available',
    }
    api.store_list(SMALL_LIST)
    assert api.settings()["chat"]["resolution"]["model"]["ref"] == "opus"


def test_retired_selection_is_replaced(api: ApiClient):
    before = list_of_features(offered_feature("chat", "haiku", "old"))
    api.store_list(before)
    api.select("chat", "old")
    api.store_list(SMALL_LIST)
    resolution = api.settings()["chat"]["resolution"]
    assert (resolution["source"], resolution["model"]["ref"]) == ("INSTANCE", "sonnet")
    assert resolution["steps"][0]["outcome"] == "REPLACED"
    replacement = {"ref": "sonnet", "name": "GitLab: sonnet"}
    retirement = {"notice": None, "lastDay": "2026-06-30", "replacement": replacement}
    assert resolution["steps"][0]["model"]["retirement"] == retirement


def test_feature_no_longer_offered_is_listed_while_it_has_a_selection(api: ApiClient):
    api.store_list(list_of_features(offered_feature("summary", "haiku"), offered_feature("chat", "haiku")))
    api.select("summary", "haiku")
    api.store_list(SMALL_LIST)
    nodes = api.settings()
    assert list(nodes) == ["chat", "code", "summary"]
    summary = nodes["summary"]
    assert (summary["offered"], summary["offeredModels"], summary["resolution"]["model"]) == (False, [], None)
    assert summary["resolution"]["source"] is None
    api.mutate("aiFeatureSettingDelete", feature="summary")
    assert list(api.settings()) == ["chat", "code"]


def test_forgotten_feature_and_model_are_named_by_their_ids(api: ApiClient):
    api.select("chat", "haiku")
    api.store_list(list_of_features(offered_feature("code", "sonnet")))
    chat = api.settings()["chat"]
    assert (chat["title"], chat["category"], chat["offered"]) == ("chat", "chat_category", False)
    (model,) = chat["selection"]["models"]
    assert (model["name"], model["releaseState"], model["available"]) == ("haiku", None, False)


def test_features_argument_filters_and_orders(api: ApiClient):
    assert list(api.settings(features=["code", "chat", "code"])) == ["code", "chat"]
    assert api.settings(features=[]) == {}
    response = api.post(SETTINGS_QUERY, features=["chat", "cod"]).json()
    assert response["data"]["aiFeatureSettings"] is None
    assert response["errors"][0]["message"] == 'there is no feature "cod": did you mean "code"?'
    assert api.post(SETTINGS_QUERY, features=["\x00"]).json()["errors"][0]["message"] == 'there is no feature "\\x00"'


@pytest.mark.parametrize("id_", ["7", 7, "gid://gitlab/Group/7", "gid://gitlab/Namespaces::UserNamespace/7"])
def test_namespace_id_is_a_number_or_global_id(api: ApiClient, id_: Any):
    api.select("chat", "haiku", "opus")
    api.mutate("aiModelSelectionNamespaceUpdate", namespaceId=7, feature="chat", model="opus")
    setting, others = api.settings(namespaceId=id_)["chat"], api.settings(namespaceId=8)["chat"]
    assert setting["selection"]["namespaceId"] == "7"
    assert (setting["resolution"]["source"], setting["resolution"]["model"]["ref"]) == ("NAMESPACE", "opus")
    assert refs(setting["allowedModels"]) == ["haiku", "opus"]
    assert others["selection"] is None
    assert (others["resolution"]["source"], others["resolution"]["model"]["ref"]) == ("INSTANCE", "haiku")


@pytest.mark.parametrize("id_", ["", "0", "-1", "x", "07", str(2**63), "gid://gitlab/User/7", "٧", "7 "])
def test_invalid_namespace_id_is_rejected(api: ApiClient, id_: str):
    (error,) = api.post(SETTINGS_QUERY, namespaceId=id_).json()["errors"]
    assert error["message"] == "a namespace ID must be a number, or a global ID such as gid://gitlab/Group/7"


def test_settings_are_empty_before_the_first_sync(api: ApiClient):
    with api.database.write_transaction() as connection:
        for table in reversed(leases.metadata.sorted_tables):
            if table.name.startswith("instance_ai_"):
                connection.execute(table.delete())
    data = api.execute(SETTINGS_QUERY)
    assert data["aiFeatureSettings"] == {"nodes": []}
    assert data["aiModelSelectionSync"].pop("leftOut") == []
    assert set(data["aiModelSelectionSync"].values()) == {None}
    (error,) = api.select("chat", "haiku")["errors"]
    assert "there is no list of models yet" in error


def test_sync_has_entries_left_out_of_the_list(api: ApiClient):
    now = datetime.now(UTC)
    run = {"outcome": "replaced", "version": 1, "started_at": now, "finished_at": now, "message": "one\ntwo"}
    with api.database.write_transaction() as connection:
        connection.execute(insert(sync_runs).values(run))
    assert api.execute(SETTINGS_QUERY)["aiModelSelectionSync"]["leftOut"] == ["one", "two"]


def test_sync_has_age_and_last_failure(api: ApiClient):
    now = datetime.now(UTC).replace(microsecond=0)
    with api.database.write_transaction() as connection:
        moments = {"started_at": now, "finished_at": now}
        connection.execute(insert(leases).values(name="sync", holder="x", expires_at=now, checked_at=now))
        failed = {"outcome": "failed", "reason": "unreachable", "message": "the gateway does not respond"} | moments
        connection.execute(insert(sync_runs).values(failed))
    sync = api.execute(SETTINGS_QUERY)["aiModelSelectionSync"]
    assert sync["version"] == 1
    assert datetime.fromisoformat(sync["checkedAt"]) == now
    assert 0 <= sync["ageSeconds"] < 60
    at = sync["lastFailure"].pop("at")
    assert datetime.fromisoformat(at) == now
    assert sync["lastFailure"] == {"reason": "unreachable", "message": "the gateway does not respond"}
    with api.database.write_transaction() as connection:
        connection.execute(insert(sync_runs).values(outcome="recovered", **moments))
    assert api.execute(SETTINGS_QUERY)["aiModelSelectionSync"]["lastFailure"] is None
