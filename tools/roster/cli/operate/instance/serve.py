"""``roster instance serve``."""

import os
from typing import TYPE_CHECKING

import click

from roster.cli.operate.server import serve

if TYPE_CHECKING:
    from fastapi import FastAPI


@click.command
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=5053,
    show_default=True,
    help="Port to listen on; 0 for any.",
)
def command(host: str, port: int) -> int:
    """Serve the admin page and the GraphQL API, and sync the list in the background.

    SIGHUP syncs at once, SIGTERM stops the server. The page is at /admin/model_selection, the API at /api/graphql, and
    /-/readiness reports the state of the list.

    \b
    Examples:
      roster instance serve
      roster instance serve --host 0.0.0.0 --port 8080
    """
    return serve(host, port, _app, "instance")


def _app() -> "FastAPI":
    from roster.instance.app import create_app_from_environment

    return create_app_from_environment(os.environ)
