"""``roster providers update``."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path

import click

from roster.check.facts_loading import load_provider_facts
from roster.check.find_repository import find_repository
from roster.check.pipeline import check
from roster.check.result import CheckResult
from roster.cli.main import ExitStatus
from roster.cli.missing_extra import with_extra
from roster.cli.options.date_option import at_option
from roster.cli.options.format_option import format_option
from roster.cli.terminal import completion, file_changes
from roster.findings import ConfigurationError
from roster.naming import counted
from roster.provider_sources import litellm, models_dev
from roster.provider_sources.interface import SourceError
from roster.provider_sources.reading import read_sources
from roster.provider_sources.update import Current, Update, plan, usage
from roster.registries import KNOWN_PROVIDER_FACTS, PROVIDER_FACTS, PROVIDER_FACTS_SCHEMA
from roster.report import output_formats
from roster.report.report_paths import paths_from_here
from roster.repository import Repository, real_path
from roster.rules.base.identity import is_well_formed

_PUBLIC_URLS = (litellm.URL, models_dev.URL)


@click.command
@click.option(
    "--from",
    "sources",
    multiple=True,
    metavar="SOURCE",
    shell_complete=completion.files,
    help="File or URL of a source; repeatable.  [default: LiteLLM, models.dev, and schemas/known_provider_facts.yaml]",
)
@click.option("--check", "check_only", is_flag=True, help="Write nothing; exit with 1 if the file would change.")
@click.option("--allow-loss", is_flag=True, help="Accept that facts are lost, or that models end later than before.")
@format_option(output_formats.PROVIDERS_UPDATE)
@at_option
def command(sources: tuple[str, ...], check_only: bool, allow_loss: bool, format_name: str, today: date) -> int:
    """Update the facts about models at their providers: ends, limits, capabilities and prices.

    Writes schemas/provider_facts.yaml with what the sources say about the identifiers in all rosters, and prints one
    line for each change. The rules of roster check use the file; review its changes like code.

    A source is LiteLLM's model_prices_and_context_window.json, models.dev's api.json, or a list of facts that people
    wrote, in the format of schemas/provider_facts.yaml, each as a file or an https URL. Where sources name different
    ends, the earliest counts. For other facts, people come before LiteLLM, and LiteLLM before models.dev; for the
    context window, models.dev comes before LiteLLM, which only has the limit of a request.

    Nothing is written if a source is invalid or its format has changed. An update is also refused, unless --allow-loss
    is set, if an offered model would lose its end or a limit, a model would end later or no longer on a fixed day, or
    more than a tenth of the facts would be lost.

    \b
    Examples:
      roster providers update
      roster providers update --check
      roster providers update --from litellm.json --from schemas/known_provider_facts.yaml
    """
    repository = find_repository(Path())
    result = check(repository, today)
    if _has_unreadable_rosters(result):
        _print_errors(result, repository)
        click.echo(
            f"{paths_from_here(repository.root)(PROVIDER_FACTS)} was not changed: correct the rosters above first",
            err=True,
        )
        return ExitStatus.FINDINGS
    try:
        update = _plan(repository, result, sources or _default_sources(repository), today)
    except SourceError as error:
        click.echo(f"roster: {error}; {PROVIDER_FACTS} was not changed", err=True)
        return ExitStatus.FINDINGS
    click.echo(output_formats.PROVIDERS_UPDATE[format_name].writer()(update), nl=False)
    for warning in update.warnings:
        click.echo(f"warning: {warning}", err=True)
    if update.refusals and not allow_loss:
        return _refuse(update, repository, sources)
    return _write(repository, update, check_only=check_only)


def _has_unreadable_rosters(result: CheckResult) -> bool:
    """Return whether an identifier in some roster is missing or malformed, so that its facts would leave the file."""
    readable = result.rosters
    identifiers = (model.identifier for roster in readable.values() for model in roster)
    is_complete = all(roster.complete for roster in readable.values()) and all(map(is_well_formed, identifiers))
    return not is_complete or len(readable) < len(result.environments)


def _print_errors(result: CheckResult, repository: Repository) -> None:
    file_changes.print_findings(repository, result.errors_in(result.environments), dry_run=True)


def _default_sources(repository: Repository) -> list[str]:
    known = [KNOWN_PROVIDER_FACTS] if repository.has(KNOWN_PROVIDER_FACTS) else []
    return [*_PUBLIC_URLS, *map(paths_from_here(repository.root), known)]


def _plan(repository: Repository, result: CheckResult, sources: Sequence[str], today: date) -> Update:
    listings = read_sources(sources, repository, result.registries, _download)
    used = usage(list(result.rosters.values()), result.registries, today)
    data = repository.read(PROVIDER_FACTS) if repository.has(PROVIDER_FACTS) else None
    current = Current(result.registries.provider_facts, data, repository.has(PROVIDER_FACTS_SCHEMA))
    update = plan(current, used, listings, today)
    _require_valid(repository, update.data)
    return update


def _require_valid(repository: Repository, data: bytes) -> None:
    """Raise a SourceError if no command could read the new file."""
    try:
        load_provider_facts(repository._replace(overlay={PROVIDER_FACTS: data}), PROVIDER_FACTS)
    except ConfigurationError as error:
        raise SourceError(f"the sources lead to an invalid file: {error}") from None


def _download(url: str) -> bytes:
    with with_extra("gateway"):
        from roster.provider_sources.download import download  # needs the extra
    return download(url)


def _refuse(update: Update, repository: Repository, sources: Sequence[str]) -> int:
    for identifier, loss in update.refusals:
        click.echo(f"refused: {update.label(identifier)}: {loss}" if identifier else f"refused: {loss}", err=True)
    known = paths_from_here(repository.root)(KNOWN_PROVIDER_FACTS)
    remedy = f"check the sources, and add facts that are still true to {known}"
    if sources and repository.has(KNOWN_PROVIDER_FACTS) and not _is_among(KNOWN_PROVIDER_FACTS, repository, sources):
        remedy = f"add --from {known}, or check the other sources"
    hint = f"{remedy}; or accept this with --allow-loss"
    click.echo(f"{paths_from_here(repository.root)(PROVIDER_FACTS)} was not changed: {hint}", err=True)
    return ExitStatus.FINDINGS


def _is_among(path: str, repository: Repository, sources: Sequence[str]) -> bool:
    return real_path(repository.root / path) in (real_path(Path(source)) for source in sources)


def _write(repository: Repository, update: Update, *, check_only: bool) -> int:
    path = paths_from_here(repository.root)(PROVIDER_FACTS)
    if not update.is_changed:
        click.echo(f"{path} is up to date", err=True)
        return 0
    if check_only:
        click.echo(f"{path} is out of date: run roster providers update", err=True)
        return ExitStatus.FINDINGS
    file_changes.write_changes(repository, {PROVIDER_FACTS: update.data})
    number = sum(map(len, update.changes.values()))
    click.echo(f"{path} written" + (f": {counted(number, 'change')}" if number else ""), err=True)
    return 0
