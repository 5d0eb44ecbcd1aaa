"""The commands that the documentation prints: they exist, and those of the README's signatures work as printed."""

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from roster.cli import main
from tests.conftest import ROOT
from tests.programs import require

PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("**/*.md"))]
TARGETS = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))


def printed(program: str) -> Iterator[tuple[str, list[str]]]:
    """Yield the page and the arguments of each command in code spans and code blocks, without comments."""
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        spans = re.findall(rf"`((?:\.venv/bin/)?{program}\s[^`|]+)`", text)
        lines = re.findall(rf"^ {{4}}((?:\.venv/bin/)?{program} (?!.*-->).+)$", text, re.MULTILINE)
        for command in (*spans, *lines):
            try:
                yield page.name, shlex.split(command.replace("\n", " "), comments=True)[1:]
            except ValueError:  # the name of a file or a sentence, not a command
                continue


def problem(arguments: list[str]) -> str | None:
    """Return what is unknown in the arguments of a roster command."""
    command: click.Command = main.roster
    while isinstance(command, click.Group) and arguments and not arguments[0].startswith(("-", "<", "…", "[")):
        name, *arguments = arguments
        subcommand = command.get_command(click.Context(command), name)
        if subcommand is None:
            return f"no command {name}"
        command = subcommand
    known = {option for parameter in command.params for option in parameter.opts} | {"--help", "--version"}
    options = [argument.partition("=")[0] for argument in arguments if re.match("--?[a-z]", argument)]
    return next((f"no option {option}" for option in options if option not in known), None)


def test_printed_roster_commands_exist():
    commands = list(printed("roster"))
    assert len(commands) > 100
    assert [(page, arguments, problem(arguments)) for page, arguments in commands if problem(arguments)] == []


def test_printed_make_targets_exist():
    targets = [(page, arguments[0]) for page, arguments in printed("make") if re.fullmatch("[a-z-]+", arguments[0])]
    assert len(targets) > 10
    assert [(page, target) for page, target in targets if target not in TARGETS] == []


def test_printed_paths_exist():
    paths = re.compile(r"`((?:tests|tools|docs|templates|requirements|\.ci|\.gitlab)/[\w./*-]+)")
    printed_paths = {(page.name, path) for page in PAGES for path in paths.findall(page.read_text(encoding="utf-8"))}
    assert len(printed_paths) > 50
    assert sorted((page, path) for page, path in printed_paths if not list(ROOT.glob(path.rstrip(".")))) == []


@pytest.mark.slow
def test_printed_pytest_arguments_are_valid():
    options = [
        each.partition("=")[2] for _, arguments in printed("make") for each in arguments if "PYTEST_ARGS=" in each
    ]
    assert options
    for each in options:
        arguments = [*shlex.split(each.replace("=N", "=1")), "--collect-only", "tests/test_naming.py"]
        pytest_ = [sys.executable, "-m", "pytest", "-m", "not slow", "-n", "auto", "-p", "no:cacheprovider"]
        done = subprocess.run([*pytest_, *arguments], cwd=ROOT, capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, f"{each}: {done.stderr}"


@pytest.mark.slow
def test_commands_about_signatures_work_as_printed(checkout: Path):
    """Each command of the section, in order, with a passphrase where one is asked for."""
    for program in ("openssl", "jq"):
        require(program)
    section = (ROOT / "README.md").read_text(encoding="utf-8").partition("### Signatures\n")[2].partition("\n## ")[0]
    commands = re.findall("^ {4}(.+)$", section, re.MULTILINE)
    assert [command.split()[0] for command in commands] == ["openssl", "openssl", "roster", "roster", "jq", "openssl"]
    environment = {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}", "NAME": "open sesame"}
    for command in commands:
        done = subprocess.run(
            ["bash", "-o", "pipefail", "-c", command], cwd=checkout, env=environment, capture_output=True, text=True,
            input="open sesame\nopen sesame\n", start_new_session=True, timeout=60,
        )  # fmt: skip
        assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
    assert "Signature Verified Successfully" in done.stdout
    changed = (checkout / "dist/production/gateway.json").read_text().replace("production", "staging")
    (checkout / "dist/production/gateway.json").write_text(changed)
    assert subprocess.run(["bash", "-c", command], cwd=checkout, capture_output=True).returncode != 0
