"""``roster import``."""

from collections.abc import Sequence
from datetime import date
from functools import partial
from pathlib import Path

import click

from roster.check.find_repository import find_repository
from roster.check.loading import load_registries
from roster.cli.main import ExitStatus
from roster.cli.missing_extra import with_extra
from roster.cli.options.date_option import at_option
from roster.cli.options.format_option import format_option
from roster.cli.terminal import completion, file_changes
from roster.findings import ConfigurationError
from roster.importing.formats import FORMATS
from roster.importing.import_report import ImportReport
from roster.importing.interface import Context, Format
from roster.importing.plan import plan
from roster.importing.report import FILE, Report
from roster.importing.source import Source, SourceError
from roster.naming import counted, list_names, printable, quote
from roster.registries import Registries, require_environment
from roster.report import output_formats
from roster.report.report_paths import paths_from_here
from roster.roster import roster_path
from roster.yaml.parser import MAX_BYTES

_URL = ("http://", "https://")


@click.command
@click.argument("format_", metavar="FORMAT", type=click.Choice(list(FORMATS)))
@click.argument("files", metavar="FILE...", nargs=-1, required=True, shell_complete=completion.files)
@click.option(
    "--environment",
    required=True,
    metavar="ENVIRONMENT",
    shell_complete=completion.environments,
    help="Environment whose roster is written.",
)
@click.option(
    "--feature",
    "features",
    multiple=True,
    metavar="FEATURE",
    help="Feature that every model serves, for a format whose files name none: litellm. Repeatable.",
)
@click.option("--force", is_flag=True, help="Replace the roster if there is one.")
@click.option("--dry-run", is_flag=True, help="Print the changes without writing them; the report goes to stderr.")
@format_option(output_formats.IMPORT)
@at_option
def command(
    format_: str,
    files: tuple[str, ...],
    environment: str,
    features: tuple[str, ...],
    force: bool,
    dry_run: bool,
    format_name: str,
    today: date,
) -> int:
    """Import a roster from another program's files, and report what was carried over.

    Writes the models that the files offer to the roster of an environment, and adds unregistered features and families
    to schemas/. Values without a key of their own are kept in the key gateway, and roster render writes them again. If
    a file cannot be imported, nothing is written.

    \b
    Formats and their FILEs:
      gitlab-gateway  MODELS UNIT_PRIMITIVES
                      models.yml and unit_primitives.yml of GitLab's AI gateway
      definitions     DEFINITIONS [IDENTIFIERS]
                      what a gateway serves at /v1/models/definitions, as a file
                      or a URL; and models.yml or a configuration of LiteLLM
                      with the identifiers
      litellm         CONFIGURATION
                      a configuration of LiteLLM's proxy

    \b
    Examples:
      roster import gitlab-gateway models.yml unit_primitives.yml --environment production --dry-run
      roster import gitlab-gateway models.yml unit_primitives.yml --environment production --force
      roster import definitions https://gateway.example.com models.yml --environment production
      roster import litellm config.yaml --environment production --feature duo_chat
    """
    repository = find_repository(Path())
    registries = load_registries(repository)
    require_environment(environment, registries.environments)
    _require_features(features, FORMATS[format_], registries)
    path = roster_path(environment)
    if repository.has(path) and not force and not dry_run:
        existing = paths_from_here(repository.root)(path)
        raise ConfigurationError(f"{existing} exists: use --force to replace it, or --dry-run to see the changes")
    try:
        sources = _read(FORMATS[format_], format_, files)
        imported = FORMATS[format_].converter()(sources, Context(registries, environment, today, features))
        _report_comments(sources, imported.report)
        planned = plan(repository, environment, imported, today)
    except SourceError as error:
        click.echo(f"roster: {error}; nothing was written", err=True)
        return ExitStatus.FINDINGS
    if dry_run:
        file_changes.print_diff(file_changes.diff_lines(repository, planned.files))
    else:
        file_changes.write_changes(repository, planned.files)
    report = ImportReport(format_, environment, len(imported.models), imported.report, planned, dry_run)
    _print_report(report.relocated(paths_from_here(repository.root)), format_name)
    return 0


def _print_report(report: ImportReport, format_name: str) -> None:
    """Print the report, in a dry run to standard error, because standard output is the diff; then the changed files."""
    output_format = output_formats.IMPORT[format_name]
    if output_format.styled:
        file_changes.print_report(partial(output_format.writer(), report), dry_run=report.dry_run)
    else:
        click.echo(output_format.writer()(report), nl=False, err=report.dry_run)
    for path in report.files:
        click.echo(f"{report.status}: {path}", err=True)


def _report_comments(sources: Sequence[Source], report: Report) -> None:
    for source in sources:
        if source.has_comments:
            report.not_carried("comments", "copy those that matter", source.name, FILE)


def _require_features(names: Sequence[str], format_: Format, registries: Registries) -> None:
    if names and format_.has_features:
        raise click.UsageError("--feature is not for this format, whose files name the features of each model")
    for name in names:
        if name not in registries.features:
            hint = registries.feature_suggestions.did_you_mean(name) or f"use {list_names(registries.features)}"
            raise ConfigurationError(f"unknown feature {quote(name)}: {hint}")


def _read(format_: Format, name: str, files: tuple[str, ...]) -> list[Source]:
    """Read the files of an import.

    Raises:
        UsageError: there are too many or too few.
        SourceError: one cannot be read.
    """
    if not format_.takes(len(files)):
        most = "at most " if format_.files[-1].startswith("[") else ""
        count = counted(len(format_.files), "file")
        raise click.UsageError(f"{name} takes {most}{count}: {' '.join(format_.files)}")
    return [Source(printable(file), _content(format_, file)) for file in files]


def _content(format_: Format, file: str) -> bytes:
    if not file:
        raise click.UsageError("the path is empty; is its variable empty?")
    if file.startswith(_URL):
        if not format_.fetch:
            raise click.UsageError(f"{printable(file)} is a URL: download it first")
        with with_extra("gateway"):
            fetch = format_.fetcher()
        return fetch(file)
    try:
        with Path(file).open("rb") as stream:
            return stream.read(MAX_BYTES + 1)  # one more byte than a file may have, for the message
    except OSError as error:
        raise SourceError(f"{printable(file)} cannot be read: {(error.strerror or str(error)).lower()}") from None
