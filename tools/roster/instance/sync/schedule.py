"""When an instance syncs: in the background, after an interval with jitter, in one of its processes."""

import logging
import socket
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from types import TracebackType
from typing import TypeVar

from sqlalchemy.exc import SQLAlchemyError

from roster.download.polling import JITTER, Poller
from roster.findings import ConfigurationError
from roster.instance.database.connections import Database
from roster.instance.instance_settings import InstanceSettings
from roster.instance.selection import state
from roster.instance.selection.state import InstanceStatus
from roster.instance.sync.lease import LEASE_SECONDS, Lease
from roster.instance.sync.sync import Sync, SyncResult

LEASE_CHECK_SECONDS = 5.0
"""How often a process looks whether it leads, or could."""

T = TypeVar("T")
log = logging.getLogger("roster.instance")


class SyncSchedule:
    """Syncs while it is entered and its process leads. Without a gateway in the settings it does nothing.

    The first sync comes after an offset that follows from the instance's id, so that not all instances ask at once
    after an outage. It comes at once where there is no list, or the gateway was not heard from for an interval.

    Attributes:
        outcomes: how many syncs of this process ended how; a failure by its reason.
    """

    def __init__(
        self,
        database: Database,
        settings: InstanceSettings,
        lease_seconds: float = LEASE_SECONDS,
        look_seconds: float = LEASE_CHECK_SECONDS,
    ) -> None:
        self._database = database
        self._interval = timedelta(seconds=settings.sync_seconds * (1 + JITTER))
        self._lease = Lease(database, lease_seconds)
        self._leads: bool | None = False
        self._ready = False
        self.outcomes: Counter[str] = Counter()
        self._trouble = ""
        self._entered = ExitStack()
        self._threads: tuple[Poller, ...] = ()
        if settings.gateway_urls:
            self._sync = Sync(database, settings, self._lease.is_held)
            seed = settings.id or socket.gethostname()
            self._syncing = Poller(self._poll, settings.sync_seconds, seed)
            self._looking = Poller(self._look, look_seconds, self._lease.holder)
            self._threads = self._syncing, self._looking

    @property
    def is_leader(self) -> bool:
        """Whether this process syncs, as far as it knows; the database has the last word."""
        return bool(self._leads)

    def __enter__(self) -> "SyncSchedule":
        for thread in self._threads:
            self._entered.enter_context(thread)
        if self._threads:
            self._looking.poll_now()
        return self

    def __exit__(self, kind: type[BaseException] | None, _: BaseException | None, __: TracebackType | None) -> None:
        """End without waiting for a download; one that is under way still writes nothing after this."""
        self._entered.close()
        if self._leads:
            self._leads = False
            self._told(self._lease.release)

    def sync_now(self) -> None:
        """Sync as soon as may be, if this process leads."""
        if self._threads:
            self._syncing.poll_now()

    def _look(self) -> None:
        """Take or keep the lease; from when on the process may sync, see whether that is due."""
        self._leads, ready = self._told(self._lease.acquire), False
        if self._leads and (status := self._told(self._status)):
            ready = status.enabled
            if ready and not self._ready and self._is_due(status):
                self._syncing.poll_now()
        self._ready = ready

    def _status(self) -> InstanceStatus:
        with self._database.read_transaction() as connection:
            return state.load_status(connection)

    def _is_due(self, status: InstanceStatus) -> bool:
        heard = status.last_contact_at
        return status.list is None or heard is None or datetime.now(UTC) - heard > self._interval

    def _poll(self) -> None:
        if not self._leads:
            return
        result = self._told(self._sync.run)
        if result and result.reached_gateway:
            self._told(self._lease.record_contact)
        if result:
            self.outcomes[result.reason or result.outcome] += 1
            _log(result)

    def _told(self, work: Callable[[], T]) -> T | None:
        """Return what some work returns; None where the database fails, which is told once while it lasts."""
        try:
            done = work()
        except (ConfigurationError, SQLAlchemyError) as error:
            trouble = str(error) if isinstance(error, ConfigurationError) else type(error).__name__
            if trouble != self._trouble:
                log.warning("no sync: %s", trouble)
            self._trouble = trouble
            return None
        self._trouble = ""
        return done


def _log(result: SyncResult) -> None:
    if result.outcome == "failed":
        log.warning("the list is not replaced: %s: %s", result.reason, result.message, exc_info=result.defect)
    elif result.outcome == "replaced":
        counts = len(result.added), len(result.changed), len(result.removed)
        log.info("the list is replaced: %d models added, %d changed, %d removed", *counts)
