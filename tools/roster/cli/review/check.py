"""``roster check``."""

from datetime import date
from functools import partial
from pathlib import Path

import click

from roster.check.pipeline import check
from roster.check.result import CheckResult
from roster.cli.exit_status import ExitStatus
from roster.cli.options import standard_input
from roster.cli.options.date_option import at_option
from roster.cli.options.format_option import Output, emit, outputs_option
from roster.cli.terminal.progress import bar
from roster.findings import ConfigurationError, Severity
from roster.report import output_formats
from roster.report.check_text import summary
from roster.repository import Repository
from roster.rules.all_rules import RULES


@click.command
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
@click.option("--strict", is_flag=True, help="Fail on warnings too.")
@click.option("-q", "--quiet", is_flag=True, help="Print findings only: no summary, no progress.")
@click.option(
    "--changed-since",
    "ref",
    metavar="REF",
    help="Tell only what a change brought in: what is wrong with models that differ from the merge base of HEAD and "
    "this commit, what was not wrong there, and which models left without having been retired.",
)
@click.option("--fix", is_flag=True, help="Mend what has one right answer, and tell what remains.")
@click.option("--diff", is_flag=True, help="Show what --fix changes; without --fix, change nothing.")
@standard_input.option
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
    outputs: tuple[Output, ...],
    today: date,
) -> int:
    """Check rosters, registries and environments.

    Without PATHS, the whole repository around the current folder. With PATHS (files or folders), what is wrong in
    those; rules across files still see everything. The path - stands for standard input.

    A comment in a roster ignores what a rule finds: "# roster: ignore[RULE] reason". At the end of a line it is for
    that line; on a line of its own, for the next one, or for the whole model that starts there.

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
    if diff and any(output.file is None and not output.format.styled for output in outputs):
        raise click.UsageError("--diff writes to standard output too; give the format a file: FORMAT=FILE")
    if fix and stdin_filename:
        raise click.UsageError("--fix cannot write to standard input; --diff shows what it would change")
    paths = standard_input.named(_existing(paths), stdin_filename)
    repository = Repository.containing(paths[0] if paths else Path())
    if stdin_filename:
        repository = standard_input.over(repository, stdin_filename)
    inside = [repository.relative(path) for path in paths]

    base = None
    if ref is not None:
        from roster.check.changed_since import MergeBase

        base = MergeBase(repository, ref, today)
    before = base.result if base else None

    def chosen(repository: Repository, result: CheckResult) -> tuple[CheckResult, str]:
        result = result.within(inside) if inside else result
        return base.only_new(repository, result) if base else (result, "")

    with bar(quiet=quiet) as progress:
        result = check(repository, today, progress, unlimited=fix or diff, base=before)
    if fix or diff:
        from roster.authoring.fix import CheckedRepository
        from roster.cli.review.check_fix import mend

        found = CheckedRepository(repository, result)
        again = partial(check, today=today, unlimited=True, base=before)
        repository, result = mend(found, again, lambda now: chosen(*now)[0], in_place=fix, diff=diff, quiet=quiet)
    result, compared = chosen(repository, result)
    if compared and not quiet:
        click.echo(compared, err=True)
    emit(outputs, result, RULES)
    if not quiet:
        click.echo(summary(result), err=True)
    failing = {Severity.ERROR, Severity.WARNING} if strict else {Severity.ERROR}
    return ExitStatus.FINDINGS if any(diagnostic.severity in failing for diagnostic in result.diagnostics) else 0


def _existing(paths: tuple[Path, ...]) -> tuple[Path, ...]:
    for path in paths:
        if path != standard_input.DASH and not path.exists():
            raise ConfigurationError(f"there is no file or folder {path}")
    return paths
