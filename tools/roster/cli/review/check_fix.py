"""The options ``--fix`` and ``--diff`` of ``roster check``: findings mended, and the change shown."""

from collections.abc import Callable, Iterable, Mapping
from itertools import chain

import click

from roster.atomic_write import write_files
from roster.authoring.fix import Checked, mended
from roster.check.result import CheckResult
from roster.cli.terminal import colour
from roster.edit.unified_diff import patch
from roster.findings import ConfigurationError
from roster.naming import counted
from roster.repository import Repository

_COLOURS = {"-": "red", "+": "green", "@": "cyan"}


def mend(
    before: Checked,
    again: Callable[[Repository], CheckResult],
    chosen: Callable[[Checked], CheckResult],
    *,
    in_place: bool,
    diff: bool,
    quiet: bool = False,
) -> Checked:
    """Mend the chosen findings of a check: write the files (``in_place``), show what that changes (``diff``), or both.

    Returns:
        what there is afterwards, and what is wrong with it.

    Raises:
        ConfigurationError: a file cannot be written; then none was.
    """
    repository = before.repository
    after = mended(before, again, lambda now: chosen(now).diagnostics)
    files = {path: data for path, data in after.repository.overlay.items() if data != repository.read(path)}
    patches = [patch(path, repository.read(path), data) for path, data in files.items()] if diff else []
    if in_place:
        save(repository, files)
    show(chain(*patches))
    if not quiet and (files or chosen(before).diagnostics):
        click.echo(_told(before.result, after.result, len(files), in_place=in_place), err=True)
    return after if in_place else before


def save(repository: Repository, files: Mapping[str, bytes]) -> None:
    """Write changed files; a link to one stays a link.

    Raises:
        ConfigurationError: one cannot be written; then none was.
    """
    try:
        write_files({(repository.root / path).resolve(): data for path, data in files.items()})
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise ConfigurationError(f"{' and '.join(files)} cannot be written: {reason}; nothing was changed") from None


def show(lines: Iterable[str]) -> None:
    """Print the lines of unified diffs."""
    paint = colour.paint()
    for line in lines:
        mark = _COLOURS.get(line[0])
        click.echo(paint(line, fg=mark) if mark else line, nl=False, color=True)


def _told(before: CheckResult, after: CheckResult, files: int, *, in_place: bool) -> str:
    if not files:
        return "--fix can mend none of this"
    found = counted(len(before.diagnostics) - len(after.diagnostics), "finding")
    where = counted(files, "file")
    return f"{found} mended in {where}" if in_place else f"--fix would mend {found} in {where}"
