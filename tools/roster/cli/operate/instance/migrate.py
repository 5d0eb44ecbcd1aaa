"""``roster instance migrate``."""

import click

from roster.cli.operate.instance.group import opened


@click.command
@click.option("--down", metavar="REVISION", help='Undo what came after a revision; "base" undoes all, and loses all.')
def command(down: str | None) -> int:
    """Bring the database to this version of roster, or back to an older one.

    The other commands bring it to this version by themselves.

    \b
    Examples:
      roster instance migrate
      roster instance migrate --down 0001
    """
    with opened() as (_, database):
        from roster.instance.database.migrate import current_revision, downgrade, upgrade

        if down:
            downgrade(database, down)
        else:
            upgrade(database)
        with database.read_transaction() as connection:
            click.echo(f"the database is at revision {current_revision(connection) or 'base'}")
    return 0
