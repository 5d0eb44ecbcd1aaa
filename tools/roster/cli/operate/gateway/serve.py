"""``roster gateway serve``."""

import click

from roster.cli.operate.server import address_options, serve


@click.command
@address_options(5052)
def command(host: str, port: int) -> int:
    """Serve the list of models and keep it up to date.

    SIGHUP polls the source immediately, SIGTERM stops the server. /docs describes the HTTP interface,
    /-/readiness reports what is served and recent failures.

    \b
    Examples:
      roster gateway serve
      roster gateway serve --host 0.0.0.0 --port 8080
    """
    return serve(host, port, "roster.gateway.app:create_app", "gateway")
