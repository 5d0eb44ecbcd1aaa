"""The options ``--fix`` and ``--diff`` of ``roster check``: findings mended, and the change shown."""

from collections.abc import Callable

import click

from roster.authoring.fix import CheckedRepository, apply_fixes
from roster.check.result import CheckResult
from roster.cli.terminal.file_changes import diff_lines, print_diff, write_changes
from roster.naming import counted
from roster.repository import Repository


def mend(
    before: CheckedRepository,
    again: Callable[[Repository], CheckResult],
    chosen: Callable[[CheckedRepository], CheckResult],
    *,
    in_place: bool,
    diff: bool,
    quiet: bool = False,
) -> CheckedRepository:
    """Mend the chosen findings of a check: write the files (``in_place``), show what that changes (``diff``), or both.

    Returns:
        what there is afterwards, and what is wrong with it.

    Raises:
        ConfigurationError: a file cannot be written; then none was.
    """
    repository = before.repository
    after = apply_fixes(before, again, lambda now: chosen(now).diagnostics)
    files = {path: data for path, data in after.repository.overlay.items() if data != repository.read(path)}
    lines = list(diff_lines(repository, files)) if diff else []
    if in_place:
        write_changes(repository, files)
    print_diff(lines)
    if not quiet and (files or chosen(before).diagnostics):
        click.echo(_told(before.result, after.result, len(files), in_place=in_place), err=True)
    return after if in_place else before


def _told(before: CheckResult, after: CheckResult, files: int, *, in_place: bool) -> str:
    if not files:
        return "--fix can mend none of this"
    found = counted(len(before.diagnostics) - len(after.diagnostics), "finding")
    where = counted(files, "file")
    return f"{found} mended in {where}" if in_place else f"--fix would mend {found} in {where}"
