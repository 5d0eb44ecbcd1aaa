"""``litellm.yaml``: how a roster's keys become LiteLLM's. tests/litellm shows it to LiteLLM itself."""

from datetime import date
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as some

from roster.model import RetiredModel, Retirement
from roster.provider_facts import parse_facts
from roster.registries import CAPABILITIES, Registries
from roster.render import litellm_config
from roster.schema.validator import Schema
from tests.conftest import ROOT
from tests.render.test_artifacts import CLAUDE, DAY, GEMINI, PUBLICATION, rendered, roster

OVER = {"notice": "2025-01-01", "last_day": "2026-06-14", "replacement": "gemini_pro"}


def parameters(identifier: str, endpoint: str) -> dict[str, str]:
    (result,) = rendered("litellm", CLAUDE | {"identifier": identifier, "endpoint": endpoint})["model_list"]
    read: dict[str, str] = result["litellm_params"]
    return read


def test_the_whole_file():
    assert litellm_config.render(roster(CLAUDE), DAY, PUBLICATION).decode() == (
        "# Rendered from the roster of production: change that instead.\n"
        "# Revision 4b825dc642cb6eb9a060e54bf8d69288fbee4904, sequence 42.\n"
        "model_list:\n"
        '  - model_name: "claude_3_7_sonnet"\n'
        "    litellm_params:\n"
        '      model: "bedrock/anthropic.claude-3-7-sonnet-20250219-v1:0"\n'
        '      api_base: "https://example-models.com/v1"\n'
        '      api_key: "os.environ/AIGW_MODEL_CLAUDE_3_7_SONNET_API_KEY"\n'
        "router_settings:\n"
        "  model_group_alias:\n"
        '    "duo_chat": "claude_3_7_sonnet"\n'
    )


@pytest.mark.parametrize(
    ("endpoint", "expected"),
    [
        ("https://us-central1-aiplatform.googleapis.com/v1",
         {"api_base": "https://us-central1-aiplatform.googleapis.com", "vertex_location": "us-central1"}),
        ("https://europe-west4-aiplatform.googleapis.com",
         {"api_base": "https://europe-west4-aiplatform.googleapis.com", "vertex_location": "europe-west4"}),
        ("https://vertex.example.com/v1", {"api_base": "https://vertex.example.com"}),
        ("https://us-central1-aiplatform.googleapis.com.example.com",
         {"api_base": "https://us-central1-aiplatform.googleapis.com.example.com"}),
    ],
)  # fmt: skip
def test_vertex_has_credentials_and_region(endpoint: str, expected: dict[str, str]):
    assert (
        parameters("vertex_ai/gemini-2.5-pro", endpoint)
        == {
            "model": "vertex_ai/gemini-2.5-pro",
            "vertex_credentials": "os.environ/AIGW_MODEL_CLAUDE_3_7_SONNET_API_KEY",
        }
        | expected
    )


@pytest.mark.parametrize(
    ("host", "region"),
    [
        ("aiplatform.googleapis.com", "global"),
        ("aiplatform.us.rep.googleapis.com", "us"),
        ("aiplatform.eu.rep.googleapis.com", "eu"),
        ("aiplatform.europe-west4.rep.googleapis.com", "europe-west4"),
        ("northamerica-northeast1-aiplatform.googleapis.com", "northamerica-northeast1"),
        ("us-east5-aiplatform.mtls.googleapis.com", "us-east5"),
        ("US-EAST5-AIPLATFORM.googleapis.com", "us-east5"),
        ("us-east5-aiplatform.googleapis.com:443", "us-east5"),
        ("generativelanguage.googleapis.com", None),
        ("aiplatform.googleapis.com.example.com", None),
        ("us-aiplatform.example.com", None),
    ],
)
def test_vertex_host_gives_location(host: str, region: str | None):
    for path in ("", "/v1"):
        assert parameters("vertex_ai/gemini-2.5-pro", f"https://{host}{path}").get("vertex_location") == region


@pytest.mark.parametrize(
    ("host", "region"),
    [
        ("bedrock-runtime.us-east-1.amazonaws.com", "us-east-1"),
        ("bedrock-runtime-fips.us-gov-west-1.amazonaws.com", "us-gov-west-1"),
        ("bedrock-runtime.ap-southeast-2.api.aws", "ap-southeast-2"),
        ("bedrock-runtime-fips.ca-central-1.api.aws", "ca-central-1"),
        ("bedrock-runtime.cn-north-1.amazonaws.com.cn", "cn-north-1"),
        ("bedrock-runtime.eusc-de-east-1.amazonaws.eu", "eusc-de-east-1"),
        ("vpce-0a1b-2c3d.bedrock-runtime.eu-central-1.vpce.amazonaws.com", "eu-central-1"),
        ("bedrock-runtime.amazonaws.com", None),
        ("us-east-1.amazonaws.com", None),
        ("bedrock-runtime.us-east-1.amazonaws.com.example.com", None),
        ("bedrock.example.com", None),
    ],
)
def test_aws_host_gives_region(host: str, region: str | None):
    assert parameters("bedrock/anthropic.claude-1", f"https://{host}").get("aws_region_name") == region
    assert "aws_region_name" not in parameters("openai/claude-1", f"https://{host}")


def test_azure_version_is_not_guessed():
    assert parameters("azure/gpt-5", "https://example.openai.azure.com").keys() == {"model", "api_base", "api_key"}


def test_retired_model_is_an_alias_of_its_replacement():
    result = rendered("litellm", CLAUDE | {"retirement": OVER}, GEMINI, on=date(2026, 6, 15))
    assert [entry["model_name"] for entry in result["model_list"]] == ["gemini_pro"]
    assert result["router_settings"] == {"model_group_alias": {"claude_3_7_sonnet": "gemini_pro"}}


def test_several_defaults_are_weighted_deployments_of_the_feature():
    claude, gemini = CLAUDE | {"default_for": {"duo_chat": 80}}, GEMINI | {"features": ["duo_chat"]}
    result = rendered("litellm", claude, gemini | {"default_for": {"duo_chat": 20}})
    models = {entry["model_name"]: entry["litellm_params"] for entry in result["model_list"][:2]}
    assert result["model_list"][2:] == [
        {"model_name": "duo_chat", "litellm_params": models["claude_3_7_sonnet"] | {"weight": 80}},
        {"model_name": "duo_chat", "litellm_params": models["gemini_pro"] | {"weight": 20}},
    ]
    assert "router_settings" not in result


def test_default_that_remains_of_several_is_an_alias():
    claude = CLAUDE | {"default_for": {"duo_chat": 80}, "retirement": OVER}
    gemini = GEMINI | {"features": ["duo_chat"], "default_for": {"duo_chat": 20}}
    result = rendered("litellm", claude, gemini, on=date(2026, 6, 15))
    assert result["router_settings"]["model_group_alias"]["duo_chat"] == "gemini_pro"


def test_earlier_ids_are_aliases_of_the_model_or_its_replacement():
    claude, gemini = CLAUDE | {"aliases": ["claude_old", "sonnet"]}, GEMINI | {"aliases": ["bison"]}
    aliases = rendered("litellm", claude, gemini)["router_settings"]["model_group_alias"]
    assert {"claude_old": "claude_3_7_sonnet", "bison": "gemini_pro"}.items() <= aliases.items()
    result = rendered("litellm", claude | {"retirement": OVER}, gemini, on=date(2026, 6, 15))
    assert result["router_settings"]["model_group_alias"] == {
        "claude_3_7_sonnet": "gemini_pro", "claude_old": "gemini_pro", "sonnet": "gemini_pro", "bison": "gemini_pro",
    }  # fmt: skip


def test_rendered_capabilities_are_registered():
    registered = {each["name"] for each in yaml.safe_load((ROOT / CAPABILITIES).read_text())}
    assert set(litellm_config.CAPABILITY_KEYS.values()) <= registered
    (result,) = rendered("litellm", CLAUDE | {"capabilities": sorted(registered)})["model_list"]
    assert result["model_info"].keys() == litellm_config.CAPABILITY_KEYS.keys()


def test_limits_and_capabilities_are_model_information():
    limits = {"context_window": 200000, "max_output_tokens": 64000, "capabilities": ["tools", "fim", "vision"]}
    (result,) = rendered("litellm", CLAUDE | limits)["model_list"]
    assert result["model_info"] == {
        "max_input_tokens": 200000, "max_output_tokens": 64000,
        "supports_function_calling": True, "supports_vision": True,
    }  # fmt: skip


def test_replacements_are_followed_to_an_offered_model():
    day, on = date(2026, 6, 14), date(2026, 6, 15)
    replacements = {
        "first": "second",
        "second": "claude_3_7_sonnet",
        "of_nothing": None,
        "of_withdrawn": "withdrawn",
        "one_of_two": "other_of_two",
        "other_of_two": "one_of_two",
        "of_itself": "of_itself",
        "into_loop": "one_of_two",
        "gemini_pro": "claude_3_7_sonnet",
    }
    retired = {id_: RetiredModel((Retirement(day, day, replacement),)) for id_, replacement in replacements.items()}
    claude, gemini = CLAUDE | {"retirement": OVER}, GEMINI | {"features": ["duo_chat"], "default_for": ["duo_chat"]}
    data = litellm_config.render(roster(claude, gemini).with_retired_models(retired), on, PUBLICATION)
    assert yaml.safe_load(data)["router_settings"]["model_group_alias"] == {
        "claude_3_7_sonnet": "gemini_pro",
        "duo_chat": "gemini_pro",
        "first": "gemini_pro",
        "second": "gemini_pro",
    }


def test_deprecation_date_is_last_day_from_the_notice_on():
    retiring = OVER | {"notice": "2026-06-01", "last_day": "2026-12-01"}
    for on, model, expected in (
        (date(2026, 5, 31), CLAUDE | {"retirement": retiring}, None),
        (date(2026, 6, 1), CLAUDE | {"retirement": retiring}, {"deprecation_date": "2026-12-01"}),
        (date(2026, 12, 1), CLAUDE | {"retirement": retiring}, {"deprecation_date": "2026-12-01"}),
        (date(2026, 6, 1), CLAUDE | {"retirement": retiring | {"features": ["duo_chat"]}}, None),
        (date(2026, 6, 1), CLAUDE, None),
    ):
        claude, _ = rendered("litellm", model, GEMINI, on=on)["model_list"]
        assert claude.get("model_info") == expected


def test_deprecation_date_is_end_at_provider_if_that_is_earlier():
    retiring = OVER | {"notice": "2026-06-01", "last_day": "2026-12-01"}
    for end, more, model, expected in (
        ("2026-10-14", {}, CLAUDE, {"deprecation_date": "2026-10-14"}),
        ("2026-10-14", {}, CLAUDE | {"retirement": retiring}, {"deprecation_date": "2026-10-14"}),
        ("2026-12-02", {}, CLAUDE | {"retirement": retiring}, {"deprecation_date": "2026-12-01"}),
        ("2026-10-14", {"ends_earliest": True}, CLAUDE, None),
    ):
        registries = Registries({}, (), {})
        facts = {"identifier": CLAUDE["identifier"], "ends": end, "sources": [], **more}
        registries.provider_facts = {CLAUDE["identifier"]: parse_facts(facts)}
        other = GEMINI | {"identifier": "bedrock/other"}
        data = litellm_config.render(roster(model, other), date(2026, 6, 1), PUBLICATION, registries)
        claude, gemini = yaml.safe_load(data)["model_list"]
        assert claude.get("model_info") == expected
        assert "model_info" not in gemini


def test_model_named_like_feature_has_no_alias():
    other = GEMINI | {"id": "duo_chat"}
    assert "router_settings" not in rendered("litellm", CLAUDE, other)


def test_feature_named_like_an_alias_is_an_alias_of_its_default():
    other = GEMINI | {"aliases": ["duo_chat"]}
    settings = rendered("litellm", CLAUDE, other)["router_settings"]
    assert settings == {"model_group_alias": {"duo_chat": "claude_3_7_sonnet"}}


@given(some.text(min_size=1))
def test_arbitrary_identifier_survives_yaml(text: str):
    """Also under YAML 1.1, which LiteLLM uses, and with control characters."""
    data = litellm_config.render(roster(CLAUDE | {"identifier": f"openai/{text}"}), DAY, PUBLICATION)
    assert all(line.isprintable() for line in data.decode().splitlines())
    assert yaml.safe_load(data)["model_list"][0]["litellm_params"]["model"] == f"openai/{text}"


def test_imported_names_are_aliases_of_the_model_or_its_replacement():
    names = {"gateway": {"model_group_alias": ["claude-3.7", "gemini_pro", "duo_chat", "", None]}}
    serving = GEMINI | {"features": ["duo_chat"]}
    for retirement, serves in (({}, "claude_3_7_sonnet"), ({"retirement": OVER}, "gemini_pro")):
        content = rendered("litellm", CLAUDE | names | retirement, serving)
        assert content["router_settings"]["model_group_alias"]["claude-3.7"] == serves
        assert "gemini_pro" not in content["router_settings"]["model_group_alias"]


def test_default_whose_name_is_shared_serves_its_feature_alone():
    sharing = GEMINI | {"gateway": {"model_name": "claude_3_7_sonnet"}, "default_for": []}
    content = rendered("litellm", CLAUDE | {"default_for": ["duo_chat"]}, sharing)
    names = [(each["model_name"], each["litellm_params"]["model"]) for each in content["model_list"]]
    claude, gemini = CLAUDE["identifier"], GEMINI["identifier"]
    assert names[2:] == [("duo_chat", claude), ("claude_3_7_sonnet", gemini)]
    assert "router_settings" not in content


def test_gateway_settings_may_contain_anything():
    schema = Schema((ROOT / "schemas/litellm.schema.json").read_bytes())
    keys = {
        "litellm_params": ("model", "api_base", "api_key", "vertex_location", "aws_region_name", "weight"),
        "model_info": ("max_input_tokens", "max_output_tokens", "deprecation_date", "supports_vision"),
    }
    values: list[Any] = [None, [], {}, "", 0, "x", [None], {"x": []}]
    for value in values:
        settings: list[dict[str, Any]] = [{key: value} for key in (*keys, "model_group_alias", "model_name")]
        settings += [{key: {name: value}} for key, names in keys.items() for name in names]
        for each in settings:
            data = litellm_config.render(roster(CLAUDE | {"gateway": each}), DAY, PUBLICATION)
            schema.require_valid(data, "litellm.yaml")
