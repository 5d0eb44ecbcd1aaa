"""How git is run: in an environment of its own, judged by its exit status, and only by one module."""

import os
import re
import subprocess
from pathlib import Path

import pytest

from roster.findings import ConfigurationError
from roster.git import git_command
from tests.conftest import ROOT, git


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    root = tmp_path / "repository"
    root.mkdir()
    git(root, "init")
    git(root, "commit", "--allow-empty", "--message", "first")
    return root


def local_variables() -> list[str]:
    done = subprocess.run(["git", "rev-parse", "--local-env-vars"], capture_output=True, text=True, check=True)
    return done.stdout.split()


TRACES = [f"GIT_TRACE{name}" for name in ("", "_SETUP", "_PACKET", "_CURL", "2", "2_EVENT", "2_PERF", "_REFS")]
OTHERS = ["GIT_PAGER", "GIT_EDITOR", "GIT_ADVICE", "GIT_LITERAL_PATHSPECS", "GIT_GLOB_PATHSPECS", "GIT_NAMESPACE"]
OTHERS += ["GIT_ICASE_PATHSPECS", "GIT_EXTERNAL_DIFF", "GIT_DEFAULT_HASH", "GIT_REF_PARANOIA", "LC_ALL", "LANGUAGE"]


@pytest.mark.parametrize("value", ["1", "/nowhere", ""])
def test_no_variable_changes_what_git_does(repository: Path, monkeypatch: pytest.MonkeyPatch, value: str):
    commit = git(repository, "rev-parse", "HEAD")
    failures = []
    for name in {*local_variables(), *TRACES, *OTHERS}:
        with monkeypatch.context() as patch:
            patch.setenv(name, value)
            try:
                assert git_command.find_commit(repository, "HEAD", "test") == commit
            except (AssertionError, ConfigurationError) as error:
                failures.append(f"{name}: {error}")
    assert failures == []


@pytest.mark.parametrize("count", ["x", "-1", "9" * 30, "2"])
def test_invalid_configuration_in_variables_is_dropped(repository: Path, monkeypatch: pytest.MonkeyPatch, count: str):
    monkeypatch.setenv("GIT_CONFIG_COUNT", count)
    monkeypatch.setenv("GIT_CONFIG_KEY_0", "core.repositoryFormatVersion")
    monkeypatch.setenv("GIT_CONFIG_VALUE_0", "nonsense")
    assert git_command.find_commit(repository, "HEAD", "test")


def test_safe_directory_in_variables_is_kept(repository: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")
    with pytest.raises(ConfigurationError, match="detected dubious ownership"):
        git_command.find_commit(repository, "HEAD", "test")
    for number, (key, value) in enumerate([("core.quotePath", "nonsense"), ("Safe.Directory", str(repository))]):
        monkeypatch.setenv(f"GIT_CONFIG_KEY_{number}", key)
        monkeypatch.setenv(f"GIT_CONFIG_VALUE_{number}", value)
    monkeypatch.setenv("GIT_CONFIG_COUNT", "2")
    assert git_command.find_commit(repository, "HEAD", "test")


def test_variables_for_remote_are_kept():
    kept = {
        "GIT_SSH_COMMAND": "ssh -i key",
        "GIT_ASKPASS": "/askpass",
        "GIT_SSL_CAINFO": "/ca.pem",
        "GIT_CONFIG_GLOBAL": "/config",
        "HOME": "/home",
    }
    assert git_command._environment(kept | {"GIT_DIR": "x"}).items() >= kept.items()
    assert "GIT_DIR" not in git_command._environment({"GIT_DIR": "x"})


def test_success_is_exit_status_rather_than_silence(repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """A wrapper around git may write warnings; so may git itself, as configured."""
    wrapper = tmp_path / "bin" / "git"
    wrapper.parent.mkdir()
    program = subprocess.run(["which", "git"], capture_output=True, text=True, check=True).stdout.strip()
    wrapper.write_text(f'#!/bin/sh\nyes "warning: noise" | head -n 20000 >&2\nexec {program} "$@"\n')
    wrapper.chmod(0o755)
    monkeypatch.setenv("PATH", f"{wrapper.parent}:{os.environ['PATH']}")
    assert git_command.find_commit(repository, "HEAD", "test")
    assert git_command.find_commit(repository, "nowhere", "test") == ""
    with pytest.raises(ConfigurationError, match=r"^git rev-parse failed: Needed a single revision$"):
        git_command.output(repository, "rev-parse", "--verify", "nowhere")


def test_slow_command_is_stopped(repository: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(git_command, "TIME_LIMIT", 0.1)
    git(repository, "config", "alias.wait", "!sleep 600")
    with pytest.raises(ConfigurationError, match="git wait was stopped: no answer within"):
        git_command.run(repository, "wait")
    with git_command.GitProcess(repository, "cat-file", "--batch") as process, pytest.raises(ConfigurationError):
        process.line()


STARTS_GIT = re.compile(r"""["']git["']|\bgit_command\._|/git\b["']""")


def test_only_one_module_starts_git():
    modules = [path for path in (ROOT / "tools").rglob("*.py") if STARTS_GIT.search(path.read_text())]
    assert [path.relative_to(ROOT).as_posix() for path in modules] == ["tools/roster/git/git_command.py"]


PLUMBING = {"cat-file", "diff-tree", "for-each-ref", "ls-files", "ls-tree", "merge-base", "rev-list", "rev-parse"}
COMMAND = re.compile(r"""(?:git_command\.)?(?:run|output|GitProcess)\(\s*\w+(?:\.\w+)?,\s*"([a-z-]+)\"""")


def test_only_plumbing_commands_are_used():
    """Others depend on the user's configuration: git help git, "Low-level commands (plumbing)"."""
    text = "".join(path.read_text() for path in (ROOT / "tools/roster").rglob("*.py"))
    assert set(COMMAND.findall(text)) == PLUMBING
