"""A renamed model keeps its id: which correction is offered first, and which findings are consequences."""

import re

import pytest

from roster.roster import roster_path
from tests.rules.conftest import Check

PRODUCTION, STAGING = roster_path("production"), roster_path("staging")
ROSTER = """\
- name: Claude 3.7 Sonnet
  identifier: bedrock/anthropic.claude-3-7-sonnet-20250219-v1:0
  api-key: AIGW_MODEL_CLAUDE_3_7_SONNET_API_KEY
  endpoint: https://bedrock-runtime.us-east-1.amazonaws.com
  release_state: GA
  family: claude
  features: [duo_chat]
  default_for: [duo_chat]

- name: Gemini Pro
  identifier: vertex_ai/gemini-2.5-pro
  api-key: AIGW_MODEL_GEMINI_PRO_API_KEY
  endpoint: https://us-central1-aiplatform.googleapis.com/v1
  release_state: GA
  family: gemini
  features: [duo_chat]
  retirement: {notice: 2026-08-05, last_day: 2026-12-01, replacement: claude_3_7_sonnet}
"""
PATH = b"""\
- name: staging
  release_states: [GA]
  default_release_states: [GA]
  retirement_notice_days: 0
- name: production
  release_states: [GA]
  default_release_states: [GA]
  retirement_notice_days: 90
"""
CLAUDE_KEY, GEMINI_KEY = "AIGW_MODEL_CLAUDE_3_7_SONNET_API_KEY", "AIGW_MODEL_GEMINI_PRO_API_KEY"

MISTAKES = {  # replacements in the roster, the line and the hint of the only finding
    "renamed": (
        {"name: Claude 3.7 Sonnet": "name: Claude Sonnet 3.7"},
        3,
        'write "id: claude_3_7_sonnet" if the model was renamed, or AIGW_MODEL_CLAUDE_SONNET_3_7_API_KEY if it is new',
    ),
    "renamed with a letter that has no ASCII form": (
        {"name: Gemini Pro": "name: Gemini Prø"},
        12,
        'write "id: gemini_pro" if the model was renamed, or AIGW_MODEL_GEMINI_PR_API_KEY if it is new',
    ),
    "pinned to another id": (
        {"name: Gemini Pro": "name: Gemini Pro\n  id: gemini"},
        13,
        'write "id: gemini_pro" if the model was renamed, or AIGW_MODEL_GEMINI_API_KEY if it is new',
    ),
    "typo in the key": (
        {CLAUDE_KEY: "AIGW_MODEL_CLAUDE_3_7_SONET_API_KEY"},
        3,
        f'write "id: claude_3_7_sonet" if the model was renamed, or {CLAUDE_KEY} if it is new',
    ),
    "key that is named after no id": ({GEMINI_KEY: "AIGW_MODEL__GEMINI_PRO_API_KEY"}, 12, f"write {GEMINI_KEY}"),
    "key of another model": ({GEMINI_KEY: CLAUDE_KEY}, 12, f"write {GEMINI_KEY}"),
    "name of another model": ({"name: Gemini Pro": "name: Claude 3.7 Sonnet"}, 10, "rename the newer of the two"),
    "name of a later model": ({"name: Claude 3.7 Sonnet": "name: Gemini Pro"}, 1, "rename the newer of the two"),
    "name that gives the id of another model": (
        {"name: Gemini Pro": "name: Claude-3.7 Sonnet"},
        10,
        "rename the newer of the two, or pin another id for it",
    ),
    "swapped names": (
        {
            "name: Claude 3.7 Sonnet": "name: X",
            "name: Gemini Pro": "name: Claude 3.7 Sonnet",
            "name: X": "name: Gemini Pro",
        },
        3,
        'restore the names, or the keys, of this model and "Claude 3.7 Sonnet"',
    ),
    "swapped keys": (
        {CLAUDE_KEY: "X_KEY", GEMINI_KEY: CLAUDE_KEY, "X_KEY": GEMINI_KEY},
        3,
        'restore the names, or the keys, of this model and "Gemini Pro"',
    ),
    "accent": ({"name: Gemini Pro": "name: Gémini Pro"}, None, None),
    "display name": ({"name: Gemini Pro": "name: Gemini Pro\n  display_name: Gemini 2.5 Pro"}, None, None),
}  # fmt: skip


@pytest.mark.parametrize("mistake", MISTAKES)
def test_first_hint_keeps_the_id(mistake: str, check: Check):
    replacements, line, hint = MISTAKES[mistake]
    changed = ROSTER
    for old, new in replacements.items():
        assert old in changed
        changed = changed.replace(old, new, 1)
    output = findings(check, {STAGING: ROSTER.encode(), PRODUCTION: changed.encode()})
    assert output == ([(f"{PRODUCTION}:{line}", hint)] if line else [])


def test_history_tells_a_wrong_key_from_a_new_name(check: Check):
    changed = ROSTER.replace(CLAUDE_KEY, "AIGW_MODEL_CLAUDE_3_7_SONET_API_KEY").encode()
    before = {f"before: {path}": ROSTER.encode() for path in (STAGING, PRODUCTION)}
    output = findings(check, before | {STAGING: ROSTER.encode(), PRODUCTION: changed})
    assert output == [(f"{PRODUCTION}:3", f"write {CLAUDE_KEY}")]


def test_renamed_model_is_one_finding_with_history(check: Check):
    changed = ROSTER.replace("name: Claude 3.7 Sonnet", "name: Claude Sonnet 3.7").encode()
    before = {f"before: {path}": ROSTER.encode() for path in (STAGING, PRODUCTION)}
    new_key = "AIGW_MODEL_CLAUDE_SONNET_3_7_API_KEY"
    hint = f'write "id: claude_3_7_sonnet" if the model was renamed, or {new_key} if it is new'
    output = findings(check, before | {STAGING: ROSTER.encode(), PRODUCTION: changed})
    assert output == [(f"{PRODUCTION}:3", hint)]


def findings(check: Check, files: dict[str, bytes]) -> list[tuple[str, str]]:
    """Return the position and the hint of each finding."""
    _, output = check({"env/environments.yaml": PATH} | files)
    return re.findall(r"(?m)^(env\S*?:\d+):\d+: .*\n +\|\n.*\n +\| +\^+ (.*)$", output)
