"""Running an HTTP server: the port is bound before anything is downloaded, and signals shut it down gracefully.

SIGTERM ends the process within five seconds, whatever it does at the time.
"""

import gc
import logging
import os
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pkgutil import resolve_name
from threading import Thread, Timer
from typing import TYPE_CHECKING, Any

import click

from roster.cli.main import ExitStatus
from roster.cli.missing_extra import with_extra
from roster.findings import ConfigurationError
from roster.http_server.json_logs import configure_logging
from roster.naming import printable

if TYPE_CHECKING:
    import uvicorn

_log = logging.getLogger("roster.server")

_SHUTDOWN_SECONDS = 3
"""How long shutdown waits for responses in progress."""
_EXIT_SECONDS = 4.5
"""How long the whole shutdown may take, with everything that the app releases."""


def address_options(default_port: int) -> Callable[[Any], Any]:
    """Return a decorator for the options of the address to serve on."""
    port = click.option(
        "--port",
        type=click.IntRange(0, 65535),
        default=default_port,
        show_default=True,
        help="Port to listen on; 0 selects a free one.",
    )
    host = click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
    return lambda command: host(port(command))


def serve(host: str, port: int, app_factory: str, extra: str) -> int:
    """Serve an app until SIGTERM or SIGINT, and return the exit status; log why it cannot start.

    Args:
        port: 0 selects a free one.
        app_factory: ``module:function``; the function creates an app from environment variables. Imported only when
            the port is bound, because it needs packages of the extra.
    """
    try:
        return _serve(host, port, app_factory, extra)
    except ConfigurationError as error:
        # Programs read this line, too. Usually, logging is configured with the settings, which may be the problem.
        configure_logging()
        _log.critical("%s", error)
        return ExitStatus.USAGE


def _serve(host: str, port: int, app_factory: str, extra: str) -> int:
    with _exit_on_sigterm() as end_of_start, _bind(host, port) as listener:
        with with_extra(extra):
            app = resolve_name(app_factory)(os.environ)
            server = _create_server(app, end_of_start)
        _enable_garbage_collector()
        shown_host = f"[{host}]" if listener.family == socket.AF_INET6 else host
        _log.info("serving on http://%s:%d", printable(shown_host), listener.getsockname()[1])
        try:
            server.run([listener])
        except KeyboardInterrupt:  # uvicorn raises the signal again after a graceful shutdown
            return 0
    return 0 if server.started else ExitStatus.DEFECT


@contextmanager
def _exit_on_sigterm() -> Iterator[Callable[[], object]]:
    """Let SIGTERM end the process at once while it starts, until the returned function is called.

    Python runs signal handlers in the main thread, which may wait in a library for seconds, for example for a lock of
    the database. The number of the signal is written to a pipe immediately, and another thread reads it.
    """
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    signal.signal(signal.SIGTERM, lambda *_: None)
    signal.set_wakeup_fd(writer)
    Thread(target=_read_signals, args=(reader,), daemon=True).start()
    try:
        yield partial(signal.set_wakeup_fd, -1)
    finally:
        signal.set_wakeup_fd(-1)
        os.close(writer)


def _read_signals(reader: int) -> None:
    while number := os.read(reader, 1):
        if number[0] == signal.SIGTERM:
            os._exit(0)
    os.close(reader)


def _create_server(app: Any, end_of_start: Callable[[], object]) -> "uvicorn.Server":
    """Return a server that handles signals from its start on, and whose shutdown has a deadline."""
    import uvicorn

    class Server(uvicorn.Server):
        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            end_of_start()
            await super().startup(sockets)

        def handle_exit(self, sig: int, frame: Any) -> None:
            timer = Timer(_EXIT_SECONDS, os._exit, [0])
            timer.daemon = True
            timer.start()
            super().handle_exit(sig, frame)

    config = uvicorn.Config(
        app,
        log_config=None,
        server_header=False,
        proxy_headers=False,  # the instance's app has a setting for them, and the gateway does not use them
        timeout_graceful_shutdown=_SHUTDOWN_SECONDS,
    )
    return Server(config)


def _enable_garbage_collector() -> None:
    """Enable the garbage collector, which is off in short-lived commands, without long pauses.

    Existing objects are frozen, and old objects are examined half as often as usual: most of them belong to the list,
    which has no cycles. The tokens of each GraphQL document have, so they must not be left for much longer.
    """
    gc.freeze()
    young, middle, _ = gc.get_threshold()
    gc.set_threshold(young, middle, 20)
    gc.enable()


def _bind(host: str, port: int) -> socket.socket:
    """Return a socket bound to the port; it starts to listen when the app is ready."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        bound = socket.socket(family, kind, protocol)
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind(address)
    except (OSError, UnicodeError) as error:
        why = (getattr(error, "strerror", None) or "invalid host name").lower()
        raise ConfigurationError(f"port {port} of {printable(host)} is not available: {why}") from None
    return bound
