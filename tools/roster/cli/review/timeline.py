"""``roster timeline``."""

from collections import defaultdict
from datetime import date
from pathlib import Path

import click

from roster.check.pipeline import check
from roster.check.result import CheckResult
from roster.cli.exit_status import ExitStatus
from roster.cli.options.date_option import at_option
from roster.cli.options.format_option import Output, emit, outputs_option
from roster.cli.publish.render import known
from roster.cli.terminal import completion, locations
from roster.cli.terminal.progress import bar
from roster.findings import Place, Severity
from roster.report import check_text as findings
from roster.report import output_formats
from roster.repository import Repository, roster_path
from roster.timeline.events import Timeline, timeline


@click.command
@click.argument("environments", nargs=-1, metavar="[ENVIRONMENT]...", shell_complete=completion.environments)
@outputs_option(output_formats.TIMELINE)
@at_option
def command(environments: tuple[str, ...], outputs: tuple[Output, ...], today: date) -> int:
    """Tell what happens when: notices, last days, and until when which default has to move.

    What the rosters announce is told for every environment, or for those that are named. Where a roster has an error,
    what can be read of it is told all the same, and the exit status is 1.

    \b
    Examples:
      roster timeline
      roster timeline production --at 2027-01-01
      roster timeline --format text --format svg=timeline.svg
    """
    repository = Repository.around(Path())
    with bar() as progress:
        result = check(repository, today, progress)
    chosen = known(environments, result)
    wrong = _told_what_is_wrong(result, chosen)
    found = timeline((result.rosters[name] for name in chosen if name in result.rosters), today)
    lines = _lines(repository, found)
    emit(outputs, found, lines)
    return ExitStatus.FINDINGS if wrong else 0


def _told_what_is_wrong(result: CheckResult, chosen: list[str]) -> bool:
    """Name the errors of some rosters, and those that are not told; say whether there is anything."""
    paths = {roster_path(name) for name in chosen}
    errors = [found for found in result.diagnostics if found.severity is Severity.ERROR and found.path in paths]
    click.echo(findings.write(result._replace(diagnostics=tuple(errors))), nl=False, err=True)
    untold = [name for name in chosen if name not in result.rosters]
    for name in untold:
        reason = "cannot be read" if roster_path(name) in result.files else "is missing"
        click.echo(f"{name} is not told: {roster_path(name)} {reason}", err=True)
    return bool(errors or untold)


def _lines(repository: Repository, found: Timeline) -> dict[Place, int]:
    places = defaultdict(list)
    for event in found.events():
        places[event.place.path].append(event.place)
    return {place: line for path in places for place, line in locations.lines(repository, path, places[path]).items()}
