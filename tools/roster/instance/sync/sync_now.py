"""A sync on an admin's request, in whichever process got it.

It needs no lease: syncs of several processes do not disturb each other, as with ``roster instance sync``. A row of the
leases says when the next one may start, in all processes.
"""

from concurrent.futures import Future
from concurrent.futures import TimeoutError as NotFinished
from threading import Thread

from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from roster.findings import ConfigurationError
from roster.instance.database.connections import Database
from roster.instance.instance_settings import GATEWAY_URL, InstanceSettings
from roster.instance.sync.lease import claim_interval
from roster.instance.sync.schedule import SyncSchedule
from roster.instance.sync.sync import Sync, SyncResult

MIN_SECONDS = 10
"""The shortest time between two requested syncs."""
WAIT_SECONDS = 3.0
"""How long a request waits for the result."""
_NAME = "sync_now"


class SyncNow:
    """Starts requested syncs, whose results are recorded with those of the schedule."""

    def __init__(
        self, database: Database, settings: InstanceSettings, schedule: SyncSchedule, wait_seconds: float = WAIT_SECONDS
    ) -> None:
        self._database, self._schedule, self._wait_seconds = database, schedule, wait_seconds
        self._sync = Sync(database, settings) if settings.gateway else None

    def claim(self, connection: Connection) -> str:
        """Claim the right to start a sync, in a write transaction; return why it cannot start, or an empty text."""
        if self._sync is None:
            return f"this instance has no gateway to sync with: set {GATEWAY_URL}"
        if not claim_interval(connection, _NAME, MIN_SECONDS):
            return f"a sync was started less than {MIN_SECONDS} seconds ago: try again in a moment"
        return ""

    def start(self) -> SyncResult | None:
        """Start a claimed sync, and wait a moment for its result; return None if it is still running."""
        assert self._sync
        future: Future[SyncResult | None] = Future()
        Thread(target=self._run, args=(self._sync, future), name="roster-sync-now", daemon=True).start()
        try:
            return future.result(self._wait_seconds)
        except NotFinished:
            return None

    def _run(self, sync: Sync, future: "Future[SyncResult | None]") -> None:
        try:
            result = sync.run()
            self._schedule.record(result)
            future.set_result(result)
        except (ConfigurationError, SQLAlchemyError) as error:
            future.set_exception(error)
        except BaseException as defect:
            future.set_exception(defect)
            raise
