"""``litellm.yaml``: how a roster's keys become LiteLLM's. tests/litellm shows it to LiteLLM itself."""

from datetime import date

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as some

from roster.render import litellm_config
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


def test_retired_model_has_no_deployment_or_alias():
    result = rendered("litellm", CLAUDE | {"retirement": OVER}, GEMINI, on=date(2026, 6, 15))
    assert [entry["model_name"] for entry in result["model_list"]] == ["gemini_pro"]
    assert "router_settings" not in result


def test_model_named_like_feature_has_no_alias():
    other = GEMINI | {"id": "duo_chat"}
    assert "router_settings" not in rendered("litellm", CLAUDE, other)


@given(some.text(min_size=1))
def test_arbitrary_identifier_survives_yaml(text: str):
    """Also under YAML 1.1, which LiteLLM uses, and with control characters."""
    data = litellm_config.render(roster(CLAUDE | {"identifier": f"openai/{text}"}), DAY, PUBLICATION)
    assert all(line.isprintable() for line in data.decode().splitlines())
    assert yaml.safe_load(data)["model_list"][0]["litellm_params"]["model"] == f"openai/{text}"
