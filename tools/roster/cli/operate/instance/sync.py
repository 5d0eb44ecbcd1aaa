"""``roster instance sync``."""

from typing import TYPE_CHECKING

import click

from roster.cli.exit_status import ExitStatus
from roster.cli.missing_extra import with_extra
from roster.cli.operate.instance.group import up_to_date
from roster.download.rejection import REASONS
from roster.naming import join_names, printable

if TYPE_CHECKING:
    from roster.instance.sync.sync import SyncResult

if TYPE_CHECKING:
    pass

_TOLD = {
    "off": "nothing is asked for: the feature is off (roster instance flag on)",
    "unchanged": "nothing is new",
    "recovered": "nothing is new, after the sync before failed",
    "superseded": "nothing is done: other syncs were quicker, time and again",
}


@click.command
def command() -> int:
    """Copy the offered list from the gateway once, and tell what that changed.

    Exits with 1 if the list is refused, and keeps the one that is there; docs/gateway.md says what each reason means.

    \b
    Examples:
      roster instance sync
    """
    with up_to_date() as (settings, database):
        with with_extra("instance"):
            from roster.instance.sync.sync import Sync

        result = Sync(database, settings).run()
    if result.defect:
        raise result.defect
    if result.outcome == "failed":
        return _tell_failure(result)
    for what in ("added", "changed", "removed"):
        if ids := getattr(result, what):
            click.echo(f"{what:<7}  {join_names(map(printable, ids))}")
    click.echo(_TOLD.get(result.outcome) or _summary(result), err=True)
    return 0


def _summary(result: "SyncResult") -> str:
    added, changed, removed = map(len, (result.added, result.changed, result.removed))
    return f"the list is replaced: {added:,} added, {changed:,} changed, {removed:,} removed"


def _tell_failure(result: "SyncResult") -> int:
    reason = REASONS[result.reason or ""]
    click.echo(f"refused: {result.reason}: {printable(result.message or '')}", err=True)
    click.echo(f"{reason.meaning} {reason.remedy}", err=True)
    return ExitStatus.FINDINGS
