"""``roster instance``: the instance's side from the command line."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from roster.cli import LazyGroup
from roster.cli.extra import with_extra

if TYPE_CHECKING:
    from roster.instance.database import Database
    from roster.instance.settings import Settings

_COMMANDS = {
    "explain": "Explain which model serves a feature, and why.",
    "flag": "Switch the feature on or off, or say which it is.",
    "migrate": "Bring the database to this version of roster, or back.",
    "serve": "Serve the page and the API, and keep the list up to date.",
    "sync": "Copy the offered list from the gateway once.",
    "token": "Make a token for the page and the API.",
}


@click.group(cls=LazyGroup, package=__name__, lazy=_COMMANDS)
def command() -> None:
    """Copy the offered list from a gateway, and choose from it.

    The settings come from the environment variables of docs/instance.md.

    \b
    Examples:
      roster instance flag on
      roster instance sync
    """


@contextmanager
def opened() -> Iterator[tuple["Settings", "Database"]]:
    """Give the settings, whose warnings are told, and their database as it is."""
    with with_extra("instance"):
        from roster.instance.database import Database
        from roster.instance.settings import settings

    found, warnings = settings(os.environ)
    for warning in warnings:
        click.echo(f"warning: {warning}", err=True)
    database = Database(found.database)
    try:
        yield found, database
    finally:
        database.close()


@contextmanager
def up_to_date() -> Iterator[tuple["Settings", "Database"]]:
    """Give the settings and their database, migrated."""
    with opened() as (found, database):
        from roster.instance.migrate import upgrade

        upgrade(database)
        yield found, database
