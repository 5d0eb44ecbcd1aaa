"""Log of a database's outages: one line when it can no longer be used, and one when it can be again."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from threading import Lock
from time import monotonic
from typing import Literal

from roster.instance.database.errors import DatabaseUnavailable

Work = Literal["read", "write"]
log = logging.getLogger("roster.instance")


class OutageLog:
    """The current problems of a database, by the work that they prevent. Threads may share it.

    Attributes:
        since: when the latest outage began.
    """

    def __init__(self) -> None:
        self._problems: dict[Work, DatabaseUnavailable] = {}
        self._busy_since: float | None = None
        self.since = datetime.now(UTC)
        self._lock = Lock()

    @property
    def last_write_failed(self) -> bool:
        """Whether no write succeeded since one failed."""
        return "write" in self._problems

    @contextmanager
    def watch(self, work: Work) -> Iterator[None]:
        """Record whether work on the database succeeds."""
        try:
            yield
        except DatabaseUnavailable as problem:
            self.begin(work, problem)
            raise
        self.end(work)

    def begin(self, work: Work, problem: DatabaseUnavailable) -> None:
        """Record a problem; log it unless this outage was already logged."""
        with self._lock:
            self.since = self.since if self._problems else datetime.now(UTC)
            is_new = work not in self._problems and str(problem) not in map(str, self._problems.values())
            self._problems[work] = problem
        if is_new:
            log.error("%s", problem)

    def end(self, work: Work) -> None:
        """Record a success; log it if it ends the outage."""
        if work == "write":
            self._busy_since = None
        if work not in self._problems:
            return
        with self._lock:
            ended = self._problems.pop(work, None) is not None and not self._problems
        if ended:
            log.info("the database can be used again")

    def is_lasting(self, seconds: float) -> bool:
        """Return whether a lock that was just met has prevented writes for long, unlike another write in progress."""
        self._busy_since = self._busy_since or monotonic()
        return self.last_write_failed or monotonic() - self._busy_since >= seconds
