"""``roster instance sync``."""

from typing import TYPE_CHECKING

import click

from roster.cli.main import ExitStatus
from roster.cli.operate.instance.group import create_and_upgrade, open_instance
from roster.download.rejection import REASONS
from roster.naming import join_names, printable

if TYPE_CHECKING:
    from roster.instance.sync.sync import SyncResult

_SUMMARIES = {
    "off": "skipped: the feature is off (turn it on with roster instance flag on)",
    "unchanged": "the list is unchanged",
    "recovered": "the list is unchanged; the previous sync failed",
    "superseded": "skipped: another process kept replacing the list first",
}

_MAX_IDS = 20


@click.command
def command() -> int:
    """Sync the list of offered models from the gateway once, and show what changed.

    If the list is rejected, keeps the current one and exits with status 1; docs/gateway.md explains the reasons.

    \b
    Example:
      roster instance sync
    """
    with open_instance() as (settings, database):
        from roster.instance.sync.lease import record_contact
        from roster.instance.sync.sync import Sync

        sync = Sync(database, settings)
        create_and_upgrade(database)
        result = sync.run()
        if result.reached_gateway:
            record_contact(database)
    if result.defect:
        raise result.defect
    if result.outcome == "failed":
        return _print_rejection(result)
    changes = {kind: models for kind, models in result.difference.by_kind.items() if models}
    width = max(map(len, ("removed", *changes)))
    for kind, models in changes.items():
        click.echo(f"{kind:<{width}}  {join_names(map(printable, models), limit=_MAX_IDS)}")
    for sentence in result.changes:
        click.echo(sentence)
    for sentence in (result.message or "").splitlines():
        click.echo(f"warning: {printable(sentence)}", err=True)
    click.echo(_SUMMARIES.get(result.outcome) or f"list replaced: {result.difference}", err=True)
    return 0


def _print_rejection(result: "SyncResult") -> int:
    explanation = REASONS[result.reason or ""]
    click.echo(f"rejected: {result.reason}: {printable(result.message or '')}", err=True)
    click.echo(f"{explanation.meaning} {explanation.remedy}", err=True)
    return ExitStatus.FINDINGS
