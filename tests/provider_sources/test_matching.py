"""Matching of identifiers with the names in a source."""

from typing import Any

from roster.provider_sources.matching import Matcher
from tests.provider_sources.source_files import litellm_listing, models_dev_listing

LISTED: dict[str, dict[str, Any]] = {
    "anthropic.claude-3-7-sonnet-20250219-v1:0": {},
    "us.anthropic.claude-opus-4-8": {},
    "eu.anthropic.claude-sonnet-5": {"input_cost_per_token": 1e-6},
    "anthropic.claude-sonnet-5": {"input_cost_per_token": 2e-6},
    "bedrock/eu-west-1/anthropic.claude-v2:1": {},
    "anthropic.claude-v2:1": {},
    "claude-opus-4-5-20251101": {"litellm_provider": "anthropic"},
    "claude-3-5-sonnet-20240620": {"litellm_provider": "anthropic"},
    "claude-3-5-sonnet-20241022": {"litellm_provider": "anthropic"},
    "gemini-2.5-pro": {"litellm_provider": "vertex_ai-language-models"},
    "vertex_ai/claude-opus-4-8@default": {"litellm_provider": "vertex_ai-anthropic_models"},
    "vertex_ai/claude-opus-4-1@20250805": {"litellm_provider": "vertex_ai-anthropic_models"},
    "vertex_ai/codestral@latest": {"litellm_provider": "vertex_ai-mistral_models"},
    "vertex_ai/codestral-2501": {"litellm_provider": "vertex_ai-mistral_models"},
    "gemini/gemini-2.5-pro": {},
    "fireworks_ai/accounts/fireworks/models/glm-5": {},
    "azure/eu/gpt-4o-2024-08-06": {},
    "azure/gpt-5": {},
    "gpt-4o": {"litellm_provider": "openai"},
    "gpt-4o-2024-08-06": {"litellm_provider": "openai"},
    "mistral/codestral-2508": {},
    "ollama/llama3": {},
    "command-r": {"litellm_provider": "cohere_chat"},
}
MATCHER = Matcher(litellm_listing(**LISTED))


def found(identifier: str) -> str:
    """Return the key of a model, with marks for what is not certain: another price, another identifier."""
    match = MATCHER.find(identifier)
    if match is None:
        return ""
    return match.key + ("" if match.is_same_price else " without price") + ("" if match.is_as_written else " unknown")


def test_identifiers_are_matched_as_litellm_does_if_the_model_is_the_same():
    sonnet, opus = "anthropic.claude-3-7-sonnet-20250219-v1:0", "us.anthropic.claude-opus-4-8"
    expected = {
        f"bedrock/{sonnet}": sonnet,
        f"bedrock/converse/{sonnet}": sonnet,
        f"bedrock/invoke/{sonnet}": sonnet,
        f"bedrock/{sonnet.upper()}": sonnet,
        f"bedrock/us-east-1/{sonnet}": f"{sonnet} without price",
        f"bedrock/us.{sonnet}": f"{sonnet} without price",
        f"bedrock/converse/eu-west-1/global.{sonnet}": f"{sonnet} without price",
        f"bedrock/{sonnet}:48k": f"{sonnet} without price",
        f"bedrock/arn:aws:bedrock:us-east-1::foundation-model/{sonnet}": sonnet,
        "bedrock/eu.anthropic.claude-sonnet-5": "eu.anthropic.claude-sonnet-5",
        "bedrock/eu-west-1/anthropic.claude-v2:1": "bedrock/eu-west-1/anthropic.claude-v2:1",
        "bedrock_mantle/anthropic.claude-sonnet-5": "anthropic.claude-sonnet-5",
        f"bedrock/{opus}": opus,
        "bedrock/anthropic.claude-opus-4-8": f"{opus} without price unknown",
        "bedrock/eu.anthropic.claude-opus-4-8": f"{opus} without price unknown",
        "vertex_ai/gemini-2.5-pro": "gemini-2.5-pro",
        "vertex_ai_beta/gemini-2.5-pro": "gemini-2.5-pro",
        "gemini/gemini-2.5-pro": "gemini/gemini-2.5-pro",
        "vertex_ai/codestral": "vertex_ai/codestral@latest",
        "vertex_ai/mistralai/codestral-2501": "vertex_ai/codestral-2501",
        "vertex_ai/codestral@2501": "vertex_ai/codestral-2501",
        "fireworks_ai/glm-5": "fireworks_ai/accounts/fireworks/models/glm-5",
        "fireworks_ai/accounts/fireworks/models/glm-5": "fireworks_ai/accounts/fireworks/models/glm-5",
        "azure/eu/gpt-4o-2024-08-06": "azure/eu/gpt-4o-2024-08-06",
        "azure/us/gpt-5": "azure/gpt-5 without price",
        "ollama/llama3:latest": "ollama/llama3",
        "cohere/command-r": "command-r",
    }
    assert {identifier: found(identifier) for identifier in expected} == expected


def test_versions_of_claude_are_one_model_if_there_is_only_one():
    expected = {
        "anthropic/claude-opus-4-5": "claude-opus-4-5-20251101",
        "anthropic/claude-opus-4-5-20251101": "claude-opus-4-5-20251101",
        "anthropic/claude-opus-4-5-20251102": "",
        "anthropic/claude-3-5-sonnet-20241022": "claude-3-5-sonnet-20241022",
        "anthropic/claude-3-5-sonnet-latest": "",
        "vertex_ai/claude-opus-4-8": "vertex_ai/claude-opus-4-8@default",
        "vertex_ai/claude-opus-4-8@20260528": "vertex_ai/claude-opus-4-8@default",
        "vertex_ai/claude-opus-4-1": "vertex_ai/claude-opus-4-1@20250805",
        "vertex_ai/claude-opus-4-1-20250805": "vertex_ai/claude-opus-4-1@20250805",
    }
    assert {identifier: found(identifier) for identifier in expected} == expected


def test_another_version_or_provider_is_not_the_same_model():
    others = ["openai/gpt-4o-2024-11-20", "mistral/codestral-2501", "vertex_ai/gemini-2.5-pro-001",
              "openai/gemini-2.5-pro", "bedrock/gemini-2.5-pro", "azure/gpt-4o", "groq/gpt-4o"]  # fmt: skip
    assert [identifier for identifier in others if found(identifier)] == []


def test_near_miss_is_the_same_kind_of_identifier():
    expected = {
        "openai/gpt-4o-2024-08-16": "openai/gpt-4o-2024-08-06",
        "mistral/codestral-2501": "mistral/codestral-2508",
        "fireworks_ai/accounts/fireworks/models/glm5": None,
        "bedrock/anthropic.claude-opus-4-8": "bedrock/us.anthropic.claude-opus-4-8",
        "bedrock/eu.anthropic.claude-opus-4-8": "bedrock/us.anthropic.claude-opus-4-8",
        "bedrock/anthropic.claude-3-7-sonnet-20250210-v1:0": "bedrock/anthropic.claude-3-7-sonnet-20250219-v1:0",
        "mistral/something-else": None,
        "bedrock/anthropic.claude-3-7-sonnet": "bedrock/anthropic.claude-3-7-sonnet-20250219-v1:0",
        "bedrock/claude-3-7-sonnet-20250219-v1:0": "bedrock/anthropic.claude-3-7-sonnet-20250219-v1:0",
    }
    assert {identifier: MATCHER.similar(identifier) for identifier in expected} == expected


def test_source_covers_what_the_provider_names():
    covered = ["mistral/codestral-2501", "bedrock/anthropic.claude-opus-6", "fireworks_ai/x", "anthropic/claude-opus-6"]
    own = ["azure/my-deployment", "openai/ft:gpt-4o:org::id", "fireworks_ai/accounts/us/models/x", "ollama/ours",
           "bedrock/arn:aws:bedrock:us-east-1:1:application-inference-profile/x", "vertex_ai/1234567890",
           "groq/llama-4", "hosted_vllm/x", "sagemaker/ours"]  # fmt: skip
    assert [identifier for identifier in covered + own if MATCHER.covers(identifier)] == covered


def test_models_dev_has_providers_under_other_names():
    listing = models_dev_listing(
        **{
            "amazon-bedrock/us.anthropic.claude-opus-4-8": {},
            "google-vertex-anthropic/claude-opus-4-5@20251101": {},
            "google-vertex/gemini-2.5-pro": {},
            "google/gemini-2.5-flash": {},
            "fireworks-ai/accounts/fireworks/models/glm-5": {},
            "unknown-to-us/x": {},
        }
    )
    identifiers = {
        "bedrock/us.anthropic.claude-opus-4-8": "amazon-bedrock/us.anthropic.claude-opus-4-8",
        "vertex_ai/claude-opus-4-5@20251101": "google-vertex-anthropic/claude-opus-4-5@20251101",
        "vertex_ai/gemini-2.5-pro": "google-vertex/gemini-2.5-pro",
        "gemini/gemini-2.5-flash": "google/gemini-2.5-flash",
        "fireworks_ai/glm-5": "fireworks-ai/accounts/fireworks/models/glm-5",
    }
    matches = {identifier: Matcher(listing).find(identifier) for identifier in identifiers}
    assert {identifier: match and match.key for identifier, match in matches.items()} == identifiers
