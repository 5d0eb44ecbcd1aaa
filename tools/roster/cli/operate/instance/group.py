"""``roster instance``: the instance's side from the command line."""

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
        "flag": ("roster.cli.operate.instance.flag", "Switch the feature on or off, or say which it is."),
        "migrate": ("roster.cli.operate.instance.migrate", "Bring the database to this version of roster, or back."),
        "serve": ("roster.cli.operate.instance.serve", "Serve the page and the API, and keep the list up to date."),
        "sync": ("roster.cli.operate.instance.sync", "Copy the offered list from the gateway once."),
        "token": ("roster.cli.operate.instance.token", "Make a token for the page and the API."),
    }
}


@click.group(cls=LazyGroup, sections=_SECTIONS)
def command() -> None:
    """Copy the offered list from a gateway, and choose from it.

    The settings come from the environment variables of docs/instance.md.

    \b
    Examples:
      roster instance flag on
      roster instance sync
    """


@contextmanager
def opened() -> Iterator[tuple["InstanceSettings", "Database"]]:
    """Give the settings, whose warnings are told, and their database as it is."""
    with with_extra("instance"):
        from roster.instance.database.connections import Database
        from roster.instance.instance_settings import load_settings

    found, warnings = load_settings(os.environ)
    for warning in warnings:
        click.echo(f"warning: {warning}", err=True)
    database = Database(found.database)
    try:
        yield found, database
    finally:
        database.close()


@contextmanager
def up_to_date() -> Iterator[tuple["InstanceSettings", "Database"]]:
    """Give the settings and their database, migrated."""
    with opened() as (found, database):
        from roster.instance.database.migrate import upgrade

        upgrade(database)
        yield found, database
