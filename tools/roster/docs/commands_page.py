"""``docs/commands.md``: the help of every command, with examples and their output."""

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from roster.docs import examples
from roster.docs.page_template import fill_template
from roster.findings import ConfigurationError
from roster.roster import roster_path
from roster.yaml.document import parse

PATH = "docs/commands.md"
_MAX_LINES = 20
"""The number of lines of output that the page shows."""
_PRODUCTION = roster_path("production")
_DATA = Path(__file__).parent / "data"
_OTHER_FILES = ("public.pem", "models.yml", "unit_primitives.yml")
"""Files that examples use in addition to those of a repository."""


class CommandExample(NamedTuple):
    """A command line, and an edit of production's roster before it runs.

    Attributes:
        introduction: the sentence above the example.
        old: the text that ``new`` replaces in the roster.
        output: standard output and standard error, once it has run.
        status: the exit status, once it has run.
    """

    command: str
    introduction: str = ""
    old: str = ""
    new: str = ""
    output: str = ""
    status: int = 0


def examples_by_command() -> dict[str, list[CommandExample]]:
    """Return the examples of ``data/command_examples.yaml``."""
    commands = parse("", (_DATA / "command_examples.yaml").read_bytes()).value
    return {name: [CommandExample(**example) for example in examples] for name, examples in commands.items()}


def page(helps: Mapping[str, str]) -> str:
    """Render the page; ``helps`` is the output of ``--help`` by command, ``roster`` first.

    Raises:
        ConfigurationError: an example could not run, such as one that needs an extra that is not installed.
    """
    by_command = examples_by_command()
    runs = {name: [_run(example) for example in by_command.get(name.removeprefix("roster "), ())] for name in helps}
    return fill_template("commands.md.j2", helps=helps, runs=runs)


def _run(example: CommandExample) -> CommandExample:
    with TemporaryDirectory() as folder:
        files = examples.repository() | {name: (_DATA / name).read_bytes() for name in _OTHER_FILES}
        changed = files[_PRODUCTION].decode().replace(example.old, example.new, 1)
        _write(Path(folder, "main"), files)
        _write(Path(folder, "change"), files | {_PRODUCTION: changed.encode()})
        result = subprocess.run(
            [sys.executable, "-m", *example.command.split()],
            cwd=Path(folder, "change"),
            env=_environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
        )
    output = result.stdout.decode().replace(f"{Path(folder, 'change')}/", "")  # the page is the same each time
    if result.returncode not in (0, 1):  # anything but findings is a message about this installation
        reason = output.strip().rpartition("\n")[2].removeprefix("roster: ")
        raise ConfigurationError(
            f"{PATH} was not generated: `{example.command}` exited with status {result.returncode}: {reason}"
        )
    return example._replace(output=_shortened(output), status=result.returncode)


def _write(folder: Path, files: Mapping[str, bytes]) -> None:
    for path, data in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(data)


def _environment() -> dict[str, str]:
    """Return an environment in which the output is the same on every machine."""
    package = Path(__file__).parents[2]
    fixed = {"PYTHONPATH": str(package), "PYTHONIOENCODING": "utf-8", "PYTHONDONTWRITEBYTECODE": "1", "COLUMNS": "80"}
    return {name: os.environ[name] for name in ("PATH", "SYSTEMROOT") if name in os.environ} | fixed


def _shortened(output: str) -> str:
    lines = output.rstrip().splitlines()
    return "\n".join(lines if len(lines) <= _MAX_LINES else [*lines[:_MAX_LINES], "…"])
