"""Endpoints that an import fills in where a provider supplies none."""

import pytest

from roster.check.loading import load_registries
from roster.importing.providers import fill_deployment, prefix_of_name, prefix_of_title, require_known_provider
from roster.importing.report import Outcome, Report
from roster.importing.source import SourceError
from roster.repository import Repository
from tests.conftest import ROOT

REGISTRIES = load_registries(Repository(ROOT))


def filled(identifier: str, region: str | None = None) -> tuple[dict[str, str], list[Outcome]]:
    report, entry = Report(), {"id": "a", "identifier": identifier}
    fill_deployment(entry, REGISTRIES, region, report)
    outcomes = [outcome for outcome in Outcome for _ in report.lines(outcome)]
    return {key: value for key, value in entry.items() if key not in ("id", "identifier")}, outcomes


def test_endpoint_is_in_the_region_of_the_file():
    for region, host in {
        "europe-west1": "europe-west1-aiplatform.googleapis.com",
        "global": "aiplatform.googleapis.com",
        "eu": "aiplatform.eu.rep.googleapis.com",
    }.items():
        assert filled("vertex_ai/gemini-3", region) == ({"endpoint": f"https://{host}/v1"}, [Outcome.CARRIED])


def test_region_is_assumed_where_the_file_names_none():
    for identifier, region in {
        "bedrock/anthropic.claude-5": "us-east-1",
        "bedrock/global.anthropic.claude-5": "us-east-1",
        "bedrock/eu.anthropic.claude-5": "eu-central-1",
        "bedrock/converse/apac.anthropic.claude-5": "ap-northeast-1",
        "bedrock/us-gov-west-1/anthropic.claude-5": "us-gov-west-1",
        "bedrock/converse/arn:aws:bedrock:eu-west-3:123456789012:application-inference-profile/x1": "eu-west-3",
    }.items():
        endpoint = f"https://bedrock-runtime.{region}.amazonaws.com"
        assert filled(identifier) == ({"endpoint": endpoint}, [Outcome.CHANGED])
    assert filled("vertex_ai/gemini-3", "a b/c")[0] == {"endpoint": "https://aiplatform.googleapis.com/v1"}


def test_provider_supplies_what_is_left_out():
    assert filled("anthropic/claude-5") == ({}, [])


def test_endpoint_that_no_one_knows_is_a_placeholder():
    placeholders = {"azure/gpt-5": "https://<AZURE_ENDPOINT>", "text-completion-codestral/x": None}
    assert {each: filled(each)[0].get("endpoint") for each in placeholders} == placeholders
    assert Outcome.NOT_CARRIED in filled("voyage/voyage-3")[1]


def test_unknown_provider_is_rejected_with_the_nearest_one():
    with pytest.raises(SourceError, match='did you mean "fireworks_ai"'):
        require_known_provider("firework_ai/x", REGISTRIES)
    with pytest.raises(SourceError, match=r"register it in schemas/providers\.yaml, or use one of .*vertex_ai"):
        require_known_provider("acme/x", REGISTRIES)
    with pytest.raises(SourceError, match='"mistral-large" has no prefix of a provider: write one before it, such as'):
        require_known_provider("mistral-large", REGISTRIES)


def test_provider_of_a_name_without_a_prefix_is_the_one_that_litellm_takes():
    names = {
        "gpt-4.1": "openai", "o4-mini": "openai", "ft:gpt-4o:acme::x1": "openai", "whisper-1": "openai",
        "text-embedding-3-large": "openai", "text-embedding-005": "vertex_ai", "gemini-2.5-flash": "vertex_ai",
        "claude-sonnet-4-5": "anthropic", "command-r-08-2024": "cohere", "jamba-1.5-large": "ai21_chat",
        "us-gov.anthropic.claude-3-5-sonnet-20240620-v1:0": "bedrock", "meta.llama3-70b-instruct-v1:0": "bedrock",
        "mistral-large": "", "llama-3.3-70b": "",
    }  # fmt: skip
    assert {name: prefix_of_name(name) for name in names} == names


def test_provider_is_found_by_its_title():
    titles = {"Vertex": "vertex_ai", "Vertex AI": "vertex_ai", "Gemini Enterprise Agent Platform": "vertex_ai", "X": ""}
    assert {title: prefix_of_title(title, REGISTRIES) for title in titles} == titles
