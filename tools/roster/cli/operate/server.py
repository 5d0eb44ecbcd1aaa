"""How a server runs: it has its port before it has anything to serve, and ends in order when it is asked to."""

import gc
import signal
import socket
from collections.abc import Callable
from typing import TYPE_CHECKING

import click

from roster.cli.exit_status import ExitStatus
from roster.cli.missing_extra import with_extra
from roster.findings import ConfigurationError
from roster.naming import printable

if TYPE_CHECKING:
    from fastapi import FastAPI

_LEAVING_SECONDS = 5
"""How long an answer that is under way may hold up the end."""


def serve(host: str, port: int, app: Callable[[], "FastAPI"], extra: str) -> int:
    """Serve an app until SIGTERM or SIGINT ends it, and return the exit status.

    Args:
        port: 0 takes any that is free.
        app: makes what is served; it imports what comes with the extra.

    Raises:
        ConfigurationError: the port cannot be had, or the extra is not installed.
    """
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with _bound(host, port) as listener:
        with with_extra(extra):
            served = app()
            import uvicorn
        _wake_collector()
        shown = f"[{host}]" if listener.family == socket.AF_INET6 else host
        click.echo(f"serving on http://{printable(shown)}:{listener.getsockname()[1]}", err=True)
        config = uvicorn.Config(
            served, log_config=None, server_header=False, timeout_graceful_shutdown=_LEAVING_SECONDS
        )
        server = uvicorn.Server(config)
        try:
            server.run([listener])
        except KeyboardInterrupt:  # uvicorn has shut down in order, and raises the signal again
            return 0  # to be asked to end is no failure
    return 0 if server.started else ExitStatus.DEFECT


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
