"""``roster check -``: a roster that is not saved yet, in the place of the file that it is to be."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import Run, edit

PRODUCTION = "env/production/offered_models_metadata.yaml"
STAGING = "env/staging/offered_models_metadata.yaml"


@pytest.fixture
def piped(checkout: Path):
    """``roster check -`` with something on its standard input."""

    def run(
        content: "bytes | str", *arguments: str, cwd: Path = checkout, redirected: str = ""
    ) -> "subprocess.CompletedProcess[bytes]":
        command = [sys.executable, "-m", "roster", "check", "-", *arguments]
        if redirected:
            command = ["bash", "-c", f'exec "$@" {redirected}', "_", *command]
        data = content.encode() if isinstance(content, str) else content
        clean = {"PATH": "/usr/bin:/bin", "PYTHONIOENCODING": "utf-8"}
        return subprocess.run(command, input=data, cwd=cwd, env=clean, capture_output=True, check=False, timeout=60)

    return run


def text_of(checkout: Path, path: str = PRODUCTION) -> str:
    return (checkout / path).read_text(encoding="utf-8")


def test_what_is_piped_in_is_checked_and_the_file_is_not(piped, checkout: Path):
    good = text_of(checkout)
    edit(checkout / PRODUCTION, "release_state: BETA", "release_state: beta")
    done = piped(good, "--stdin-filename", PRODUCTION)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"1 roster checked, no problems found\n")
    done = piped(good.replace("code-generation, duo", "code-generatoin, duo"), "--stdin-filename", PRODUCTION)
    assert done.returncode == 1
    assert done.stdout.startswith(f'{PRODUCTION}:46:14: error: unknown feature "code-generatoin"'.encode())
    assert b"release_state" not in done.stdout


def test_nothing_is_written(piped, checkout: Path):
    before = text_of(checkout)
    piped("- name: Other\n", "--stdin-filename", PRODUCTION)
    assert text_of(checkout) == before


def test_rules_across_files_see_the_others_as_they_are(piped, checkout: Path):
    drifted = text_of(checkout).replace("fireworks_ai/codestral-2501", "fireworks_ai/codestral-2508")
    assert b"[environment-drift]" in piped(drifted, "--stdin-filename", PRODUCTION).stdout
    edit(checkout / STAGING, "fireworks_ai/codestral-2501", "fireworks_ai/codestral-2508")
    assert piped(drifted, "--stdin-filename", PRODUCTION).stdout == b""


def test_other_paths_can_stand_beside_it(piped, checkout: Path):
    edit(checkout / STAGING, "release_state: BETA", "release_state: beta")
    done = piped(text_of(checkout), STAGING, "--stdin-filename", PRODUCTION)
    assert done.stdout.startswith(STAGING.encode())
    assert b"2 rosters checked" in done.stderr


def test_the_file_need_not_exist(piped, checkout: Path):
    content = text_of(checkout)
    (checkout / PRODUCTION).unlink()
    assert piped(content, "--stdin-filename", PRODUCTION).returncode == 0
    done = piped(content, "--stdin-filename", "env/sandbox/offered_models_metadata.yaml")
    assert b"[unknown-environment]" in done.stdout


@pytest.mark.parametrize("name", ["offered_models_metadata.yaml", "./offered_models_metadata.yaml"])
def test_the_name_is_read_from_the_current_folder(piped, checkout: Path, name: str):
    folder = checkout / "env" / "production"
    assert piped(text_of(checkout), "--stdin-filename", name, cwd=folder).returncode == 0
    assert piped(text_of(checkout), "--stdin-filename", str(checkout / PRODUCTION), cwd=Path("/")).returncode == 0


def test_other_formats_name_the_file(piped, checkout: Path):
    done = piped("[]\n", "--format", "json", "--stdin-filename", PRODUCTION)
    assert {found["path"] for found in json.loads(done.stdout)["diagnostics"]} == {PRODUCTION}


def test_a_registry_can_be_piped_in(piped, checkout: Path):
    families = text_of(checkout, "schemas/families.yaml")
    assert piped(families, "--stdin-filename", "schemas/families.yaml").returncode == 0
    done = piped("- claude\n- claude\n", "--stdin-filename", "schemas/families.yaml")
    assert done.returncode == 2
    assert b'schemas/families.yaml:2:3: "claude" is in this registry twice' in done.stderr


class TestBadInput:
    @pytest.mark.parametrize("kept", [0, 1, 100, 350, 700, 1200])
    def test_a_cut_off_roster_gives_findings(self, piped, checkout: Path, kept: int):
        done = piped(text_of(checkout).encode()[:kept], "--stdin-filename", PRODUCTION)
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
    def test_what_is_no_roster_gives_findings(self, piped, content: bytes, rule: bytes):
        done = piped(content, "--stdin-filename", PRODUCTION)
        assert done.returncode == 1
        assert b"[" + rule + b"]" in done.stdout

    def test_an_endless_input_is_not_read_to_its_end(self, piped):
        done = piped("", "--stdin-filename", PRODUCTION, redirected="</dev/zero")
        assert b"the file is larger than" in done.stdout

    @pytest.mark.parametrize(
        ("redirected", "said"),
        [
            ("<&-", "standard input is closed: redirect a file to it, as in roster check - < FILE"),
            ("0>/dev/null", "standard input cannot be read: bad file descriptor"),
        ],
    )
    def test_an_input_that_cannot_be_read_is_told_in_one_sentence(self, piped, redirected: str, said: str):
        done = piped("", "--stdin-filename", PRODUCTION, redirected=redirected)
        assert (done.returncode, done.stdout) == (2, b"")
        assert done.stderr.decode() == f"roster: {said}\n"

    @pytest.mark.parametrize(
        ("arguments", "said"),
        [
            (("-",), "- needs --stdin-filename FILE"),
            (("--stdin-filename", PRODUCTION), "--stdin-filename needs - as a path"),
            ((PRODUCTION, "--stdin-filename", STAGING), "--stdin-filename needs - as a path"),
            (("-", "--stdin-filename", "env/production"), "--stdin-filename env/production is a folder"),
            (("-", "--stdin-filename", "env/offered.yaml"), "env/offered.yaml contains no file to check"),
            (("-", "--stdin-filename", "/nowhere/a.yaml"), "/nowhere/a.yaml is not in a roster repository"),
            (("-", "--stdin-filename", ""), "--stdin-filename . is a folder"),
            (("-", "nowhere.yaml", "--stdin-filename", PRODUCTION), "there is no file or folder nowhere.yaml"),
        ],
    )
    def test_wrong_usage_exits_with_2_and_says_why(self, roster: Run, arguments: tuple[str, ...], said: str):
        done = roster("check", *arguments)
        assert (done.returncode, done.stdout) == (2, "")
        assert said in done.stderr
        assert "Traceback" not in done.stderr

    def test_a_file_outside_the_repository_of_another_path_is_wrong_usage(self, roster: Run, tmp_path_factory):
        elsewhere = tmp_path_factory.mktemp("elsewhere") / "a.yaml"
        done = roster("check", PRODUCTION, "-", "--stdin-filename", str(elsewhere))
        assert done.returncode == 2
        assert "lies outside the repository" in done.stderr
