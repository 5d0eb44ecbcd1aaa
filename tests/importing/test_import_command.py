"""``roster import``: what it writes, what it reports, and how it rejects files."""

import json
import shutil
from pathlib import Path

import pytest

from roster.schema.validator import Schema
from tests.conftest import ROOT, Run, edit
from tests.large_roster import write_gitlab_files

MODELS = """\
models:
  - name: Claude Sonnet 5
    provider: Anthropic
    gitlab_identifier: claude_sonnet_5
    description: Balanced model
    cost_indicator: $$$
    max_context_tokens: 1_000_000  # as PyYAML reads it
    family: [claude]
    model_class_provider: anthropic
    proxy_provider: anthropic
    params: {model: claude-sonnet-5, temperature: 0.0}
  - name: Kimi K3
    provider: Fireworks
    gitlab_identifier: kimi_k3_fireworks
    max_context_tokens: 256000
    family: [qwen, completion_fim]
    model_class_provider: litellm
    params: {model: accounts/fireworks/models/kimi-k3, custom_llm_provider: fireworks_ai}
    deprecation: {deprecation_date: 2026-08-10, removal_version: "90.1"}
  - name: Mixtral
    gitlab_identifier: mixtral
    max_context_tokens: 32000
    model_class_provider: litellm
    params: {model: mixtral}
"""
UNIT_PRIMITIVES = """\
configurable_unit_primitives:
  - feature_setting: duo_chat
    unit_primitives: [ask_build, ask_commit]
    default_models:
      - {identifier: claude_sonnet_5, weight: 0.8}
      - {identifier: kimi_k3_fireworks, weight: 0.2}
    selectable_models: [claude_sonnet_5, kimi_k3_fireworks]
    models_for_tags: {small: kimi_k3_fireworks}
  - feature_setting: code_generations
    unit_primitives: [generate_code]
    default_models: [claude_sonnet_5]
    selectable_models: [claude_sonnet_5]
    dev: {selectable_models: [kimi_k3_fireworks]}
"""
ROSTER = """\
# yaml-language-server: $schema=../../schemas/offered_models_metadata.schema.json

- name: Claude Sonnet 5
  identifier: anthropic/claude-sonnet-5
  release_state: GA
  family: claude
  features: [duo_chat, code-generation]
  default_for:
    duo_chat: 80
    code-generation: 100
  id: claude_sonnet_5
  display_name: Claude Sonnet 5
  description: Balanced model
  provider: Anthropic
  cost_indicator: $$$
  context_window: 1000000
  gateway:
    proxy_provider: anthropic
    params:
      temperature: 0.0

- name: Kimi K3
  identifier: fireworks_ai/accounts/fireworks/models/kimi-k3
  release_state: GA
  family: qwen
  features: [duo_chat, code-generation]
  default_for:
    duo_chat: 20
  id: kimi_k3_fireworks
  display_name: Kimi K3
  provider: Fireworks
  retirement:
    notice: 2026-08-10
    last_day: 2097-06-20
  release_state_for:
    code-generation: EXPERIMENT
  context_window: 256000
  gateway:
    family: [completion_fim]
"""
COMMAND = ("import", "gitlab-gateway", "models.yml", "unit_primitives.yml", "--environment", "production")
PRODUCTION = "env/production/offered_models_metadata.yaml"


@pytest.fixture(autouse=True)
def files(checkout: Path) -> Path:
    (checkout / "models.yml").write_text(MODELS, encoding="utf-8")
    (checkout / "unit_primitives.yml").write_text(UNIT_PRIMITIVES, encoding="utf-8")
    return checkout


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_import_writes_roster_and_registries(checkout: Path, roster: Run):
    result = roster(*COMMAND, "--force")
    assert result.returncode == 0, result.stderr
    assert (checkout / PRODUCTION).read_text(encoding="utf-8") == ROSTER
    features = (checkout / "schemas/features.yaml").read_text(encoding="utf-8")
    assert "    models_for_tags:\n      small: kimi_k3_fireworks\n" in features
    assert "models → schemas/gateway_models.yaml, 1 model: no feature lists them" in result.stdout
    assert "- name: mixtral\n  gateway:\n    name: Mixtral\n" in (checkout / "schemas/gateway_models.yaml").read_text()
    assert f"written: {PRODUCTION}" in result.stderr


def test_rendering_gives_the_files_back(checkout: Path, roster: Run):
    edit(checkout / "env/environments.yaml", "release_states: [BETA, GA]", "release_states: [EXPERIMENT, BETA, GA]")
    edit(checkout / "schemas/features.yaml", "required: true", "required: false")
    assert roster(*COMMAND, "--force").returncode == 0
    result = roster("render", "production", "--target", "gitlab-gateway")
    assert result.returncode == 0, result.stdout + result.stderr
    assert (checkout / "dist/production/models.yml").is_file()
    text = (checkout / "dist/production/unit_primitives.yml").read_text(encoding="utf-8")
    assert '      - identifier: "claude_sonnet_5"\n        weight: 0.8\n' in text


def test_dry_run_shows_changes_and_writes_nothing(checkout: Path, roster: Run):
    before = contents(checkout)
    result = roster(*COMMAND, "--dry-run")
    assert result.returncode == 0, result.stderr
    assert "+- name: Claude Sonnet 5\n" in result.stdout
    assert "+++ b/schemas/features.yaml" in result.stdout
    assert "max_context_tokens (2 models)" in result.stderr
    assert f"would be written: {PRODUCTION}" in result.stderr
    assert contents(checkout) == before


def test_existing_roster_is_replaced_only_with_force(checkout: Path, roster: Run):
    before = contents(checkout)
    result = roster(*COMMAND)
    assert result.returncode == 2
    assert result.stderr == f"roster: {PRODUCTION} exists: use --force to replace it, or --dry-run to see the changes\n"
    assert contents(checkout) == before


def test_repository_without_registries_gets_copies(checkout: Path, roster: Run):
    for path in (checkout / "schemas").iterdir():
        path.unlink()
    (checkout / "schemas").rmdir()
    assert roster(*COMMAND, "--force").returncode == 0
    assert sorted(path.name for path in (checkout / "schemas").iterdir()) == [
        "families.yaml",
        "features.yaml",
        "gateway_models.yaml",
    ]
    assert not (checkout / PRODUCTION).read_text(encoding="utf-8").startswith("#")
    copies = [path.read_text(encoding="utf-8") for path in (checkout / "schemas").iterdir()]
    assert not [text for text in copies if "yaml-language-server" in text], "the JSON Schemas are not copied"


def test_importing_again_changes_nothing(checkout: Path, roster: Run):
    roster(*COMMAND, "--force")
    before = contents(checkout)
    result = roster(*COMMAND, "--force")
    assert "written" not in result.stderr
    assert contents(checkout) == before


def test_report_as_json_has_its_schema(roster: Run):
    report = json.loads(roster(*COMMAND, "--force", "--format", "json").stdout)
    assert Schema((ROOT / "schemas/import_report.schema.json").read_bytes()).is_valid(report)
    assert report["models"] == 2
    assert {
        "key": "max_context_tokens",
        "target": "context_window",
        "models": ["claude_sonnet_5", "kimi_k3_fireworks"],
    } in report["carried"]
    assert [line["models"] for line in report["changed"] if line["key"] == "models"] == [["mixtral"]]
    assert report["not_carried"] == [{"key": "comments", "reason": "copy those that matter", "files": ["models.yml"]}]
    assert "release-state-not-allowed" in {finding["rule"] for finding in report["findings"]}


REJECTED = {  # what replaces what in models.yml or unit_primitives.yml: the error
    ("- name: Kimi K3", "- name: [Kimi"): 'models.yml:12:11: the "[" opened here is never closed',
    ("gitlab_identifier: mixtral", "gitlab_identifier: claude_sonnet_5"): (
        'models.yml:21:24: two models have the gitlab_identifier "claude_sonnet_5": the other one is on line 2'
    ),
    ("    gitlab_identifier: mixtral\n", ""): "models.yml:20:5: a model needs a gitlab_identifier, as text",
    ("model: claude-sonnet-5, ", ""): (
        'models.yml:2:5: the model "claude_sonnet_5" has no identifier: a model that is offered needs params.model'
    ),
    ("custom_llm_provider: fireworks_ai", "custom_llm_provider: firewoks_ai"): (
        'the provider "firewoks_ai" of "firewoks_ai/accounts/fireworks/models/kimi-k3" is unknown: '
        'did you mean "fireworks_ai"?'
    ),
    ("{small: kimi_k3_fireworks}\n", "{small: kimi_k3_fireworks}\n    beta_models: [gpt_7]\n"): (
        'unit_primitives.yml:9:19: models.yml has no model with the gitlab_identifier "gpt_7"'
    ),
    ("feature_setting: code_generations", "feature_setting: duo_chat"): (
        'unit_primitives.yml:9:5: the feature_setting "duo_chat" is there twice: remove one'
    ),
    (", weight: 0.8", ""): "default_models must be a list of models, either all with a weight or none",
    ("configurable_unit_primitives:", "units:"): "unit_primitives.yml is not the AI gateway's unit_primitives.yml: ",
    ("    description: Balanced model\n", "    description: sk-ant-api03-" + 30 * "aB3dE9xY" + "\n"): (
        "models.yml:5:18: this looks like "
    ),
    ("temperature: 0.0", "api_key: hunter2-correct-horse"): (
        'params.api_key of the model "claude_sonnet_5": "api_key" may contain a secret'
    ),
    ("name: Mixtral", "name: Mixtral\n    name: Mixtral"): 'models.yml:21:5: the key "name" is duplicated',
}


def test_bad_files_are_rejected_in_one_sentence(checkout: Path, roster: Run):
    failures = []
    for (old, new), message in REJECTED.items():
        assert old in MODELS + UNIT_PRIMITIVES
        (checkout / "models.yml").write_text(MODELS.replace(old, new), encoding="utf-8")
        (checkout / "unit_primitives.yml").write_text(UNIT_PRIMITIVES.replace(old, new), encoding="utf-8")
        before = contents(checkout)
        result = roster(*COMMAND, "--force")
        is_one_sentence = result.stderr.count("\n") == 1 and result.stderr.endswith("; nothing was written\n")
        if (
            result.returncode != 1
            or message not in result.stderr
            or not is_one_sentence
            or contents(checkout) != before
        ):
            failures.append((old, new, result.returncode, result.stdout, result.stderr))
    assert not failures


def test_files_in_wrong_order_are_named(roster: Run):
    command = ["import", "gitlab-gateway", "unit_primitives.yml", "models.yml", *COMMAND[4:], "--force"]
    result = roster(*command)
    assert result.returncode == 1
    assert "it seems to be the AI gateway's unit_primitives.yml; nothing was written\n" in result.stderr


def test_missing_file_and_wrong_number_of_files(roster: Run):
    result = roster(*COMMAND[:3], "missing.yml", *COMMAND[4:], "--force")
    assert result.returncode == 1
    assert result.stderr == "roster: missing.yml cannot be read: no such file or directory; nothing was written\n"
    result = roster(*COMMAND[:3], *COMMAND[4:], "--force")
    assert result.returncode == 2
    assert "gitlab-gateway takes 2 files: MODELS UNIT_PRIMITIVES" in result.stderr


def test_empty_path_is_a_usage_error(roster: Run):
    result = roster("import", "litellm", "", "--environment", "production", "--dry-run")
    assert result.returncode == 2
    assert "the path is empty; is its variable empty?" in result.stderr


def test_unknown_environment_is_a_usage_error(roster: Run):
    assert roster(*COMMAND[:4], "--environment", "prodction", "--force").returncode == 2


def test_large_roster_passes_check_under_a_permissive_policy(checkout: Path, roster: Run):
    states = "[GA, BETA, EXPERIMENT]"
    policy = f"- name: production\n  release_states: {states}\n  default_release_states: {states}\n"
    (checkout / "env/environments.yaml").write_text(f"{policy}  retirement_notice_days: 0\n", encoding="utf-8")
    for name in ("staging", "staging-ref"):
        shutil.rmtree(checkout / "env" / name)
    write_gitlab_files(checkout)
    result = roster(*COMMAND, "--force")
    assert result.returncode == 0, result.stderr
    assert max(map(len, result.stdout.splitlines())) <= 80
    assert "Findings that remain\n  long-description  32 warnings\n" in result.stdout
    assert roster("check").returncode == 0


def test_shares_that_keep_the_first_default_first_are_reported(checkout: Path, roster: Run):
    text = UNIT_PRIMITIVES.replace("{identifier: claude_sonnet_5, weight: 0.8}", "kimi_k3_fireworks")
    text = text.replace("{identifier: kimi_k3_fireworks, weight: 0.2}", "claude_sonnet_5")
    (checkout / "unit_primitives.yml").write_text(text, encoding="utf-8")
    result = roster(*COMMAND, "--force")
    assert "of equal defaults, the first gets one percent more" in " ".join(result.stdout.split())
    entries = (checkout / PRODUCTION).read_text(encoding="utf-8")
    assert "    duo_chat: 49\n" in entries
    assert "    duo_chat: 51\n" in entries
