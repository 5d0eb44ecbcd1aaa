"""``roster check -``: an unsaved roster is checked instead of its file."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.command import ENVIRONMENT, run_command
from tests.conftest import Run, edit

PRODUCTION = "env/production/offered_models_metadata.yaml"
STAGING = "env/staging/offered_models_metadata.yaml"


@pytest.fixture
def check_input(checkout: Path):
    """Return a function that runs ``roster check -`` with content on standard input."""

    def run(content: "bytes | str", *arguments: str, cwd: Path = checkout) -> "subprocess.CompletedProcess[bytes]":
        data = content.encode() if isinstance(content, str) else content
        done = run_command(("check", "-", *arguments), cwd, {}, data)
        return subprocess.CompletedProcess(done.args, done.returncode, done.stdout.encode(), done.stderr.encode())

    return run


@pytest.fixture
def check_redirected(checkout: Path):
    """Return a function that runs ``roster check -`` in a process with its standard input redirected by a shell."""

    def run(redirected: str, *arguments: str) -> "subprocess.CompletedProcess[bytes]":
        command = [sys.executable, "-m", "roster", "check", "-", *arguments]
        shell = ["bash", "-c", f'exec "$@" {redirected}', "_", *command]
        return subprocess.run(shell, cwd=checkout, env=ENVIRONMENT, capture_output=True, check=False, timeout=60)

    return run


def text_of(checkout: Path, path: str = PRODUCTION) -> str:
    return (checkout / path).read_text(encoding="utf-8")


def test_process_reads_standard_input(check_redirected):
    done = check_redirected(f"<{PRODUCTION}", "--stdin-filename", PRODUCTION)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"1 roster checked, no problems found\n")


def test_standard_input_is_checked_instead_of_file(check_input, checkout: Path):
    good = text_of(checkout)
    edit(checkout / PRODUCTION, "release_state: BETA", "release_state: beta")
    done = check_input(good, "--stdin-filename", PRODUCTION)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"1 roster checked, no problems found\n")
    done = check_input(good.replace("code-generation, duo", "code-generatoin, duo"), "--stdin-filename", PRODUCTION)
    assert done.returncode == 1
    assert done.stdout.startswith(f'{PRODUCTION}:46:14: error: unknown feature "code-generatoin"'.encode())
    assert b"release_state" not in done.stdout


def test_nothing_is_written(check_input, checkout: Path):
    before = text_of(checkout)
    check_input("- name: Other\n", "--stdin-filename", PRODUCTION)
    assert text_of(checkout) == before


def test_rules_across_files_read_other_files(check_input, checkout: Path):
    drifted = text_of(checkout).replace("fireworks_ai/codestral-2501", "fireworks_ai/codestral-2508")
    assert b"[environment-drift]" in check_input(drifted, "--stdin-filename", PRODUCTION).stdout
    edit(checkout / STAGING, "fireworks_ai/codestral-2501", "fireworks_ai/codestral-2508")
    assert check_input(drifted, "--stdin-filename", PRODUCTION).stdout == b""


def test_other_paths_are_checked_too(check_input, checkout: Path):
    edit(checkout / STAGING, "release_state: BETA", "release_state: beta")
    done = check_input(text_of(checkout), STAGING, "--stdin-filename", PRODUCTION)
    assert done.stdout.startswith(STAGING.encode())
    assert b"2 rosters checked" in done.stderr


def test_file_need_not_exist(check_input, checkout: Path):
    content = text_of(checkout)
    (checkout / PRODUCTION).unlink()
    assert check_input(content, "--stdin-filename", PRODUCTION).returncode == 0
    done = check_input(content, "--stdin-filename", "env/sandbox/offered_models_metadata.yaml")
    assert b"[unknown-environment]" in done.stdout


@pytest.mark.parametrize("name", ["offered_models_metadata.yaml", "./offered_models_metadata.yaml"])
def test_name_is_relative_to_current_folder(check_input, checkout: Path, name: str):
    folder = checkout / "env" / "production"
    assert check_input(text_of(checkout), "--stdin-filename", name, cwd=folder).returncode == 0
    assert check_input(text_of(checkout), "--stdin-filename", str(checkout / PRODUCTION), cwd=Path("/")).returncode == 0


def test_other_formats_name_file(check_input, checkout: Path):
    done = check_input("[]\n", "--format", "json", "--stdin-filename", PRODUCTION)
    assert {item["path"] for item in json.loads(done.stdout)["diagnostics"]} == {PRODUCTION}


def test_registry_on_standard_input(check_input, checkout: Path):
    families = text_of(checkout, "schemas/families.yaml")
    assert check_input(families, "--stdin-filename", "schemas/families.yaml").returncode == 0
    done = check_input("- claude\n- claude\n", "--stdin-filename", "schemas/families.yaml")
    assert done.returncode == 2
    assert b'schemas/families.yaml:2:3: "claude" is in this registry twice' in done.stderr


class TestBadInput:
    @pytest.mark.parametrize("length", [0, 1, 100, 350, 700, 1200])
    def test_truncated_roster_has_findings(self, check_input, checkout: Path, length: int):
        done = check_input(text_of(checkout).encode()[:length], "--stdin-filename", PRODUCTION)
        assert done.returncode == 1
        assert done.stdout.startswith(PRODUCTION.encode())
        assert b"Traceback" not in done.stderr

    @pytest.mark.parametrize(
        ("content", "rule"),
        [
            (b"- name: Cl\xe4ude\n", b"yaml-encoding"),
            (b"\xff\xfe-\x00 \x00", b"yaml-encoding"),
            (b"\x00", b"yaml-encoding"),
            (b"- name: Mod\xc3", b"yaml-encoding"),
            (b"- [", b"yaml-syntax"),
            (b"- a\n" * 4_200_000, b"yaml-forbidden-construct"),
        ],
        ids=["latin-1", "utf-16", "nul", "cut character", "cut list", "too large"],
    )
    def test_invalid_roster_has_findings(self, check_input, content: bytes, rule: bytes):
        done = check_input(content, "--stdin-filename", PRODUCTION)
        assert done.returncode == 1
        assert b"[" + rule + b"]" in done.stdout

    def test_endless_input_is_not_read_to_its_end(self, check_redirected):
        done = check_redirected("</dev/zero", "--stdin-filename", PRODUCTION)
        assert b"the file is larger than" in done.stdout

    @pytest.mark.parametrize(
        ("redirected", "message"),
        [
            ("<&-", "standard input is closed: redirect a file to it, as in roster check - < FILE"),
            ("0>/dev/null", "standard input cannot be read: bad file descriptor"),
        ],
    )
    def test_unreadable_input_is_reported_in_one_sentence(self, check_redirected, redirected: str, message: str):
        done = check_redirected(redirected, "--stdin-filename", PRODUCTION)
        assert (done.returncode, done.stdout) == (2, b"")
        assert done.stderr.decode() == f"roster: {message}\n"

    @pytest.mark.parametrize(
        ("arguments", "message"),
        [
            (("-",), "- needs --stdin-filename FILE"),
            (("--stdin-filename", PRODUCTION), "--stdin-filename needs - as a path"),
            ((PRODUCTION, "--stdin-filename", STAGING), "--stdin-filename needs - as a path"),
            (("-", "--stdin-filename", "env/production"), "--stdin-filename env/production is a folder"),
            (("-", "--stdin-filename", "env/offered.yaml"), "env/offered.yaml contains no file to check"),
            (("-", "--stdin-filename", "/nowhere/a.yaml"), "/nowhere/a.yaml is not in a roster repository"),
            (("-", "--stdin-filename", "."), "--stdin-filename . is a folder"),
            (("-", "--stdin-filename", ""), "the path is empty"),
            (("-", "nowhere.yaml", "--stdin-filename", PRODUCTION), "there is no file or folder nowhere.yaml"),
        ],
    )
    def test_usage_error_exits_with_2(self, roster: Run, arguments: tuple[str, ...], message: str):
        done = roster("check", *arguments)
        assert (done.returncode, done.stdout) == (2, "")
        assert message in done.stderr
        assert "Traceback" not in done.stderr

    def test_file_outside_repository_is_usage_error(self, roster: Run, tmp_path_factory):
        elsewhere = tmp_path_factory.mktemp("elsewhere") / "a.yaml"
        done = roster("check", PRODUCTION, "-", "--stdin-filename", str(elsewhere))
        assert done.returncode == 2
        assert "is outside the repository" in done.stderr
