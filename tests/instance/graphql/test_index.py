"""What the index says of each feature: what may serve it, what was chosen, and what serves it now and why."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import insert

from roster.instance.database.tables import leases, sync_runs
from tests.instance.graphql.api import INDEX, Api
from tests.instance.selection.listed import SMALL, feature, offered

HAIKU = {
    "ref": "haiku",
    "name": "GitLab: haiku",
    "releaseState": "GA",
    "provider": "Bedrock",
    "description": "What haiku is good at",
    "costIndicator": "$$",
    "available": True,
    "retirement": None,
}


def refs(models: list[dict[str, Any]]) -> list[str]:
    return [model["ref"] for model in models]


def test_a_feature_that_nobody_chose_for_is_served_by_the_rosters_default(api: Api):
    nodes = api.index()
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


def test_an_announced_end_is_told_with_its_days_and_who_takes_over(api: Api):
    opus = api.index()["chat"]["offeredModels"][-1]
    heir = {"ref": "sonnet", "name": "GitLab: sonnet"}
    assert opus["available"]
    assert opus["retirement"] == {"notice": "2026-08-05", "lastDay": "2026-12-01", "replacement": heir}


def test_a_choice_is_told(api: Api):
    api.choose("chat", "haiku", "opus", default="opus")
    chat = api.index()["chat"]
    assert refs(chat["selection"]["models"]) == refs(chat["allowedModels"]) == ["haiku", "opus"]
    assert chat["selection"]["defaultModel"]["ref"] == chat["resolution"]["model"]["ref"] == "opus"
    assert chat["selection"]["namespaceId"] is None
    assert chat["resolution"]["source"] == "INSTANCE"
    assert chat["defaultModel"] == HAIKU
    age = datetime.now(UTC) - datetime.fromisoformat(chat["selection"]["createdAt"])
    assert timedelta(0) < age < timedelta(minutes=1)


def test_a_choice_that_disappears_is_told_as_unavailable_with_what_serves_instead(api: Api):
    api.choose("chat", "haiku", "opus", default="opus")
    api.store(offered(feature("chat", "haiku", "sonnet"), gone=("opus",)))
    chat = api.index()["chat"]
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
    api.store(SMALL)
    assert api.index()["chat"]["resolution"]["model"]["ref"] == "opus"


def test_a_retired_choice_says_what_took_over(api: Api):
    before = offered(feature("chat", "haiku", "old"))
    api.store(before)
    api.choose("chat", "old")
    api.store(SMALL)
    resolution = api.index()["chat"]["resolution"]
    assert (resolution["source"], resolution["model"]["ref"]) == ("INSTANCE", "sonnet")
    assert resolution["steps"][0]["outcome"] == "REPLACED"
    heir = {"ref": "sonnet", "name": "GitLab: sonnet"}
    retirement = {"notice": None, "lastDay": "2026-06-30", "replacement": heir}
    assert resolution["steps"][0]["model"]["retirement"] == retirement


def test_a_feature_that_is_offered_no_more_is_there_while_it_is_chosen_for(api: Api):
    api.store(offered(feature("summary", "haiku"), feature("chat", "haiku")))
    api.choose("summary", "haiku")
    api.store(SMALL)
    nodes = api.index()
    assert list(nodes) == ["chat", "code", "summary"]
    summary = nodes["summary"]
    assert (summary["offered"], summary["offeredModels"], summary["resolution"]["model"]) == (False, [], None)
    assert summary["resolution"]["source"] is None
    api.mutate("aiFeatureSettingDelete", feature="summary")
    assert list(api.index()) == ["chat", "code"]


def test_what_nothing_is_known_of_any_more_is_told_by_its_id(api: Api):
    api.choose("chat", "haiku")
    api.store(offered(feature("code", "sonnet")))
    chat = api.index()["chat"]
    assert (chat["title"], chat["category"], chat["offered"]) == ("chat", "chat_category", False)
    (model,) = chat["selection"]["models"]
    assert (model["name"], model["releaseState"], model["available"]) == ("haiku", None, False)


def test_features_can_be_named(api: Api):
    assert list(api.index(features=["code", "chat", "code"])) == ["code", "chat"]
    assert api.index(features=[]) == {}
    answer = api.post(INDEX, features=["chat", "cod"]).json()
    assert answer["data"] is None
    assert answer["errors"][0]["message"] == 'there is no feature "cod": did you mean "code"?'
    assert api.post(INDEX, features=["\x00"]).json()["errors"][0]["message"] == 'there is no feature "\\x00"'


@pytest.mark.parametrize("id_", ["7", 7, "gid://gitlab/Group/7", "gid://gitlab/Namespaces::UserNamespace/7"])
def test_a_namespace_is_told_by_its_number_or_its_global_id(api: Api, id_: Any):
    api.choose("chat", "haiku", "opus")
    api.mutate("aiModelSelectionNamespaceUpdate", namespaceId=7, feature="chat", model="opus")
    mine, others = api.index(namespaceId=id_)["chat"], api.index(namespaceId=8)["chat"]
    assert mine["selection"]["namespaceId"] == "7"
    assert (mine["resolution"]["source"], mine["resolution"]["model"]["ref"]) == ("NAMESPACE", "opus")
    assert refs(mine["allowedModels"]) == ["haiku", "opus"]
    assert others["selection"] is None
    assert (others["resolution"]["source"], others["resolution"]["model"]["ref"]) == ("INSTANCE", "haiku")


@pytest.mark.parametrize("id_", ["", "0", "-1", "x", "07", str(2**63), "gid://gitlab/User/7", "٧", "7 "])
def test_no_other_id_is_a_namespaces(api: Api, id_: str):
    (error,) = api.post(INDEX, namespaceId=id_).json()["errors"]
    assert error["message"] == "a namespace ID must be a number, or a global ID such as gid://gitlab/Group/7"


def test_before_the_first_sync_there_is_nothing(api: Api):
    with api.database.write_transaction() as connection:
        for table in reversed(leases.metadata.sorted_tables):
            if table.name.startswith("instance_ai_"):
                connection.execute(table.delete())
    told = api.ask(INDEX)
    assert told["aiFeatureSettings"] == {"nodes": []}
    assert set(told["aiModelSelectionSync"].values()) == {None}
    (error,) = api.choose("chat", "haiku")["errors"]
    assert "there is no list of models yet" in error


def test_the_sync_is_told_with_its_age_and_its_last_failure(api: Api):
    now = datetime.now(UTC).replace(microsecond=0)
    with api.database.write_transaction() as connection:
        moments = {"started_at": now, "finished_at": now}
        connection.execute(insert(leases).values(name="sync", holder="x", expires_at=now, checked_at=now))
        failed = {"outcome": "failed", "reason": "unreachable", "message": "nobody answers"} | moments
        connection.execute(insert(sync_runs).values(failed))
    told = api.ask(INDEX)["aiModelSelectionSync"]
    assert told["version"] == 1
    assert datetime.fromisoformat(told["checkedAt"]) == now
    assert 0 <= told["ageSeconds"] < 60
    at = told["lastFailure"].pop("at")
    assert datetime.fromisoformat(at) == now
    assert told["lastFailure"] == {"reason": "unreachable", "message": "nobody answers"}
    with api.database.write_transaction() as connection:
        connection.execute(insert(sync_runs).values(outcome="recovered", **moments))
    assert api.ask(INDEX)["aiModelSelectionSync"]["lastFailure"] is None
