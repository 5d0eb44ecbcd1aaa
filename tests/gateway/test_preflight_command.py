"""``roster gateway preflight``: which keys a gateway would miss."""

from pathlib import Path

import pytest

from roster.download.download_settings import ACCESS_TOKEN, FILE_PATH
from roster.roster import roster_path
from tests.accept.example_downloads import KINDS, ROSTER
from tests.conftest import Run
from tests.download.scripted_server import ScriptedServer, answer, ok
from tests.gateway.gateway_helpers import variables

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


@pytest.mark.parametrize("text", ["- name: [\n", "[]\n", "", "{}\n", "- 5\n", "- name: A\n  features: [duo_chat]\n"])
def test_unreadable_roster_is_reported(roster: Run, checkout: Path, text: str):
    (checkout / roster_path("production")).write_text(text, encoding="utf-8")
    done = roster("gateway", "preflight", "production")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == (f"roster: {roster_path('production')} cannot be read; run roster check for details\n")


class TestDownload:
    """Without an environment, the list comes from where a gateway gets it, and no repository is needed."""

    @pytest.mark.parametrize("kind", ["gateway", "roster"])
    def test_keys_of_downloaded_list_are_checked(self, roster: Run, tmp_path: Path, kind: str):
        folder = tmp_path / "service"
        folder.mkdir()
        with ScriptedServer(ok(KINDS[kind])) as server:
            environ = variables(server.origin, tmp_path / "kept") | {CLAUDE: CANARY, MISTRAL: CANARY}
            missing = roster("gateway", "preflight", *DAY, cwd=folder, **environ)
            complete = roster("gateway", "preflight", *DAY, cwd=folder, **environ, **{GEMINI: CANARY})
        assert (
            missing.stdout == f"{CLAUDE}   set      claude\n{GEMINI}   not set  gemini\n{MISTRAL}  set      mistral\n"
        )
        assert (missing.returncode, missing.stderr) == (1, "3 keys needed in the downloaded list: 1 key missing\n")
        assert (complete.returncode, complete.stderr) == (0, "3 keys needed in the downloaded list: all keys are set\n")

    def test_rejected_download_exits_1(self, roster: Run, tmp_path: Path):
        with ScriptedServer(answer("401 Unauthorized")) as server:
            done = roster("gateway", "preflight", **variables(server.origin, tmp_path / "kept"))
        assert (done.returncode, done.stdout) == (1, "")
        assert done.stderr.startswith("rejected: unauthorized: the source answered 401\n")

    def test_list_without_keys_is_reported(self, roster: Run, tmp_path: Path):
        with ScriptedServer(ok(KINDS["offered_models"])) as server:
            done = roster("gateway", "preflight", **variables(server.origin, tmp_path / "kept"))
        assert done.returncode == 2
        assert done.stderr == (
            "roster: offered_models.json does not contain the names of API keys: download gateway.json\n"
        )

    def test_missing_variables_are_named(self, roster: Run):
        done = roster("gateway", "preflight")
        assert done.returncode == 2
        assert done.stderr == (
            f"roster: nothing to download: {FILE_PATH} and {ACCESS_TOKEN} are not set (docs/gateway.md)\n"
        )

    def test_environment_outside_repository_is_reported(self, roster: Run, tmp_path: Path):
        folder = tmp_path.parent / f"{tmp_path.name}-service"
        folder.mkdir()
        done = roster("gateway", "preflight", "production", cwd=folder)
        assert done.returncode == 2
        assert done.stderr.endswith("; to check the list that a gateway downloads, omit ENVIRONMENT\n")
