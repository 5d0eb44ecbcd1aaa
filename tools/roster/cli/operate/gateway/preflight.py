"""``roster gateway preflight``."""

import os
from collections import defaultdict
from datetime import date
from pathlib import Path

import click

from roster.check.pipeline import check
from roster.cli.main import ExitStatus
from roster.cli.options.date_option import at_option
from roster.cli.terminal import completion
from roster.findings import ConfigurationError
from roster.git.working_tree import find_repository
from roster.naming import counted, join_names, printable
from roster.registries import require_environment
from roster.roster import Roster, roster_path


@click.command
@click.argument("environment", shell_complete=completion.environments)
@at_option
def command(environment: str, today: date) -> int:
    """Show which API keys the models of an ENVIRONMENT need, and whether they are set.

    Prints the names of the environment variables, never their values. Exits with status 1 if a variable is empty or
    not set.

    \b
    Examples:
      roster gateway preflight production
    """
    result = check(find_repository(Path()), today)
    if environment not in result.rosters:
        require_environment(environment, result.registries.environments)
        raise ConfigurationError(f"{roster_path(environment)} cannot be read; run roster check for details")
    required = _required_keys(result.rosters[environment], today)
    missing = [name for name in required if not os.environ.get(name)]
    width = max(map(len, required), default=0)
    for name, models in required.items():
        state = "not set" if name in missing else "set"
        click.echo(f"{printable(name):<{width}}  {state:<7}  {printable(join_names(models))}")
    summary = f"{counted(len(missing), 'key')} missing" if missing else "all keys are set"
    click.echo(f"{counted(len(required), 'key')} needed in {environment}: {summary}", err=True)
    return ExitStatus.FINDINGS if missing else 0


def _required_keys(roster: Roster, today: date) -> dict[str, list[str]]:
    """Return the environment variables of the API keys of models offered on a date, with the models' ids."""
    required = defaultdict(list)
    for model in roster:
        if model.api_key and model.offered_features(today):
            required[model.api_key].append(model.id)
    return dict(required)
