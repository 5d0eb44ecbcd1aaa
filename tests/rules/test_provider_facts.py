"""Rules on provider facts together with other rules: one cause is one finding."""

import json
from pathlib import Path
from typing import Any

from roster.docs.examples import TODAY
from roster.registries import PROVIDER_FACTS, PROVIDERS
from roster.roster import roster_path
from tests.rules.conftest import HERE, Check
from tests.rules.test_rules import reported_rules

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


def rules(check: Check, roster: str, **facts: Any) -> set[str]:
    """Return the rules that report the roster, with facts about its identifier."""
    sources = [{"name": "litellm", "read": "2026-06-01"}]
    files = {
        PROVIDERS: (HERE / "needs-inference-profile" / Path(PROVIDERS).name).read_bytes(),
        PROVIDER_FACTS: json.dumps([{"identifier": NEEDS_PROFILE, "sources": sources, **facts}]).encode(),
        roster_path("production"): roster.encode(),
    }
    _, output = check(files)
    return reported_rules(output)


def test_ended_model_needs_no_inference_profile(check: Check):
    assert rules(check, MODEL, **ENDED) == {"offered-after-provider-end"}
    assert rules(check, MODEL) == {"needs-inference-profile"}
    suppressed = f"# roster: ignore[offered-after-provider-end] it still answers\n{MODEL}"
    assert rules(check, suppressed, **ENDED) == {"needs-inference-profile"}


def test_ended_model_may_be_unknown(check: Check):
    roster = MODEL.replace("us-east-1", "eu-west-2")
    assert rules(check, roster, **ENDED, unknown_to=["litellm"]) == {"offered-after-provider-end"}
    assert rules(check, roster, unknown_to=["litellm"]) == {"unknown-identifier"}


def test_limit_above_the_own_context_window_is_one_finding(check: Check):
    roster = f"{MODEL.replace('us-east-1', 'eu-west-2')}  context_window: 8000\n  max_output_tokens: 64000\n"
    assert rules(check, roster, max_output_tokens=8000) == {"output-exceeds-context"}


def test_ended_replacement_is_reported_itself(check: Check):
    retirement = "  retirement: {notice: 2026-03-01, last_day: 2026-12-01, replacement: claude}\n"
    assert rules(check, f"{MODEL}{OTHER}{retirement}", **ENDED) == {"offered-after-provider-end"}


def test_notice_that_the_provider_cuts_short_is_one_finding(check: Check):
    roster = MODEL.replace("us-east-1", "eu-west-2").replace(DEFAULT, "")
    for last_day, expected in (
        ("2026-07-01", {"last-day-after-provider-end"}),
        ("2026-06-30", {"retirement-notice-too-short"}),
        ("2026-06-30, forced_by: provider", set()),
        ("2026-07-01, forced_by: provider", {"last-day-after-provider-end"}),
    ):
        retirement = f"  retirement: {{notice: {TODAY}, last_day: {last_day}, replacement: gemini}}\n"
        assert rules(check, f"{roster}{retirement}{OTHER}{DEFAULT}", ends="2026-07-01") == expected, last_day
