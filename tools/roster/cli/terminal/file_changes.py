"""Changes to files, as ``check --fix``, ``new`` and ``promote`` show and write them."""

import os
from collections.abc import Iterable, Mapping
from pathlib import Path

import click

from roster.atomic_write import write_files
from roster.cli.main import ExitStatus
from roster.cli.terminal import color
from roster.edit.unified_diff import unified_diff
from roster.findings import ConfigurationError
from roster.repository import Repository

_COLORS = {"-": "red", "+": "green", "@": "cyan"}


def diff_lines(repository: Repository, files: Mapping[str, bytes]) -> Iterable[str]:
    """Yield the lines of a unified diff from the repository's files to new contents."""
    for path, data in files.items():
        yield from unified_diff(path, repository.read(path) if repository.has(path) else None, data)


def print_diff(lines: Iterable[str]) -> None:
    """Print the lines of unified diffs on standard output."""
    paint = color.paint()
    for line in lines:
        foreground = _COLORS.get(line[0])
        click.echo(paint(line, fg=foreground) if foreground else line, nl=False, color=True)


def write_changes(repository: Repository, files: Mapping[str, bytes]) -> None:
    """Write changed files; a symbolic link to one remains a link.

    Raises:
        ConfigurationError: a file cannot be written; then none was.
    """
    try:
        write_files({Path(os.path.realpath(repository.root / path)): data for path, data in files.items()})
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise ConfigurationError(f"{' and '.join(files)} cannot be written: {reason}; nothing was changed") from None


def update_generated(
    root: Path, before: Mapping[str, bytes | None], after: Mapping[str, str], command: str, *, check_only: bool
) -> int:
    """Write generated files that are out of date, or only report them; return the command's exit status."""
    stale = {root / path: text.encode() for path, text in after.items() if before[path] != text.encode()}
    if not check_only:
        write_files(stale)
    changed = f"is out of date: run {command}" if check_only else "written"
    for path in after:
        click.echo(f"{path} {changed if root / path in stale else 'is up to date'}", err=True)
    return ExitStatus.FINDINGS if check_only and stale else 0
