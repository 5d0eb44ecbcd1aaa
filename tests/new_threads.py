"""Threads that a test starts: earlier tests in the same process may have left others."""

import threading
from time import monotonic

PATIENCE = 10.0
"""Seconds until a thread must have ended, on a busy machine."""


class NewThreads:
    """The threads of a name that are started after the object is created."""

    def __init__(self, name: str) -> None:
        self._name, self._earlier = name, threading.enumerate()

    def running(self) -> list[threading.Thread]:
        """Return the threads that have not ended."""
        return [each for each in threading.enumerate() if each.name == self._name and each not in self._earlier]

    def end_soon(self) -> bool:
        """Wait for the threads; return whether all of them end."""
        ends = monotonic() + PATIENCE
        for thread in self.running():
            thread.join(max(0.0, ends - monotonic()))
        return not self.running()
