"""``roster diff``."""

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from functools import partial
from pathlib import Path

import click

from roster.check.single_roster import SingleRoster, check_version
from roster.check.trial_period import base_version
from roster.cli.main import ExitStatus
from roster.cli.options.date_option import at_option
from roster.cli.options.format_option import emit, outputs_option
from roster.cli.review.merge_request_links import blob_addresses
from roster.cli.review.revisions import NamedTree, resolve
from roster.cli.terminal import completion
from roster.cli.terminal.progress import progress_bar
from roster.diff import diff_report
from roster.diff.change import BASE, SIDES, Comparison
from roster.diff.compare import compare
from roster.diff.kinds import Impact
from roster.diff.versions import CheckedVersion
from roster.findings import Diagnostic
from roster.git.commit_tree import CommitTree
from roster.naming import counted, printable
from roster.report import output_formats
from roster.report.report_paths import PathNames, paths_from_here, report_paths

_MAX_ERRORS = 10


@click.command
@click.argument("base", required=False)
@click.argument("head", required=False)
@click.option(
    "--environment",
    "environments",
    metavar="NAME",
    multiple=True,
    shell_complete=completion.environments,
    help="Compare only this environment; repeatable.",
)
@click.option(
    "--fail-on",
    type=click.Choice([impact.value for impact in Impact]),
    help="Exit with status 1 if a change has this impact or a worse one.",
)
@outputs_option(output_formats.DIFF)
@at_option
def command(
    base: str | None,
    head: str | None,
    environments: tuple[str, ...],
    fail_on: str | None,
    outputs: tuple[output_formats.OutputFormat, ...],
    today: date,
) -> int:
    """Show the impact of changes on customers.

    BASE and HEAD are each a git revision, a folder with env/, or a single roster. HEAD defaults to the working tree.
    BASE defaults to the merge base of HEAD and the default branch, or of the target branch in a merge request pipeline.

    A change is breaking, risky or safe. A change that was announced in time is safe. env/environments.yaml can set
    other impacts for an environment. Exits with status 1 if HEAD has errors or a change has the impact of --fail-on
    or a worse one, and with status 2 if BASE has errors that HEAD does not have. Rosters that cannot be read are not
    compared.

    \b
    Examples:
      roster diff
      roster diff main --fail-on breaking
      roster diff v1.0 v1.1 --environment production
      roster diff old.yaml env/production/offered_models_metadata.yaml
      roster diff --format text --format markdown=comment.md
    """
    trees = resolve(base, head, environments, os.environ)
    old, new = (_checked(tree, today) for tree in trees)
    comparison = compare(old, new, today, environments)
    comparison = comparison._replace(addresses=blob_addresses(trees, os.environ))
    for line in _warnings(comparison.relocated(_names(trees, paths_from_here))):
        click.echo(line, err=True)
    emit(outputs, lambda output: (comparison.relocated(_names(trees, partial(report_paths, output=output))),))
    click.echo(diff_report.summary(comparison), err=True)
    if comparison.new_errors["base"]:
        return ExitStatus.USAGE
    failed = fail_on and any(change.impact.rank <= Impact(fail_on).rank for change in comparison.changes)
    return ExitStatus.FINDINGS if comparison.errors["head"] or failed else 0


def _checked(version: NamedTree, today: date) -> CheckedVersion:
    with progress_bar() as progress:
        result = check_version(version.name, version.tree, today, progress)
    tree = version.tree
    if isinstance(tree, SingleRoster):
        return CheckedVersion(version.name, result, tree.environment, tree.file)
    as_base = base_version(result, tree.versions, today) if isinstance(tree, CommitTree) else None
    return CheckedVersion(version.name, result, as_base=as_base)


def _names(trees: Iterable[NamedTree], paths: Callable[[Path], PathNames]) -> dict[str, PathNames]:
    """Return the names of files in a report, by side; a single file keeps the name that the user gave it."""
    roots = {side: getattr(tree.tree, "root", None) for side, tree in zip(SIDES, trees, strict=True)}
    return {side: paths(root) if root else str for side, root in roots.items()}


def _warnings(comparison: Comparison) -> Iterator[str]:
    """Yield the reasons why changes may be missing: the first errors of each version, and unreadable rosters."""
    yield from _errors("both versions have", comparison.shared_errors)
    for side in SIDES:
        yield from _errors(f"{comparison.names[side]} ({side}) has", comparison.new_errors[side])
    for name in comparison.not_compared:
        yield f"{printable(name)} is not compared: its roster cannot be read"
    for name in comparison.trials_unknown:
        yield f"trial periods in {printable(name)} are not checked: {comparison.names[BASE]} is not a commit"


def _errors(title: str, errors: Sequence[Diagnostic]) -> Iterator[str]:
    if errors:
        yield f"{title} {counted(len(errors), 'error')}:"
    for error in errors[:_MAX_ERRORS]:
        yield f"  {printable(error.path)}:{error.span.line}:{error.span.column} {error.rule} {error.message}"
    if errors[_MAX_ERRORS:]:
        yield f"  and {len(errors) - _MAX_ERRORS} more"
