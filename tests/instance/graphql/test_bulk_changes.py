"""Changes of many selections: saved together, previewed, proposed by rules, restored and undone."""

import itertools
import time
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select, update

from roster.instance.auth.token_authentication import hash_token
from roster.instance.database.connections import Database
from roster.instance.database.tables import audit_events
from tests.instance.auth.test_token_authentication import WRITE
from tests.instance.database.statements import count_statements
from tests.instance.graphql.api_client import ApiClient
from tests.instance.page.large_instance import fill_large
from tests.instance.selection.offered_lists import SMALL_LIST, large_list, list_of_features, offered_feature
from tests.instance.sync.sync_helpers import DatabaseCalls, dump_database, open_database
from tests.instance.sync.test_sync_interrupted import fail

PAYLOAD = """errors problems { feature message } conflicts { feature version changedBy } batch clientMutationId
  aiFeatureSettings { feature mode version selection { models { ref } defaultModel { ref } } }"""
EFFECT = """query ($changes: [AiModelSelectionChangeInput!]!) {
  aiModelSelectionEffect(changes: $changes) {
    summary errors
    features {
      feature title sentence servedBefore { ref } servedAfter { ref }
      namespaceMoves { before { name } after { name } namespaces reason }
      noLongerSelectable { ref } newlySelectable { ref }
    }
  }
}"""
RULE = """query ($rule: AiModelSelectionBulkRuleInput!) {
  aiModelSelectionBulkChanges(rule: $rule) {
    changes { feature title mode models { ref } defaultModel { ref } version note }
    refusals { feature title reason }
    complying errors
  }
}"""
CHAT = {"feature": "chat", "models": ["haiku", "opus"], "defaultModel": "opus"}
CODE = {"feature": "code", "mode": "OWN_DEFAULT", "defaultModel": "codestral"}
CHAT_MODELS = "select GitLab: haiku, GitLab: sonnet or GitLab: opus"
ACTOR = f"token:{hash_token(WRITE)[:8]}"


def run(api: ApiClient, name: str, **input: Any) -> Any:
    """Run a mutation, and return its payload."""
    kind = name[0].upper() + name[1:]
    query = f"mutation ($input: {kind}Input!) {{ {name}(input: $input) {{ {PAYLOAD} }} }}"
    return api.execute(query, WRITE, input=input)[name]


def save(api: ApiClient, *changes: dict[str, Any], **others: Any) -> Any:
    return run(api, "aiFeatureSettingsUpdate", changes=changes, **others)


def undo(api: ApiClient, batch: str) -> Any:
    return run(api, "aiModelSelectionUndo", batch=batch)


def effect(api: ApiClient, *changes: dict[str, Any]) -> Any:
    return api.execute(EFFECT, changes=changes)["aiModelSelectionEffect"]


def bulk_changes(api: ApiClient, **rule: Any) -> Any:
    return api.execute(RULE, rule=rule)["aiModelSelectionBulkChanges"]


def to_change(proposed: dict[str, Any]) -> dict[str, Any]:
    """Return a proposed change as an input."""
    default = proposed["defaultModel"]
    return {
        "feature": proposed["feature"],
        "mode": proposed["mode"],
        "models": [model["ref"] for model in proposed["models"]],
        "defaultModel": default and default["ref"],
        "version": proposed["version"],
    }


def chosen(api: ApiClient, feature: str = "chat") -> tuple[str, list[str]]:
    """Return the mode and the models of the instance's selection."""
    node = api.settings()[feature]
    return node["resolution"]["model"]["ref"], [each["ref"] for each in node["allowedModels"]]


def selected_models(api: ApiClient) -> list[str]:
    return [each["ref"] for each in api.settings()["chat"]["selection"]["models"]]


def mode(api: ApiClient, feature: str) -> str:
    query = "query ($features: [String!]!) { aiFeatureSettings(features: $features) { nodes { mode } } }"
    return str(api.execute(query, features=[feature])["aiFeatureSettings"]["nodes"][0]["mode"])


def batches(api: ApiClient) -> list[tuple[str, str]]:
    with api.database.read_transaction() as connection:
        rows = connection.execute(select(audit_events.c.batch, audit_events.c.feature).order_by(audit_events.c.id))
        return [(row.batch, row.feature) for row in rows]


def newest_event(api: ApiClient) -> str:
    with api.database.read_transaction() as connection:
        return str(connection.scalars(select(audit_events.c.id).order_by(audit_events.c.id.desc()).limit(1)).one())


class TestUpdate:
    def test_changes_are_saved_as_one_batch(self, api: ApiClient):
        payload = save(api, CHAT | {"version": 0}, CODE, clientMutationId="42")
        assert (payload["errors"], payload["conflicts"], payload["clientMutationId"]) == ([], [], "42")
        assert payload["aiFeatureSettings"] == [
            {
                "feature": "chat",
                "mode": "CHOSEN_MODELS",
                "version": 1,
                "selection": {"models": [{"ref": "haiku"}, {"ref": "opus"}], "defaultModel": {"ref": "opus"}},
            },
            {
                "feature": "code",
                "mode": "OWN_DEFAULT",
                "version": 1,
                "selection": {"models": [{"ref": "codestral"}], "defaultModel": {"ref": "codestral"}},
            },
        ]
        assert batches(api) == [(payload["batch"], "chat"), (payload["batch"], "code")]
        roster = save(api, {"feature": "chat", "mode": "ROSTER"}, {"feature": "code", "mode": "ROSTER", "models": []})
        assert [(each["mode"], each["selection"]) for each in roster["aiFeatureSettings"]] == [("ROSTER", None)] * 2
        assert roster["batch"] != payload["batch"]

    def test_one_error_refuses_all_changes(self, api: ApiClient):
        api.select("code", "sonnet")
        payload = save(
            api, CHAT, CODE | {"version": 0}, {"feature": "caht", "mode": "ROSTER"},
            {"feature": "summary", "models": ["ghost"], "defaultModel": "ghost"}, CHAT,
        )  # fmt: skip
        changed, *errors = payload["errors"]
        assert changed.startswith(f'{ACTOR} changed the selection for "code" on ')
        assert errors == [
            'there is no feature "caht": did you mean "chat"?',
            'there is no model "ghost": no model can be selected for it now',
            '"chat" is changed more than once',
        ]
        assert payload["conflicts"] == [{"feature": "code", "version": 1, "changedBy": ACTOR}]
        assert (payload["batch"], payload["clientMutationId"]) == (None, None)
        assert [each["feature"] for each in payload["aiFeatureSettings"]] == ["chat", "code", "summary"]
        assert [feature for _, feature in batches(api)] == ["code"]

    def test_number_of_errors_is_limited(self, api: ApiClient):
        ghosts = [f"ghost_{number}" for number in range(100)]
        changes = [{"feature": f"f{number}", "models": ghosts, "defaultModel": "x"} for number in range(200)]
        started = time.process_time()
        errors = save(api, *changes)["errors"]
        assert len(errors) == 51
        assert errors[-1] == "175 more changes not checked"
        assert time.process_time() - started < 3

    def test_problems_have_titles_and_names_in_place_of_ids(self, api: ApiClient):
        changes: list[dict[str, Any]] = [
            {"feature": "chat", "models": ["codestral", "ghost"], "defaultModel": "opus"},
            {"feature": "code", "mode": "OWN_DEFAULT"},
            {"feature": "nothing", "models": ["opus"], "defaultModel": "opus"},
        ]
        assert save(api, *changes)["problems"] == [
            {"feature": feature, "message": message}
            for feature, message in [
                ("chat", "the default GitLab: opus is not one of the allowed models"),
                ("chat", f"GitLab: codestral does not serve Chat: {CHAT_MODELS}"),
                ("chat", f'there is no model "ghost": {CHAT_MODELS}'),
                ("code", "a default must be selected"),
                ("nothing", 'there is no feature "nothing"'),
            ]
        ]

    def test_too_many_changes_are_refused(self, api: ApiClient):
        payload = save(api, *([CHAT] * 201), clientMutationId="")
        assert payload["errors"] == ["at most 200 selections can be changed at once, not 201"]
        assert (payload["aiFeatureSettings"], payload["clientMutationId"]) == ([], "")
        assert save(api)["errors"] == []

    def test_unchanged_selections_have_no_batch(self, api: ApiClient):
        save(api, CHAT)
        again = save(api, CHAT)
        assert (again["errors"], again["batch"], again["aiFeatureSettings"][0]["version"]) == ([], None, 1)

    def test_bulk_save_is_quick_and_takes_few_statements(self, database: Database):
        api, counts = ApiClient(database), []
        api.set_flag(True)
        api.store_list(large_list(35, 70))
        started = time.process_time()
        for features, models in ((2, 5), (35, 69), (35, 68)):
            ids = [f"model_{number:03}" for number in range(models)]
            change = {"models": ids, "defaultModel": ids[0]}
            changes = [change | {"feature": f"feature_{number:03}"} for number in range(features)]
            with count_statements(database) as statements:
                assert save(api, *changes)["errors"] == []
            counts.append(len(statements))
        assert max(counts) <= 18, counts
        assert time.process_time() - started < 3, "a save of 35 features takes 0.2 s of CPU"


class TestEffect:
    def test_effect_of_changes(self, api: ApiClient):
        api.select("code", "sonnet")
        for namespace_id, model in ((7, "haiku"), (8, "haiku"), (9, "opus")):
            input = {"namespaceId": namespace_id, "feature": "chat", "model": model}
            api.mutate("aiModelSelectionNamespaceUpdate", **input)
        found = effect(api, {"feature": "chat", "models": ["opus"], "defaultModel": "opus"}, CODE)
        assert found == {
            "summary": (
                "users without a selected model get another model in 2 features; "
                "2 namespace selections lead to another model in 1 feature; "
                "namespaces can no longer select some models in 1 feature; "
                "namespaces can select more models in 1 feature"
            ),
            "errors": [],
            "features": [
                {
                    "feature": "chat",
                    "title": "Chat",
                    "sentence": (
                        "Chat: users without a selected model go from GitLab: haiku to GitLab: opus; "
                        "2 namespaces go from GitLab: haiku to GitLab: opus; "
                        "namespaces can no longer select GitLab: haiku and GitLab: sonnet; "
                        "the default no longer follows the roster; models that arrive later are no longer allowed "
                        "automatically"
                    ),
                    "servedBefore": {"ref": "haiku"},
                    "servedAfter": {"ref": "opus"},
                    "namespaceMoves": [
                        {
                            "before": {"name": "GitLab: haiku"},
                            "after": {"name": "GitLab: opus"},
                            "namespaces": 2,
                            "reason": "NO_LONGER_ALLOWED",
                        }
                    ],
                    "noLongerSelectable": [{"ref": "haiku"}, {"ref": "sonnet"}],
                    "newlySelectable": [],
                },
                {
                    "feature": "code",
                    "title": "Code",
                    "sentence": (
                        "Code: users without a selected model go from GitLab: sonnet to GitLab: codestral; namespaces "
                        "can also select GitLab: codestral; models that arrive later are allowed automatically"
                    ),
                    "servedBefore": {"ref": "sonnet"},
                    "servedAfter": {"ref": "codestral"},
                    "namespaceMoves": [],
                    "noLongerSelectable": [],
                    "newlySelectable": [{"ref": "codestral"}],
                },
            ],
        }
        assert [feature for _, feature in batches(api)] == ["code", "chat", "chat", "chat"]

    def test_effect_matches_what_is_served_after_saving(self, api: ApiClient):
        api.mutate("aiModelSelectionNamespaceUpdate", namespaceId=7, feature="chat", model="haiku")
        change = {"feature": "chat", "models": ["sonnet"], "defaultModel": "sonnet"}
        (found,) = effect(api, change)["features"]
        assert save(api, change)["errors"] == []
        assert found["servedAfter"]["ref"] == api.settings()["chat"]["resolution"]["model"]["ref"]
        (move,) = found["namespaceMoves"]
        assert move["after"]["name"] == api.settings(namespaceId=7)["chat"]["resolution"]["model"]["name"]
        assert effect(api, change)["features"][0]["sentence"] == "Chat: nothing changes"

    def test_errors_of_the_changes_are_reported(self, api: ApiClient):
        api.select("code", "sonnet")
        found = effect(api, CHAT | {"models": ["ghost"], "defaultModel": "ghost"}, CODE | {"version": 5}, CODE)
        assert len(found["errors"]) == 3
        assert found["errors"][0].startswith('there is no model "ghost"')
        assert found["errors"][2] == '"code" is changed more than once'
        assert effect(api, *([CHAT] * 201)) == {
            "summary": "",
            "errors": ["at most 200 selections can be changed at once, not 201"],
            "features": [],
        }

    def test_number_of_statements_is_constant(self, api: ApiClient):
        api.store_list(large_list(35, 70))
        for number in range(1, 6):
            input = {"namespaceId": number, "feature": f"feature_{number:03}", "model": f"model_{number:03}"}
            api.mutate("aiModelSelectionNamespaceUpdate", **input)
        change = {"models": ["model_000"], "defaultModel": "model_000"}
        for features in (1, 35):
            changes = [change | {"feature": f"feature_{number:03}"} for number in range(features)]
            second_process = ApiClient(api.database)  # which has not read the list yet
            for most in (7, 4):
                with count_statements(api.database) as statements:
                    assert len(effect(second_process, *changes)["features"]) == features
                assert len(statements) <= most, statements
            with count_statements(api.database) as statements:
                second_process.execute(RULE, rule={"allow": "ALL", "default": "MODEL", "defaultModel": "model_001"})
            assert len(statements) <= 4


class TestBulkChanges:
    def test_rule_makes_changes_that_can_be_saved(self, api: ApiClient):
        api.select("code", "sonnet")
        conditions = {"models": ["opus", "codestral"], "releaseStates": ["GA"]}
        found = bulk_changes(api, allow="MATCHING", conditions=conditions, default="KEEP")
        assert found == {
            "changes": [
                {
                    "feature": "chat",
                    "title": "Chat",
                    "mode": "CHOSEN_MODELS",
                    "models": [{"ref": "opus"}],
                    "defaultModel": {"ref": "opus"},
                    "version": 0,
                    "note": "its default, GitLab: haiku, is not allowed then: GitLab: opus becomes the default",
                },
                {
                    "feature": "code",
                    "title": "Code",
                    "mode": "CHOSEN_MODELS",
                    "models": [{"ref": "codestral"}],
                    "defaultModel": {"ref": "codestral"},
                    "version": 1,
                    "note": "its default, GitLab: sonnet, is not allowed then: GitLab: codestral becomes the default",
                },
            ],
            "refusals": [],
            "complying": 0,
            "errors": [],
        }
        assert save(api, *map(to_change, found["changes"]))["errors"] == []
        again = bulk_changes(api, allow="MATCHING", conditions=conditions, default="KEEP")
        assert (again["changes"], again["complying"]) == ([], 2)

    def test_features_that_cannot_follow_and_those_that_reset(self, api: ApiClient):
        api.select("chat", "sonnet")
        found = bulk_changes(api, category="code_category", allow="KEEP", default="MODEL", defaultModel="opus")
        reason = "GitLab: opus does not serve it, so nothing is changed"
        assert found["refusals"] == [{"feature": "code", "title": "Code", "reason": reason}]
        (change,) = bulk_changes(api, features=["chat", "code"], allow="ALL", default="ROSTER")["changes"]
        assert (change["mode"], change["models"], change["defaultModel"]) == ("ROSTER", [], None)

    def test_invalid_rule(self, api: ApiClient):
        found = bulk_changes(api, allow="MATCHING", conditions={"providers": ["Bedrok"]}, default="KEEP", features=[""])
        assert found == {
            "changes": [],
            "refusals": [],
            "complying": 0,
            "errors": [
                'there is no feature "": choose "chat" or "code"',
                'there is no provider "Bedrok": did you mean "Bedrock"?',
            ],
        }


class TestRestore:
    def test_earlier_selection_is_restored(self, api: ApiClient):
        api.select("chat", "haiku", "opus", default="opus")
        save(api, {"feature": "chat", "mode": "ROSTER"})
        deletion = newest_event(api)
        payload = run(api, "aiFeatureSettingRestore", auditEventId=deletion, version=2, clientMutationId="7")
        assert (payload["errors"], payload["clientMutationId"]) == ([], "7")
        assert chosen(api) == ("opus", ["haiku", "opus"])
        assert batches(api)[-1] == (payload["batch"], "chat")
        run(api, "aiFeatureSettingRestore", auditEventId=newest_event(api))
        assert api.settings()["chat"]["selection"] is None

    def test_event_of_an_earlier_version_has_no_mode(self, api: ApiClient):
        api.select("chat", "haiku", "opus", default="opus")
        api.select("chat", "sonnet")
        with api.database.write_transaction() as connection:
            old_value = {"models": ["haiku", "opus"], "default_model": "opus"}
            connection.execute(update(audit_events).values(old_value=old_value, batch=None))
        assert run(api, "aiFeatureSettingRestore", auditEventId=newest_event(api))["errors"] == []
        assert mode(api, "chat") == "CHOSEN_MODELS"
        assert chosen(api) == ("opus", ["haiku", "opus"])

    def test_selection_of_a_namespace_is_restored(self, api: ApiClient):
        for model in ("opus", "haiku"):
            api.mutate("aiModelSelectionNamespaceUpdate", namespaceId=7, feature="chat", model=model)
        payload = run(api, "aiFeatureSettingRestore", auditEventId=newest_event(api))
        assert payload["aiFeatureSettings"][0]["selection"]["defaultModel"] == {"ref": "opus"}
        assert api.settings(namespaceId=7)["chat"]["resolution"]["model"]["ref"] == "opus"
        assert api.settings()["chat"]["selection"] is None

    def test_changed_selection_is_not_overwritten(self, api: ApiClient):
        api.select("chat", "haiku")
        api.select("chat", "opus")
        event = newest_event(api)
        api.select("chat", "sonnet")
        payload = run(api, "aiFeatureSettingRestore", auditEventId=event, version=2)
        assert payload["conflicts"] == [{"feature": "chat", "version": 3, "changedBy": ACTOR}]
        assert payload["errors"][0].endswith("it is at version 3, not 2")
        assert chosen(api) == ("sonnet", ["sonnet"])

    def test_model_that_is_no_longer_offered_is_restored_from_before_the_latest_change_only(self, api: ApiClient):
        api.select("chat", "haiku", "opus")
        api.select("chat", "haiku")
        event = newest_event(api)
        api.store_list(list_of_features(offered_feature("chat", "haiku", "sonnet"), gone=("opus",)))
        assert run(api, "aiFeatureSettingRestore", auditEventId=event)["errors"] == []
        assert selected_models(api) == ["haiku", "opus"]
        api.select("chat", "sonnet")
        payload = run(api, "aiFeatureSettingRestore", auditEventId=event)
        assert payload["errors"] == ['"opus" does not serve "chat": select "haiku" or "sonnet"']
        assert (payload["batch"], selected_models(api)) == (None, ["sonnet"])

    @pytest.mark.parametrize("event", ["4711", "x", "²", "-1", "", "9" * 19, "0" * 19 + "9" * 30, "9" * 5000])
    def test_unknown_event(self, api: ApiClient, event: str):
        (error,) = run(api, "aiFeatureSettingRestore", auditEventId=event)["errors"]
        assert error.startswith("there is no audit event ")


class TestUndo:
    def test_all_changes_of_a_batch_are_undone_and_done_again(self, api: ApiClient):
        api.select("chat", "haiku")
        batch = save(api, CHAT, CODE)["batch"]
        undone = undo(api, batch)
        assert undone["errors"] == []
        assert [(each["feature"], each["mode"], each["version"]) for each in undone["aiFeatureSettings"]] == [
            ("chat", "CHOSEN_MODELS", 3),
            ("code", "ROSTER", 2),
        ]
        assert chosen(api) == ("haiku", ["haiku"])
        again = undo(api, undone["batch"])
        assert [each["mode"] for each in again["aiFeatureSettings"]] == ["CHOSEN_MODELS", "OWN_DEFAULT"]
        assert chosen(api) == ("opus", ["haiku", "opus"])

    def test_single_change_is_undone(self, api: ApiClient):
        query = """mutation { aiFeatureSettingUpdate(
          input: { feature: "chat", models: ["opus"], defaultModel: "opus" }
        ) { batch } }"""
        batch = api.execute(query, WRITE)["aiFeatureSettingUpdate"]["batch"]
        assert api.execute(query, WRITE) == {"aiFeatureSettingUpdate": {"batch": None}}, "nothing was changed"
        assert undo(api, batch)["errors"] == []
        assert mode(api, "chat") == "ROSTER"

    def test_nothing_is_undone_if_a_selection_was_changed_since(self, api: ApiClient):
        batch = save(api, CHAT, CODE)["batch"]
        api.mutate("aiModelSelectionNamespaceUpdate", namespaceId=7, feature="code", model="sonnet")
        api.select("chat", "sonnet")
        payload = undo(api, batch)
        assert payload["conflicts"] == [{"feature": "chat", "version": 2, "changedBy": ACTOR}]
        (error,) = payload["errors"]
        assert error.startswith(f'{ACTOR} changed the selection for "chat" on ')
        assert error.endswith(" UTC, after the changes to undo: nothing was undone")
        assert [each["feature"] for each in payload["aiFeatureSettings"]] == ["chat", "code"]
        assert (payload["batch"], mode(api, "code")) == (None, "OWN_DEFAULT")

    def test_models_that_are_no_longer_offered_are_restored(self, api: ApiClient):
        api.select("chat", "haiku", "opus", default="opus")
        batch = save(api, {"feature": "chat", "mode": "ROSTER"}, CODE)["batch"]
        chat = offered_feature("chat", "haiku", "sonnet")
        api.store_list(list_of_features(chat, SMALL_LIST.features["code"], gone=("opus",)))
        assert undo(api, batch)["errors"] == []
        assert selected_models(api) == ["haiku", "opus"]
        assert chosen(api) == ("haiku", ["haiku"])
        assert mode(api, "code") == "ROSTER"

    def test_namespace_gets_no_model_back_that_the_instance_does_not_allow(self, api: ApiClient):
        api.mutate("aiModelSelectionNamespaceUpdate", namespaceId=7, feature="chat", model="opus")
        api.mutate("aiModelSelectionNamespaceDelete", namespaceId=7, feature="chat")
        (batch, _) = batches(api)[-1]
        api.select("chat", "haiku")
        assert undo(api, batch)["errors"] == ['the instance does not allow "opus" for "chat": select "haiku"']

    @pytest.mark.parametrize("batch", ["4711", "", "x\0y", "\ud800", "9" * 5000])
    def test_unknown_batch(self, api: ApiClient, batch: str):
        (error,) = undo(api, batch)["errors"]
        assert error.startswith("there are no changes with the batch ")

    def test_number_of_statements_is_constant(self, database: Database):
        api, counts = ApiClient(database), []
        api.set_flag(True)
        api.store_list(large_list(20, 5))
        change = {"models": ["model_000"], "defaultModel": "model_000"}
        for features in (1, 20):
            changes = [change | {"feature": f"feature_{number:03}"} for number in range(features)]
            batch = save(api, *changes)["batch"]
            with count_statements(database) as statements:
                assert undo(api, batch)["errors"] == []
            counts.append(len(statements))
        assert max(counts) <= 13, counts


@pytest.mark.slow
def test_failure_at_any_call_of_a_bulk_save_changes_nothing(migrated_url: str):
    with open_database(migrated_url) as database:
        api = ApiClient(database)
        api.set_flag(True)
        api.store_list(SMALL_LIST)
        api.select("chat", "haiku")
        before = dump_database(database)
    query = "mutation ($input: AiFeatureSettingsUpdateInput!) { aiFeatureSettingsUpdate(input: $input) { errors } }"
    for at in itertools.count(1):
        with open_database(migrated_url) as database:
            calls = DatabaseCalls(database, at, fail)
            response = ApiClient(database).post(query, input={"changes": [CHAT | {"version": 1}, CODE]})
        if calls.count < at:
            break
        assert response.status_code == 503, at
        with open_database(migrated_url) as database:
            assert dump_database(database) == before, at
    assert at > 12
    assert response.json() == {"data": {"aiFeatureSettingsUpdate": {"errors": []}}}


@pytest.mark.slow
def test_changes_of_a_large_instance_take_less_than_a_second_of_cpu(database: Database):
    fill_large(database)
    api = ApiClient(database)
    api.settings()
    durations = {}

    def measured(name: str, run: Callable[[], Any]) -> Any:
        started = time.process_time()
        result = run()
        durations[name] = time.process_time() - started
        assert result["errors"] == []
        return result

    conditions = {"providers": ["Bedrock"]}
    found = measured("rule", lambda: bulk_changes(api, allow="MATCHING", conditions=conditions, default="KEEP"))
    changes = [to_change(each) for each in found["changes"]]
    assert len(changes) >= 30
    measured("effect", lambda: effect(api, *changes))
    batch = measured("save", lambda: save(api, *changes))["batch"]
    measured("undo", lambda: undo(api, batch))
    assert max(durations.values()) < 1, durations
