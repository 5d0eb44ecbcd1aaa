"""``roster drift``."""

from datetime import UTC, datetime
from pathlib import Path

import click

from roster.check.find_repository import find_repository
from roster.check.pipeline import check
from roster.cli.main import ExitStatus
from roster.cli.options.format_option import emit, format_option
from roster.diff import drift
from roster.findings import ConfigurationError
from roster.naming import counted
from roster.report import output_formats
from roster.report.report_paths import paths_from_here
from roster.roster import roster_path
from roster.schema.model_keys import model_keys


@click.command
@click.option("--all", "show_all", is_flag=True, help="Also show models without unintended differences.")
@format_option(output_formats.DRIFT)
@click.option("--strict", is_flag=True, help="Exit with status 1 if there is an unintended difference.")
def command(show_all: bool, format_name: str, strict: bool) -> int:
    """Show differences between environments, with a row for each model and a column for each environment.

    Each model is compared with the same model in the previous environment that has it. Keys in parentheses are allowed
    to differ: env/environments.yaml lists them in may_differ_in. A model that has not reached an environment yet is not
    a difference; a model that skipped an environment is.

    \b
    Examples:
      roster drift --all
      roster drift --strict --format markdown
    """
    repository = find_repository(Path())
    result = check(repository, datetime.now(UTC).date())
    environments = result.registries.environments
    for name in environments:
        roster = result.rosters.get(name)
        if not roster or not roster.models or not roster.complete:
            path = paths_from_here(repository.root)(roster_path(name))
            raise ConfigurationError(f"{path} is missing or cannot be read; run roster check for details")
    rows = drift.drift(result.rosters, environments, model_keys())
    drifted = [row for row in rows if row.drifted]
    shown = rows if show_all else drifted
    emit((output_formats.DRIFT[format_name],), lambda _: (shown, environments))
    hides_differences = not show_all and any(not row.uniform for row in rows if not row.drifted)
    hint = "; use --all to show the others" if hides_differences else ""
    click.echo(f"{counted(len(rows), 'model')} compared, {len(drifted)} with unintended differences{hint}", err=True)
    return ExitStatus.FINDINGS if strict and drifted else 0
