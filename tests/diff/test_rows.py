"""Changes in rows by cause: what shares a row, and the texts of rows."""

from typing import Any

from roster.diff import diff_markdown
from roster.diff.change import Change, Comparison
from roster.diff.diff_report import write_text
from roster.diff.rows import Row, group_changes
from tests.diff.test_roster_changes import BEFORE, BOTH, CLAUDE, GEMINI, LATE, Entry, changes, model, retirement

FEATURES = [f"feature_{number:02}" for number in range(28)]


def rows(before: list[Entry], after: list[Entry]) -> list[Row]:
    found = changes(before, after)
    grouped = group_changes(found)
    assert sorted(map(id, found)) == sorted(id(change) for row in grouped for change in row.changes), "each in one row"
    texts = [(row.summary, row.effect, *row.lists.items()) for row in grouped]
    assert all(text not in texts[:index] for index, text in enumerate(texts)), "no two rows with the same words"
    return grouped


def texts(row: Row) -> tuple[str, str]:
    return row.summary, row.effect


def kinds(changes: tuple[Change, ...]) -> list[str]:
    return [change.kind for change in changes]


def models(count: int, **keys: Any) -> list[Entry]:
    return [model(f"Model{number}", **keys) for number in range(count)]


def test_unserved_feature_absorbs_losses_of_models():
    qwen = model("Qwen", features=["duo_chat", "review"])
    (row,) = rows([GEMINI, BOTH, qwen], [GEMINI, CLAUDE, qwen | {"features": ["duo_chat"]}])
    assert texts(row) == ("no model serves review any longer", "review stops working for all users.")
    assert (row.kind, row.models, row.lists) == (
        "feature-unserved",
        ("claude", "qwen"),
        {"models": ("Claude", "Qwen")},
    )
    assert kinds(row.changes) == ["feature-unserved", "feature-lost", "feature-lost"]


def test_served_feature_absorbs_gains_of_models():
    (row,) = rows([GEMINI, CLAUDE], [GEMINI, BOTH])
    assert (row.kind, row.models, row.features) == ("feature-served", ("claude",), ("review",))


def test_models_that_take_over_a_name_have_their_ids():
    before, after = model("Claude", id="old", identifier="a/1"), model("Claude", id="new", identifier="b/2")
    others = [model("Claude", id="other", identifier="c/3", features=["fix"])]
    found = rows([GEMINI, before, *others], [GEMINI, after, *others])
    assert "Claude (new): id changed: old → new" in [row.summary for row in found]
    ended = before | retirement("2026-06-14")
    assert [row.summary for row in rows([GEMINI, ended], [GEMINI, after])] == [
        "Claude (old) is no longer offered",
        "Claude (new) is now offered as GA",
    ]


def test_renamed_models_with_a_shared_name_have_their_ids():
    others = [model("Claude", id=f"claude_{number}", identifier=f"a/{number}") for number in range(2)]
    found = rows(others, [entry | {"display_name": "Opus"} for entry in others])
    assert [row.summary for row in found] == [
        "GitLab: Claude (claude_0) is renamed to Opus",
        "GitLab: Claude (claude_1) is renamed to Opus",
    ]


def test_default_of_many_features_is_one_row():
    old, new = model("Claude", features=FEATURES), model("Gemini", features=FEATURES)
    (row,) = rows([old | {"default_for": FEATURES}, new], [old, new | {"default_for": FEATURES}])
    assert texts(row) == (
        "28 features: default changed: Claude → Gemini",
        "Users without a selected model for these 28 features are moved to Gemini without notice.",
    )
    assert row.lists == {"features": tuple(FEATURES)}


def test_losses_are_grouped_by_model_or_by_feature():
    before, rest = ["duo_chat", "fix", "review"], model("Rest", features=["duo_chat", "fix", "review"])
    by_model = rows([rest, *models(2, features=before)], [rest, *models(2)])
    assert [texts(row)[0] for row in by_model] == ["Model0 and Model1 no longer serve fix and review"]
    after = [model("Model0", features=["fix"]), model("Model1", features=["duo_chat", "fix"])]
    assert [(row.models, row.features) for row in rows([rest, *models(2, features=before)], [rest, *after])] == [
        (("model0",), ("duo_chat", "review")),
        (("model1",), ("review",)),
    ]


def test_same_change_of_several_models_is_one_row():
    others = models(9, endpoint="https://other.example-models.com/v1")
    (row,) = rows(models(9), others)
    assert row.summary == (
        "9 models: deployment changed: endpoint https://example-models.com/v1 → https://other.example-models.com/v1"
    )
    assert row.lists == {"models": tuple(f"Model{number}" for number in range(9))}
    (row,) = rows([GEMINI, *models(2)], [GEMINI])
    assert texts(row) == (
        "Model0 and Model1 are no longer offered",
        "Instances that selected them fall back to Gemini for duo_chat, without notice.",
    )


def test_deployments_with_the_same_effect_are_one_row_with_the_values_of_each_model():
    before = [entry | {"api-key": f"OLD_{number}"} for number, entry in enumerate(models(3))]
    after = [entry | {"api-key": "NEW_KEY"} for entry in before]
    (row,) = rows(before, after)
    assert texts(row) == (
        "3 models: deployment changed: api-key",
        "For all users of these models, gateways need NEW_KEY to be set first.",
    )
    assert row.details == tuple(f"Model{number}: api-key OLD_{number} → NEW_KEY" for number in range(3))
    comparison = Comparison({"base": "main", "head": "HEAD"}, row.changes, {"base": (), "head": ()})
    assert "<br>Model1\\: api-key `OLD_1` → `NEW_KEY`<br>Model2" in diff_markdown.write(comparison)
    assert "            Model1: api-key OLD_1 → NEW_KEY\n" in write_text(comparison)


def test_new_texts_of_models_are_one_row_with_the_values_of_each_model():
    before = models(2, description="Old")
    after = [entry | {"description": f"New {number}"} for number, entry in enumerate(before)]
    (row,) = rows(before, after)
    assert texts(row) == ("2 models: description changed", "Admins see the new description.")
    assert row.details == ('Model0: "Old" → "New 0"', 'Model1: "Old" → "New 1"')
    (same,) = rows(before, [entry | {"description": "New"} for entry in before])
    assert (same.summary, same.details) == ('Model0 and Model1: description changed: "Old" → "New"', ())


def test_new_ids_of_models_are_one_row_with_the_values_of_each_model():
    before = [GEMINI, *models(2)]
    renamed = [entry | {"id": f"new{number}"} for number, entry in enumerate(before[1:])]
    (row,) = rows(before, [GEMINI, *renamed])
    assert texts(row) == (
        "2 models: id changed",
        "Instances that selected the old ids no longer find them and fall back to Gemini for duo_chat.",
    )
    assert row.details == ("Model0: model0 → new0", "Model1: model1 → new1")
    aliased = [entry | {"aliases": [f"model{number}"]} for number, entry in enumerate(renamed)]
    (row,) = rows(before, [GEMINI, *aliased])
    assert (row.impact, row.effect) == ("safe", "Selections and requests with the old ids lead to the new ones.")


def test_aliases_are_one_row_with_the_aliases_of_each_model():
    before = [GEMINI, *models(2)]
    after = [GEMINI, *(entry | {"aliases": [f"old{number}"]} for number, entry in enumerate(before[1:]))]
    (row,) = rows(before, after)
    assert texts(row) == ("2 models: alias added", "Selections and requests with the aliases lead to them.")
    assert row.details == ("Model0: old0", "Model1: old1")
    (row,) = rows(after, before)
    assert row.effect == "Instances that selected the aliases find no model and fall back to Gemini for duo_chat."
    (row,) = rows([GEMINI], [GEMINI | {"aliases": ["old", "older"]}])
    assert texts(row) == ("Gemini: alias added", "Selections and requests with the aliases lead to it.")
    assert row.details == ("Gemini: old", "Gemini: older")


def test_features_that_several_models_gain_are_one_row():
    before = [GEMINI | {"features": ["duo_chat", *FEATURES]}, *models(2)]
    (row,) = rows(before, [before[0], *models(2, features=["duo_chat", *FEATURES])])
    assert texts(row) == (
        "Model0 and Model1 now serve 28 features as GA",
        "Admins can select them for these 28 features.",
    )


def test_release_state_of_many_features_is_one_row():
    before = [GEMINI | {"features": ["duo_chat", *FEATURES]}, *models(2, features=["duo_chat", *FEATURES])]
    after = [before[0], *(entry | {"release_state_for": dict.fromkeys(FEATURES, "BETA")} for entry in before[1:])]
    (row,) = rows(before, after)
    assert row.summary == "Model0 and Model1 for 28 features: release state lowered: GA → BETA"
    assert row.effect.startswith("GitLab no longer offers them: their users there fall back to ")
    assert row.lists == {"features": tuple(FEATURES)}


def test_other_models_behind_identifiers_are_rows_of_their_own():
    before = [entry | {"identifier": f"a/{number}"} for number, entry in enumerate(models(2))]
    after = [entry | {"identifier": f"b/{number}"} for number, entry in enumerate(before)]
    assert [row.summary for row in rows(before, after)] == [
        f"Model{number}: deployment changed: identifier a/{number} → b/{number}" for number in range(2)
    ]


def test_feature_of_withdrawn_model_is_part_of_its_row():
    (row,) = rows([GEMINI, model("Qwen", features=["review", "fix"])], [GEMINI])
    assert texts(row) == (
        "Qwen is no longer offered",
        (
            "Instances that selected it fall back to no model for fix and review, without notice. "
            "fix and review stop working for all users."
        ),
    )
    assert kinds(row.changes) == ["model-withdrawn", "feature-unserved", "feature-unserved"]


def test_feature_of_differently_withdrawn_models_is_a_row():
    before = [GEMINI, model("Qwen", features=["review"]), model("Claude", features=["review", "duo_chat"])]
    assert [row.kind for row in rows(before, [GEMINI])] == ["model-withdrawn", "model-withdrawn", "feature-unserved"]


def test_retirement_of_lost_feature_is_part_of_the_loss():
    qwen = model("Qwen", features=["review"])
    (row,) = rows([GEMINI, qwen, BOTH | retirement(BEFORE, features=["review"])], [GEMINI, qwen, CLAUDE])
    assert (row.kind, kinds(row.changes)) == ("feature-lost", ["feature-lost", "retirement-cancelled"])


def test_retirement_that_remains_after_its_feature_is_part_of_the_loss():
    qwen, ended = model("Qwen", features=["review"]), retirement("2026-06-14", features=["review"])
    (row,) = rows([GEMINI, qwen, BOTH | ended], [GEMINI, qwen, CLAUDE | ended])
    assert (row.kind, row.impact.value) == ("feature-lost", "safe")
    assert kinds(row.changes) == ["feature-lost", "retirement-moved"]


def test_retirement_of_no_feature_any_longer():
    (row,) = rows([GEMINI, CLAUDE | retirement(LATE)], [GEMINI, CLAUDE | retirement(LATE, features=["review"])])
    assert texts(row) == (
        "Claude: retirement changed: features duo_chat → none",
        "Its retirement no longer ends duo_chat.",
    )


def test_feature_that_retiring_model_gains_is_gained():
    qwen = model("Qwen", features=["review"])
    (row,) = rows([GEMINI, qwen, CLAUDE | retirement(LATE)], [GEMINI, qwen, BOTH | retirement(LATE)])
    assert (row.kind, kinds(row.changes)) == ("feature-gained", ["feature-gained", "retirement-announced"])
    assert texts(row) == (
        "Claude now serves review as GA",
        (
            "Admins can select it for review. "
            "Admins see a notice from 2026-06-01. After 2026-12-01, Gemini replaces it for review."
        ),
    )


def test_rows_are_sorted_by_impact():
    found = rows([GEMINI, CLAUDE, BOTH | {"name": "Qwen"}], [GEMINI | {"release_state": "BETA"}, CLAUDE])
    assert [row.impact.value for row in found] == ["breaking", "risky"]


def test_accident_that_drops_features_is_one_row():
    dropped = [f"feature_{number:02}" for number in range(56)]
    before = [model(f"M{number}", features=["duo_chat", *dropped[number:]]) for number in range(5)]
    before[0]["default_for"] = dropped[:9]
    (row,) = rows(
        [*before, GEMINI], [*(entry | {"features": ["duo_chat"], "default_for": []} for entry in before), GEMINI]
    )
    assert row.summary == "no model serves 56 features any longer"
    assert row.effect == "These 56 features stop working for all users."
    assert (row.models, row.features) == (tuple(f"m{number}" for number in range(5)), tuple(dropped))


def test_accident_on_all_models_is_a_readable_comment():
    """56 features are dropped from 52 models, each of which serves some of them."""
    kept, dropped = [f"kept_{number}" for number in range(8)], [f"dropped_feature_{number:02}" for number in range(56)]
    before = [
        model(f"M{number}", features=[kept[number % 8], *dropped[number :: 2 + number % 5]]) for number in range(52)
    ]
    for number, feature in enumerate(dropped):
        serving = [entry for entry in before if feature in entry["features"]]
        serving[number % len(serving)].setdefault("default_for", []).append(feature)
    after = [entry | {"features": entry["features"][:1], "default_for": []} for entry in before]
    grouped = rows(before, after)
    found = tuple(changes(before, after))
    assert len(found) > 268
    assert len(grouped) <= 40
    comment = diff_markdown.write(Comparison({"base": "main", "head": "head"}, found, {"base": (), "head": ()}))
    assert len(comment.encode()) < 20_000
    assert "omitted" not in comment
    assert all(f"`{feature}`" in comment for feature in dropped)


def test_retirement_in_a_row_of_several_models_names_its_model():
    before, after = models(2), models(2, features=["duo_chat", "fix"])
    ending = [entry | retirement(LATE, features=["duo_chat"]) for entry in before[:1]]
    retiring = after[0] | retirement(LATE)
    rest = model("Rest", features=["duo_chat", "fix"])
    (row,) = rows([GEMINI, rest, *ending, *before[1:]], [GEMINI, rest, retiring, after[1]])
    assert row.effect == (
        "Admins can select them for fix. "
        "Model0: Admins see a notice from 2026-06-01. After 2026-12-01, Gemini replaces it for fix."
    )


def test_provider_of_many_models_is_one_row_without_code():
    found = changes(models(3, provider="Vertex"), models(3, provider="Vertex AI"))
    (row,) = group_changes(found)
    assert row.summary == "Model0, Model1 and Model2: provider changed: Vertex → Vertex AI"
    comment = diff_markdown.write(Comparison({"base": "a", "head": "b"}, tuple(found), {"base": (), "head": ()}))
    assert "provider changed\\: Vertex → Vertex AI (" in comment


def test_release_state_of_many_models_is_one_row():
    gemini = model("Gemini", features=["duo_chat", "fix"], default_for=["duo_chat", "fix"])
    before = [gemini, *models(2), model("Model2", features=["fix"])]
    (row,) = rows(before, [gemini, *(entry | {"release_state": "BETA"} for entry in before[1:])])
    assert row.summary == "Model0, Model1 and Model2: release state lowered: GA → BETA"
    assert row.effect.startswith(
        "GitLab no longer offers them: their users there fall back to Gemini for duo_chat and fix. "
    )
