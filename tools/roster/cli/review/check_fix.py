"""The options ``--fix`` and ``--diff`` of ``roster check``."""

from collections.abc import Callable

import click

from roster.authoring.fix import CheckedRepository, apply_fixes
from roster.check.result import CheckResult
from roster.cli.terminal.file_changes import diff_lines, print_diff, write_changes
from roster.naming import counted
from roster.repository import Repository


def fix_findings(
    before: CheckedRepository,
    check: Callable[[Repository], CheckResult],
    select: Callable[[CheckedRepository], CheckResult],
    *,
    in_place: bool,
    diff: bool,
    quiet: bool = False,
) -> CheckedRepository:
    """Fix the selected findings of a check.

    Args:
        check: checks the repository again after a fix.
        select: returns the findings that the command reports.
        in_place: whether to write the changed files (``--fix``).
        diff: whether to print what changes (``--diff``).

    Returns:
        the repository as it is on disk afterwards, with its findings.

    Raises:
        ConfigurationError: a file cannot be written; then none was.
    """
    repository = before.repository
    after = apply_fixes(before, check, lambda state: select(state).diagnostics)
    files = {path: data for path, data in after.repository.overlay.items() if data != repository.read(path)}
    lines = list(diff_lines(repository, files)) if diff else []
    if in_place:
        write_changes(repository, files)
    print_diff(lines)
    if not quiet and (files or select(before).diagnostics):
        click.echo(_summary(before.result, after.result, len(files), in_place=in_place), err=True)
    return after if in_place else before


def _summary(before: CheckResult, after: CheckResult, files: int, *, in_place: bool) -> str:
    if not files:
        return "--fix can fix none of these findings"
    fixed = counted(len(before.diagnostics) - len(after.diagnostics), "finding")
    where = counted(files, "file")
    return f"{fixed} fixed in {where}" if in_place else f"--fix would fix {fixed} in {where}"
