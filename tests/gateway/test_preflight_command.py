"""``roster gateway preflight``: which keys a gateway would miss."""

from pathlib import Path

import pytest

from roster.roster import roster_path
from tests.accept.example_downloads import ROSTER
from tests.conftest import Run

CLAUDE, GEMINI, MISTRAL, GPT = (f"AIGW_MODEL_{name}_API_KEY" for name in ("CLAUDE", "GEMINI", "MISTRAL", "GPT"))
CANARY = "canary-key-51bQ"
DAY, LAST_OF_GPT = ("--at", "2026-06-15"), ("--at", "2026-06-14")


@pytest.fixture(autouse=True)
def known(checkout: Path) -> None:
    (checkout / roster_path("production")).write_text(ROSTER, encoding="utf-8")


def test_all_keys_set_exits_0(roster: Run):
    done = roster("gateway", "preflight", "production", *DAY, **dict.fromkeys((CLAUDE, GEMINI, MISTRAL), CANARY))
    assert done.returncode == 0
    assert done.stdout == (f"{CLAUDE}   set      claude\n{GEMINI}   set      gemini\n{MISTRAL}  set      mistral\n")
    assert done.stderr == "3 keys needed in production: all keys are set\n"
    assert CANARY not in done.stdout + done.stderr


def test_missing_or_empty_keys_exit_1(roster: Run):
    done = roster("gateway", "preflight", "production", *DAY, **{CLAUDE: CANARY, GEMINI: ""})
    assert done.returncode == 1
    assert done.stdout == (f"{CLAUDE}   set      claude\n{GEMINI}   not set  gemini\n{MISTRAL}  not set  mistral\n")
    assert done.stderr == "3 keys needed in production: 2 keys missing\n"
    assert CANARY not in done.stdout + done.stderr


def test_key_of_retiring_model_is_needed_until_last_day(roster: Run):
    keys = dict.fromkeys((CLAUDE, GEMINI, MISTRAL), "x")
    before = roster("gateway", "preflight", "production", *LAST_OF_GPT, **keys)
    assert (before.returncode, before.stdout.splitlines()[-1]) == (1, f"{GPT}      not set  gpt")
    assert roster("gateway", "preflight", "production", *DAY, **keys).returncode == 0


def test_shared_key_is_listed_once(roster: Run, checkout: Path):
    path = checkout / roster_path("production")
    path.write_text(ROSTER.replace(MISTRAL, GEMINI), encoding="utf-8")
    done = roster("gateway", "preflight", "production", *DAY)
    assert f"{GEMINI}  not set  gemini and mistral\n" in done.stdout
    assert done.stderr == "2 keys needed in production: 2 keys missing\n"


@pytest.mark.parametrize(
    ("environment", "hint"),
    [
        ("prodution", 'did you mean "production"?'),
        ("nowhere", "choose from staging-ref, staging, production"),
    ],
)
def test_unknown_environment_is_reported(roster: Run, environment: str, hint: str):
    done = roster("gateway", "preflight", environment)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(f'roster: there is no environment "{environment}": ')
    assert hint in done.stderr


def test_unreadable_roster_is_reported(roster: Run, checkout: Path):
    (checkout / roster_path("production")).write_text("- name: [\n", encoding="utf-8")
    done = roster("gateway", "preflight", "production")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == (f"roster: {roster_path('production')} cannot be read; run roster check for details\n")
