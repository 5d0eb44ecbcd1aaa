"""Output of the commands that write models to rosters: the findings that they introduce, and what was written."""

import click

from roster.check.result import CheckResult
from roster.cli.terminal import colour, locations
from roster.findings import Severity
from roster.report import check_text, terminal_text
from roster.repository import Repository
from roster.roster import Roster


def has_errors(introduced: CheckResult) -> bool:
    """Say whether a change introduces errors, which keep it from being written."""
    return bool(introduced.count(Severity.ERROR))


def paint_for(*, dry_run: bool) -> terminal_text.Paint:
    """Return how to style a report; that of a dry run goes to standard error, next to the diff."""
    return terminal_text.plain if dry_run else colour.paint()


def print_report(text: str, *, dry_run: bool) -> None:
    """Print a report; in a dry run to standard error, because standard output is the diff."""
    click.echo(text, nl=False, err=dry_run, color=True)


def print_findings(introduced: CheckResult, *, dry_run: bool) -> None:
    """Print the findings that a change introduces."""
    print_report(check_text.write(introduced, paint=paint_for(dry_run=dry_run)), dry_run=dry_run)


def print_position(verb: str, repository: Repository, roster: Roster, id_: str, details: str = "") -> None:
    """Print the file and line of a model that was written."""
    place = roster.at(roster.by_id[id_])
    click.echo(f"{verb} {locations.find(repository, roster.path, [place])[place]}{details}", err=True)


def print_api_key_variable(name: object) -> None:
    """Print the environment variable that gateways read a new model's API key from."""
    click.echo(f"Gateways read its API key from the environment variable {name}.", err=True)
