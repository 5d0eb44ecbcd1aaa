"""Limits on the findings that a check reports: each rule reports a thousand in a file, and that there are more."""

import json
from collections import Counter
from pathlib import Path

import pytest

from roster.check.changed_since import MergeBase
from roster.check.pipeline import check
from roster.check.result import CheckResult
from roster.repository import Repository
from roster.schema.validator import Schema
from tests.conftest import git
from tests.single_roster import CLEAN, PATH, TODAY, checked, repository

DEFAULT = "  default_for: [code-completion, code-generation]\n"
MORE = "in this file; the rest is not reported"


@pytest.fixture(autouse=True)
def limit(monkeypatch: pytest.MonkeyPatch) -> None:
    """Report twenty findings instead of a thousand."""
    monkeypatch.setattr("roster.check.pipeline.MAX_FINDINGS", 20)


def models(count: int, **values: str) -> str:
    """Return valid models, with other values at some keys; ``{}`` in a value stands for the number of the model."""
    return "".join(
        CLEAN.replace("name: Claude", f"name: Claude {number}")
        .replace("bedrock/claude-1", values.get("identifier", "bedrock/claude-{}").format(number))
        .replace("CLAUDE", f"CLAUDE_{number}")
        .replace("family: claude", f"family: {values.get('family', 'claude')}".format(number))
        .replace(DEFAULT, "" if number else DEFAULT)
        for number in range(count)
    )


def counted(result: CheckResult) -> Counter[str]:
    return Counter(finding.rule for finding in result.diagnostics)


def test_rule_reports_limited_findings_of_a_file():
    result = checked(models(30, identifier="bedrock/claude{}-latest"))
    assert counted(result) == {"unpinned-identifier": 21}  # not an error: the roster is valid
    messages = [finding.message for finding in result.diagnostics]
    assert f"more than 20 findings of unpinned-identifier {MORE}" in messages


def test_other_rules_are_reported_as_well():
    text = models(30, identifier="bedrock/claude{}-latest") + CLEAN.replace("https", "http").replace(DEFAULT, "")
    assert counted(checked(text))["insecure-endpoint"] == 1


def test_limited_number_of_invalid_models_are_explained():
    result = checked(models(30, family="x{}"))
    assert counted(result) == {"unknown-family": 20, "invalid-value": 1}
    assert f"more than 20 invalid values or models {MORE}" in [finding.message for finding in result.diagnostics]


def test_model_with_findings_beyond_the_limit_is_left_out():
    text = "".join(f"- name: Claude {number}\n  family: []\n  features: x\n  endpoint: 1\n" for number in range(10))
    result = checked(text)
    roster = result.rosters["production"]
    assert f"more than 20 invalid values or models {MORE}" in [finding.message for finding in result.diagnostics]
    assert not roster.complete
    assert 0 < len(roster.models) < 10
    assert all(model.family is None for model in roster)


def test_fix_is_not_limited():
    result = check(repository(models(30, family="cluade")), TODAY, unlimited=True)
    assert counted(result)["unknown-family"] == 30
    assert len(result.fixes) == 30


def test_file_with_too_many_models_is_one_finding():
    schema = Schema(json.dumps({"type": "array", "maxItems": 2_000, "items": {"type": "string"}}))
    assert schema.is_valid(["x"] * 2_000)
    assert not schema.is_valid(["x"] * 2_001)
    findings, invalid = schema.explain(PATH, [1] * 2_001)
    assert [finding.message for finding in findings] == ["the file has 2,001 items; at most 2,000 are allowed"]
    assert invalid == {()}


def test_unreported_findings_of_changed_file_count_as_new(checkout: Path):
    """Otherwise, a new finding below many older ones would pass."""
    (checkout / PATH).write_text(models(25, family="x{}"))
    git(checkout, "init", "-q")
    git(checkout, "add", ".")
    git(checkout, "commit", "-qm", "Base")
    with (checkout / PATH).open("a") as roster:
        roster.write(CLEAN.replace("claude\n", "cluade\n").replace(DEFAULT, ""))
    base = MergeBase(Repository(checkout), "HEAD", TODAY)
    result, _ = base.only_new(Repository(checkout), check(Repository(checkout), TODAY))
    assert counted(result)["unknown-family"] == 20
    assert {finding.path for finding in result.diagnostics} == {PATH}
