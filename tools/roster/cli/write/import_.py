"""``roster import``."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path

import click

from roster.check.find_repository import find_repository
from roster.check.loading import load_registries
from roster.cli.main import ExitStatus
from roster.cli.options.date_option import at_option
from roster.cli.options.format_option import format_option
from roster.cli.terminal import completion, file_changes
from roster.findings import ConfigurationError
from roster.importing.formats import FORMATS
from roster.importing.import_report import ImportReport
from roster.importing.interface import Context, Format
from roster.importing.plan import plan
from roster.importing.source import Source, SourceError
from roster.naming import counted, list_names, printable, quote
from roster.registries import Registries, require_environment
from roster.report import output_formats
from roster.report.report_paths import paths_from_here
from roster.roster import roster_path

_URL = ("http://", "https://")


@click.command
@click.argument("format_", metavar="FORMAT", type=click.Choice(list(FORMATS)))
@click.argument("files", metavar="FILE...", nargs=-1, required=True)
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
    help="Feature that models serve for which the files name none (litellm); may be repeated.",
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
    """Make a roster of another program's files, and report what it carries.

    The roster gets the models that the files offer, and schemas/ the features and families that it lacks. What a roster
    has no key for goes to the key gateway, and roster render gives it back. A file that cannot be imported is reported
    in one sentence, and nothing is written.

    \b
    Formats and their FILEs:
      gitlab-gateway  MODELS UNIT_PRIMITIVES     models.yml and unit_primitives.yml of GitLab's AI gateway
      definitions     DEFINITIONS [IDENTIFIERS]  a file or the URL of what a gateway serves at /v1/models/definitions;
                                                 models.yml or a configuration of LiteLLM has the identifiers
      litellm         CONFIGURATION              a configuration of LiteLLM's proxy

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
    _require_features(features, registries)
    path = roster_path(environment)
    if repository.has(path) and not force and not dry_run:
        raise ConfigurationError(f"{path} exists: use --force to replace it, or --dry-run to see the changes")
    try:
        sources = _read(FORMATS[format_], format_, files)
        imported = FORMATS[format_].convert(sources, Context(registries, environment, today, features))
        planned = plan(repository, environment, imported, today)
    except SourceError as error:
        click.echo(f"roster: {error}; nothing was written", err=True)
        return ExitStatus.FINDINGS
    if dry_run:
        file_changes.print_diff(file_changes.diff_lines(repository, planned.files))
    else:
        file_changes.write_changes(repository, planned.files)
    name = paths_from_here(repository.root)
    status = "would be written" if dry_run else "written"
    findings = [
        each._replace(path=name(each.path))
        for each in planned.result.diagnostics
        if each.path in (path, *planned.files)
    ]
    report = ImportReport(
        format_,
        environment,
        {name(each): status for each in planned.files},
        len(imported.models),
        imported.report,
        findings,
    )
    writer = output_formats.IMPORT[format_name].writer()
    if format_name == "text":
        file_changes.print_report(lambda paint: writer(report, paint=paint), dry_run=dry_run)
    else:
        click.echo(writer(report), nl=False, err=dry_run)
    for file in planned.files:
        click.echo(f"{status}: {name(file)}", err=True)
    return 0


def _require_features(names: Sequence[str], registries: Registries) -> None:
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
    if file.startswith(_URL):
        if format_.fetch is None:
            raise click.UsageError(f"{printable(file)} is a URL: download it first")
        return format_.fetch(file)
    try:
        return Path(file).read_bytes()
    except OSError as error:
        raise SourceError(f"{printable(file)} cannot be read: {(error.strerror or str(error)).lower()}") from None
