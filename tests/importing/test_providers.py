"""Endpoints that an import fills in where a provider supplies none."""

import pytest

from roster.check.loading import load_registries
from roster.importing.providers import fill_deployment, prefix_of_title, require_known_provider
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
    with pytest.raises(SourceError, match=r"register it in schemas/providers\.yaml"):
        require_known_provider("acme/x", REGISTRIES)


def test_provider_is_found_by_its_title():
    titles = {"Vertex": "vertex_ai", "Vertex AI": "vertex_ai", "Gemini Enterprise Agent Platform": "vertex_ai", "X": ""}
    assert {title: prefix_of_title(title, REGISTRIES) for title in titles} == titles
