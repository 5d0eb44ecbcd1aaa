"""``roster instance flag``."""

import click

from roster.cli.operate.instance.group import create_and_upgrade, missing_tables, open_instance


@click.command
@click.argument("state", metavar="[on|off]", type=click.Choice(["on", "off"]), required=False)
def command(state: str | None) -> int:
    """Turn model selection on or off, or show whether it is on.

    While it is off, the instance does not sync, and the admin page and the API are disabled. Stored data is kept. A
    change takes effect in running servers immediately.

    \b
    Examples:
      roster instance flag
      roster instance flag on
    """
    with open_instance() as (_, database):
        from roster.instance.database import feature_flag

        if state:
            create_and_upgrade(database)
            with database.write_transaction() as connection:
                feature_flag.set_enabled(connection, state == "on")
        if message := missing_tables(database):
            click.echo(f"warning: {message}", err=True)
            enabled = False
        else:
            with database.read_transaction() as connection:
                enabled = feature_flag.is_enabled(connection)
        click.echo(f"{feature_flag.AI_MODEL_SWITCHING} is {'on' if enabled else 'off'}")
    return 0
