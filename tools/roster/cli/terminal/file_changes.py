"""Changes to files, as ``check --fix``, ``new``, ``promote`` and ``retire`` show and write them."""

import os
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

import click

from roster.atomic_write import write_files
from roster.check.result import CheckResult
from roster.cli.main import ExitStatus
from roster.cli.terminal import color
from roster.edit.unified_diff import unified_diff
from roster.findings import ConfigurationError, Severity
from roster.model import DATE_KEYS, Model
from roster.naming import printable
from roster.providers import AMBIENT
from roster.report import check_text, palette
from roster.report.report_paths import paths_from_here
from roster.report.terminal_text import Paint, plain
from roster.repository import Repository
from roster.roster import Roster
from roster.yaml.document import parse

_COLORS = {"-": palette.BAD, "+": palette.GOOD, "@": palette.NOTE}


def diff_lines(repository: Repository, files: Mapping[str, bytes]) -> Iterable[str]:
    """Yield the lines of a unified diff from the repository's files to new contents."""
    for path, data in files.items():
        yield from unified_diff(path, repository.read(path) if repository.has(path) else None, data)


def print_diff(lines: Iterable[str], *, err: bool = False) -> None:
    """Print the lines of unified diffs on standard output, or on standard error as part of a prompt."""
    paint = color.paint(err=err)
    for line in lines:
        foreground = _COLORS.get(line[0])
        click.echo(paint(line, fg=foreground) if foreground else line, nl=False, err=err, color=True)


def print_report(write: Callable[[Paint], str], *, dry_run: bool) -> None:
    """Print a report; in a dry run to standard error, because standard output is the diff."""
    click.echo(write(plain if dry_run else color.paint()), nl=False, err=dry_run, color=True)


def print_findings(repository: Repository, introduced: CheckResult, *, dry_run: bool) -> bool:
    """Print the findings that a change introduces; return whether they include errors."""
    introduced = introduced.relocated(paths_from_here(repository.root))
    print_report(lambda paint: check_text.write(introduced, paint=paint), dry_run=dry_run)
    return bool(introduced.count(Severity.ERROR))


def location(repository: Repository, roster: Roster, id_: str) -> str:
    """Return the file, from the current folder, and the line of a model."""
    place = roster.at(roster.by_id[id_])
    span = parse(roster.path, repository.read(roster.path), dates=DATE_KEYS).spans([place])[place]
    return f"{paths_from_here(repository.root)(roster.path)}:{span.line}"


def unreadable(repository: Repository, path: str) -> ConfigurationError:
    """Return the error for a roster that cannot be read, with its path from the current folder."""
    return ConfigurationError(f"cannot read {paths_from_here(repository.root)(path)}: roster check shows what is wrong")


def print_credential(model: Model) -> None:
    """Print the environment variable that gateways read a new model's API key from, or that they need none."""
    message = f"Gateways read its API key from the environment variable {model.api_key}."
    if model.api_key == AMBIENT:
        message = "Gateways use ambient credentials for it: it needs no API key."
    click.echo(message, err=True)


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
    """Write generated files that are out of date, or only report them; return the command's exit status.

    A symbolic link to a file remains a link.
    """
    stale = {path: text.encode() for path, text in after.items() if before[path] != text.encode()}
    if not check_only:
        write_files({Path(os.path.realpath(root / path)): data for path, data in stale.items()})
    changed = f"is out of date: run {command}" if check_only else "written"
    path_name = paths_from_here(root)
    for path in after:
        click.echo(f"{printable(path_name(path))} {changed if path in stale else 'is up to date'}", err=True)
    return ExitStatus.FINDINGS if check_only and stale else 0
