"""Worker threads: no request waits longer than a few seconds for the database, whatever it does.

A thread that waits for the database cannot be interrupted. So each kind of work has its own threads: writes wait for
locks without delaying reads, and neither delays readiness and metrics.
"""

import asyncio
import concurrent.futures
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from time import monotonic
from typing import TypeVar

from roster.instance.database.connections import WRITE_WAIT_SECONDS, Database
from roster.instance.database.errors import DatabaseProblem, DatabaseUnavailable
from roster.instance.database.outage_log import Work

READ_SECONDS = 10.0
WRITE_SECONDS = 20.0
CHECK_SECONDS = 4.0
EXPORT_SECONDS = 60.0
_THREADS = 4
"""Each holds a database connection while it works, and Python computes one at a time: more would gain nothing."""

T = TypeVar("T")


class WorkerThreads:
    """The threads in which requests use a database.

    Attributes:
        database: for use within a call.

    Raises:
        DatabaseUnavailable: from every method, if the database does not respond in time. The call goes on.
    """

    def __init__(self, database: Database) -> None:
        self.database = database
        self._readers, self._writers, self._checkers = (
            ThreadPoolExecutor(_THREADS, name)  # starts threads on first use
            for name in ("reader", "writer", "checker")
        )
        self._exporter = ThreadPoolExecutor(1, "exporter")

    async def read(self, call: Callable[[], T]) -> T:
        """Call a function that reads."""
        return await self._wait(self._readers, call, "read", READ_SECONDS)

    async def write(self, call: Callable[[float], T]) -> T:
        """Call a function that writes, with the time until which it may wait for others, in ``monotonic`` time."""
        until = monotonic() + WRITE_WAIT_SECONDS
        return await self._wait(self._writers, lambda: call(until), "write", WRITE_SECONDS)

    async def export(self, call: Callable[[], T]) -> T:
        """Call a function that reads all selections, which takes seconds: one at a time, so that no read waits."""
        return await self._wait(self._exporter, call, "read", EXPORT_SECONDS)

    def check(self, call: Callable[[], T]) -> T:
        """Call a function that checks the database; wait for it in the current thread."""
        future = self._checkers.submit(call)
        try:
            return future.result(CHECK_SECONDS)
        except concurrent.futures.TimeoutError:
            future.cancel()
        raise self._no_response("read", CHECK_SECONDS)

    async def _wait(self, threads: ThreadPoolExecutor, call: Callable[[], T], work: Work, seconds: float) -> T:
        try:
            return await asyncio.wait_for(asyncio.get_running_loop().run_in_executor(threads, call), seconds)
        except TimeoutError:
            pass
        raise self._no_response(work, seconds)

    def _no_response(self, work: Work, seconds: float) -> DatabaseUnavailable:
        problem = self.database.unavailable(DatabaseProblem(f"no response within {seconds:g} seconds"))
        self.database.outages.begin(work, problem)
        return problem
