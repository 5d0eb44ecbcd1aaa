"""``roster instance``: commands to operate an instance."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from roster.cli.main import LazyGroup
from roster.cli.missing_extra import with_extra

if TYPE_CHECKING:
    from roster.instance.database.connections import Database
    from roster.instance.instance_settings import InstanceSettings

_SECTIONS = {
    "Commands": {
        "explain": ("roster.cli.operate.instance.explain", "Explain which model serves a feature, and why."),
        "flag": ("roster.cli.operate.instance.flag", "Turn the feature on or off, or show its state."),
        "migrate": ("roster.cli.operate.instance.migrate", "Upgrade or downgrade the database."),
        "serve": ("roster.cli.operate.instance.serve", "Serve the admin page and the API, and sync the list."),
        "sync": ("roster.cli.operate.instance.sync", "Sync the list of offered models from the gateway once."),
        "token": ("roster.cli.operate.instance.token", "Create a token for the page and the API."),
    }
}


@click.group(cls=LazyGroup, sections=_SECTIONS)
def command() -> None:
    """Operate an instance: sync the list from a gateway, and select models.

    Settings are read from the environment variables described in docs/instance.md.

    \b
    Examples:
      roster instance flag on
      roster instance sync
    """


@contextmanager
def open_instance(migrated: bool = True) -> Iterator[tuple["InstanceSettings", "Database"]]:
    """Print the settings' warnings, and yield the settings and the database, migrated unless requested otherwise."""
    with with_extra("instance"):
        from roster.instance.database import migrate
        from roster.instance.database.connections import Database
        from roster.instance.instance_settings import load_settings

    settings, warnings = load_settings(os.environ)
    for warning in warnings:
        click.echo(f"warning: {warning}", err=True)
    database = Database(settings.database)
    try:
        if migrated:
            migrate.upgrade(database)
        yield settings, database
    finally:
        database.close()
