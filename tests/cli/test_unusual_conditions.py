"""Every command with files, folders, streams and variables that are not as it expects: a sentence, not a defect."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from roster.registries import ENVIRONMENTS, FAMILIES, FEATURES
from roster.roster import ROSTER_SCHEMA, roster_path
from tests.command import ENVIRONMENT, run_command
from tests.conftest import copy_data, git

PRODUCTION = roster_path("production")
NEW = ("--name=New", "--identifier=bedrock/new-1", "--endpoint=https://bedrock-runtime.us-east-1.amazonaws.com",
       "--release-state=BETA", "--family=claude", "--feature=duo_chat")  # fmt: skip
READING: tuple[tuple[str, ...], ...] = (
    ("check",),
    ("check", PRODUCTION),
    ("check", "--diff", "--format=text=report.txt"),
    ("check", "--format=sarif=report.sarif"),
    ("check", "--changed-since=HEAD"),
    ("check", "-", f"--stdin-filename={PRODUCTION}"),
    ("diff",),
    ("diff", "HEAD", "."),
    ("diff", PRODUCTION, PRODUCTION),
    ("drift",),
    ("timeline",),
    ("explain", "duo_chat"),
    ("rules",),
    ("schema", "--check"),
    ("render", "--check"),
    ("promote", "codestral_on_fireworks", "--from=staging-ref", "--to=staging", "--dry-run"),
    ("new", "--environment=staging", *NEW, "--dry-run"),
    ("verify", "--key=dist/key.pem", "dist/gateway.json"),
    ("gateway", "preflight", "production"),
)
WRITING: tuple[tuple[str, ...], ...] = (
    ("check", "--fix"),
    ("schema",),
    ("render",),
    ("render", "--revision=HEAD"),
    ("render", "--sign=dist/key.pem"),
    ("promote", "codestral_on_fireworks", "--from=staging-ref", "--to=staging"),
    ("new", "--environment=staging", *NEW),
)
REPLACEMENTS: Mapping[str, Callable[[Path], object]] = {
    "missing": lambda path: None,
    "a folder": lambda path: path.mkdir(),
    "a file": lambda path: path.write_text("text"),
    "empty": lambda path: path.write_bytes(b""),
    "binary": lambda path: path.write_bytes(b"\xff\xfe\x00"),
    "a link to nothing": lambda path: path.symlink_to("nowhere"),
    "a link to itself": lambda path: path.symlink_to(path.name),
}
PATHS = (PRODUCTION, ENVIRONMENTS, FEATURES, FAMILIES, ROSTER_SCHEMA, "env", "env/production", "schemas",
         "dist", "dist/key.pem", "report.txt", "report.sarif", ".git", ".git/HEAD")  # fmt: skip


@pytest.fixture(scope="module")
def committed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository with a commit and a key file."""
    folder = tmp_path_factory.mktemp("committed")
    copy_data(folder, "env", "schemas")
    (folder / "dist").mkdir()
    (folder / "dist/key.pem").write_text("no key")
    for arguments in (["init", "-q"], ["add", "env", "schemas"], ["commit", "-qm", "Add rosters"]):
        git(folder, *arguments)
    return folder


def replaced(committed: Path, folder: Path, path: str, replace: Callable[[Path], object]) -> Path:
    """Return a copy of the repository in which something else is at a path."""
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(committed, folder, symlinks=True)
    target = folder / path
    shutil.rmtree(target) if target.is_dir() else target.unlink(missing_ok=True)
    replace(target)
    return folder


def defects(folder: Path, commands: tuple[tuple[str, ...], ...], condition: str, **environment: str) -> Iterator[str]:
    for command in commands:
        done = run_command(command, folder, environment)
        if done.returncode not in (0, 1, 2) or "Traceback" in done.stderr:
            yield f"{' '.join(command[:2])} with {condition}: {done.returncode}, {done.stderr}"


def test_unusual_file_is_no_defect(committed: Path, tmp_path: Path):
    number = 0
    messages: list[str] = []
    for path in PATHS:
        for name, replace in REPLACEMENTS.items():
            number += 1
            if commands := tuple(each for at, each in enumerate(READING + WRITING) if (at + number) % 48 == 0):
                folder = replaced(committed, tmp_path / "copy", path, replace)
                messages += defects(folder, commands, f"{path} {name}")
    assert not messages, "\n".join(messages)


@pytest.mark.slow
def test_unusual_file_is_no_defect_in_any_command(committed: Path, tmp_path: Path):
    messages: list[str] = []
    for path in PATHS:
        for name, replace in REPLACEMENTS.items():
            folder = replaced(committed, tmp_path / "copy", path, replace)
            messages += defects(folder, READING, f"{path} {name}")
            for command in WRITING:
                folder = replaced(committed, tmp_path / "copy", path, replace)
                messages += defects(folder, (command,), f"{path} {name}")
    assert not messages, "\n".join(messages)


def test_unusual_folder_name_is_no_defect(committed: Path, tmp_path: Path):
    folder = replaced(committed, tmp_path / "copy", "dist", lambda path: None)
    for number, name in enumerate((b"\xff\xfe", b"two\nlines", b" ", "é".encode(), b"x" * 200)):
        other = folder / "env" / os.fsdecode(name)
        shutil.copytree(folder / "env/production", other)
        commands = (*READING[number::5], ("check",), ("check", str(other)), ("diff", str(other), "."))
        messages = list(defects(folder, commands, repr(name)))
        assert not messages, "\n".join(messages)
        shutil.rmtree(other)


VARIABLES = (
    {"COLUMNS": "0"}, {"COLUMNS": "abc"}, {"COLUMNS": "-1"}, {"COLUMNS": "1"}, {"HOME": "/nonexistent"}, {"PATH": ""},
    {"TERM": "nonsense"}, {"ROSTER_PUBLICATION": "x"}, {"ROSTER_PUBLICATION": ""}, {"OTHER": "\udcff"},
)  # fmt: skip


@pytest.mark.parametrize("share", [5, pytest.param(1, marks=pytest.mark.slow)], ids=["some commands", "all commands"])
def test_unusual_variable_is_no_defect(committed: Path, share: int):
    messages: list[str] = []
    for number, variables in enumerate(VARIABLES):
        commands = (*READING, ("--help",), ("check", "--help"))[number % share :: share]
        messages += defects(committed, commands, str(variables), **variables)
    assert not messages, "\n".join(messages)


CONDITIONS = {
    "closed standard output": 'exec "$@" >&-',
    "closed standard error": 'exec "$@" 2>&-',
    "closed standard input": 'exec "$@" <&-',
    "full standard output": 'exec "$@" >/dev/full',
    "full standard error": 'exec "$@" 2>/dev/full',
    "both full": 'exec "$@" >/dev/full 2>&1',
    "reader of standard error stopped": 'set -o pipefail; "$@" 2>&1 >/dev/null | true',
    "deleted working directory": 'mkdir gone && cd gone && rmdir ../gone && exec "$@"',
    "no temporary folder": 'TMPDIR=/nonexistent exec "$@"',
    "C locale": 'LC_ALL=C PYTHONUTF8=0 PYTHONCOERCECLOCALE=0 exec "$@"',
    "ASCII output": 'PYTHONIOENCODING=ascii:strict exec "$@"',
}
"""Conditions of a process, as a shell script that starts the command in them."""


@pytest.mark.parametrize(
    "command", ["check", *(pytest.param(each, marks=pytest.mark.slow) for each in ("explain nothing", "rules"))]
)
@pytest.mark.parametrize("condition", CONDITIONS)
def test_unusual_process_is_no_defect(committed: Path, condition: str, command: str):
    shell = ["bash", "-c", CONDITIONS[condition], "bash", sys.executable, "-m", "roster", *command.split()]
    done = subprocess.run(shell, cwd=committed, env=ENVIRONMENT, capture_output=True, text=True, timeout=60)
    assert done.returncode in (0, 1, 2), done.stderr
    assert "Traceback" not in done.stderr
    assert "Exception ignored" not in done.stderr


def test_clean_check_does_not_report_findings_if_its_summary_cannot_be_written(committed: Path):
    command = ["bash", "-c", CONDITIONS["full standard error"], "bash", sys.executable, "-m", "roster", "check"]
    assert subprocess.run(command, cwd=committed, env=ENVIRONMENT, timeout=60).returncode == 2
