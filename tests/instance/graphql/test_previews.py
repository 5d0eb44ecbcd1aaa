"""Previews: the effect of changes, and the changes that follow from a rule. Nothing is saved."""

from tests.instance.database.statements import count_statements
from tests.instance.graphql.api_client import ApiClient
from tests.instance.graphql.bulk_client import CHAT, CODE, EFFECT, RULE, batches, bulk_changes, effect, save, to_change
from tests.instance.selection.offered_lists import large_list


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

    def test_unknown_feature_has_no_effect(self, api: ApiClient):
        found = effect(api, {"feature": "x" * 10_000, "models": ["y" * 10_000], "defaultModel": "y" * 10_000})
        assert found["features"] == []
        assert found["errors"] == [f'there is no feature "{"x" * 59}…"']

    def test_repeated_feature_has_one_effect(self, api: ApiClient):
        found = effect(api, *[CHAT] * 200)
        assert found["errors"] == ['"chat" is changed more than once']
        assert [each["feature"] for each in found["features"]] == ["chat"]

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
            aliases = "\n".join(f"a{number}: aiModelSelectionAttention {{ count }}" for number in range(5))
            with count_statements(api.database) as statements:
                second_process.execute(f"{EFFECT.rstrip().removesuffix('}')} {aliases} }}", changes=changes)
            assert len([each for each in statements if "count(" in each]) == 1
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
