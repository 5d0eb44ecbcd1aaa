"""``roster render``."""

from collections.abc import Iterable
from datetime import date
from pathlib import Path

import click

from roster.atomic_write import write_files
from roster.check.loading import load_schema
from roster.check.pipeline import check
from roster.check.result import CheckResult
from roster.check.tombstone_history import with_retired_models
from roster.cli.exit_status import ExitStatus
from roster.cli.options.date_option import at_option
from roster.cli.options.signing_option import passphrase_option, sign_option, signatures
from roster.cli.terminal import color, completion
from roster.cli.terminal.progress import progress_bar
from roster.findings import ConfigurationError, Severity
from roster.git.commit_tree import CommitTree
from roster.publishing.sequence import NUMBERS, UNVERSIONED, Publication, earlier, publication
from roster.publishing.signature import ENDING
from roster.render.artifacts import ARTIFACTS
from roster.report import check_text, terminal_text
from roster.repository import ROSTER_SCHEMA, Repository, Tree, roster_path


@click.command
@click.argument("environments", nargs=-1, metavar="[ENVIRONMENT]...", shell_complete=completion.environments)
@click.option("--check", "check_only", is_flag=True, help="Write nothing; exit with 1 if an artifact is out of date.")
@click.option(
    "--output", type=click.Path(path_type=Path, file_okay=False), help="The folder to write to.  [default: dist]"
)
@click.option(
    "--revision", metavar="REF", help="Go back: render the rosters and registries of an earlier commit on this branch."
)
@click.option(
    "--publication",
    "number",
    metavar="N",
    type=click.IntRange(1, NUMBERS),
    envvar="ROSTER_PUBLICATION",
    show_envvar=True,
    help="A number higher than that of any other publication of HEAD.  [default: 1 with --revision]",
)
@click.option(
    "--target",
    "targets",
    type=click.Choice(list(ARTIFACTS)),
    multiple=True,
    default=[name for name, artifact in ARTIFACTS.items() if artifact.by_default],
    show_default=True,
    help="What to render; repeatable.",
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
    """Write the artifacts that gateways download: dist/<environment>/offered_models.json and gateway.json.

    Other targets are what GitLab asks a gateway for today (definitions.json) and a configuration for LiteLLM's proxy
    (litellm.yaml). A roster with an error is not rendered, and what was there before stays.

    With --sign, each artifact gets a signature beside it, FILE.sig, that roster verify and gateways hold it to.
    Without, an artifact that changes loses the signature that it had.

    \b
    Examples:
      roster render
      roster render production --at 2027-01-01
      roster render --target litellm --target definitions
      roster render --sign KEY.pem
      roster render --check
      roster render --revision HEAD~1
    """
    repository = Repository.containing(Path())
    if number is None:
        number = 0 if revision is None else 1
    published = publication(repository.root, today, number)
    if revision is None:
        result = _checked(repository, today)
    else:
        published, result = _earlier(repository, revision, published, today)
    chosen = result.registries.select_environments(environments)
    wrong = refused(result, chosen)
    wanted = [name for name in chosen if name not in wrong]
    rendered = artifacts(repository, result, targets, wanted, today, published)
    files = dict(sorted((rendered | signatures(rendered, key_file, passphrase_variable)).items()))
    folder = output or repository.root / "dist"
    stale = {folder / name: data for name, data in files.items() if _differs(folder / name, data)}
    if check_only:
        for path in stale:
            click.echo(f"{path.relative_to(folder)} {_complaint(path)}", err=True)
        return ExitStatus.FINDINGS if stale or wrong else 0
    outdated = [old for path in stale if (old := path.with_name(path.name + ENDING)) not in stale and old.exists()]
    write_files(stale, outdated)
    for name in files:
        click.echo(f"{'wrote' if folder / name in stale else 'unchanged'} {folder.name}/{name}", err=True)
    for path in outdated:
        click.echo(f"removed {folder.name}/{path.relative_to(folder)}, which signed what was there before", err=True)
    return ExitStatus.FINDINGS if wrong else 0


def _checked(tree: Tree, today: date) -> CheckResult:
    with progress_bar() as progress:
        return check(tree, today, progress)


def _earlier(repository: Repository, ref: str, now: Publication, today: date) -> tuple[Publication, CheckResult]:
    """Check an earlier commit; return what rendering it publishes in the place of what HEAD would, and the result."""
    commit = CommitTree(repository.root, earlier(repository.root, ref))
    click.echo(f"going back to {commit.name[:12]}, as sequence {now.sequence}", err=True)
    try:
        return now._replace(revision=commit.name), _checked(commit, today)
    except ConfigurationError as error:
        raise ConfigurationError(f"{commit.name[:12]} cannot be rendered: {error}") from None


def refused(result: CheckResult, chosen: list[str], err: bool = False) -> set[str]:
    """Report the errors of the chosen environments, and return those that have one or have no roster.

    ``err``: everything goes to standard error, since standard output is for something else.
    """
    paths = {roster_path(name): name for name in chosen}
    errors = [found for found in result.diagnostics if found.severity is Severity.ERROR and found.path in paths]
    told = result._replace(diagnostics=tuple(errors))
    paint = terminal_text.plain if err else color.paint()
    click.echo(check_text.write(told, paint=paint), nl=False, color=True, err=err)
    wrong, missing = {paths[found.path] for found in errors}, {name for name in chosen if name not in result.rosters}
    for name in chosen:
        if name in wrong | missing:
            reason = "has an error" if name in wrong else "is missing"
            click.echo(f"{name} is not rendered: {roster_path(name)} {reason}", err=True)
    return wrong | missing


def artifacts(
    repository: Repository,
    result: CheckResult,
    targets: Iterable[str],
    environments: list[str],
    today: date,
    published: Publication,
) -> dict[str, bytes]:
    """Render the targets of some environments, by their paths in the output folder, and hold each to its schema."""
    rosters = [result.rosters[environment] for environment in environments]
    if published.revision != UNVERSIONED.revision:
        revision = published.revision.removesuffix("-dirty")
        roster_schema = load_schema(repository, ROSTER_SCHEMA)
        rosters = with_retired_models(rosters, repository.root, revision, roster_schema, result.registries, today)
    rendered = {}
    for target in targets:
        artifact, schema = ARTIFACTS[target], load_schema(repository, f"schemas/{target}.schema.json")
        for roster in rosters:
            name = f"{roster.environment}/{artifact.file}"
            rendered[name] = artifact.render(roster, today, published, result.registries)
            schema.require_valid(rendered[name], name)
    return rendered


def _complaint(path: Path) -> str:
    """Say what is wrong with a file that is not what it should be."""
    if path.suffix != ENDING:
        return "is out of date: run roster render"
    return f"is {'wrong' if path.exists() else 'missing'}: run roster render --sign"


def _differs(path: Path, data: bytes) -> bool:
    return not path.is_file() or path.read_bytes() != data
