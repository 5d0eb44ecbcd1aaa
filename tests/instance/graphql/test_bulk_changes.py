"""Changes of many selections that are saved together."""

import itertools
import time
from collections.abc import Callable
from typing import Any

import pytest

from roster.instance.database.connections import Database
from tests.instance.database.statements import count_statements
from tests.instance.graphql.api_client import ApiClient
from tests.instance.graphql.bulk_client import (
    ACTOR,
    CHAT,
    CHAT_MODELS,
    CODE,
    batches,
    bulk_changes,
    effect,
    save,
    to_change,
    undo,
)
from tests.instance.page.large_instance import fill_large
from tests.instance.selection.offered_lists import SMALL_LIST, large_list
from tests.instance.sync.sync_helpers import DatabaseCalls, dump_database, open_database
from tests.instance.sync.test_sync_interrupted import fail


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
