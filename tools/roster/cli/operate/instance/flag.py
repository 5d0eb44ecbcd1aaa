"""``roster instance flag``."""

import click

from roster.cli.operate.instance.group import open_instance


@click.command
@click.argument("state", metavar="[on|off]", type=click.Choice(["on", "off"]), required=False)
def command(state: str | None) -> int:
    """Turn the feature on or off, or show its state.

    While it is off, there is no sync, no API field and no page, and stored data does not change. Running servers follow
    at once.

    \b
    Examples:
      roster instance flag
      roster instance flag on
    """
    with open_instance() as (_, database):
        from roster.instance.database import feature_flag

        if state:
            with database.write_transaction() as connection:
                feature_flag.set_enabled(connection, state == "on")
        with database.read_transaction() as connection:
            enabled = feature_flag.is_enabled(connection)
        click.echo(f"{feature_flag.AI_MODEL_SWITCHING} is {'on' if enabled else 'off'}")
    return 0
