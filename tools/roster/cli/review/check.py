"""``roster check``."""

from datetime import date
from functools import partial
from pathlib import Path

import click

from roster.check.find_repository import find_repository
from roster.check.pipeline import check
from roster.check.result import CheckResult
from roster.cli.main import ExitStatus
from roster.cli.options.date_option import at_option
from roster.cli.options.format_option import emit, outputs_option
from roster.cli.options.path_type import PathType
from roster.cli.terminal.progress import progress_bar
from roster.findings import ConfigurationError, Severity
from roster.report import output_formats
from roster.report.check_text import summary
from roster.repository import Repository
from roster.rules.all_rules import RULES

DASH = Path("-")
"""The path that stands for standard input."""


@click.command
@click.argument("paths", nargs=-1, type=PathType())
@click.option("--strict", is_flag=True, help="Exit with status 1 on warnings as well.")
@click.option("-q", "--quiet", is_flag=True, help="Print only findings, without a summary or progress.")
@click.option(
    "--changed-since",
    "ref",
    metavar="REF",
    help="Report only findings that are new since the merge base of HEAD and this commit, findings in models that "
    "changed since then, models that were removed without a completed retirement, and models that skip an environment "
    "of the promotion path or its trial period.",
)
@click.option("--fix", is_flag=True, help="Fix findings that have exactly one correction, and report the others.")
@click.option("--diff", is_flag=True, help="Show the changes that --fix makes; without --fix, do not make them.")
@click.option(
    "--stdin-filename",
    type=PathType(),
    metavar="FILE",
    help="Path of the file whose content is read from standard input (with the path -). It need not exist.",
)
@outputs_option(output_formats.CHECK)
@at_option
def command(
    paths: tuple[Path, ...],
    strict: bool,
    quiet: bool,
    ref: str | None,
    fix: bool,
    diff: bool,
    stdin_filename: Path | None,
    outputs: tuple[output_formats.OutputFormat, ...],
    today: date,
) -> int:
    """Check rosters, registries and environments.

    Without PATHS, check the whole repository around the current folder. With PATHS (files or folders), report findings
    in those only; rules across files still read all files. The path - means standard input.

    The comment "# roster: ignore[RULE] reason" in a roster suppresses findings of a rule. At the end of a line, it
    applies to that line. On a line of its own, it applies to the next line or, if that line starts a model, to the
    whole model.

    \b
    Examples:
      roster check
      roster check env/production/offered_models_metadata.yaml
      roster check --at 2027-01-01 --strict
      roster check --changed-since origin/main
      roster check --fix --diff
      roster check --format text --format codequality=report.json
      roster check - --stdin-filename env/production/offered_models_metadata.yaml
    """
    if diff and any(output.file is None and not output.styled for output in outputs):
        raise click.UsageError("--diff writes to standard output, too; give the format a file: FORMAT=FILE")
    if fix and stdin_filename:
        raise click.UsageError("--fix cannot write to standard input; use --diff to see what it would change")
    repository, inside = _inputs(paths, stdin_filename)
    merge_base = None
    if ref is not None:
        from roster.check.changed_since import MergeBase

        merge_base = MergeBase(repository, ref, today)
    base = merge_base.as_base(today) if merge_base else None

    def select(repository: Repository, result: CheckResult) -> tuple[CheckResult, str]:
        result = result.within(inside) if inside else result
        return merge_base.only_new(repository, result) if merge_base else (result, "")

    with progress_bar(quiet=quiet) as progress:
        result = check(repository, today, progress, unlimited=fix or diff, base=base)
    if fix or diff:
        from roster.authoring.fix import CheckedRepository
        from roster.cli.review.check_fix import fix_findings

        before = CheckedRepository(repository, result)
        recheck = partial(check, today=today, unlimited=True, base=base)
        repository, result = fix_findings(
            before, recheck, lambda state: select(*state)[0], in_place=fix, diff=diff, quiet=quiet
        )
    result, comparison = select(repository, result)
    if comparison and not quiet:
        click.echo(comparison, err=True)
    emit(outputs, result, RULES)
    if not quiet:
        click.echo(summary(result), err=True)
    return ExitStatus.FINDINGS if result.count(Severity.ERROR) or (strict and result.diagnostics) else 0


def _inputs(paths: tuple[Path, ...], stdin_filename: Path | None) -> tuple[Repository, list[str]]:
    """Return the repository, and the given paths in it."""
    for path in paths:
        if path != DASH and not path.exists():
            raise ConfigurationError(f"there is no file or folder {path}")
    if stdin_filename or DASH in paths:
        from roster.cli.review.check_stdin import repository_with_input

        repository, paths = repository_with_input(paths, stdin_filename)
    else:
        repository = find_repository(paths[0] if paths else Path())
    return repository, [repository.relative(path) for path in paths]
