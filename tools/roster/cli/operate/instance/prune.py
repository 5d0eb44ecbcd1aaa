"""``roster instance prune``."""

from datetime import UTC, datetime, timedelta

import click

from roster.cli.operate.instance.group import missing_tables, open_instance
from roster.findings import ConfigurationError
from roster.naming import counted

_MAX_DAYS = 36_500


@click.command
@click.option(
    "--older-than",
    "days",
    metavar="DAYS",
    type=click.IntRange(1, _MAX_DAYS),
    required=True,
    help="Delete what is older than this number of days, at least 1.",
)
@click.option("--dry-run", is_flag=True, help="Only print how many rows would be deleted.")
def command(days: int, dry_run: bool) -> None:
    """Delete old audit events, sync runs and webhook messages, and expired sessions.

    Selections, their versions and tokens are kept, as are the latest sync run, that of the current list, and messages
    about attention entries that still apply. A change whose audit event is deleted can no longer be undone. Rows
    are deleted in small transactions, so that running servers can write in between.

    \b
    Examples:
      roster instance prune --older-than 365 --dry-run
      roster instance prune --older-than 365
    """
    with open_instance() as (_, database):
        if message := missing_tables(database):
            raise ConfigurationError(message)
        from roster.instance.history.pruning import count_prunable, prune

        now = datetime.now(UTC)
        before = now - timedelta(days=days)
        rows = count_prunable(database, before, now).items() if dry_run else prune(database, before)
        for name, number in rows:
            click.echo(f"{'would delete' if dry_run else 'deleted'} {counted(number, name)}")
