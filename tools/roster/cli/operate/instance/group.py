"""``roster instance``: commands to operate an instance."""

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

from roster.cli.main import LazyGroup
from roster.cli.missing_extra import with_extra

if TYPE_CHECKING:
    from roster.instance.database.connections import Database
    from roster.instance.instance_settings import InstanceSettings
    from roster.instance.selection.state import InstanceStatus

_SECTIONS = {
    "Commands": {
        "explain": ("roster.cli.operate.instance.explain", "Explain which model serves a feature, and why."),
        "export": ("roster.cli.operate.instance.export", "Export all selections as CSV or JSON."),
        "flag": ("roster.cli.operate.instance.flag", "Turn the feature on or off, or show its state."),
        "migrate": ("roster.cli.operate.instance.migrate", "Upgrade or downgrade the database."),
        "preview": ("roster.cli.operate.instance.preview", "Show what will serve on a future day."),
        "prune": ("roster.cli.operate.instance.prune", "Delete old audit events and other old records."),
        "serve": ("roster.cli.operate.instance.serve", "Serve the admin page and the API, and sync the list."),
        "sync": ("roster.cli.operate.instance.sync", "Sync the list of offered models from the gateway once."),
        "token": ("roster.cli.operate.instance.token", "Create, list and revoke tokens for the page and the API."),
    }
}


class InstanceGroup(LazyGroup):
    """The group, whose commands need the extra ``instance``."""

    def invoke(self, context: click.Context) -> Any:
        """Run a command; a missing package is reported with the command that installs it."""
        with with_extra("instance"):
            return super().invoke(context)


@click.group(cls=InstanceGroup, sections=_SECTIONS)
def command() -> None:
    """Operate an instance: sync the list from a gateway, and select models.

    Settings are read from the environment variables described in docs/instance.md.

    \b
    Examples:
      roster instance flag on
      roster instance sync
    """


@contextmanager
def open_instance() -> Iterator[tuple["InstanceSettings", "Database"]]:
    """Yield the settings and the database; print the settings' warnings and which database it is."""
    from roster.instance.database.connections import Database
    from roster.instance.instance_settings import load_settings

    logging.getLogger("roster.instance").addHandler(logging.NullHandler())  # errors are printed once
    settings, warnings = load_settings(os.environ)
    for warning in warnings:
        click.echo(f"warning: {warning}", err=True)
    database = Database(settings.database)
    click.echo(f"using the {database}", err=True)
    try:
        yield settings, database
    finally:
        database.close()


def create_and_upgrade(database: "Database") -> None:
    """Prepare the database for a command that writes to it; print if it is new."""
    from roster.instance.database import migrate
    from roster.instance.instance_settings import DATABASE_URL

    if database.create():
        click.echo(f"created the {database}; to use another one, set {DATABASE_URL}", err=True)
    migrate.upgrade(database)


def missing_file(database: "Database") -> str:
    """Return that there is no database, for a command that does not create one; empty if there is."""
    from roster.instance.instance_settings import DATABASE_URL

    if database.exists():
        return ""
    return f"there is no {database}: set {DATABASE_URL} to the instance's, or create it with roster instance migrate"


def missing_tables(database: "Database") -> str:
    """Return that a command cannot read the database; empty if it can."""
    from roster.instance.database import migrate

    if message := missing_file(database):
        return message
    return "" if migrate.is_current(database) else f"the {database} is not migrated: run roster instance migrate"


def warn_about(status: "InstanceStatus") -> None:
    """Print why models and selections may not be what the reader expects."""
    if status.list is None:
        click.echo("warning: there is no list yet: get it with roster instance sync", err=True)
    warn_if_off(status)


def warn_if_off(status: "InstanceStatus") -> None:
    """Print a warning while the feature flag is off."""
    if not status.enabled:
        click.echo("warning: the feature is off, so selections have no effect: roster instance flag on", err=True)
