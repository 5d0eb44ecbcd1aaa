"""One deadline for a whole download, retries included: connections that are open when it passes are cut off.

A socket timeout is not enough: it bounds a single read, so a source that sends one byte per second never exceeds it,
and nothing bounds name resolution. The work therefore runs in a thread that is waited for no longer than the deadline.
"""

import socket
from collections.abc import Callable
from contextlib import suppress
from threading import Lock, Thread
from time import monotonic
from typing import TypeVar

from roster.download.rejection import Rejected

T = TypeVar("T")


class Deadline:
    """A point in time, and the connections to cut when it passes."""

    def __init__(self, seconds: float) -> None:
        self._ends = monotonic() + seconds
        self._lock = Lock()
        self._sockets: list[socket.socket] = []

    def remaining(self) -> float:
        """Return the seconds until the deadline, at least 0."""
        return max(0.0, self._ends - monotonic())

    def watch(self, connection: socket.socket) -> socket.socket:
        """Return a new connection after registering it to be cut when the deadline passes.

        Raises:
            OSError: the deadline has passed.
        """
        with self._lock:
            if not self.remaining():
                connection.close()
                raise OSError("the deadline has passed")
            # Keep a duplicate descriptor, because TLS detaches the original socket.
            self._sockets.append(connection.dup())
        return connection

    def expire(self) -> None:
        """Cut all connections and reject new ones, so that reads and writes in other threads fail immediately."""
        with self._lock:
            self._ends = 0.0
            for connection in self._sockets:
                with suppress(OSError):  # the peer closed it first
                    connection.shutdown(socket.SHUT_RDWR)
                connection.close()
            self._sockets.clear()


def run_with_deadline(seconds: float, work: Callable[[Deadline], T]) -> T:
    """Return the result of ``work`` if it finishes within the given seconds.

    Exceptions are raised without the frames of ``work``, whose local variables may hold a secret.

    Raises:
        Rejected: by ``work``; or because the deadline passed, or ``work`` failed with another exception.
    """
    deadline = Deadline(seconds)
    results: list[T] = []
    failures: list[tuple[str, str]] = []

    def run() -> None:
        try:
            results.append(work(deadline))
        except Rejected as rejected:
            failures.append((rejected.reason, rejected.message))
        except Exception as error:
            failures.append(("unreachable", f"the download failed with {type(error).__name__}"))

    thread = Thread(target=run, name="roster-fetch", daemon=True)
    thread.start()
    try:
        thread.join(seconds)
    finally:
        # Failures after the deadline are side effects of cutting the connections; ignore them.
        finished, failed = results[:], failures[:] if deadline.remaining() else []
        deadline.expire()
    if finished:
        return finished[0]
    raise Rejected(
        *(failed[0] if failed else ("deadline-passed", f"the download took longer than {seconds:g} seconds"))
    )
