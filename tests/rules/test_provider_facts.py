"""Rules on provider facts together with other rules: one cause is one finding."""

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from roster.check.pipeline import check
from roster.docs.examples import TODAY
from roster.registries import PROVIDER_FACTS, PROVIDERS
from roster.repository import Repository
from roster.roster import roster_path
from tests.rules.conftest import HERE, SCHEMA_LINE

Rules = Callable[..., set[str]]

NEEDS_PROFILE = "bedrock/anthropic.claude-3-7-sonnet-20250219-v1:0"
DEFAULT = "  default_for: [duo_chat]\n"
MODEL = f"""\
- name: Claude
  identifier: {NEEDS_PROFILE}
  endpoint: https://bedrock-runtime.us-east-1.amazonaws.com
  release_state: GA
  family: claude
  features: [duo_chat]
{DEFAULT}"""
OTHER = MODEL.replace("Claude", "Gemini").replace(NEEDS_PROFILE, "bedrock/gemini-1").replace(DEFAULT, "")
"""A model without facts that is not the default."""
ENDED = {"ends": "2026-04-28"}


@pytest.fixture
def rules(without_rosters: Path) -> Rules:
    """Returns the rules that report a roster, with facts about its identifier."""

    def rules(roster: str, **facts: Any) -> set[str]:
        sources = [{"name": "litellm", "read": "2026-06-01"}]
        files = {
            PROVIDERS: (HERE / "needs-inference-profile" / Path(PROVIDERS).name).read_bytes(),
            PROVIDER_FACTS: json.dumps([{"identifier": NEEDS_PROFILE, "sources": sources, **facts}]).encode(),
            roster_path("production"): roster.encode(),
        }
        return {each.rule for each in check(Repository(without_rosters, files), TODAY).diagnostics} - {SCHEMA_LINE}

    return rules


def test_ended_model_needs_no_inference_profile(rules: Rules):
    assert rules(MODEL, **ENDED) == {"offered-after-provider-end"}
    assert rules(MODEL) == {"needs-inference-profile"}
    suppressed = f"# roster: ignore[offered-after-provider-end] it still answers\n{MODEL}"
    assert rules(suppressed, **ENDED) == {"needs-inference-profile"}


def test_ended_model_may_be_unknown(rules: Rules):
    roster = MODEL.replace("us-east-1", "eu-west-2")
    assert rules(roster, **ENDED, unknown_to=["litellm"]) == {"offered-after-provider-end"}
    assert rules(roster, unknown_to=["litellm"]) == {"unknown-identifier"}


def test_nothing_is_reported_on_the_last_day_of_an_ended_model(rules: Rules):
    """Otherwise, `roster retire` would refuse to write that day."""
    retirement = f"  retirement: {{notice: {TODAY}, last_day: {TODAY}, replacement: gemini, forced_by: provider}}\n"
    roster = f"{MODEL.replace(DEFAULT, retirement)}  context_window: 8001\n{OTHER}{DEFAULT}"
    assert rules(roster, **ENDED, unknown_to=["litellm"], context_window=8000) == set()


def test_limit_above_the_own_context_window_is_one_finding(rules: Rules):
    roster = f"{MODEL.replace('us-east-1', 'eu-west-2')}  context_window: 8000\n  max_output_tokens: 64000\n"
    assert rules(roster, max_output_tokens=8000) == {"output-exceeds-context"}


def test_ended_replacement_is_reported_itself(rules: Rules):
    retirement = "  retirement: {notice: 2026-03-01, last_day: 2026-12-01, replacement: claude}\n"
    assert rules(f"{MODEL}{OTHER}{retirement}", **ENDED) == {"offered-after-provider-end"}


def test_notice_that_the_provider_cuts_short_is_one_finding(rules: Rules):
    roster = MODEL.replace("us-east-1", "eu-west-2").replace(DEFAULT, "")
    for last_day, expected in (
        ("2026-07-01", {"last-day-after-provider-end"}),
        ("2026-06-30", {"retirement-notice-too-short"}),
        ("2026-06-30, forced_by: provider", set()),
        ("2026-07-01, forced_by: provider", {"last-day-after-provider-end"}),
        ("2026-06-30, forced_by: vendor", {"invalid-value"}),
        ("2026-06-30, forced_by: [provider]", {"wrong-type"}),
        ("2026-06-30, forced-by: provider", {"unknown-key"}),
        ("2026-06-30, enforced_by: provider", {"unknown-key"}),
    ):
        retirement = f"  retirement: {{notice: {TODAY}, last_day: {last_day}, replacement: gemini}}\n"
        assert rules(f"{roster}{retirement}{OTHER}{DEFAULT}", ends="2026-07-01") == expected, last_day


def test_sources_may_forget_a_model_after_its_forced_retirement(rules: Rules):
    roster = MODEL.replace("us-east-1", "eu-west-2").replace(DEFAULT, "")
    for last_day, expected in (
        (TODAY - timedelta(days=1), set[str]()),
        (TODAY, {"unfounded-forced-retirement"}),
    ):
        terms = f"notice: 2026-05-01, last_day: {last_day}, replacement: gemini, forced_by: provider"
        assert rules(f"{roster}  retirement: {{{terms}}}\n{OTHER}{DEFAULT}") == expected, last_day


def test_notice_can_be_as_long_as_the_provider_allows(without_rosters: Path):
    sources = [{"name": "litellm", "read": "2026-06-01"}]
    terms = f"notice: {TODAY}, last_day: 2026-06-20, replacement: gemini"
    files = {
        PROVIDER_FACTS: json.dumps([{"identifier": NEEDS_PROFILE, "sources": sources, "ends": "2026-07-01"}]).encode(),
        roster_path("production"): f"{MODEL.replace(DEFAULT, '')}  retirement: {{{terms}}}\n{OTHER}{DEFAULT}".encode(),
    }
    findings = check(Repository(without_rosters, files), TODAY).diagnostics
    assert [each.hint for each in findings if each.rule == "retirement-notice-too-short"] == [
        'choose 2026-06-30, and add "forced_by: provider": the provider ends this model on 2026-07-01'
    ]


def test_identifier_without_a_slash_is_only_malformed(rules: Rules):
    assert rules(MODEL.replace(NEEDS_PROFILE, "bedrock")) == {"malformed-identifier"}
