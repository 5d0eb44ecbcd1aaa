"""``roster gateway serve``."""

import os
from contextlib import suppress

import click

from roster.cli import USAGE
from roster.diagnostic import ConfigurationError


@click.command
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option("--port", type=click.IntRange(0, 65535), default=5052, show_default=True, help="The port; 0 takes any.")
def command(host: str, port: int) -> int:
    """Serve the list of models, and keep it up to date.

    SIGHUP asks the source at once. /docs describes the interface, /-/readiness says what is served and why.

    \b
    Examples:
      roster gateway serve
      roster gateway serve --host 0.0.0.0 --port 8080
    """
    try:
        import uvicorn

        from roster.gateway.app import app_from
    except ModuleNotFoundError as error:
        raise ConfigurationError(f"{error.name} is not installed: install roster[gateway]") from None
    app = app_from(os.environ)
    server = uvicorn.Server(uvicorn.Config(app, host=host, port=port, log_config=None, server_header=False))
    with suppress(KeyboardInterrupt):  # uvicorn has shut down in order, and raises the signal again
        server.run()
    return 0 if server.started else USAGE
