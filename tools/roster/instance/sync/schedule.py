"""Sync schedule: polling of the gateway in the background, in the leader among the instance's processes."""

import logging
import socket
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TypeVar

from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from roster.download.polling import JITTER, Poller
from roster.findings import ConfigurationError
from roster.instance.database.connections import Database
from roster.instance.instance_settings import InstanceSettings
from roster.instance.selection.state import InstanceStatus, load_status
from roster.instance.sync.lease import LEASE_SECONDS, Lease, record_contact
from roster.instance.sync.sync import Sync, SyncResult

LEASE_CHECK_SECONDS = 5.0
"""The interval at which a process renews the lease or tries to acquire it."""

T = TypeVar("T")
log = logging.getLogger("roster.instance")


class SyncSchedule:
    """Syncs while the context is active and this process is the leader.

    Without a gateway URL there is no sync, and a leader only if there is a webhook.

    The first sync is delayed by an offset derived from the instance's id, so that instances do not all poll at once
    after an outage. It is immediate without a list, or if the gateway was not reached for an interval.

    Attributes:
        is_leader: whether this process last held the lease; the database decides at each write.
        outcomes: number of syncs of this process by outcome; failed syncs are counted by their reason.
        after_sync: called after each sync of this process, and when it becomes the leader.
    """

    def __init__(
        self,
        database: Database,
        settings: InstanceSettings,
        lease_seconds: float = LEASE_SECONDS,
        lease_check_seconds: float = LEASE_CHECK_SECONDS,
    ) -> None:
        self._database = database
        self._max_interval = timedelta(seconds=settings.sync_seconds * (1 + JITTER))
        self._lease = Lease(database, lease_seconds)
        self.is_leader = False
        self.outcomes: Counter[str] = Counter()
        self.after_sync: Callable[[], object] = lambda: None
        self._may_sync = False
        self._last_problem = ""
        self._running = ExitStack()
        self._sync_poller: Poller | None = None
        self._lease_poller: Poller | None = None
        if settings.gateway:
            self._sync = Sync(database, settings, self._lease.is_held)
            seed = settings.id or socket.gethostname()
            self._sync_poller = Poller(self._run_sync, settings.sync_seconds, seed)
        if settings.gateway or settings.webhook:
            self._lease_poller = Poller(self._check_lease, lease_check_seconds, self._lease.holder)

    def __enter__(self) -> "SyncSchedule":
        for poller in filter(None, (self._sync_poller, self._lease_poller)):
            self._running.enter_context(poller)
        if self._lease_poller:
            self._lease_poller.poll_now()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop without waiting for a download in progress, which writes nothing after the lease is released."""
        self._running.close()
        if self.is_leader:
            self.is_leader = False
            self._log_database_errors(self._lease.release)

    def sync_now(self) -> None:
        """Sync as soon as possible, if this process is the leader."""
        if self._sync_poller:
            self._sync_poller.poll_now()

    def record(self, result: SyncResult) -> None:
        """Record a sync of this process: when the gateway was reached, the metrics and the log."""
        if result.reached_gateway:
            self._log_database_errors(partial(record_contact, self._database))
        self.outcomes[result.reason or result.outcome] += 1
        _log_result(result)
        self.after_sync()

    def holds_lease(self, connection: Connection) -> bool:
        """Return whether this process is the leader, within the caller's transaction."""
        return self._lease.is_held(connection)

    def _check_lease(self) -> None:
        """Acquire or renew the lease; when the process may start to sync, sync at once if a sync is due."""
        was_leader, self.is_leader = self.is_leader, bool(self._log_database_errors(self._lease.acquire))
        if self.is_leader and not was_leader:
            self.after_sync()
        status = self._log_database_errors(self._load_status) if self.is_leader else None
        could_sync, self._may_sync = self._may_sync, status is not None and status.enabled
        if status and self._may_sync and not could_sync and self._is_due(status):
            self.sync_now()

    def _load_status(self) -> InstanceStatus:
        with self._database.read_transaction() as connection:
            return load_status(connection)

    def _is_due(self, status: InstanceStatus) -> bool:
        last_contact = status.last_contact_at
        return status.list is None or last_contact is None or datetime.now(UTC) - last_contact > self._max_interval

    def _run_sync(self) -> None:
        if self.is_leader and (result := self._log_database_errors(self._sync.run)):
            self.record(result)

    def _log_database_errors(self, call: Callable[[], T]) -> T | None:
        """Return the result of a call; None if the database fails, which is logged once until it works again."""
        try:
            result = call()
        except (ConfigurationError, SQLAlchemyError) as error:
            problem = str(error) if isinstance(error, ConfigurationError) else type(error).__name__
            if problem != self._last_problem:
                log.warning("cannot sync: %s", problem)
            self._last_problem = problem
            return None
        self._last_problem = ""
        return result


def _log_result(result: SyncResult) -> None:
    if result.outcome == "failed":
        log.warning("sync failed: %s: %s", result.reason, result.message, exc_info=result.defect)
    elif result.outcome == "replaced":
        log.info("list replaced: %s", result.difference)
        for sentence in (result.message or "").splitlines():
            log.warning("the list is incomplete: %s", sentence)
