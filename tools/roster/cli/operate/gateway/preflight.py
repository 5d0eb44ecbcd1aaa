"""``roster gateway preflight``."""

import os
from collections.abc import Iterable
from datetime import date
from pathlib import Path

import click

from roster.check.find_repository import find_repository
from roster.check.pipeline import check
from roster.cli.main import ExitStatus
from roster.cli.operate.gateway.downloaded_list import accept, download, print_rejection, read_settings
from roster.cli.options.date_option import at_option
from roster.cli.terminal import color, completion
from roster.download.rejection import Rejected
from roster.findings import ConfigurationError
from roster.naming import counted, join_names, printable
from roster.providers import AMBIENT
from roster.registries import require_environment
from roster.report import palette
from roster.report.report_paths import paths_from_here
from roster.repository import Repository
from roster.roster import roster_path

_MAX_MODELS = 6


@click.command
@click.argument("environment", required=False, shell_complete=completion.environments)
@at_option
def command(environment: str | None, today: date) -> int:
    """Show which API keys a gateway's models need, and whether they are set.

    With ENVIRONMENT, reads that environment's roster in the repository around the current folder. Without it, downloads
    and validates the list as a gateway does, which needs no repository.

    Prints the names of the environment variables, never their values. A variable of a provider counts once for all its
    models; models with ambient credentials need none. Exits with status 1 if a variable is empty or not set, or if the
    download is rejected.

    \b
    Examples:
      roster gateway preflight
      roster gateway preflight production
    """
    try:
        required = _keys_of_roster(environment, today) if environment else _keys_of_download(today)
    except Rejected as rejected:
        return print_rejection(rejected)
    ambient = required.pop(AMBIENT, [])
    missing = [name for name in required if not os.environ.get(name)]
    paint, width = color.paint(), max(map(len, required), default=0)
    for name, models in required.items():
        state = "not set" if name in missing else "set"
        cell = paint(f"{state:<7}", fg=palette.BAD if name in missing else palette.GOOD)
        listed = printable(join_names(models, limit=_MAX_MODELS))
        click.echo(f"{printable(name):<{width}}  {cell}  {listed}", color=True)
    if ambient:
        listed = join_names(ambient, limit=_MAX_MODELS)
        click.echo(f"{'(ambient credentials)':<{width}}  {'no key':<7}  {printable(listed)}")
    summary = f"{counted(len(missing), 'key')} missing" if missing else "all keys are set"
    click.echo(f"{counted(len(required), 'key')} needed in {environment or 'the downloaded list'}: {summary}", err=True)
    return ExitStatus.FINDINGS if missing else 0


def _keys_of_roster(environment: str, today: date) -> dict[str, list[str]]:
    """Return the environment variables of the API keys of models offered on a date, with the models' ids."""
    repository = _repository()
    result = check(repository, today)
    if environment not in result.rosters:
        require_environment(environment, result.registries.environments)
    roster = result.rosters.get(environment)
    offered = [model for model in roster or () if model.offered_features(today)]
    keys = [(model.api_key, model.id) for model in offered if model.api_key]
    if not roster or not roster.models or not roster.complete or len(keys) < len(offered):
        path = paths_from_here(repository.root)(roster_path(environment))
        raise ConfigurationError(f"{path} cannot be read; run roster check for details")
    return _ids_by_key(keys)


def _repository() -> Repository:
    try:
        return find_repository(Path())
    except ConfigurationError as error:
        raise ConfigurationError(f"{error}; to check the list that a gateway downloads, omit ENVIRONMENT") from None


def _keys_of_download(today: date) -> dict[str, list[str]]:
    """Return the same for the list that a gateway downloads.

    Raises:
        Rejected: there is no valid list.
    """
    settings = read_settings()
    accepted = accept(settings, download(settings), today)
    if not accepted.deployments:
        raise ConfigurationError("offered_models.json does not contain the names of API keys: download gateway.json")
    return _ids_by_key((deployment.api_key or AMBIENT, id_) for id_, deployment in accepted.deployments.items())


def _ids_by_key(pairs: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    """Return the models by the variable that they need; those that need none by ``ambient``."""
    ids: dict[str, list[str]] = {}
    for key, id_ in pairs:
        ids.setdefault(key, []).append(id_)
    return ids
