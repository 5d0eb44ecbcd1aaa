"""Commands in a repository that added keys of its own to the JSON Schema of rosters."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from roster.roster import ROSTER_SCHEMA, roster_path
from tests.conftest import Run, edit, git

REF, STAGING = roster_path("staging-ref"), roster_path("staging")
ENVIRONMENTS = "schemas/environments.schema.json"
FIRST_MODEL = "  cost_indicator: $\n"
VALUES = """\
  team: group/team
  limits:  # per minute
    rpm: 10
  beta: true
  weight: 1.50
  tags: [a, b]
"""
PROMOTE = ("promote", "codestral_on_fireworks", "--from", "staging-ref", "--to", "staging")


@pytest.fixture
def extended(checkout: Path) -> Path:
    """A repository whose schema has more keys, committed; then the first model of staging-ref has them."""
    schema = json.loads((checkout / ROSTER_SCHEMA).read_bytes())
    schema["$defs"]["model"]["properties"] |= {key: {} for key in ("team", "limits", "beta", "weight", "tags")}
    (checkout / ROSTER_SCHEMA).write_text(json.dumps(schema, indent=2))
    for arguments in (["init", "-q"], ["add", "."], ["commit", "-qm", "Add keys to the schema"]):
        git(checkout, *arguments)
    text = (checkout / REF).read_text()
    (checkout / REF).write_text(text.replace(FIRST_MODEL, FIRST_MODEL + VALUES, 1))
    return checkout


def test_check_and_diff_and_drift_report_own_keys(extended: Path, roster: Run):
    assert roster("check").returncode == 0
    done = roster("diff")
    assert 'risky     Codestral on Fireworks: team changed: none → "group/team" [own-key-changed]' in done.stdout
    assert 'limits changed: none → {"rpm": 10} [own-key-changed]' in done.stdout
    assert done.stderr == "5 risky changes in 1 environment\n"
    changes = json.loads(roster("diff", "--format", "json").stdout)["changes"]
    assert {"limits": {"rpm": 10}} in [change["new"] for change in changes]
    done = roster("drift", "--strict")
    assert done.returncode == 1
    assert "differs: team, limits, beta, weight, tags" in done.stdout
    assert roster("diff", "--format", "markdown").returncode == 0
    assert roster("drift", "--format", "json").returncode == 0


def test_promote_copies_own_keys_as_written(extended: Path, roster: Run):
    done = roster(*PROMOTE)
    assert done.returncode == 0, done.stderr
    assert f"{FIRST_MODEL}{VALUES}" in (extended / STAGING).read_text()
    assert "nothing to promote" in roster(*PROMOTE).stderr


def test_own_key_that_may_differ_is_kept(extended: Path, roster: Run):
    edit(extended / ENVIRONMENTS, '"enum": ["name", "identifier"', '"enum": ["team", "name", "identifier"')
    edit(extended / "env/environments.yaml", "[endpoint, api-key,", "[team, endpoint, api-key,")
    assert "differs: (team), limits, beta, weight, tags" in roster("drift").stdout
    done = roster(*PROMOTE)
    assert done.returncode == 0, done.stderr
    assert "staging keeps its own team" in done.stderr
    assert "team" not in (extended / STAGING).read_text()


def test_render_reports_own_keys_as_not_rendered(extended: Path, roster: Run):
    done = roster("render", "staging-ref")
    assert done.returncode == 0
    keys = "team, limits, beta, weight, tags"
    assert f"not rendered, because only {ROSTER_SCHEMA} has these keys: {keys}\n" in done.stderr
    assert "not rendered" not in roster("render", "production").stderr


def test_render_does_not_report_unknown_keys_of_invalid_roster_as_own(extended: Path, roster: Run):
    edit(
        extended / REF,
        "  release_state: GA\n  family: codestral",
        "  release_state: GA\n  color: red\n  family: codestral",
    )
    done = roster("render", "staging-ref")
    assert done.returncode == 1
    assert 'unknown key "color"' in done.stdout
    assert "has these keys" not in done.stderr


def test_other_commands_ignore_own_keys(extended: Path, roster: Run):
    for command in (["timeline"], ["explain", "duo_chat"], ["explain", "wrong-type"], ["schema", "--check"]):
        assert roster(*command).returncode == 0, command
    edit(extended / REF, "release_state: GA\n  family: codestral", "release_state: ga\n  family: codestral")
    assert roster("check", "--fix").returncode == 0
    assert VALUES in (extended / REF).read_text()
    new = ("--name=New", "--identifier=bedrock/new-1", "--endpoint=https://bedrock-runtime.us-east-1.amazonaws.com",
           "--release-state=BETA", "--family=claude", "--feature=duo_chat")  # fmt: skip
    done = roster("new", "--environment=staging-ref", *new)
    assert done.returncode == 0, done.stderr
    assert VALUES in (extended / REF).read_text()


def test_model_without_required_own_key_is_a_finding(extended: Path, roster: Run):
    schema = json.loads((extended / ROSTER_SCHEMA).read_bytes())
    schema["$defs"]["model"]["required"].append("team")
    (extended / ROSTER_SCHEMA).write_text(json.dumps(schema, indent=2))
    done = roster("check")
    assert done.returncode == 1
    assert 'this model has no "team"' in done.stdout
