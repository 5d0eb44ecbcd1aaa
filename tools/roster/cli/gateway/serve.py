"""``roster gateway serve``."""

import gc
import os
import signal
import socket

import click

from roster.cli import DEFECT
from roster.cli.gateway import with_extra
from roster.diagnostic import ConfigurationError
from roster.naming import printable

_LEAVING_SECONDS = 5
"""How long an answer that is under way may hold up the end."""


@click.command
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option("--port", type=click.IntRange(0, 65535), default=5052, show_default=True, help="The port; 0 takes any.")
def command(host: str, port: int) -> int:
    """Serve the list of models, and keep it up to date.

    SIGHUP asks the source at once, SIGTERM ends it. /docs describes the interface, /-/readiness says
    what is served and why.

    \b
    Examples:
      roster gateway serve
      roster gateway serve --host 0.0.0.0 --port 8080
    """
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with _bound(host, port) as listener:
        with with_extra():
            from roster.gateway.app import app_from

            app = app_from(os.environ)
            import uvicorn
        _wake_collector()
        shown = f"[{host}]" if listener.family == socket.AF_INET6 else host
        click.echo(f"serving on http://{printable(shown)}:{listener.getsockname()[1]}", err=True)
        config = uvicorn.Config(app, log_config=None, server_header=False, timeout_graceful_shutdown=_LEAVING_SECONDS)
        server = uvicorn.Server(config)
        try:
            server.run([listener])
        except KeyboardInterrupt:  # uvicorn has shut down in order, and raises the signal again
            return 0  # to be asked to end is no failure
    return 0 if server.started else DEFECT


def _wake_collector() -> None:
    """Let the garbage collector work, which rests in commands that are soon over, without stopping requests for long.

    What is there by now stays, so it need not be looked through; and what lives long is rarely looked through again:
    the list, which has no cycles, makes up most of it.
    """
    gc.freeze()
    young, middle, _ = gc.get_threshold()
    gc.set_threshold(young, middle, 1000)
    gc.enable()


def _bound(host: str, port: int) -> socket.socket:
    """Return a socket that has the port, before anything is downloaded; it listens once there is something to serve."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        bound = socket.socket(family, kind, protocol)
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind(address)
    except (OSError, UnicodeError) as error:
        why = (getattr(error, "strerror", None) or "that is no name of a host").lower()
        raise ConfigurationError(f"port {port} of {printable(host)} cannot be listened on: {why}") from None
    return bound
