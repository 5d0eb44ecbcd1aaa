"""``roster catalogue``."""

import json
from collections.abc import Collection, Iterable, Mapping
from datetime import date
from pathlib import Path, PurePosixPath

import click

from roster.atomic_write import write_files
from roster.catalogue.site import MANIFEST, build_site
from roster.catalogue.source import Source
from roster.check.changed_since import MergeBase
from roster.check.find_repository import find_repository
from roster.check.pipeline import check
from roster.check.result import CheckResult
from roster.cli.main import ExitStatus
from roster.cli.options.date_option import at_option
from roster.cli.options.path_type import PathType
from roster.cli.publish.render import render_artifacts, report_errors, shown_path
from roster.cli.publish.roster_versions import branch_commits, roster_versions
from roster.cli.terminal.progress import progress_bar
from roster.findings import ConfigurationError
from roster.publishing.sequence import UNVERSIONED, Publication, current_publication
from roster.repository import Repository
from roster.roster import Roster

_TARGETS = ("offered_models", "definitions")
"""The artifacts that pages link: those without endpoints, identifiers and key names."""


@click.command
@click.option("--output", type=PathType(file_okay=False), help="Output folder.  [default: dist/catalogue]")
@click.option(
    "--changed-since",
    "base",
    metavar="REF",
    help="Mark what changed since the merge base with REF, and list the changes on the first page.",
)
@at_option
def command(output: Path | None, base: str | None, today: date) -> int:
    """Write a static site that shows which models are offered for which features: dist/catalogue/index.html.

    It has a page for each environment, model and feature, the differences between environments, and the timeline. It
    has no endpoints, identifiers or names of keys, and needs no server. If a roster has an error, the page of its
    environment says so, and the exit status is 1.

    The output folder must be new, empty or an earlier catalogue; pages that are no longer needed are deleted from it.

    \b
    Examples:
      roster catalogue
      roster catalogue --output public
      roster catalogue --changed-since origin/main
    """
    repository = find_repository(Path())
    folder = output or repository.root / "dist" / "catalogue"
    earlier = earlier_files(folder)
    published = current_publication(repository.root, today)
    with progress_bar() as progress:
        result = check(repository, today, progress)
    failed = report_errors(repository, result, list(result.registries.environments), err=True)
    changed_since = MergeBase(repository, base, today).result.rosters if base is not None else None
    site = catalogue_files(repository, result, failed, today, published, changed_since)
    write_site(folder, site, earlier)
    return ExitStatus.FINDINGS if failed else 0


def catalogue_files(
    repository: Repository,
    result: CheckResult,
    failed: Collection[str],
    today: date,
    published: Publication,
    base: Mapping[str, Roster] | None = None,
) -> dict[str, bytes]:
    """Return the files of the catalogue by path.

    Args:
        failed: the environments that are not shown.
        base: the rosters before a change that the pages mark.
    """
    registries = result.registries
    environments = [name for name in registries.environments if name not in failed]
    problems = {name: "has an error" if name in result.environments else "is missing" for name in failed}
    rosters = {name: result.rosters[name] for name in environments}
    if published.revision == UNVERSIONED.revision:
        artifacts = render_artifacts(repository, result, _TARGETS, environments, today, published)
        return build_site(Source(registries, rosters, problems, today, published, None, artifacts, base=base))
    commit = published.revision.removesuffix("-dirty")
    commits = branch_commits(repository, commit)
    committed, first_commit = commits[commit][1], next(iter(commits))
    history = roster_versions(repository, commit, commits, environments, registries)
    parsed = {(each.roster.path, each.commit): each.roster for versions, _ in history.values() for each in versions}
    artifacts = render_artifacts(repository, result, _TARGETS, environments, today, published, parsed)
    return build_site(
        Source(registries, rosters, problems, today, published, committed, artifacts, history, first_commit, base)
    )


def earlier_files(folder: Path) -> list[Path]:
    """Return the files of the catalogue that is in a folder.

    Raises:
        ConfigurationError: the folder contains something else.
    """
    if not folder.is_dir() or not any(folder.iterdir()):
        return []
    try:
        names: list[str] = json.loads((folder / MANIFEST).read_bytes())["files"]
        if not isinstance(names, list):
            raise TypeError
        paths = [PurePosixPath(name) for name in names]
    except (OSError, ValueError, TypeError, KeyError, RecursionError):
        raise ConfigurationError(
            f"{folder} is not empty and contains no catalogue: choose another folder with --output, or empty it"
        ) from None
    return [folder / path for path in paths if not path.is_absolute() and ".." not in path.parts]


def write_site(folder: Path, site: Mapping[str, bytes], earlier: Iterable[Path]) -> None:
    """Write the files that changed, and delete those that the site no longer has."""
    changed, outdated = site_changes(folder, site, earlier)
    write_files(changed, outdated)
    click.echo(f"{shown_path(folder)}: {len(site)} files, {len(changed)} written, {len(outdated)} deleted", err=True)


def site_changes(
    folder: Path, site: Mapping[str, bytes], earlier: Iterable[Path]
) -> tuple[dict[Path, bytes], list[Path]]:
    """Return the files that differ from those in the folder, and those that the site no longer has."""
    files = {folder / name: data for name, data in site.items()}
    changed = {path: data for path, data in files.items() if not path.is_file() or path.read_bytes() != data}
    return changed, [path for path in earlier if path not in files and path.is_file()]
