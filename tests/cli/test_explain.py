"""``roster explain``: rules need no repository, features do."""

from pathlib import Path

import pytest
import yaml

from roster.registries import PROVIDER_FACTS
from roster.roster import roster_path
from roster.rules.all_rules import RULES
from tests.conftest import Run, edit

STAGING_REF, STAGING, PRODUCTION = map(roster_path, ("staging-ref", "staging", "production"))
IDENTIFIER = "  identifier: bedrock/us.anthropic.claude-3-7-sonnet-20250219-v1:0"
RETIREMENT = "  retirement:\n    notice: 2026-08-05\n    last_day: 2026-12-01\n    replacement: codestral_on_vertex\n"


def test_feature_is_explained_with_models_in_each_environment(roster: Run, checkout: Path):
    edit(checkout / PRODUCTION, "features: [code-completion]\n", "features:\n    - code-completion\n")
    done = roster("explain", "code-completion")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == (
        f"""code-completion (feature)

Code Completion

Category: code_suggestions
Setting: code_completions
Required: a model must serve it in every environment

staging-ref:
  default    codestral_on_fireworks, GA: {STAGING_REF}:10
  served by  codestral_on_fireworks, GA: {STAGING_REF}:9
             codestral_on_vertex, GA: {STAGING_REF}:21
             qwen_2_5_7b_on_fireworks, BETA: {STAGING_REF}:32

staging:
  default    codestral_on_fireworks, GA: {STAGING}:10
  served by  codestral_on_fireworks, GA: {STAGING}:9
             codestral_on_vertex, GA: {STAGING}:21
             qwen_2_5_7b_on_fireworks, BETA: {STAGING}:32

production:
  default    codestral_on_fireworks, GA: {PRODUCTION}:14
  served by  codestral_on_fireworks, GA: {PRODUCTION}:13
             codestral_on_vertex, GA: {PRODUCTION}:26
             qwen_2_5_7b_on_fireworks, BETA: {PRODUCTION}:38
"""
    )


def test_feature_without_models(roster: Run):
    done = roster("explain", "summarize_mr_review")
    assert done.stdout.endswith("\n\nproduction:\n  default    none\n  served by  none\n")
    assert "Setting: summarize_review\n" in done.stdout
    assert "Required" not in done.stdout


def test_retirement_is_shown_with_last_day(roster: Run, checkout: Path):
    edit(
        checkout / STAGING,
        "  description: Mistral's coding model, tuned",
        f"{RETIREMENT}  description: Mistral's, tuned",
    )
    before, after = (roster("explain", "code-completion", "--at", day).stdout for day in ("2026-12-01", "2026-12-02"))
    assert f"  default    codestral_on_fireworks, GA, until 2026-12-01: {STAGING}:10\n" in before
    assert f"  served by  codestral_on_fireworks, GA, ended 2026-12-01: {STAGING}:9\n" in after
    assert f"codestral_on_vertex, GA: {STAGING}:" in after


def test_retirement_of_another_feature_is_not_shown(roster: Run, checkout: Path):
    old = "  description: Balanced model"
    edit(checkout / STAGING, old, f"{RETIREMENT}    features: [duo_chat]\n{old}")
    assert "claude_3_7_sonnet, GA, until 2026-12-01: " in roster("explain", "duo_chat").stdout
    assert f"  default    claude_3_7_sonnet, GA: {STAGING}:" in roster("explain", "code-generation").stdout


def test_empty_roster_is_not_reported_as_serving_nothing(roster: Run, checkout: Path):
    (checkout / STAGING).write_text("[]\n", encoding="utf-8")
    assert f"staging:\n  {STAGING} cannot be read; run roster check" in roster("explain", "code-generation").stdout


def test_broken_or_missing_rosters_do_not_hide_others(roster: Run, checkout: Path):
    edit(checkout / STAGING_REF, "- name: Codestral on Vertex", "- name: [")
    (checkout / STAGING).unlink()
    done = roster("explain", "code-generation")
    assert done.returncode == 0
    assert (
        f"\n\nstaging-ref:\n  {STAGING_REF} cannot be read; run roster check for the reason\n\nstaging:\n  no roster\n"
        in done.stdout
    )
    assert f"  default    claude_3_7_sonnet, GA: {PRODUCTION}:" in done.stdout


def test_repository_is_found_from_subfolder(roster: Run, checkout: Path):
    at_root = roster("explain", "duo_chat").stdout
    here = roster("explain", "duo_chat", cwd=checkout / "env" / "staging").stdout
    assert here == at_root.replace("env/staging/", "").replace("env/", "../")


def test_rule_needs_no_repository(roster: Run, tmp_path_factory: pytest.TempPathFactory):
    outside, inside = (
        roster("explain", "missing-default", cwd=tmp_path_factory.mktemp("empty")),
        roster("explain", "missing-default"),
    )
    rule = RULES["missing-default"]
    assert (outside.returncode, outside.stderr) == (0, "")
    assert outside.stdout == inside.stdout
    assert outside.stdout.startswith(
        f"missing-default (error)\n\n{rule.summary}\n\nWhy: {rule.reason}\nWhat to do: {rule.remedy}\n"
        "To suppress it: # roster: ignore[missing-default] "
    )


def test_feature_has_shares_and_suspensions_and_its_own_state(roster: Run, checkout: Path):
    path = checkout / "env/production/offered_models_metadata.yaml"
    models = yaml.safe_load(path.read_text())
    sonnet = next(model for model in models if model["name"] == "Claude 3.7 Sonnet")
    sonnet["default_for"] = {"code-generation": 100, "duo_chat": 80}
    opus = sonnet | {"name": "Opus", "default_for": {"duo_chat": 20}, "release_state_for": {"duo_chat": "BETA"}}
    path.write_text(yaml.safe_dump([*models, opus | {"suspended": {"since": "2026-06-15", "reason": "incident"}}]))
    lines = [" ".join(line.rpartition(": ")[0].split()) for line in explain(roster, "2026-06-15")]
    assert lines[-4:] == [
        "default claude_3_7_sonnet (80%), GA",
        "opus (20%), BETA, suspended since 2026-06-15",
        "served by claude_3_7_sonnet, GA",
        "opus, BETA, suspended since 2026-06-15",
    ]
    assert "opus (20%), BETA, suspended from 2026-06-15" in " ".join(explain(roster, "2026-06-14"))


def explain(roster: Run, day: str) -> list[str]:
    return roster("explain", "duo_chat", "--at", day).stdout.splitlines()


def test_rule_needs_no_valid_registries(roster: Run, checkout: Path):
    (checkout / "schemas/features.yaml").write_text("- name: [\n")
    assert roster("explain", "missing-default").returncode == 0
    done = roster("explain", "duo_chat")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("roster: schemas/features.yaml:")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["mising-default"], 'there is no rule "mising-default": did you mean "missing-default"?'),
        (["code-generatoin"], 'there is no feature "code-generatoin": did you mean "code-generation"?'),
        (["completion"], 'there is no feature "completion": did you mean "code-completion"?'),
        (["explain-code"], 'there is no feature "explain-code": did you mean "duo_chat_explain_code"?'),
        (
            ["xyzzy"],
            'there is no rule, feature, provider or id "xyzzy": see roster rules for rules, schemas/features.yaml for ',
        ),
        (["duo_chat", "--kind", "rule"], 'there is no rule "duo_chat": '),
        (["missing-default", "--kind", "feature"], 'there is no feature "missing-default": '),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_unknown_name(roster: Run, arguments: list[str], message: str):
    done = roster("explain", *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert message in done.stderr


def test_feature_outside_repository_is_unknown(roster: Run, tmp_path_factory: pytest.TempPathFactory):
    outside = tmp_path_factory.mktemp("empty")
    done = roster("explain", "duo_chat", cwd=outside)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == (
        'roster: there is no rule "duo_chat": roster rules lists all rules; features need a repository\n'
    )
    assert "is not in a roster repository" in roster("explain", "duo_chat", "--kind", "feature", cwd=outside).stderr


def test_provider_is_explained_with_models_in_each_environment(roster: Run, checkout: Path):
    (checkout / PROVIDER_FACTS).unlink(missing_ok=True)
    done = roster("explain", "bedrock")
    assert done.stdout.startswith(
        "bedrock (provider)\n\nBedrock\n\nPrefixes: bedrock, bedrock_mantle\n"
        "Credential: ambient, the gateway's own cloud identity\nEndpoint: none, so each model has its own\n"
    )
    line = 1 + (checkout / PRODUCTION).read_text().splitlines().index(IDENTIFIER)
    assert f"  claude_3_7_sonnet, AIGW_MODEL_CLAUDE_3_7_SONNET_API_KEY: {PRODUCTION}:{line}\n" in done.stdout
    done = roster("explain", "mistral", "--kind", "provider")
    assert "\nCredential: per-provider, the key in AIGW_PROVIDER_MISTRAL_API_KEY\n" in done.stdout
    assert done.stdout.count("  no models\n") == 3
    assert roster("explain", "fireworks_ai").stdout.startswith("fireworks (provider)\n")
    assert roster("explain", "nobody", "--kind", "provider").stderr == (
        'roster: there is no provider "nobody": schemas/providers.yaml lists all\n'
    )


def test_name_of_rule_and_feature_needs_kind(roster: Run, checkout: Path):
    edit(checkout / "schemas/features.yaml", "- name: duo_chat_fix_code", "- name: missing-default")
    done = roster("explain", "missing-default")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == (
        'roster: "missing-default" is both a rule and a feature: add --kind rule or --kind feature\n'
    )
    assert roster("explain", "missing-default", "--kind", "rule").stdout.startswith("missing-default (error)\n")
    assert roster("explain", "missing-default", "--kind", "feature").stdout.startswith("missing-default (feature)\n")
