"""The registry of output formats is complete, and options, help and completion follow it."""

from importlib import import_module
from inspect import signature
from pathlib import Path

import pytest

from roster.report import output_formats
from tests.conftest import ROOT, Run

COMMANDS = ("check", "diff", "drift", "gateway probe", "import", "instance token", "providers update", "timeline")
BY_COMMAND = {command: getattr(output_formats, command.replace(" ", "_").upper()) for command in COMMANDS}

FORMATS = [(command, name) for command, formats in BY_COMMAND.items() for name in formats]


@pytest.mark.parametrize(("command", "name"), FORMATS)
def test_writer_exists_and_takes_paint_if_styled(command: str, name: str):
    output_format = BY_COMMAND[command][name]
    assert ("paint" in signature(output_format.writer()).parameters) == output_format.styled


def test_every_writing_module_is_registered():
    folders = {package: ROOT / "tools/roster" / package for package in ("report", "diff", "timeline")}
    modules = {
        f"roster.{package}.{file.stem}" for package, folder in folders.items() for file in folder.glob("[!_]*.py")
    }
    writers = {f"{name}:write" for name in modules if hasattr(import_module(name), "write")}
    registered = {output_format.function for formats in BY_COMMAND.values() for output_format in formats.values()}
    assert writers == {function for function in registered if function.endswith(":write")}


def test_every_command_with_formats_is_registered():
    commands = (ROOT / "tools/roster/cli").rglob("*.py")
    modules = {file.stem for file in commands if "(output_formats." in file.read_text()}
    others = {
        "gateway probe": "probe",
        "import": "import_roster",
        "instance token": "token",
        "providers update": "providers_update",
    }
    assert modules == {others.get(command, command) for command in BY_COMMAND}


@pytest.mark.parametrize("command", BY_COMMAND)
def test_help_and_completion_list_every_format(roster: Run, checkout: Path, command: str):
    text = "".join(roster(*command.split(), "--help", COLUMNS="200").stdout.split())
    assert any(separator.join(BY_COMMAND[command]) in text for separator in (",", "|"))
    words = str(len(command.split()) + 2)
    completion = {"COMP_WORDS": f"roster {command} --format ", "COMP_CWORD": words, "_ROSTER_COMPLETE": "bash_complete"}
    completed = roster(**completion).stdout
    assert [line.split(",")[1] for line in completed.splitlines()] == list(BY_COMMAND[command])
