"""``roster instance migrate``."""

import click

from roster.cli.operate.instance.group import open_instance


@click.command
@click.option("--down", metavar="REVISION", help='Downgrade to a revision; "base" deletes all data.')
def command(down: str | None) -> int:
    """Upgrade the database to this version of roster, or downgrade it to an older one.

    All other commands upgrade the database automatically.

    \b
    Examples:
      roster instance migrate
      roster instance migrate --down 0001
    """
    with open_instance(migrated=False) as (_, database):
        from roster.instance.database.migrate import current_revision, downgrade, upgrade

        if down:
            downgrade(database, down)
        else:
            upgrade(database)
        with database.read_transaction() as connection:
            click.echo(f"the database is at revision {current_revision(connection) or 'base'}")
    return 0
