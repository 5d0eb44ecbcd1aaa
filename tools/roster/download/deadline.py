"""One deadline for all of a download: what is not done by then is cut off, wherever it hangs.

A socket's timeout bounds one read: a source that sends a byte a second never exceeds it. And nothing bounds the
resolver. So the work runs in a thread of its own, and nobody waits for that longer than the deadline.
"""

import socket
from collections.abc import Callable
from contextlib import suppress
from threading import Lock, Thread
from time import monotonic
from typing import TypeVar

from roster.download.refusal import Refused

T = TypeVar("T")


class Deadline:
    """When a download has to be over, and the connections that end with it."""

    def __init__(self, seconds: float) -> None:
        self._ends = monotonic() + seconds
        self._lock = Lock()
        self._watched: list[socket.socket] = []

    def left(self) -> float:
        """Return how many seconds are left, at least 0."""
        return max(0.0, self._ends - monotonic())

    def watch(self, connection: socket.socket) -> socket.socket:
        """Return a new connection, which is cut when the deadline passes.

        Raises:
            OSError: it has passed.
        """
        with self._lock:
            if not self.left():
                connection.close()
                raise OSError("the deadline has passed")
            # A second descriptor of the same connection: TLS takes the first one out of the socket's hands.
            self._watched.append(connection.dup())
        return connection

    def end(self) -> None:
        """Cut every connection, and refuse new ones: whoever reads or writes in another thread fails at once."""
        with self._lock:
            self._ends = 0.0
            for connection in self._watched:
                with suppress(OSError):  # the other side was first
                    connection.shutdown(socket.SHUT_RDWR)
                connection.close()
            self._watched.clear()


def within(seconds: float, work: Callable[[Deadline], T]) -> T:
    """Return what some work returns that is over in so many seconds.

    An exception has nothing of the work's frames about it, whose variables may hold a secret.

    Raises:
        Refused: by the work; or it is not done in time, or failed in a way that it does not know.
    """
    deadline = Deadline(seconds)
    done: list[T] = []
    failed: list[tuple[str, str]] = []

    def run() -> None:
        try:
            done.append(work(deadline))
        except Refused as refused:
            failed.append((refused.name, refused.message))
        except Exception as error:
            failed.append(("unreachable", f"the download failed with {type(error).__name__}"))

    thread = Thread(target=run, name="roster-fetch", daemon=True)
    thread.start()
    try:
        thread.join(seconds)
    finally:
        # What comes after the cut, or just before it when time is up, is a consequence of that and tells nothing.
        came, why = done[:], failed[:] if deadline.left() else []
        deadline.end()
    if came:
        return came[0]
    raise Refused(*(why[0] if why else ("deadline-passed", f"the download took longer than {seconds:g} seconds")))
