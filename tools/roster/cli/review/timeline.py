"""``roster timeline``."""

from collections.abc import Collection
from datetime import date, datetime
from pathlib import Path

import click

from roster.check.find_repository import find_repository
from roster.check.line_numbers import find_lines
from roster.check.pipeline import check
from roster.check.result import CheckResult
from roster.cli.main import ExitStatus
from roster.cli.options.date_option import at_option
from roster.cli.options.format_option import emit, outputs_option
from roster.cli.terminal import completion
from roster.cli.terminal.progress import progress_bar
from roster.findings import ConfigurationError
from roster.git import git_command
from roster.git.history import commit_time
from roster.report import check_text, output_formats
from roster.report.report_paths import paths_from_here, report_paths
from roster.repository import Repository
from roster.roster import roster_path
from roster.timeline.events import build_timeline


@click.command
@click.argument("environments", nargs=-1, metavar="[ENVIRONMENT]...", shell_complete=completion.environments)
@outputs_option(output_formats.TIMELINE)
@at_option
def command(environments: tuple[str, ...], outputs: tuple[output_formats.OutputFormat, ...], today: date) -> int:
    """Show upcoming retirements and default changes.

    The timeline shows by date, for all environments or for each named ENVIRONMENT, what needs an action: defaults that
    must move, missing replacements, and models that end at their providers before they end in the roster, as far as
    schemas/provider_facts.yaml has it. Below each action are the lines to change. The timeline also shows what admins
    and users will notice: notices, last days and suspensions that begin today or later. All other events are counted;
    the format json lists them. If a roster has errors, the timeline omits what cannot be read, and the exit status is
    1. The format ics, a calendar, needs the extra calendar.

    \b
    Examples:
      roster timeline
      roster timeline production --at 2027-01-01
      roster timeline --format text --format svg=timeline.svg
      roster timeline --format ics=retirements.ics
    """
    repository = find_repository(Path())
    with progress_bar() as progress:
        result = check(repository, today, progress)
    selected = result.registries.select_environments(environments)
    failed = _report_errors(repository, result, selected)
    rosters = (result.rosters[name] for name in selected if name in result.rosters)
    timeline = build_timeline(rosters, today, result.registries, _commit_time(repository.root))
    lines = find_lines(result, (event.place for event in timeline.events()))
    emit(outputs, lambda output: (timeline, lines, report_paths(repository.root, output)))
    return ExitStatus.FINDINGS if failed else 0


def _commit_time(root: Path) -> datetime | None:
    """Return the time of the commit; None without git or a commit."""
    try:
        seconds, _, _ = git_command.output(root, "rev-list", "--max-count=1", "--timestamp", "HEAD").partition(" ")
    except ConfigurationError:
        return None
    return commit_time(seconds)


def _report_errors(repository: Repository, result: CheckResult, environments: Collection[str]) -> bool:
    """Print the errors and the missing rosters of some environments; return whether there are any."""
    errors = result.errors_in(environments)
    click.echo(check_text.write(errors.relocated(paths_from_here(repository.root))), nl=False, err=True)
    missing = [name for name in environments if name not in result.rosters]
    for name in missing:
        reason = "cannot be read" if roster_path(name) in result.files else "is missing"
        click.echo(f"{name} is not shown: {paths_from_here(repository.root)(roster_path(name))} {reason}", err=True)
    return bool(errors.diagnostics or missing)
