"""``definitions.json``: the format that GitLab reads, and how rosters are rendered to it."""

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from roster.render import definitions_json as definitions
from tests.render.test_artifacts import CLAUDE, GEMINI, PUBLICATION, REGISTRIES, days, models, rendered, roster

OVER = {"notice": "2026-06-01", "last_day": "2026-12-01", "replacement": "gemini_pro"}
NOTICE, LAST_DAY = date(2026, 6, 1), date(2026, 12, 1)
DEPRECATION = {"deprecation_date": "2026-06-01", "removal_version": "2026-12-01", "replacement": "gemini_pro"}


def feature(setting: str, *models: dict[str, Any], on: date = NOTICE) -> Any:
    (result,) = [
        entry
        for entry in rendered("definitions", *models, on=on)["unit_primitives"]
        if entry["feature_setting"] == setting
    ]
    return result


def test_definitions_have_gitlab_shape():
    claude = CLAUDE | {"provider": "Bedrock", "description": "Balanced coding model", "cost_indicator": "$$"}
    assert rendered("definitions", claude, GEMINI) == {
        "models": [
            {
                "name": "GitLab: Claude 3.7 Sonnet - Bedrock",
                "identifier": "claude_3_7_sonnet",
                "provider": "Bedrock",
                "deprecation": None,
                "description": "Balanced coding model",
                "cost_indicator": "$$",
                "release_state": "GA",
                "features": ["duo_chat", "code-generation"],
            },
            {
                "name": "Gemini Pro",
                "identifier": "gemini_pro",
                "provider": None,
                "deprecation": None,
                "description": None,
                "cost_indicator": None,
                "release_state": "BETA",
                "features": ["summarize_mr_review"],
            },
        ],
        "unit_primitives": [
            {
                "feature_setting": "code_generations",
                "feature": "code-generation",
                "title": "Code Generation",
                "category": "code_suggestions",
                "default_model": None,
                "default_models": [],
                "selectable_models": ["claude_3_7_sonnet"],
                "beta_models": [],
                "deprecated_models": [],
                "dev": None,
                "unit_primitives": ["generate_code"],
            },
            {
                "feature_setting": "duo_chat",
                "feature": "duo_chat",
                "title": "General Chat",
                "category": "duo_chat",
                "default_model": "claude_3_7_sonnet",
                "default_models": ["claude_3_7_sonnet"],
                "selectable_models": ["claude_3_7_sonnet"],
                "beta_models": [],
                "deprecated_models": [],
                "dev": None,
                "unit_primitives": ["ask_build", "ask_commit"],
            },
            {
                "feature_setting": "summarize_review",
                "feature": "summarize_mr_review",
                "title": "Code Review Summary",
                "category": "duo_code_review",
                "default_model": None,
                "default_models": [],
                "selectable_models": [],
                "beta_models": ["gemini_pro"],
                "deprecated_models": [],
                "dev": None,
                "unit_primitives": ["summarize_review"],
            },
        ],
        "retired": [],
    }


def test_definitions_have_one_item_per_line():
    data = definitions.render(roster(GEMINI), NOTICE, PUBLICATION, REGISTRIES).decode()
    assert [line[:14] for line in data.splitlines()[1:4]] == ['"models": [', '{"name": "Gemi', "],"]
    assert data.endswith('],\n"retired": []\n}\n')


def test_experiment_is_in_dev():
    experiment = CLAUDE | {"release_state": "EXPERIMENT", "default_for": []}
    assert feature("duo_chat", experiment)["dev"] == {"selectable_models": ["claude_3_7_sonnet"]}


def test_default_is_selectable_in_any_state():
    for state in ("BETA", "EXPERIMENT"):
        chat = feature("duo_chat", CLAUDE | {"release_state": state})
        assert (chat["default_model"], chat["selectable_models"]) == ("claude_3_7_sonnet", ["claude_3_7_sonnet"])
        assert (chat["beta_models"], chat["dev"]) == ([], None)


def test_model_is_deprecated_from_notice_to_last_day():
    def deprecation(on: date) -> Any:
        listed = {
            model["identifier"]: model
            for model in rendered("definitions", CLAUDE | {"retirement": OVER}, GEMINI, on=on)["models"]
        }
        return listed["claude_3_7_sonnet"]["deprecation"] if "claude_3_7_sonnet" in listed else "gone"

    assert deprecation(NOTICE - timedelta(1)) is None
    assert deprecation(NOTICE) == deprecation(LAST_DAY) == DEPRECATION
    assert deprecation(LAST_DAY + timedelta(1)) == "gone"


def test_model_retiring_for_one_feature_is_deprecated_there():
    model = CLAUDE | {"retirement": OVER | {"features": ["duo_chat"]}}
    (listed,) = rendered("definitions", model, on=NOTICE)["models"]
    assert listed["deprecation"] is None
    assert feature("duo_chat", model)["deprecated_models"] == [{"identifier": "claude_3_7_sonnet"} | DEPRECATION]
    assert feature("duo_chat", model, on=NOTICE - timedelta(1))["deprecated_models"] == []
    assert feature("code_generations", model)["deprecated_models"] == []


def test_tombstones_equal_those_of_envelope():
    model = CLAUDE | {"retirement": OVER | {"features": ["duo_chat"]}}
    after = LAST_DAY + timedelta(1)
    definitions = rendered("definitions", model, GEMINI, on=after)
    tombstone = {
        "id": "claude_3_7_sonnet",
        "last_day": "2026-12-01",
        "replacement": "gemini_pro",
        "features": ["duo_chat"],
    }
    assert definitions["retired"] == rendered("gateway", model, GEMINI, on=after)["retired"] == [tombstone]
    assert definitions["models"][0]["features"] == ["code-generation"]


@pytest.mark.parametrize(
    ("name", "provider", "expected"),
    [
        ("Codestral on Fireworks", "Fireworks", "GitLab: Codestral on Fireworks"),
        ("Codestral on fireworks", "Fireworks", "GitLab: Codestral on fireworks"),
        ("Codestral (Fireworks)", "Fireworks", "GitLab: Codestral (Fireworks)"),
        ("Codestral (fireworks) 25.01", "Fireworks", "GitLab: Codestral (fireworks) 25.01"),
        ("Codestral - Fireworks", "Fireworks", "GitLab: Codestral - Fireworks"),
        ("Gemini on Vertex-AI", "Vertex AI", "GitLab: Gemini on Vertex-AI"),
        ("Mistral", "Mistral", "GitLab: Mistral"),
        ("Codestral on Fireworks", "Fireworks AI", "GitLab: Codestral on Fireworks - Fireworks AI"),
        ("Fireworks Codestral", "Fireworks", "GitLab: Fireworks Codestral - Fireworks"),
        ("Codestral on CampFireworks", "Fireworks", "GitLab: Codestral on CampFireworks - Fireworks"),
        ("Codestral", "Fireworks", "GitLab: Codestral - Fireworks"),
        ("Codestral", "★", "GitLab: Codestral - ★"),
    ],
)
def test_name_has_provider_once(name: str, provider: str, expected: str):
    model = CLAUDE | {"name": name, "provider": provider}
    assert rendered("definitions", model)["models"][0]["name"] == expected


def test_names_remain_different():
    names = (
        {"name": "A", "display_name": "Codestral - Fireworks", "provider": "Fireworks"},
        {"name": "B", "display_name": "Codestral", "provider": "Fireworks"},
        {"name": "C", "display_name": "Codestral (Fireworks)", "provider": "Fireworks"},
    )
    listed = rendered("definitions", *(CLAUDE | keys for keys in names))["models"]
    assert [model["name"] for model in listed] == [
        "Codestral - Fireworks - Fireworks",
        "Codestral - Fireworks",
        "Codestral (Fireworks)",
    ]


@given(some.lists(models, min_size=1, max_size=6, unique_by=lambda model: model["name"]), days)
def test_each_model_is_in_one_list_per_feature(offered: list[dict[str, Any]], on: date):
    definitions, listed = (rendered(target, *offered, on=on) for target in ("definitions", "offered_models"))
    assert [(model["identifier"], model["release_state"], model["features"]) for model in definitions["models"]] == [
        (model["id"], model["release_state"], model["features"]) for model in listed
    ]
    for entry in definitions["unit_primitives"]:
        choices = entry["selectable_models"] + entry["beta_models"] + (entry["dev"] or {}).get("selectable_models", [])
        assert REGISTRIES.features[entry["feature"]].setting == entry["feature_setting"]
        serving = [model["id"] for model in listed if entry["feature"] in model["features"]]
        assert sorted(choices) == sorted(serving)
        assert entry["default_models"] == ([entry["default_model"]] if entry["default_model"] else [])
        assert set(entry["default_models"]) <= set(entry["selectable_models"])
