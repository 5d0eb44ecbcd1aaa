"""Completion in real shells, set up as docs/commands.md describes."""

import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.terminal import PLAIN, typed
from tests.conftest import ROOT, Run
from tests.programs import require

pytestmark = pytest.mark.slow

SHELLS = ("bash", "zsh", "fish")
Complete = Callable[..., str]
"""Presses Tab after a line, once or several times; returns the line and the candidates."""


def documented(shell: str) -> list[str]:
    """Return the fenced blocks for a shell in docs/commands.md."""
    page = (ROOT / "docs/commands.md").read_text(encoding="utf-8")
    return re.findall(rf"```{shell}\n(.*?)```", page, re.DOTALL)


@pytest.fixture
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home folder, with the command in bin/."""
    home = tmp_path_factory.mktemp("home")
    command = home / "bin" / "roster"
    command.parent.mkdir()
    command.write_text(f'#!/bin/sh\nexec {sys.executable} -m roster "$@"\n')
    command.chmod(0o755)
    return home


@pytest.fixture(params=SHELLS)
def complete(request: pytest.FixtureRequest, home: Path, checkout: Path) -> Complete:
    """Each shell, set up as docs/commands.md describes."""
    shell = request.param
    program = require(shell)
    environment = PLAIN | {"PATH": f"{home}/bin:/usr/bin:/bin", "HOME": str(home), "LC_ALL": "C.UTF-8"}
    if shell == "fish":
        for lines in documented("fish"):
            subprocess.run(["bash", "-c", lines], env=environment, check=True, timeout=60)
        return lambda line, keys=1: complete_with_fish(line, checkout, environment)
    set_up = "autoload -Uz compinit\ncompinit -u -D\n" if shell == "zsh" else ""
    (home / f".{shell}rc").write_text(f"PS1='> '\n{set_up}{documented(shell)[-1]}")
    command = [program, "-i"]
    return lambda line, keys=1: complete_by_typing(command, line, keys, checkout, environment)


def complete_by_typing(command: list[str], line: str, keys: int, cwd: Path, environment: dict[str, str]) -> str:
    """Complete in a terminal; then move to the start of the line and make the shell print it."""
    to_start, to_end, tabulator = "\x01", "\x05", "\t"
    shown = typed(command, f"{line}{tabulator * keys}{to_start}echo became: {to_end}\nexit\n", cwd, environment)
    return shown.replace("\r", "\n")


def complete_with_fish(line: str, cwd: Path, environment: dict[str, str]) -> str:
    """Ask fish for the candidates of the last word; it prints one per line."""
    ask = ["fish", "-c", "complete -C $argv[1]", line]
    done = subprocess.run(ask, cwd=cwd, env=environment, capture_output=True, text=True, check=True, timeout=60)
    items = [words.split("\t")[0] for words in done.stdout.splitlines()]
    return "\n".join([f"became: {line.rpartition(' ')[0]} {items[0]}"] if len(items) == 1 else items)


@pytest.mark.parametrize(
    ("line", "completed"),
    [
        ("roster exp", "roster explain"),
        ("roster check --str", "roster check --strict"),
        ("roster render prod", "roster render production"),
        ("roster render production staging-", "roster render production staging-ref"),
        ("roster explain missing-d", "roster explain missing-default"),
        ("roster import gitlab-gateway env/env", "roster import gitlab-gateway env/environments.yaml"),
    ],
)
def test_word_is_completed(complete: Complete, line: str, completed: str):
    assert re.search(rf"^became: {completed}\s*$", complete(line), re.MULTILINE)


@pytest.mark.parametrize(
    ("line", "offered"),
    [
        ("roster ", {"check", "docs", "explain", "render", "rules", "schema"}),
        ("roster render ", {"staging-ref", "staging", "production"}),
        ("roster explain duplicate-", {"duplicate-id", "duplicate-name", "duplicate-default", "duplicate-feature"}),
        ("roster render --", {"--check", "--output", "--at", "--help"}),
    ],
)
def test_candidates_are_listed(complete: Complete, line: str, offered: set[str]):
    assert offered <= set(re.findall(r"[\w-]+", complete(line, 2)))


def test_path_is_completed(complete: Complete, checkout: Path):
    (checkout / "drafts").mkdir()
    assert re.search(r"^became: roster check drafts/?\s*$", complete("roster check dra"), re.MULTILINE)


def test_every_shell_is_documented():
    assert all(documented(shell) for shell in SHELLS)


def test_documented_bash_file_completes(home: Path, checkout: Path):
    environment = PLAIN | {"PATH": f"{home}/bin:/usr/bin:/bin", "HOME": str(home)}
    subprocess.run(["bash", "-c", documented("bash")[0]], env=environment, check=True, timeout=60)
    (written,) = (home / ".local/share/bash-completion/completions").iterdir()
    assert written.name == "roster"  # bash-completion loads the file that is named after the command
    ask = f"source {written}; COMP_WORDS=(roster expl); COMP_CWORD=1; _roster_completion roster; echo $COMPREPLY"
    done = subprocess.run(
        ["bash", "-c", ask], cwd=checkout, env=environment, capture_output=True, text=True, check=True
    )
    assert done.stdout == "explain\n"


def candidates(roster: Run, words: str, number: int, **more: str) -> list[str]:
    """Return what the command prints for bash."""
    done = roster(_ROSTER_COMPLETE="bash_complete", COMP_WORDS=words, COMP_CWORD=str(number), **more)
    assert (done.returncode, done.stderr) == (0, "")
    return [line.removeprefix("plain,") for line in done.stdout.split()]


def test_given_environment_is_not_offered_again(roster: Run):
    assert candidates(roster, "roster render staging ", 3) == ["staging-ref", "production"]


@pytest.mark.parametrize("broken", ["not a repository", "a broken registry"])
def test_broken_registry_causes_no_error_in_completion(roster: Run, checkout: Path, broken: str):
    if broken == "a broken registry":
        (checkout / "env/environments.yaml").write_text("- [")
    else:
        (checkout / "env/environments.yaml").unlink()
    assert candidates(roster, "roster render ", 2) == []
    assert "production" not in candidates(roster, "roster render --", 2)


def test_completing_command_imports_none(checkout: Path):
    script = "import sys; from roster.cli.main import run\ntry: run()\nfinally: print(*sys.modules, file=sys.stderr)"
    environment = PLAIN | {"_ROSTER_COMPLETE": "zsh_complete", "COMP_WORDS": "roster ", "COMP_CWORD": "1"}
    done = subprocess.run([sys.executable, "-c", script], cwd=checkout, env=environment, capture_output=True, text=True)
    assert "explain" in done.stdout.split()
    assert {"roster.rules", "roster.cli.review.check", "roster.cli.review.explain", "yaml"}.isdisjoint(
        done.stderr.split()
    )
