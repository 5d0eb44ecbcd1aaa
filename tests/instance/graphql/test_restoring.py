"""Earlier selections that are restored from audit events, one or all of a batch."""

import pytest
from sqlalchemy import update

from roster.instance.database.connections import Database
from roster.instance.database.tables import audit_events
from tests.instance.auth.test_token_authentication import WRITE
from tests.instance.database.statements import count_statements
from tests.instance.graphql.api_client import ApiClient
from tests.instance.graphql.bulk_client import (
    ACTOR,
    CHAT,
    CODE,
    batches,
    chosen,
    mode,
    newest_event,
    run,
    save,
    selected_models,
    undo,
)
from tests.instance.selection.offered_lists import SMALL_LIST, large_list, list_of_features, offered_feature


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
