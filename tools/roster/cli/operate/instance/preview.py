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

    from roster.instance.selection.offered_list import OfferedList
    from roster.instance.selection.preview import Preview


@click.command
@click.option("--at", "day", type=parse_date, metavar="DATE", required=True, help="The day, such as 2027-01-31.")
@NAMESPACE_OPTION
def command(day: date, namespace: int | None) -> int:
    """Show which features another model will serve until a day, and why.

    Applies the retirements that the list announces to the selections of today. Without --namespace, also counts the
    namespaces that selected a model and get another one.

    \b
    Examples:
      roster instance preview --at 2027-01-31
      roster instance preview --at 2027-01-31 --namespace 7
    """
    today = datetime.now(UTC).date()
    with open_instance() as (_, database):
        from roster.instance.selection.namespace_selections import load_namespace_counts
        from roster.instance.selection.preview import preview, preview_problem
        from roster.instance.selection.resolution import SelectionLevel
        from roster.instance.selection.state import StateReader

        if problem := preview_problem(day, today):
            raise click.BadParameter(problem, param_hint="--at")
        if message := missing_tables(database):
            raise ConfigurationError(message)
        with database.read_transaction() as connection:
            state = StateReader().state(connection, namespace)
            counts = {} if namespace else load_namespace_counts(connection, state.offered)
    warn_about(state.status)
    start = SelectionLevel.INSTANCE if namespace is None else SelectionLevel.NAMESPACE
    found = preview(state.offered, state.instance, today, day, state.namespace, start, counts)
    for line in _lines(state.offered, found):
        click.echo(printable(line))
    click.echo(f"{counted(found.unchanged, 'feature')} of {len(found.features)} unchanged on {day}", err=True)
    return 0


def _lines(offered: "OfferedList", found: "Preview") -> "Iterator[str]":
    from roster.instance.selection.effect_wording import describe_moves
    from roster.instance.selection.words import sentence

    for day, feature, _, change, moves in found.by_day:
        if change:
            models = [id_ or "no model" for id_ in (change.before, change.after)]
            yield f"{day}  {feature}: {' → '.join(models)}"
            yield f"            {sentence(change.words)}"
        elif moves:
            yield f"{day}  {feature}: {counted(moves.namespaces, 'namespace')} with a selection"
        if moves:
            yield f"            {describe_moves(offered, moves.moves)}"
