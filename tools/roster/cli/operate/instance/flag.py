"""``roster instance flag``."""

import click

from roster.cli.operate.instance.group import up_to_date


@click.command
@click.argument("switch", metavar="[on|off]", type=click.Choice(["on", "off"]), required=False)
def command(switch: str | None) -> int:
    """Switch the feature on or off, or say which it is.

    Off, there is no sync, no field and no page, and nothing that is stored changes. A server that runs follows at once.

    \b
    Examples:
      roster instance flag
      roster instance flag on
    """
    with up_to_date() as (_, database):
        from roster.instance.database import feature_flag

        if switch:
            with database.write_transaction() as connection:
                feature_flag.set_enabled(connection, switch == "on")
        with database.read_transaction() as connection:
            click.echo(f"{feature_flag.AI_MODEL_SWITCHING} is {'on' if feature_flag.is_enabled(connection) else 'off'}")
    return 0
