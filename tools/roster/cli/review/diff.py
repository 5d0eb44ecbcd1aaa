"""``roster diff``."""

import os
from collections.abc import Iterator
from datetime import date

import click

from roster.cli.exit_status import ExitStatus
from roster.cli.options.date_option import at_option
from roster.cli.options.format_option import Output, emit, outputs_option
from roster.cli.review.revisions import sides
from roster.cli.terminal import completion
from roster.cli.terminal.progress import bar
from roster.diff import diff_text
from roster.diff.compare import CheckedSide, checked, compare
from roster.diff.comparison import SIDES, Comparison
from roster.diff.kinds import Impact
from roster.diff.versions import Side
from roster.naming import counted, printable
from roster.report import output_formats

_ERRORS_TOLD = 10
_GRAVEST = [impact.value for impact in Impact]


@click.command
@click.argument("base", required=False)
@click.argument("head", required=False)
@click.option(
    "--environment",
    "environments",
    metavar="NAME",
    multiple=True,
    shell_complete=completion.environments,
    help="Compare this environment only; repeatable.",
)
@click.option(
    "--fail-on",
    type=click.Choice(_GRAVEST),
    help="Exit with 1 if a change weighs this much, or more.",
)
@outputs_option(output_formats.DIFF)
@at_option
def command(
    base: str | None,
    head: str | None,
    environments: tuple[str, ...],
    fail_on: str | None,
    outputs: tuple[Output, ...],
    today: date,
) -> int:
    """Tell what a change does to customers, whatever it does to the text.

    BASE and HEAD are each a revision of git, a folder with env/, or one roster. Without HEAD, the files as they are.
    Without BASE, the merge base of HEAD and the default branch; in a merge request's pipeline, of its target.

    A change is breaking, risky or safe. What was announced in time is safe, and env/environments.yaml can say
    otherwise for an environment. Exit status 1: HEAD has errors, or --fail-on has been met; 2: BASE has errors, and
    what can be compared was.

    \b
    Examples:
      roster diff
      roster diff main --fail-on breaking
      roster diff v1.0 v1.1 --environment production
      roster diff old.yaml env/production/offered_models_metadata.yaml
      roster diff --format text --format markdown=comment.md
    """
    before, after = (_checked(side, today) for side in sides(base, head, environments, os.environ))
    comparison = compare(before, after, today, environments)
    for line in _wrong(comparison):
        click.echo(line, err=True)
    emit(outputs, comparison)
    click.echo(diff_text.summary(comparison), err=True)
    if comparison.errors["base"]:
        return ExitStatus.USAGE
    found = comparison.impacts()
    failing = _GRAVEST[: _GRAVEST.index(fail_on) + 1] if fail_on else []
    return ExitStatus.FINDINGS if comparison.errors["head"] or any(found[Impact(impact)] for impact in failing) else 0


def _checked(side: Side, today: date) -> CheckedSide:
    with bar() as progress:
        return checked(side, today, progress)


def _wrong(comparison: Comparison) -> Iterator[str]:
    """Yield what keeps a comparison from being whole: the first errors of each side, and what is left out for them."""
    for side in SIDES:
        errors = comparison.errors[side]
        if errors:
            yield f"{comparison.names[side]} ({side}) has {counted(len(errors), 'error')}:"
        for found in errors[:_ERRORS_TOLD]:
            yield f"  {printable(found.path)}:{found.span.line}:{found.span.column} {found.rule} {found.message}"
        if errors[_ERRORS_TOLD:]:
            yield f"  and {len(errors) - _ERRORS_TOLD} more"
    for name in comparison.not_compared:
        yield f"{printable(name)} is not compared: its roster cannot be read"
