"""``roster docs --into``: the tables between the markers of Markdown documents."""

import shlex
from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path

import click

from roster.catalogue.document_tables import TABLES
from roster.catalogue.marked_document import MarkerProblem, Region, find_regions, replace_regions
from roster.catalogue.source import Source
from roster.catalogue.view_model import Catalogue
from roster.check.find_repository import find_repository
from roster.check.pipeline import check
from roster.check.result import CheckResult
from roster.cli.main import ExitStatus
from roster.cli.publish.render import report_errors
from roster.cli.terminal.file_changes import update_generated
from roster.cli.terminal.progress import progress_bar
from roster.naming import printable
from roster.publishing.sequence import UNVERSIONED
from roster.repository import Repository


def update_documents(paths: Iterable[Path], today: date, *, check_only: bool) -> int:
    """Write the tables of documents that are out of date, or only report them; return the command's exit status.

    All documents are written, or with an error in any of them or in a roster that they need, none.
    """
    repository = find_repository(Path())
    contents = {str(path): path.read_bytes() for path in dict.fromkeys(paths)}
    with progress_bar() as progress:
        result = check(repository, today, progress)
    regions = _regions(contents, result.registries.environments)
    if regions is None or _report_rosters(repository, result, regions):
        return ExitStatus.FINDINGS
    needed = {region.environment for found in regions.values() for region in found}
    rosters = {name: result.rosters[name] for name in needed}
    catalogue = Catalogue(Source(result.registries, rosters, {}, today, UNVERSIONED, None, {}))
    views = {view.name: view for view in catalogue.environments}
    after = {
        path: replace_regions(
            contents[path].decode(), found, lambda region: TABLES[region.table](catalogue, views[region.environment])
        )
        for path, found in regions.items()
    }
    command = shlex.join(["roster", "docs", *(word for path in after for word in ("--into", path))])
    return update_generated(Path(), contents, after, printable(command), check_only=check_only)


def _regions(contents: Mapping[str, bytes], environments: Iterable[str]) -> dict[str, list[Region]] | None:
    """Return the regions of each document; None, with messages on standard error, if something is wrong in one."""
    regions, is_valid = {}, True
    for path, data in contents.items():
        regions[path], problems = _read(data, list(environments))
        is_valid &= not problems
        for problem in problems:
            click.echo(f"{printable(path)}:{problem.line}:{problem.column}: {problem.message}", err=True)
    return regions if is_valid else None


def _read(data: bytes, environments: list[str]) -> tuple[list[Region], list[MarkerProblem]]:
    try:
        return find_regions(data.decode(), TABLES, environments)
    except UnicodeDecodeError as error:
        before = data[: error.start].decode()
        line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
        return [], [MarkerProblem(line, column, "the document is not UTF-8: convert it")]


def _report_rosters(repository: Repository, result: CheckResult, regions: Mapping[str, Iterable[Region]]) -> bool:
    """Report what is wrong with the rosters that the documents need; return whether something is."""
    needed = {region.environment for found in regions.values() for region in found}
    environments = [name for name in result.registries.environments if name in needed]
    return bool(report_errors(repository, result, environments, err=True))
