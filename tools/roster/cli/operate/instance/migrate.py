"""``roster instance migrate``."""

import click

from roster.cli.operate.instance.group import create_and_upgrade, missing_file, open_instance
from roster.findings import ConfigurationError


@click.command
@click.option("--down", metavar="REVISION", help='Downgrade to a revision; "base" deletes all data.')
def command(down: str | None) -> int:
    """Upgrade the database to this version of roster, or downgrade it to an older one.

    The server and all commands that write upgrade the database automatically.

    \b
    Examples:
      roster instance migrate
      roster instance migrate --down 0001
    """
    if down == "":
        raise click.UsageError("the revision is empty; is its variable empty?")
    with open_instance() as (_, database):
        from roster.instance.database.migrate import current_revision, downgrade

        if down:
            if message := missing_file(database):
                raise ConfigurationError(message)
            downgrade(database, down)
        else:
            create_and_upgrade(database)
        with database.read_transaction() as connection:
            click.echo(f"the database is at revision {current_revision(connection) or 'base'}")
    return 0
