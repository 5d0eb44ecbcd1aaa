"""The artifacts: the specified response examples, and properties of rendering."""

import json
from datetime import date, timedelta
from typing import Any

import yaml
from hypothesis import given
from hypothesis import strategies as some

from roster.check.loading import load_registries, load_schema
from roster.model import RetiredModel, Retirement
from roster.publishing.sequence import Publication
from roster.render import gateway_json, offered_models_json
from roster.render.artifacts import ARTIFACTS
from roster.repository import Repository
from roster.roster import Roster
from tests.conftest import ROOT

DAY = date(2026, 6, 15)
PUBLICATION = Publication("4b825dc642cb6eb9a060e54bf8d69288fbee4904", 42)
REGISTRIES = load_registries(Repository(ROOT))
CLAUDE: dict[str, Any] = {
    "name": "Claude 3.7 Sonnet",
    "identifier": "bedrock/anthropic.claude-3-7-sonnet-20250219-v1:0",
    "api-key": "AIGW_MODEL_CLAUDE_3_7_SONNET_API_KEY",
    "endpoint": "https://example-models.com/v1",
    "release_state": "GA",
    "family": "claude",
    "features": ["duo_chat", "code-generation"],
    "default_for": ["duo_chat"],
}
GEMINI: dict[str, Any] = CLAUDE | {
    "name": "Gemini Pro",
    "display_name": "Gemini Pro",
    "api-key": "AIGW_MODEL_GEMINI_PRO_API_KEY",
    "release_state": "BETA",
    "family": "gemini",
    "features": ["summarize_mr_review"],
    "default_for": [],
}


def roster(*models: dict[str, Any]) -> Roster:
    return Roster.of("env/production/offered_models_metadata.yaml", "production", list(models))


def rendered(target: str, *models: dict[str, Any], on: date = DAY) -> Any:
    data = ARTIFACTS[target].render(roster(*models), on, PUBLICATION, REGISTRIES)
    return yaml.safe_load(data) if target == "litellm" else json.loads(data)


def test_list_matches_endpoint_specification():
    assert rendered("offered_models", CLAUDE) == [
        {
            "name": "GitLab: Claude 3.7 Sonnet",
            "id": "claude_3_7_sonnet",
            "release_state": "GA",
            "features": ["duo_chat", "code-generation"],
        }
    ]


def test_list_matches_instance_specification():
    """The specification calls code completion ``completion``; here its name is code-completion everywhere."""
    claude = CLAUDE | {"features": ["duo_chat", "code-completion"]}
    assert rendered("offered_models", claude, GEMINI) == [
        {
            "name": "GitLab: Claude 3.7 Sonnet",
            "id": "claude_3_7_sonnet",
            "release_state": "GA",
            "features": ["duo_chat", "code-completion"],
        },
        {"name": "Gemini Pro", "id": "gemini_pro", "release_state": "BETA", "features": ["summarize_mr_review"]},
    ]


def test_keys_of_model_are_in_specified_order():
    text = offered_models_json.render(roster(CLAUDE), DAY, PUBLICATION).decode()
    assert text.index('"name"') < text.index('"id"') < text.index('"release_state"') < text.index('"features"')


def test_gateway_envelope():
    assert rendered("gateway", CLAUDE, GEMINI) == {
        "format": 1,
        "environment": "production",
        "revision": PUBLICATION.revision,
        "sequence": 42,
        "offered_models": rendered("offered_models", CLAUDE, GEMINI),
        "routes": {
            "claude_3_7_sonnet": {
                "identifier": "bedrock/anthropic.claude-3-7-sonnet-20250219-v1:0",
                "endpoint": "https://example-models.com/v1",
                "api_key": "AIGW_MODEL_CLAUDE_3_7_SONNET_API_KEY",
                "family": "claude",
            },
            "gemini_pro": {
                "identifier": "bedrock/anthropic.claude-3-7-sonnet-20250219-v1:0",
                "endpoint": "https://example-models.com/v1",
                "api_key": "AIGW_MODEL_GEMINI_PRO_API_KEY",
                "family": "gemini",
            },
        },
        "defaults": {"duo_chat": "claude_3_7_sonnet"},
        "retired": [],
        "definitions": rendered("definitions", CLAUDE, GEMINI),
    }


def test_model_retired_for_one_feature_serves_others():
    retirement = {
        "notice": "2026-01-01",
        "last_day": "2026-06-14",
        "replacement": "gemini_pro",
        "features": ["duo_chat"],
    }
    model = CLAUDE | {"retirement": retirement, "default_for": ["duo_chat", "code-generation"]}
    (listed,) = rendered("offered_models", model)
    assert listed["features"] == ["code-generation"]
    envelope = rendered("gateway", model)
    assert envelope["defaults"] == {"code-generation": "claude_3_7_sonnet"}
    assert envelope["retired"] == [
        {"id": "claude_3_7_sonnet", "last_day": "2026-06-14", "replacement": "gemini_pro", "features": ["duo_chat"]}
    ]


def test_removed_models_have_tombstones_by_last_day():
    gemini = GEMINI | {"retirement": {"notice": "2026-01-01", "last_day": "2026-06-14", "replacement": "b"}}
    left = {name: Retirement(None, day, "gemini_pro") for name, day in (("b", DAY), ("c", date.min), ("a", DAY))}
    left["c"] = left["c"]._replace(features=("duo_chat",))
    removed = {name: RetiredModel((retirement,)) for name, retirement in left.items()}
    data = gateway_json.render(roster(CLAUDE, gemini).with_retired_models(removed), DAY, PUBLICATION, REGISTRIES)
    load_schema(Repository(ROOT), "schemas/gateway.schema.json").require_valid(data, "gateway.json")
    assert json.loads(data)["retired"] == [
        {"id": "gemini_pro", "last_day": "2026-06-14", "replacement": "b"},
        {"id": "c", "last_day": "0001-01-01", "replacement": "gemini_pro", "features": ["duo_chat"]},
        {"id": "a", "last_day": "2026-06-15", "replacement": "gemini_pro"},
        {"id": "b", "last_day": "2026-06-15", "replacement": "gemini_pro"},
    ]


def test_artifacts_with_every_optional_key_are_valid():
    facts = {
        "context_window": 200_000,
        "max_output_tokens": 64_000,
        "capabilities": ["tools"],
        "processed_in": ["us"],
        "data_retention_days": 0,
        "documentation": "https://docs.example.com/claude",
    }
    claude = CLAUDE | facts | {"aliases": ["claude"], "gateway": {"temperature": 0.5}, "owner": "@group"}
    claude |= {"default_for": {"duo_chat": 30}, "release_state_for": {"duo_chat": "BETA"}}
    gemini = GEMINI | {"features": ["duo_chat"], "default_for": {"duo_chat": 70}}
    mistral = GEMINI | {"name": "Mistral", "suspended": {"since": "2026-06-01", "reason": "incident"}}
    ended = GEMINI | {"name": "Old", "retirement": {"notice": "2026-01-01", "last_day": "2026-06-01"}}
    all_models = [claude, gemini, mistral, ended]
    for name in ("gateway", "definitions", "litellm", "offered_models"):
        data = ARTIFACTS[name].render(roster(*all_models), DAY, PUBLICATION, REGISTRIES)
        load_schema(Repository(ROOT), f"schemas/{name}.schema.json").require_valid(data, ARTIFACTS[name].file)
        assert (b"temperature" in data) is (name == "gateway")
        assert b"@group" not in data
    envelope = rendered("gateway", *all_models)
    assert envelope["default_shares"] == {"duo_chat": {"claude_3_7_sonnet": 30, "gemini_pro": 70}}
    assert envelope["defaults"]["duo_chat"] == "gemini_pro"
    route = envelope["routes"]["claude_3_7_sonnet"]
    assert (route["gateway"], route["context_window"]) == ({"temperature": 0.5}, 200_000)
    (definition, _), features = envelope["definitions"]["models"], envelope["definitions"]["unit_primitives"]
    (feature,) = (each for each in features if each["feature"] == "duo_chat")
    assert facts.items() <= definition.items()
    assert definition["release_state_for"] == {"duo_chat": "BETA"}
    assert feature["default_models"] == ["gemini_pro", "claude_3_7_sonnet"]
    assert feature["default_shares"] == {"gemini_pro": 70, "claude_3_7_sonnet": 30}
    assert [each.keys() for each in rendered("offered_models", *all_models)] == [
        {"name", "id", "release_state", "features"}
    ] * 2


names = some.text("abcXYZ019 äß模", min_size=1, max_size=12)
features = some.lists(some.sampled_from(["duo_chat", "code-generation", "code-completion"]), min_size=1, unique=True)
days = some.dates(date(2026, 1, 1), date(2026, 12, 31))
models = some.builds(
    lambda number, name, serves, last_day: (
        CLAUDE
        | {"name": f"{name.strip()} {number}", "features": serves, "default_for": serves[:1]}
        | ({"retirement": {"notice": "2025-01-01", "last_day": str(last_day), "replacement": "x"}} if last_day else {})
    ),
    some.integers(0, 9),
    names,
    features,
    some.none() | days,
)


@given(some.lists(models, min_size=1, max_size=6, unique_by=lambda model: model["name"]), days)
def test_rendered_models_equal_offered_models(offered: list[dict[str, Any]], on: date):
    entries, envelope = rendered("offered_models", *offered, on=on), rendered("gateway", *offered, on=on)
    gone = [
        model for model in offered if "retirement" in model and date.fromisoformat(model["retirement"]["last_day"]) < on
    ]
    assert [entry["features"] for entry in entries] == [model["features"] for model in offered if model not in gone]
    assert len(envelope["retired"]) == len(gone)
    assert envelope["offered_models"] == entries
    assert list(envelope["routes"]) == list(dict.fromkeys(entry["id"] for entry in entries))
    assert set(envelope["defaults"].values()) <= envelope["routes"].keys()


@given(some.lists(models, min_size=1, max_size=6))
def test_model_is_offered_on_its_last_day(offered: list[dict[str, Any]]):
    for model in roster(*offered):
        for retirement in model.retirements:
            assert retirement.last_day
            assert model.offered_features(retirement.last_day) == model.features
            assert model.offered_features(retirement.last_day + timedelta(days=1)) == ()


def test_artifacts_of_this_repository_are_valid(checkout):
    from roster.check.pipeline import check

    result = check(Repository(checkout), DAY)
    for name, artifact in ARTIFACTS.items():
        schema = load_schema(Repository(ROOT), f"schemas/{name}.schema.json")
        for environment in result.rosters.values():
            data = artifact.render(environment, DAY, PUBLICATION, result.registries)
            schema.require_valid(data, artifact.file)
            start = {"litellm": "\n  - model_name:", "gitlab_models": "\n  - name:"}.get(name, "\n{")
            if name != "gitlab_unit_primitives":
                assert data.decode().count(start) >= len(environment.models)
    assert gateway_json.FORMAT == 1
