"""``roster render``."""

import os
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from pathlib import Path
from types import MappingProxyType

import click

from roster.atomic_write import write_files
from roster.check.earlier_roster import ParsedVersions
from roster.check.find_repository import find_repository
from roster.check.loading import load_schema
from roster.check.pipeline import check
from roster.check.result import CheckResult
from roster.check.tombstone_history import with_retired_models
from roster.cli.main import ExitStatus
from roster.cli.options.date_option import at_option
from roster.cli.options.path_type import PathType
from roster.cli.options.signing_option import passphrase_option, sign_option, signatures
from roster.cli.terminal import color, completion
from roster.cli.terminal.progress import progress_bar
from roster.findings import ConfigurationError
from roster.git.commit_tree import CommitTree
from roster.naming import join_names, printable
from roster.publishing.sequence import (
    MAX_PUBLICATION_NUMBER,
    UNVERSIONED,
    Publication,
    current_publication,
    published_commit,
)
from roster.publishing.signature import SIGNATURE_SUFFIX
from roster.render.artifacts import ARTIFACTS, TARGETS
from roster.render.gitlab_models import missing_values
from roster.report import check_text, terminal_text
from roster.report.report_paths import paths_from_here
from roster.repository import Repository, Tree, toolkit_repository
from roster.roster import ROSTER_SCHEMA, roster_path

_CATALOGUE = "catalogue"
"""The target that is no artifact of one environment, but the site of ``roster catalogue``."""


@click.command
@click.argument("environments", nargs=-1, metavar="[ENVIRONMENT]...", shell_complete=completion.environments)
@click.option(
    "--check", "check_only", is_flag=True, help="Write nothing; exit with status 1 if an artifact is out of date."
)
@click.option("--output", type=PathType(file_okay=False), help="Output folder.  [default: dist]")
@click.option(
    "--revision",
    metavar="REF",
    help="Roll back: render the rosters and registries of an earlier commit of this branch.",
)
@click.option(
    "--publication",
    "number",
    metavar="N",
    type=click.IntRange(1, MAX_PUBLICATION_NUMBER),
    envvar="ROSTER_PUBLICATION",
    show_envvar=True,
    help="Publication number, higher than those of earlier publications of HEAD.  [default: 1 with --revision]",
)
@click.option(
    "--target",
    "targets",
    type=click.Choice([*TARGETS, _CATALOGUE]),
    multiple=True,
    default=[name for name, artifact in ARTIFACTS.items() if artifact.by_default],
    show_default=True,
    help="Artifact to render; repeatable.",
)
@sign_option
@passphrase_option
@at_option
def command(
    environments: tuple[str, ...],
    check_only: bool,
    output: Path | None,
    revision: str | None,
    number: int | None,
    targets: tuple[str, ...],
    key_file: Path | None,
    passphrase_variable: str | None,
    today: date,
) -> int:
    """Render the artifacts that gateways download: dist/<environment>/offered_models.json and gateway.json.

    Other targets are definitions.json, which GitLab requests from a gateway today; litellm.yaml, a configuration for
    LiteLLM's proxy; as gitlab-gateway, models.yml and unit_primitives.yml of GitLab's AI gateway; and, as catalogue,
    the site of roster catalogue with all environments. A roster with an error is not rendered, and its existing
    artifacts remain unchanged.

    With --sign, each artifact gets a signature, FILE.sig, which gateways and roster verify can verify. Without --sign,
    the signatures of changed artifacts are removed.

    \b
    Examples:
      roster render
      roster render production --at 2027-01-01
      roster render --target litellm --target definitions
      roster render production --target gitlab-gateway
      roster render --target catalogue
      roster render --sign KEY.pem
      roster render --check
      roster render --revision HEAD~1
    """
    if {*targets} == {_CATALOGUE}:
        _reject_unused(environments, key_file)
    repository = find_repository(Path())
    if number is None:
        number = 0 if revision is None else 1
    published = current_publication(repository.root, today, number)
    if revision is None:
        result = _check(repository, today)
    else:
        published, result = _check_earlier(repository, revision, published, today)
    selected = result.registries.select_environments(environments)
    has_catalogue = _CATALOGUE in targets
    failed = report_errors(repository, result, [*result.registries.environments] if has_catalogue else selected)
    valid = [name for name in selected if name not in failed]
    artifacts = [target for target in targets if target != _CATALOGUE]
    rendered = render_artifacts(repository, result, artifacts, valid, today, published)
    files = dict(sorted((rendered | signatures(rendered, key_file, passphrase_variable)).items()))
    folder = output or repository.root / "dist"
    stale = {folder / name: data for name, data in files.items() if _differs(folder / name, data)}
    _report_own_keys(result, valid)
    if "gitlab-gateway" in targets:
        _report_missing_values(result, valid, today)
    is_outdated = has_catalogue and _render_catalogue(repository, result, failed, today, published, folder, check_only)
    if check_only:
        for path in stale:
            click.echo(f"{shown_path(path)} {_problem(path)}", err=True)
    else:
        _write(folder, files, stale)
    return ExitStatus.FINDINGS if failed or (check_only and stale) or is_outdated else 0


def _reject_unused(environments: Sequence[str], key_file: Path | None) -> None:
    """Raise a UsageError for what has no effect on the catalogue alone."""
    if environments:
        raise click.UsageError(f"the catalogue shows all environments: leave out {join_names(environments)}")
    if key_file:
        raise click.UsageError("the catalogue has no signatures: leave out --sign, or name another --target, too")


def _render_catalogue(
    repository: Repository,
    result: CheckResult,
    failed: set[str],
    today: date,
    published: Publication,
    output: Path,
    check_only: bool,
) -> bool:
    """Write the catalogue, or only compare it; return whether it is out of date and was not written."""
    from roster.cli.publish import catalogue  # most runs render artifacts only

    folder = output / _CATALOGUE
    earlier = catalogue.earlier_files(folder)
    site = catalogue.catalogue_files(repository, result, failed, today, published)
    if not check_only:
        catalogue.write_site(folder, site, earlier)
    elif any(catalogue.site_changes(folder, site, earlier)):
        click.echo(f"{_CATALOGUE} is out of date: run roster render --target {_CATALOGUE}", err=True)
        return True
    return False


def _check(tree: Tree, today: date) -> CheckResult:
    with progress_bar() as progress:
        return check(tree, today, progress)


def _check_earlier(
    repository: Repository, ref: str, current: Publication, today: date
) -> tuple[Publication, CheckResult]:
    """Check the files of an earlier commit, which is published with its own revision and HEAD's sequence."""
    commit = CommitTree(repository.root, published_commit(repository.root, ref))
    click.echo(f"rolling back to {commit.name[:12]} as sequence {current.sequence}", err=True)
    try:
        return current._replace(revision=commit.name), _check(commit, today)
    except ConfigurationError as error:
        raise ConfigurationError(f"{commit.name[:12]} cannot be rendered: {error}") from None


def _report_own_keys(result: CheckResult, environments: Iterable[str]) -> None:
    """Report the keys that artifacts do not have because this version does not know them."""
    rosters = (result.rosters[name] for name in environments if name in result.rosters)
    keys = dict.fromkeys(key for roster in rosters for model in roster for key in model.own_values)
    if keys:
        click.echo(f"not rendered, because only {ROSTER_SCHEMA} has these keys: {', '.join(keys)}", err=True)


def _report_missing_values(result: CheckResult, environments: Iterable[str], today: date) -> None:
    """Report the models without a key that GitLab's gateway requires, and rosters do not."""
    for name in environments:
        for key, ids in missing_values(result.rosters[name], today).items():
            message = f"GitLab's gateway requires {key} of every model that can be selected"
            click.echo(f"{message}; {name} has none for {join_names(ids)}", err=True)


def report_errors(repository: Repository, result: CheckResult, environments: list[str], err: bool = False) -> set[str]:
    """Print the errors of environments, and return the environments with an error or without a roster.

    Args:
        err: print to standard error only, because standard output has another purpose.
    """
    errors, path_name = result.errors_in(environments), paths_from_here(repository.root)
    paint = terminal_text.plain if err else color.paint()
    report = check_text.write(errors.relocated(path_name), paint=paint)
    click.echo(report, nl=False, color=True, err=err)
    paths = {diagnostic.path for diagnostic in errors.diagnostics}
    invalid = {name for name in environments if roster_path(name) in paths}
    missing = {name for name in environments if name not in result.rosters}
    for name in environments:
        if name in invalid | missing:
            reason = "has an error" if name in invalid else "is missing"
            click.echo(f"{name} is not rendered: {path_name(roster_path(name))} {reason}", err=True)
    return invalid | missing


def render_artifacts(
    repository: Repository,
    result: CheckResult,
    targets: Iterable[str],
    environments: list[str],
    today: date,
    published: Publication,
    parsed: ParsedVersions = MappingProxyType({}),
) -> dict[str, bytes]:
    """Render the targets of environments, by their paths in the output folder, and validate them against schemas.

    Versions that are ``parsed`` are not parsed again.
    """
    rosters = [result.rosters[environment] for environment in environments]
    if published.revision != UNVERSIONED.revision:
        revision = published.revision.removesuffix("-dirty")
        roster_schema, registries = load_schema(repository, ROSTER_SCHEMA), result.registries
        rosters = with_retired_models(rosters, repository.root, revision, roster_schema, registries, today, parsed)
    rendered = {}
    for artifact_name in (name for target in targets for name in TARGETS[target]):
        artifact = ARTIFACTS[artifact_name]
        schema = load_schema(toolkit_repository(), f"schemas/{artifact_name}.schema.json")
        for roster in rosters:
            name = f"{roster.environment}/{artifact.file}"
            rendered[name] = artifact.render(roster, today, published, result.registries)
            schema.require_valid(rendered[name], name)
    return rendered


def _write(folder: Path, files: Iterable[str], stale: Mapping[Path, bytes]) -> None:
    """Write the files that changed, and remove signatures that no longer match."""
    signature_files = (path.with_name(path.name + SIGNATURE_SUFFIX) for path in stale)
    outdated = [path for path in signature_files if path not in stale and path.exists()]
    write_files(stale, outdated)
    for name in files:
        click.echo(f"{'wrote' if folder / name in stale else 'unchanged'} {shown_path(folder / name)}", err=True)
    for path in outdated:
        click.echo(f"removed {shown_path(path)}, the signature of the previous version", err=True)


def shown_path(path: Path) -> str:
    """Return a path from the current folder, so that a terminal can open it."""
    return printable(os.path.relpath(path))


def _problem(path: Path) -> str:
    if path.suffix != SIGNATURE_SUFFIX:
        return "is out of date: run roster render"
    return f"is {'wrong' if path.exists() else 'missing'}: run roster render --sign"


def _differs(path: Path, data: bytes) -> bool:
    return not path.is_file() or path.read_bytes() != data
