"""``roster instance export``."""

from datetime import UTC, datetime

import click

from roster.cli.operate.instance.group import missing_tables, open_instance, warn_if_off
from roster.findings import ConfigurationError


@click.command
@click.option(
    "--format",
    "format_name",
    type=click.Choice(["csv", "json"]),
    default="csv",
    show_default=True,
    help="Output format; docs/instance.md describes the columns.",
)
def command(format_name: str) -> None:
    """Export the selections of the instance and of all namespaces, with the model that serves each.

    \b
    Examples:
      roster instance export > selections.csv
      roster instance export --format json
    """
    with open_instance() as (_, database):
        if message := missing_tables(database):
            raise ConfigurationError(message)
        from roster.instance.selection.export import ExportFormat, export
        from roster.instance.selection.state import StateReader

        with database.read_transaction() as connection:
            state = StateReader().state(connection)
            warn_if_off(state.status)
            format = ExportFormat(format_name)
            for text in export(connection, state, format, datetime.now(UTC)):
                click.echo(text.encode(), nl=False)
