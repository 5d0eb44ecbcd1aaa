"""The `roster` command in a job: runs it without the job's token, and logs its messages."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Mapping, Sequence
from itertools import takewhile
from pathlib import Path
from typing import Any

from roster.naming import counted, printable

ROSTER = Path(__file__).resolve().parents[2] / ".venv/bin/roster"
TIMEOUT = 600  # seconds, for one command
MAX_LINES = 50  # of a command's output in the log
MAX_LINE = 500
Completed = subprocess.CompletedProcess[str]
Run = Callable[..., Completed]


class CommandError(Exception):
    """A command failed; its messages were logged."""


def diagnostics(roster: Run) -> Any:
    """Return the findings of `roster check`, which exits with 1 if one is an error."""
    report = output(roster, "check", "--format", "json", "--quiet", statuses=(0, 1)).stdout
    try:
        return json.loads(report)["diagnostics"]
    except (ValueError, KeyError):
        raise CommandError("roster check: the output is not a report") from None


def output(roster: Run, *arguments: str, statuses: Sequence[int] = (0,)) -> Completed:
    """Return the output of a command that exits with one of the statuses, and log what is for people."""
    command = " ".join(["roster", *takewhile(lambda argument: not argument.startswith("-"), arguments)])
    try:
        done = roster(*arguments)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise CommandError(f"{command}: {getattr(error, 'strerror', None) or 'timed out'}") from None
    _log(done.stderr if "--format" in arguments else done.stdout + done.stderr)
    if done.returncode not in statuses:
        raise CommandError(f"{command} failed with exit status {done.returncode}")
    return done


def _log(text: str) -> None:
    """Print messages without control characters, which a job log would interpret."""
    lines = text.splitlines()
    for line in lines[:MAX_LINES]:
        print(printable(line[:MAX_LINE]))
    if len(lines) > MAX_LINES:
        print(f"({counted(len(lines) - MAX_LINES, 'more line')})")


def run_roster(folder: str, variables: Mapping[str, str], *arguments: str) -> Completed:
    """Run `roster` in a folder. No command gets the token."""
    environment = {name: value for name, value in variables.items() if name != "ROSTER_UPDATE_TOKEN"}
    options: dict[str, Any] = {"env": environment | {"NO_COLOR": "1"}, "timeout": TIMEOUT, "stdin": subprocess.DEVNULL}
    return subprocess.run([ROSTER, *arguments], cwd=folder, capture_output=True, text=True, errors="replace", **options)
