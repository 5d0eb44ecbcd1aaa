"""``roster drift``."""

from datetime import UTC, datetime
from pathlib import Path

import click

from roster.check.pipeline import check
from roster.cli.exit_status import ExitStatus
from roster.cli.options.format_option import format_option
from roster.diff import drift
from roster.findings import ConfigurationError
from roster.naming import counted
from roster.report import output_formats
from roster.repository import Repository, roster_path
from roster.schema.model_keys import model_keys


@click.command
@click.option("--all", "whole", is_flag=True, help="Show the models without an unintended difference, too.")
@format_option(output_formats.DRIFT)
@click.option("--strict", is_flag=True, help="Exit with status 1 when there is an unintended difference.")
def command(whole: bool, format_name: str, strict: bool) -> int:
    """Show where environments differ: a table with a line for each model and a column for each environment.

    A model is compared with itself in the last environment before that has it. A key in parentheses is meant to
    differ: may_differ_in in env/environments.yaml lists it. A model that has not come to an environment yet is no
    difference; one that skipped it is.

    \b
    Examples:
      roster drift --all
      roster drift --strict --format markdown
    """
    repository = Repository.around(Path())
    result = check(repository, datetime.now(UTC).date())
    environments = result.registries.environments
    for path in (roster_path(name) for name in environments if name not in result.rosters):
        raise ConfigurationError(f"{path} is missing or cannot be read: roster check says what is wrong")
    rows = drift.drift(result.rosters, environments, model_keys())
    drifted = [row for row in rows if row.drifted]
    shown = rows if whole else drifted
    click.echo(output_formats.DRIFT[format_name].writer()(shown, environments), nl=False)
    left_out = "" if len(shown) == len(rows) else "; --all shows the others"
    click.echo(f"{counted(len(rows), 'model')} compared: {len(drifted)} not as intended{left_out}", err=True)
    return ExitStatus.FINDINGS if strict and drifted else 0
