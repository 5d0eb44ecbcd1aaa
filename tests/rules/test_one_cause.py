"""One mistake of an author is one finding, at the mistake: its consequences are not reported."""

import re
from datetime import timedelta
from pathlib import Path

import pytest

from roster.check.pipeline import check as check_version
from roster.check.trial_period import base_version
from roster.docs.examples import TODAY
from roster.git.file_history import FileVersion
from roster.registries import ENVIRONMENTS
from roster.repository import Repository
from roster.roster import roster_path
from tests.rules.conftest import SCHEMA_LINE, Check
from tests.single_roster import CLEAN, diagnostics

ROSTER = """\
- name: Codestral on Fireworks
  identifier: fireworks_ai/codestral-2501
  api-key: AIGW_MODEL_CODESTRAL_ON_FIREWORKS_API_KEY
  endpoint: https://api.fireworks.ai/inference/v1
  release_state: GA
  family: codestral
  features: [code-completion]
  default_for: [code-completion]

- name: Claude 3.7 Sonnet
  identifier: bedrock/anthropic.claude-3-7-sonnet-20250219-v1:0
  api-key: AIGW_MODEL_CLAUDE_3_7_SONNET_API_KEY
  endpoint: https://bedrock-runtime.us-east-1.amazonaws.com
  release_state: GA
  family: claude
  features: [code-generation, duo_chat]
  default_for: [code-generation, duo_chat]

- name: Gemini Pro
  identifier: vertex_ai/gemini-2.5-pro
  api-key: AIGW_MODEL_GEMINI_PRO_API_KEY
  endpoint: https://us-central1-aiplatform.googleapis.com/v1
  release_state: BETA
  family: gemini
  features: [duo_chat]
  retirement:
    notice: 2026-08-05
    last_day: 2026-12-01
    replacement: claude_3_7_sonnet
"""
CLAUDE_FEATURES = "  features: [code-generation, duo_chat]"
CODESTRAL, CLAUDE, GEMINI = (f"- name: {model}" for model in re.split("^- name: ", ROSTER, flags=re.MULTILINE)[1:])


def retiring_default(retirement: str, expected: str) -> tuple[str, str, str]:
    """Return the mistake that the default model Claude has a retirement."""
    return CLAUDE_FEATURES, f"  retirement: {retirement}\n{CLAUDE_FEATURES}", expected


DEFAULTS = "default_for: [code-generation, duo_chat]"


def with_claude_key(line: str, expected: str) -> tuple[str, str, str]:
    """Return the mistake that the default model Claude has another key."""
    return CLAUDE_FEATURES, f"  {line}\n{CLAUDE_FEATURES}", expected


CODESTRAL_DEPLOYMENT, CLAUDE_DEPLOYMENT = (
    text.partition("\n")[2].partition("  release_state")[0] for text in (CODESTRAL, CLAUDE)
)
"""With values that the provider would supply."""
CLAUDE_IDENTIFIER = f"{CLAUDE_DEPLOYMENT.partition(chr(10))[0]}\n"


MISTAKES: dict[str, tuple[str, str, str | None]] = {  # text, its replacement, line and rule of the only finding
    "nothing": ("", "", None),
    # what decides whether a provider supplies other keys
    "identifier is a placeholder": (CODESTRAL_DEPLOYMENT, "  identifier: fireworks_ai/<x>\n", "2 placeholder-value"),
    "identifier is a number": (CODESTRAL_DEPLOYMENT, "  identifier: 5\n", "2 wrong-type"),
    "endpoint is a placeholder": (
        CLAUDE_DEPLOYMENT,
        f"{CLAUDE_IDENTIFIER}  endpoint: https://bedrock-runtime.<REGION>.amazonaws.com\n",
        "12 placeholder-value",
    ),
    "endpoint without scheme": (
        CLAUDE_DEPLOYMENT,
        f"{CLAUDE_IDENTIFIER}  endpoint: bedrock-runtime.us-east-1.amazonaws.com\n",
        "12 malformed-endpoint",
    ),
    "endpoint is empty": (CLAUDE_DEPLOYMENT, f"{CLAUDE_IDENTIFIER}  endpoint:\n", "12 wrong-type"),
    "no default, and a model that retires without a replacement": (
        f"features: [code-generation, duo_chat]\n  {DEFAULTS}",
        (
            "features: [code-generation, duo_chat]\n  default_for: [code-generation]\n"
            "  retirement: {notice: 2026-01-01, last_day: 2027-12-01, features: [duo_chat]}"
        ),
        "16 missing-default",
    ),
    # a name
    "no name": ("- name: Claude 3.7 Sonnet\n  identifier", "- identifier", "10 missing-key"),
    "name is a number": ("name: Claude 3.7 Sonnet", "name: 3.7", "10 wrong-type"),
    "name is empty": ("name: Claude 3.7 Sonnet", 'name: ""', "10 invalid-value"),
    "name reads as a time": ("name: Claude 3.7 Sonnet", "name: 3:07", "10 yaml-ambiguous-scalar"),
    "description is cut": (
        "family: claude",
        "family: claude\n  description: Rated #1 for chat",
        "16 value-cut-by-comment",
    ),
    "name with a letter of another script": ("name: Claude", "name: Сlaude", "10 confusable-character"),
    "name with an invisible character": ("name: Claude", "name: Clau\u200bde", "10 invisible-character"),
    "name with a no-break space": ("name: Claude 3", "name: Claude\u00a03", "10 invisible-character"),
    "name without any Latin letter": ("name: Claude 3.7 Sonnet", "name: 克劳德", "10 empty-id"),
    "id with capitals": (
        "name: Claude 3.7 Sonnet",
        "name: Claude by Anthropic\n  id: Claude-3.7-Sonnet",
        "11 invalid-value",
    ),
    # a model
    "pasted model": (CLAUDE, CLAUDE + CLAUDE, "19 duplicate-name"),
    "pasted model in other letters": (
        CLAUDE,
        CLAUDE + CLAUDE.replace("Sonnet", "sonnet"),
        "19 duplicate-id",
    ),
    "missing dash": ("- name: Claude", "  name: Claude", "10 yaml-duplicate-key"),
    "missing dash before another order of keys": (
        "- name: Claude 3.7 Sonnet\n",
        "  name: Claude 3.7 Sonnet\n  description: Balanced\n",
        "10 yaml-duplicate-key",
    ),
    "model is a text": (CLAUDE, "- Claude 3.7 Sonnet\n", "10 wrong-type"),
    "model is a list": (CLAUDE, "- [Claude 3.7 Sonnet]\n", "10 wrong-type"),
    # keys
    "misspelled name": ("- name: Claude", "- nmae: Claude", "10 unknown-key"),
    "misspelled api-key": ("api-key: AIGW_MODEL_CLAUDE", "api_key: AIGW_MODEL_CLAUDE", "12 unknown-key"),
    "misspelled release_state": ("release_state: BETA", "releas_state: BETA", "23 unknown-key"),
    "misspelled features": ("features: [code-generation", "feature: [code-generation", "16 unknown-key"),
    "misspelled default_for": ("default_for: [code-generation", "default-for: [code-generation", "17 unknown-key"),
    "misspelled replacement": ("replacement:", "replacment:", "29 unknown-key"),
    "misspelled last_day": ("last_day:", "lastday:", "28 unknown-key"),
    "key that YAML 1.1 reads as true": (
        "release_state: BETA",
        "release_state: BETA\n  on: Vertex",
        "24 unknown-key",
    ),
    "typo in a name": ("name: Claude 3.7", "name: Cluade 3.7", "12 api-key-mismatch"),
    "identifier with an empty part": (
        "bedrock/anthropic.claude-3-7-sonnet-20250219-v1:0",
        "bedrock//claude",
        "11 malformed-identifier",
    ),
    # features
    "misspelled feature that is also a default": (
        "  features: [code-completion]\n  default_for: [code-completion]",
        "  features: [code-completoin]\n  default_for: [code-completoin]",
        "7 unknown-feature",
    ),
    "misspelled feature": ("  features: [code-completion]", "  features: [code-completoin]", "7 unknown-feature"),
    "misspelled default": ("default_for: [code-completion]", "default_for: [code-completoin]", "8 unknown-feature"),
    "misspelled feature of the replacement": (
        "generation, duo_chat]\n  default",
        "generation, duo_caht]\n  default",
        "16 unknown-feature",
    ),
    "misspelled feature of a model that retires": (
        "features: [duo_chat]",
        "features: [duo_caht]",
        "25 unknown-feature",
    ),
    "misspelled feature of a retirement": (
        "    replacement",
        "    features: [duo_caht]\n    replacement",
        "29 unknown-feature",
    ),
    "retirement of a feature that is not served": (
        "    replacement",
        "    features: [code-completion]\n    replacement",
        "29 retirement-feature-not-offered",
    ),
    "default of another model without its feature": (
        "default_for: [code-completion]",
        "default_for: [code-completion, duo_chat]",
        "8 default-not-offered",
    ),
    "features as text": ("features: [code-completion]", "features: code-completion", "7 wrong-type"),
    "default_for as text": ("default_for: [code-completion]", "default_for: code-completion", "8 wrong-type"),
    "default_for with a number": ("default_for: [code-completion]", "default_for: [1]", "8 wrong-type"),
    "default_for that YAML 1.1 reads as true": (
        "default_for: [code-completion]",
        "default_for: [on]",
        "8 invalid-value",
    ),
    "features empty": ("features: [code-completion]", "features: []", "7 invalid-value"),
    "features without a value": ("features: [code-completion]", "features:", "7 wrong-type"),
    "features of a retirement empty": ("    replacement", "    features: []\n    replacement", "29 invalid-value"),
    # values
    "release state in small letters": (
        "release_state: GA\n  family: codestral",
        "release_state: ga\n  family: codestral",
        "5 invalid-value",
    ),
    "key instead of its name": (
        "AIGW_MODEL_CLAUDE_3_7_SONNET_API_KEY",
        "sk-ant-api03-Xy12Zw34Vu56Ts78Rq90",
        "12 secret-in-roster",
    ),
    "endpoint without its scheme": ("https://api.fireworks.ai", "api.fireworks.ai", "4 malformed-endpoint"),
    "endpoint of another machine on the network": ("api.fireworks.ai", "fireworks.internal", "4 private-endpoint"),
    "identifier without a provider or a version": ("vertex_ai/gemini-2.5-pro", "gemini-pro", "20 malformed-identifier"),
    "unquoted colon": ("name: Gemini Pro", "name: Gemini: Pro", "19 yaml-syntax"),
    # optional keys
    "share without the rest": (
        DEFAULTS,
        "default_for: {code-generation: 80, duo_chat: 100}",
        "17 default-shares-mismatch",
    ),
    "share as text": (DEFAULTS, 'default_for: {code-generation: "80", duo_chat: 100}', "17 wrong-type"),
    "share of 0": (DEFAULTS, "default_for: {code-generation: 0, duo_chat: 100}", "17 invalid-value"),
    "typo in a feature with a share": (
        DEFAULTS,
        "default_for: {code-genration: 100, duo_chat: 100}",
        "17 unknown-feature",
    ),
    "release state of a misspelled feature": with_claude_key("release_state_for: {duo_chta: GA}", "16 unknown-feature"),
    "release state of a feature of another model": with_claude_key(
        "release_state_for: {code-completion: GA}", "16 release-state-feature-not-offered"
    ),
    "unknown release state of a feature": with_claude_key("release_state_for: {duo_chat: ga}", "16 invalid-value"),
    "suspended default": with_claude_key("suspended: {since: 2026-07-01, reason: a}", "16 suspended-default"),
    "suspended default, already": with_claude_key("suspended: {since: 2026-06-01, reason: a}", "16 suspended-default"),
    "suspension without a day": with_claude_key("suspended: {reason: a}", "16 missing-key"),
    "key in gateway settings": with_claude_key("gateway: {api_key: abcdef}", "16 secret-in-gateway-settings"),
    # retirement
    "retirement without a replacement": (
        "\n    replacement: claude_3_7_sonnet",
        "",
        "",  # the default takes over
    ),
    "replacement without a value": ("replacement: claude_3_7_sonnet", "replacement:", "29 wrong-type"),
    "replacement is a number": ("replacement: claude_3_7_sonnet", "replacement: 37", "29 wrong-type"),
    "replacement that YAML 1.1 reads as false": (
        "replacement: claude_3_7_sonnet",
        "replacement: no",
        "29 yaml-ambiguous-scalar",
    ),
    "last day that no calendar has": ("last_day: 2026-12-01", "last_day: 2026-02-30", "28 invalid-value"),
    "years swapped": ("notice: 2026-08-05", "notice: 2027-08-05", "28 last-day-before-notice"),
    "notice that no calendar has": ("notice: 2026-08-05", "notice: 2026-02-30", "27 invalid-value"),
    "unreadable notice": ("notice: 2026-08-05", "notice: soon", "27 invalid-value"),
    "unreadable last day of a default": retiring_default(
        "{notice: 2026-08-05, last_day: later, replacement: gemini_pro, features: [duo_chat]}", "16 invalid-value"
    ),
    "unknown replacement of a default": retiring_default(
        "{notice: 2025-01-01, last_day: 2026-12-31, replacement: claude_3_7_sonet}", "16 replacement-not-offered"
    ),
    "default that replaces itself": retiring_default(
        "{notice: 2025-01-01, last_day: 2026-12-31, replacement: claude_3_7_sonnet}",
        "16 retirement-without-replacement",
    ),
    "default that retires without a replacement": retiring_default(
        "{notice: 2025-01-01, last_day: 2026-12-31}", "16 retirement-without-replacement"
    ),
    "suspended default of a model that retires without a replacement": (
        CLAUDE + GEMINI,
        CLAUDE.replace(CLAUDE_FEATURES, f"  suspended: {{since: 2026-07-01, reason: a}}\n{CLAUDE_FEATURES}")
        + GEMINI.replace("    replacement: claude_3_7_sonnet\n", ""),
        "16 suspended-default",
    ),
    "replacement that does not serve the default's features": retiring_default(
        "{notice: 2025-01-01, last_day: 2026-12-31, replacement: codestral_on_fireworks}",
        "16 replacement-not-offered",
    ),
    "default of a state that the environment does not allow": (
        "release_state: GA\n  family: claude",
        "release_state: EXPERIMENT\n  family: claude",
        "14 release-state-not-allowed",
    ),
    "misspelled family": ("family: claude", "family: cluade", "15 unknown-family"),
    "retirement as a date": (
        "retirement:\n    notice: 2026-08-05\n    last_day: 2026-12-01\n    replacement: claude_3_7_sonnet",
        'retirement: "2026-12-01"',
        "26 wrong-type",
    ),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_one_mistake_is_one_finding(mistake: str, check: Check):
    old, new, expected = MISTAKES[mistake]
    assert old in ROSTER
    _, output = check({roster_path("production"): ROSTER.replace(old, new, 1).encode()})
    findings = [
        f"{line} {rule}" for line, rule in re.findall(r"^env\S*?:(\d+):\d+: .* \[(\S+)\]$", output, re.MULTILINE)
    ]
    assert findings == ([expected] if expected else []), output


def test_misspelled_environment_is_one_finding(check: Check):
    _, output = check({roster_path("prodution"): ROSTER.encode()})
    assert output.count("(roster explain ") == 1, output


POLICY = "release_states: [BETA, GA], default_release_states: [GA], retirement_notice_days: 90, trial_days: 7"
PATH = f"- {{name: staging, {POLICY}}}\n- {{name: production, {POLICY}}}\n"


@pytest.mark.parametrize("environment", ["staging", "production"])
def test_mistake_in_one_of_two_environments_is_one_finding(environment: str, without_rosters: Path):
    """Both without a change to compare, and as a change of rosters that have been the same for a year."""
    files = dict.fromkeys(map(roster_path, ("staging", "production")), ROSTER.encode()) | {ENVIRONMENTS: PATH.encode()}
    result = check_version(Repository(without_rosters, files), TODAY)
    history = [FileVersion(TODAY - timedelta(365), ROSTER.encode())]
    base = base_version(result, lambda _: history, TODAY)
    failures = {}
    for mistake, (old, new, expected) in MISTAKES.items():
        mistaken = Repository(without_rosters, files | {roster_path(environment): ROSTER.replace(old, new, 1).encode()})
        for version in (None, base):
            findings = check_version(mistaken, TODAY, base=version).diagnostics
            rules = [f"{finding.span.line} {finding.rule}" for finding in findings if finding.rule != SCHEMA_LINE]
            if rules != ([expected] if expected else []):
                failures[mistake, version is not None] = rules
    assert failures == {}


def test_misspelled_prefix_in_staging_is_no_drift_in_production(without_rosters: Path):
    staging = ROSTER.replace("bedrock/anthropic", "bedrok/anthropic")
    files = {roster_path("staging"): staging, roster_path("production"): ROSTER, ENVIRONMENTS: PATH}
    result = check_version(Repository(without_rosters, {path: text.encode() for path, text in files.items()}), TODAY)
    findings = [(finding.path, finding.rule) for finding in result.diagnostics if finding.rule != SCHEMA_LINE]
    assert findings == [(roster_path("staging"), "unknown-prefix")]


RESTRICTED = f"- {{name: production, {POLICY}, allowed_regions: [eu], max_data_retention_days: 7}}\n"
RESIDENCY = "  processed_in: [eu]\n  data_retention_days: 0\n"
RETIRED_FOR_CODESTRAL = (
    "  retirement: {notice: 2026-06-01, last_day: 2026-12-31, replacement: codestral_on_fireworks}\n"
)
RESIDENCY_MISTAKES = {
    ("[eu]", "[global]"): "9 region-not-allowed",
    ("processed_in: [eu]", "processed_in: eu"): "9 wrong-type",
    ("processed_in: [eu]", "processed_in: [EU]"): "9 invalid-value",
    ("processed_in", "proccessed_in"): "9 unknown-key",
    ("  processed_in: [eu]\n", ""): "1 region-not-allowed",
    ("days: 0", "days: 30"): "10 retention-too-long",
    ("days: 0", "days: thirty"): "10 wrong-type",
    ("data_retention_days", "data_retention"): "10 unknown-key",
    ("  data_retention_days: 0\n", ""): "1 retention-too-long",
}


def test_mistake_in_the_residency_of_a_replacement_is_one_finding(without_rosters: Path):
    codestral = CODESTRAL.rstrip("\n") + "\n" + RESIDENCY
    retiring = CODESTRAL.replace("Codestral on Fireworks", "Codestral").replace("CODESTRAL_ON_FIREWORKS", "CODESTRAL")
    retiring = retiring.replace("2501", "2405").replace("  default_for: [code-completion]\n", "").rstrip("\n")
    other = f"{retiring}\n{RESIDENCY}{RETIRED_FOR_CODESTRAL}"
    failures = {}
    for (old, new), expected in {("", ""): "", **RESIDENCY_MISTAKES}.items():
        roster = (codestral.replace(old, new, 1) + other).encode()
        files = {roster_path("production"): roster, ENVIRONMENTS: RESTRICTED.encode()}
        findings = check_version(Repository(without_rosters, files), TODAY).diagnostics
        rules = {f"{finding.span.line} {finding.rule}" for finding in findings if finding.rule != SCHEMA_LINE}
        if rules != ({expected} if expected else set()):
            failures[old, new] = rules
    assert failures == {}


def test_model_that_cannot_be_read_may_serve_a_required_feature():
    other = CLEAN.replace("Claude", "Gemini").replace("CLAUDE", "GEMINI").replace("claude", "gemini")
    other = other.replace("[code-completion, code-generation]", "[duo_chat]")
    mistaken = CLEAN.replace("  family: claude\n", "  family: claude\n  family: claude\n")
    assert [finding.rule for finding in diagnostics(mistaken + other)] == ["yaml-duplicate-key"]


def test_unreadable_model_may_be_the_one_that_is_left(check: Check):
    retired = "  retirement: {notice: 2026-01-01, last_day: 2026-03-01}\n"
    unreadable = CODESTRAL.replace("- name: Codestral on Fireworks", "- name: 3")
    _, output = check({roster_path("production"): f"{CLAUDE}{retired}{unreadable}".encode()})
    assert "no-model-left" not in output
    assert "[wrong-type]" in output
