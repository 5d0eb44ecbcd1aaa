"""``roster gateway serve``."""

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
    default=5052,
    show_default=True,
    help="Port to listen on; 0 selects a free one.",
)
def command(host: str, port: int) -> int:
    """Serve the list of models and keep it up to date.

    SIGHUP polls the source immediately, SIGTERM stops the server. /docs describes the HTTP interface,
    /-/readiness reports what is served and recent failures.

    \b
    Examples:
      roster gateway serve
      roster gateway serve --host 0.0.0.0 --port 8080
    """
    return serve(host, port, _app, extra="gateway")


def _app() -> "FastAPI":
    from roster.gateway.gateway import create_app

    return create_app(os.environ)
