"""``models.yml`` and ``unit_primitives.yml``: how rosters are rendered for GitLab's AI gateway."""

from typing import Any

import yaml

from roster.registries import Registries
from roster.render.artifacts import ARTIFACTS
from roster.render.default_weights import first_ahead, has_shares, rounded_shares, shares_of
from roster.schema.validator import Schema
from tests.conftest import ROOT
from tests.render.test_artifacts import CLAUDE, DAY, GEMINI, PUBLICATION, REGISTRIES, roster


def models(*entries: dict[str, Any], registries: Registries = REGISTRIES) -> Any:
    data = ARTIFACTS["gitlab_models"].render(roster(*entries), DAY, PUBLICATION, registries)
    return yaml.safe_load(data)["models"]


def feature(setting: str, *entries: dict[str, Any], gateway: dict[str, Any] | None = None) -> Any:
    features = dict(REGISTRIES.features)
    (name,) = (feature.name for feature in features.values() if feature.setting == setting)
    features[name] = features[name]._replace(gateway=gateway or {})
    registries = Registries(features, REGISTRIES.families, REGISTRIES.environments, REGISTRIES.providers)
    data = ARTIFACTS["gitlab_unit_primitives"].render(roster(*entries), DAY, PUBLICATION, registries)
    (entry,) = (
        each for each in yaml.safe_load(data)["configurable_unit_primitives"] if each["feature_setting"] == setting
    )
    return entry


def test_model_of_a_roster_that_was_not_imported():
    more = {"provider": "Bedrock", "description": "Balanced", "cost_indicator": "$$", "context_window": 200_000}
    (model,) = models(CLAUDE | more | {"gateway": {"temperature": 0.0, "supports_vision": True}})
    assert model == {
        "name": "GitLab: Claude 3.7 Sonnet",
        "provider": "Bedrock",
        "gitlab_identifier": "claude_3_7_sonnet",
        "description": "Balanced",
        "cost_indicator": "$$",
        "max_context_tokens": 200_000,
        "family": ["claude"],
        "model_class_provider": "litellm",
        "params": {
            "model": "anthropic.claude-3-7-sonnet-20250219-v1:0",
            "custom_llm_provider": "bedrock",
            "temperature": 0.0,
        },
        "supports_vision": True,
    }


def test_own_class_of_provider_needs_no_provider():
    (model,) = models(CLAUDE | {"identifier": "anthropic/claude-sonnet-5"})
    assert model["model_class_provider"] == "anthropic"
    assert model["params"] == {"model": "claude-sonnet-5"}


def test_output_limit_of_a_request_is_that_of_the_model_unless_gateway_has_one():
    limits = [{}, {"max_tokens": 48}, {"params": {"max_tokens": 64}}]
    rendered = [models(CLAUDE | {"max_output_tokens": 64_000, "gateway": gateway})[0] for gateway in limits]
    assert [model["params"]["max_tokens"] for model in rendered] == [64_000, 48, 64]


def test_roster_wins_over_gateway():
    own = {"model_class_provider": "anthropic", "params": {"model": "claude-old", "custom_llm_provider": "anthropic"}}
    (model,) = models(CLAUDE | {"identifier": "vertex_ai/claude-sonnet-5", "gateway": own})
    assert (model["model_class_provider"], model["params"]) == (
        "litellm",
        {"model": "claude-sonnet-5", "custom_llm_provider": "vertex_ai"},
    )


def test_retirement_is_a_deprecation_until_the_next_release():
    whole = {"notice": "2026-06-01", "last_day": "2026-12-01", "replacement": "gemini_pro"}
    model, _ = models(CLAUDE | {"retirement": whole}, GEMINI)
    assert model["deprecation"] == {"deprecation_date": "2026-06-01", "removal_version": "19.7"}
    partial = CLAUDE | {"retirement": [whole | {"features": ["duo_chat"]}]}
    assert "deprecation" not in models(partial, GEMINI)[0]
    (deprecated,) = feature("duo_chat", partial, GEMINI)["deprecated_models"]
    assert deprecated == {"identifier": "claude_3_7_sonnet"} | model["deprecation"]
    assert "deprecated_models" not in feature("code_generations", partial, GEMINI)


def test_models_of_a_feature_are_in_lists_by_state():
    chat = {"features": ["duo_chat"], "default_for": []}
    entry = feature(
        "duo_chat",
        CLAUDE,
        GEMINI | chat,
        GEMINI | chat | {"name": "Next", "display_name": "Next", "release_state": "EXPERIMENT"},
        GEMINI | chat | {"name": "Old", "display_name": "Old", "release_state_for": {"duo_chat": "GA"}},
    )
    assert entry == {
        "feature_setting": "duo_chat",
        "unit_primitives": ["ask_build", "ask_commit"],
        "default_models": ["claude_3_7_sonnet"],
        "selectable_models": ["claude_3_7_sonnet", "old"],
        "beta_models": ["gemini_pro"],
        "dev": {"selectable_models": ["next"]},
    }


def two_defaults(first: int) -> list[dict[str, Any]]:
    gemini = GEMINI | {"release_state": "GA", "features": ["duo_chat"], "default_for": {"duo_chat": 100 - first}}
    return [CLAUDE | {"default_for": {"duo_chat": first}}, gemini]


def test_several_defaults_have_weights_unless_shares_are_equal():
    assert feature("duo_chat", *two_defaults(20))["default_models"] == [
        {"identifier": "gemini_pro", "weight": 80},
        {"identifier": "claude_3_7_sonnet", "weight": 20},
    ]
    assert feature("duo_chat", *two_defaults(50))["default_models"] == ["claude_3_7_sonnet", "gemini_pro"]


def test_imported_weights_are_used_while_the_roster_has_their_shares():
    own = [{"identifier": "gemini_pro", "weight": 2.5}, {"identifier": "claude_3_7_sonnet", "weight": 2.5}]
    assert feature("duo_chat", *two_defaults(50), gateway={"default_models": own})["default_models"] == own
    assert feature("duo_chat", *two_defaults(40), gateway={"default_models": own})["default_models"] == [
        {"identifier": "gemini_pro", "weight": 60},
        {"identifier": "claude_3_7_sonnet", "weight": 40},
    ]


def test_imported_order_and_tags_follow_the_roster():
    own = {
        "selectable_models": ["gone", "gemini_pro"],
        "models_for_tags": {"small": "gone", "large": {"models": ["gone", "gemini_pro"], "keywords": ["plan"]}},
        "default_model": "gone",
        "max_steps": 7,
    }
    entry = feature("duo_chat", *two_defaults(50)[1:], CLAUDE, gateway=own)
    assert entry["selectable_models"] == ["gemini_pro", "claude_3_7_sonnet"]
    assert entry["models_for_tags"] == {"large": {"models": ["gemini_pro"], "keywords": ["plan"]}}
    assert entry["max_steps"] == 7


def test_feature_whose_models_cannot_be_selected():
    assert feature("duo_chat", CLAUDE, gateway={"selectable_models": []})["selectable_models"] == []
    gemini = GEMINI | {"release_state": "GA", "features": ["duo_chat"]}
    entry = feature("duo_chat", CLAUDE, gemini, gateway={"selectable_models": []})
    assert entry["selectable_models"] == ["claude_3_7_sonnet", "gemini_pro"]


def test_unlisted_models_follow_those_of_the_roster():
    registries = Registries(REGISTRIES.features, REGISTRIES.families, REGISTRIES.environments)
    registries.gateway_models = {"mixtral": {"name": "Mixtral"}, "claude_3_7_sonnet": {"name": "Old"}}
    assert models(CLAUDE, registries=registries)[1:] == [{"name": "Mixtral", "gitlab_identifier": "mixtral"}]


def test_shares_add_up_to_100():
    assert rounded_shares([1, 1, 1]) == [34, 33, 33]
    assert rounded_shares([0, 0]) == [50, 50]
    assert rounded_shares([0, 1]) == [1, 99]
    for weights in ([1] * 7, [1] * 100, [0.001, 5, 5], [3, 8, 20, 0, 0], range(1, 14)):
        shares = rounded_shares(list(weights))
        assert sum(shares) == 100
        assert min(shares) >= 1


def test_shares_of_malformed_defaults_are_unknown():
    for value in (None, [], "a", [1], ["a", "a"], [{"weight": 1}], [{"identifier": "a", "weight": "1"}], ["a"] * 101):
        assert shares_of(value) is None
    assert shares_of([{"identifier": "a", "weight": 10**400}, {"identifier": "b", "weight": 0.5}]) is None
    assert first_ahead({"a": 50, "b": 50}) == {"a": 51, "b": 49}
    assert has_shares(["a", "b"], {"b": 49, "a": 51})


HOSTILE: list[Any] = [None, [], {}, "", 0, "x", [None], [[]], [{"identifier": []}], {"x": []}, {"models": [[]]}]


def test_gateway_may_contain_anything():
    schemas = {
        name: Schema((ROOT / f"schemas/{name}.schema.json").read_bytes())
        for name in ("gitlab_models", "gitlab_unit_primitives", "definitions")
    }

    def assert_valid(registries: Registries, *entries: dict[str, Any]) -> None:
        for name, schema in schemas.items():
            schema.require_valid(ARTIFACTS[name].render(roster(*entries), DAY, PUBLICATION, registries), name + ".yml")

    for value in HOSTILE:
        for key in ("name", "gitlab_identifier", "family", "params", "model_class_provider", "deprecation", "provider"):
            assert_valid(REGISTRIES, CLAUDE | {"gateway": {key: value}})
        for key in ("model", "custom_llm_provider", "model_class_provider"):
            assert_valid(REGISTRIES, CLAUDE | {"gateway": {"params": {key: value}}})
        for key in (
            "default_models",
            "default_model",
            "selectable_models",
            "dev",
            "deprecated_models",
            "models_for_tags",
        ):
            chat = REGISTRIES.features["duo_chat"]._replace(gateway={key: value})
            features = dict(REGISTRIES.features) | {"duo_chat": chat}
            assert_valid(Registries(features, (), {}), *two_defaults(30))
