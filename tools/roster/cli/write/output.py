"""Output of the commands that write models to rosters: the findings that they introduce, and what was written."""

from collections.abc import Callable

import click

from roster.check.result import CheckResult
from roster.cli.terminal import color
from roster.findings import Severity
from roster.report import check_text
from roster.report.terminal_text import Paint, plain
from roster.repository import Repository
from roster.roster import DATE_KEYS, Roster
from roster.yaml.document import parse


def print_report(write: Callable[[Paint], str], *, dry_run: bool) -> None:
    """Print a report; in a dry run to standard error, because standard output is the diff."""
    click.echo(write(plain if dry_run else color.paint()), nl=False, err=dry_run, color=True)


def print_findings(introduced: CheckResult, *, dry_run: bool) -> bool:
    """Print the findings that a change introduces, and say whether there are errors among them."""
    print_report(lambda paint: check_text.write(introduced, paint=paint), dry_run=dry_run)
    return bool(introduced.count(Severity.ERROR))


def location(repository: Repository, roster: Roster, id_: str) -> str:
    """Return the file and line of a model."""
    place = roster.at(roster.by_id[id_])
    span = parse(roster.path, repository.read(roster.path), dates=DATE_KEYS).spans([place])[place]
    return f"{roster.path}:{span.line}"


def print_api_key_variable(name: object) -> None:
    """Print the environment variable that gateways read a new model's API key from."""
    click.echo(f"Gateways read its API key from the environment variable {name}.", err=True)
