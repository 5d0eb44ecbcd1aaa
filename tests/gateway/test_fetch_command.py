"""``roster gateway fetch``: one download, as at the start of a gateway, and its result."""

from pathlib import Path

import pytest

from roster.download.download_settings import ACCESS_TOKEN, FILE_PATH, PREFIX
from roster.download.rejection import REASONS
from tests.accept.example_downloads import KINDS, REVISION, as_bytes, envelope
from tests.conftest import Run
from tests.download.download_helpers import CANARY
from tests.download.scripted_server import Play, ScriptedServer, answer, ok
from tests.gateway.gateway_helpers import missing, variables, without

KEY = "canary-key-77aP"


def test_accepted_list_is_reported(roster: Run, tmp_path: Path):
    with ScriptedServer(ok(KINDS["gateway"])) as server:
        keys = {"AIGW_MODEL_CLAUDE_API_KEY": KEY, "AIGW_MODEL_GEMINI_API_KEY": ""}
        done = roster("gateway", "fetch", **variables(f"{server.origin}/a?b=c", tmp_path / "kept"), **keys)
    assert done.returncode == 0, done.stderr
    digest = done.stdout.partition("sha256        ")[2][:64]
    assert done.stdout == (
        f"downloaded {server.origin}/a: {len(KINDS['gateway']):,} bytes, 1 request\n"
        "accepted gateway\n"
        "  environment   production\n"
        f"  revision      {REVISION}\n"
        "  sequence      42\n"
        f"  sha256        {digest}\n"
        "  models        claude, gemini and mistral\n"
        "  defaults      claude for code-completion, claude for code-generation and gemini for duo_chat\n"
        "  keys not set  AIGW_MODEL_GEMINI_API_KEY and AIGW_MODEL_MISTRAL_API_KEY\n"
    )
    assert done.stderr == ""
    assert not (tmp_path / "kept").exists()


def test_list_without_metadata_is_reported(roster: Run, tmp_path: Path):
    with ScriptedServer(ok(KINDS["offered_models"])) as server:
        done = roster("gateway", "fetch", **variables(server.origin, tmp_path / "kept"))
    assert [line.split()[0] for line in done.stdout.splitlines()] == ["downloaded", "accepted", "sha256", "models"]


@pytest.mark.parametrize(
    ("play", "name", "message"),
    [
        (answer("401 Unauthorized"), "unauthorized", "the source answered 401"),
        (ok(b"[]"), "no-models", "its list of models is empty"),
        (ok(as_bytes(envelope(environment="a\x1b[31m"))), "not-text", "control character"),
    ],
)
def test_rejected_list_is_reported(roster: Run, tmp_path: Path, play: Play, name: str, message: str):
    with ScriptedServer(play) as server:
        done = roster("gateway", "fetch", **variables(server.origin, tmp_path / "kept"))
    assert done.returncode == 1
    first, second = done.stderr.splitlines()
    assert first.startswith(f"rejected: {name}: ")
    assert message in first
    assert second == f"{REASONS[name].meaning} {REASONS[name].remedy}"
    assert "accepted" not in done.stdout
    assert CANARY not in done.stdout + done.stderr
    assert "\x1b" not in done.stderr


def test_feature_off_is_reported(roster: Run):
    done = roster("gateway", "fetch")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f"roster: nothing to download: {FILE_PATH} and {ACCESS_TOKEN} are not set (docs/gateway.md)\n"


def test_incomplete_and_unknown_settings_are_reported(roster: Run):
    done = roster("gateway", "fetch", **{ACCESS_TOKEN: CANARY})
    assert done.returncode == 2
    assert done.stderr == f"roster: nothing to download: {FILE_PATH} is not set (docs/gateway.md)\n"
    with ScriptedServer(ok(KINDS["gateway"])) as server:
        environ = {FILE_PATH: server.origin, ACCESS_TOKEN: CANARY, f"{PREFIX}POL_SECONDS": "5"}
        done = roster("gateway", "fetch", **environ)
    assert done.returncode == 0
    assert (
        done.stderr
        == f"warning: unknown environment variable {PREFIX}POL_SECONDS; did you mean {PREFIX}POLL_SECONDS?\n"
    )


def test_invalid_setting_is_reported(roster: Run):
    done = roster("gateway", "fetch", **{FILE_PATH: f"http://gitlab.example.com/{CANARY}", ACCESS_TOKEN: "x"})
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(f"roster: {FILE_PATH} is invalid: ")
    assert CANARY not in done.stderr


def test_missing_extra_is_reported(roster: Run, tmp_path: Path):
    done = roster("gateway", "fetch", PYTHONPATH=without("urllib3", tmp_path))
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f"roster: {missing('urllib3', 'gateway')}\n"
    assert roster("gateway", "fetch", "--help", PYTHONPATH=without("urllib3", tmp_path)).returncode == 0
