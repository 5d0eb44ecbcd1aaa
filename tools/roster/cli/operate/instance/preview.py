"""``roster instance preview``."""

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import click

from roster.cli.operate.instance.explain import NAMESPACE_OPTION
from roster.cli.operate.instance.group import missing_tables, open_instance, warn_about
from roster.cli.options.date_option import parse_date
from roster.findings import ConfigurationError
from roster.naming import counted, printable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from roster.instance.selection.preview import Preview


@click.command
@click.option("--at", "day", type=parse_date, metavar="DATE", required=True, help="The day, such as 2027-01-31.")
@NAMESPACE_OPTION
def command(day: date, namespace: int | None) -> int:
    """Show which features another model will serve until a day, and why.

    Applies the retirements that the list announces to the selections of today.

    \b
    Examples:
      roster instance preview --at 2027-01-31
      roster instance preview --at 2027-01-31 --namespace 7
    """
    today = datetime.now(UTC).date()
    with open_instance() as (_, database):
        from roster.instance.selection.preview import preview, preview_problem
        from roster.instance.selection.resolution import SelectionLevel
        from roster.instance.selection.state import StateReader

        if problem := preview_problem(day, today):
            raise click.BadParameter(problem, param_hint="--at")
        if message := missing_tables(database):
            raise ConfigurationError(message)
        with database.read_transaction() as connection:
            state = StateReader().state(connection, namespace)
    warn_about(state.status)
    start = SelectionLevel.INSTANCE if namespace is None else SelectionLevel.NAMESPACE
    found = preview(state.offered, state.instance, today, day, state.namespace, start)
    for line in _lines(found):
        click.echo(printable(line))
    unchanged = sum(feature.now == feature.model for feature in found.features)
    click.echo(f"{counted(unchanged, 'feature')} of {len(found.features)} unchanged on {day}", err=True)
    return 0


def _lines(found: "Preview") -> "Iterator[str]":
    from roster.instance.selection.words import sentence

    for change in found.changes:
        models = [id_ or "no model" for id_ in (change.before, change.after)]
        yield f"{change.day}  {change.feature}: {' → '.join(models)}"
        yield f"            {sentence(change.words)}"
