"""``roster check``."""

from datetime import date
from pathlib import Path

import click

from roster.check import check
from roster.cli import FINDINGS, standard_input
from roster.cli import format as format_
from roster.cli.day import at_option
from roster.cli.progress import bar
from roster.diagnostic import ConfigurationError, Severity
from roster.report.text import summary
from roster.repository import Repository
from roster.rules import about_rules


@click.command
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
@click.option("--strict", is_flag=True, help="Fail on warnings too.")
@click.option("-q", "--quiet", is_flag=True, help="Print findings only: no summary, no progress.")
@click.option(
    "--changed-since",
    "ref",
    metavar="REF",
    help="Tell only what a change brought in: what is wrong with models that differ from the merge base of HEAD and "
    "this commit, and what was not wrong there.",
)
@standard_input.option
@format_.option
@at_option
def command(
    paths: tuple[Path, ...],
    strict: bool,
    quiet: bool,
    ref: str | None,
    stdin_filename: Path | None,
    outputs: tuple[format_.Output, ...],
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
      roster check --format text --format codequality=report.json
      roster check - --stdin-filename env/production/offered_models_metadata.yaml
    """
    paths = standard_input.named(_existing(paths), stdin_filename)
    repository = Repository.around(paths[0] if paths else Path())
    if stdin_filename:
        repository = standard_input.over(repository, stdin_filename)
    with bar(quiet=quiet) as progress:
        result = check(repository, today, progress)
    if paths:
        result = result.within(repository.relative(path) for path in paths)
    if ref is not None:
        from roster.check.since import brought_in

        result, compared = brought_in(repository, result, ref, today)
        if not quiet:
            click.echo(compared, err=True)
    format_.emit(result, outputs, about_rules())
    if not quiet:
        click.echo(summary(result), err=True)
    failing = {Severity.ERROR, Severity.WARNING} if strict else {Severity.ERROR}
    return FINDINGS if any(diagnostic.severity in failing for diagnostic in result.diagnostics) else 0


def _existing(paths: tuple[Path, ...]) -> tuple[Path, ...]:
    for path in paths:
        if path != standard_input.DASH and not path.exists():
            raise ConfigurationError(f"there is no file or folder {path}")
    return paths
