"""Sync: download the list from the gateway, and replace the stored list completely, in one transaction, or not at all.

No transaction is open during the download. If another process replaced the list in the meantime, the sync starts again.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from hashlib import sha256
from time import monotonic
from typing import Any, Literal, NamedTuple

from sqlalchemy import Connection, and_, delete, insert, select, update
from sqlalchemy.exc import SQLAlchemyError

from roster import http_paths
from roster.accept.acceptance import AcceptanceCriteria
from roster.accept.accepted_list import AcceptedList, DownloadKind
from roster.accept.child_process import accept_without_blocking
from roster.download.download_result import Download
from roster.download.fetch import fetch
from roster.download.rejection import Rejected
from roster.download.retry import REAL_TIMING, RetryTiming
from roster.findings import ConfigurationError
from roster.instance.database.connections import Database
from roster.instance.database.tables import lists, sync_runs
from roster.instance.instance_settings import GATEWAY_URL, InstanceSettings
from roster.instance.list_changes.sentences import describe_difference
from roster.instance.selection.list_dates import with_dates
from roster.instance.selection.list_difference import NO_DIFFERENCE, ListDifference, diff_lists
from roster.instance.selection.offered_list import EMPTY_LIST, OfferedList, build_offered_list
from roster.instance.selection.offered_list_storage import load_offered_list, store_offered_list
from roster.instance.selection.state import InstanceStatus, ListInfo, load_status

SyncOutcome = Literal["off", "unchanged", "replaced", "recovered", "failed", "superseded"]
"""``recovered``: the list is unchanged, and the sync before had failed. ``superseded``: another process replaced the
list first, or became the leader."""

DEFECT = "defect"
"""The reason of a failure caused by a defect of the instance; other reasons are in ``roster.download.rejection``."""
MAX_SYNC_RUNS = 100
"""How many sync runs that replaced the list, and how many others, are kept in the database. So a gateway that fails now
and then does not displace what changed."""
_MAX_ATTEMPTS = 5
_WRITE_WAIT_SECONDS = 30
"""Nobody waits for a sync, and the next one may be long after."""
_KINDS: frozenset[DownloadKind] = frozenset({"definitions", "offered_models"})


class SyncResult(NamedTuple):
    """The result of a sync.

    Attributes:
        difference: how the offered models differ from those of the list before.
        changes: what changed in the list, in sentences.
        reason: why the sync failed: one of ``roster.download.rejection.REASONS``, or ``DEFECT``.
        message: details of the failure, or a line for each model or feature of the list that is left out because it is
            invalid.
        defect: the unexpected exception, if any.
    """

    outcome: SyncOutcome
    difference: ListDifference = NO_DIFFERENCE
    changes: tuple[str, ...] = ()
    reason: str | None = None
    message: str | None = None
    defect: Exception | None = None

    @property
    def reached_gateway(self) -> bool:
        """Whether the stored list is now the one that the gateway has."""
        return self.outcome in ("unchanged", "replaced", "recovered")


class _NewList(NamedTuple):
    """A list to store, the stored list that it was built from, and their difference, also in sentences."""

    accepted: AcceptedList
    source: str
    etag: str | None
    before: OfferedList
    after: OfferedList
    difference: ListDifference
    changes: tuple[str, ...]


class Sync:
    """Syncs an instance.

    Args:
        is_leader: whether this process may still write; called within the writing transaction.

    Raises:
        ConfigurationError: no gateway URL is set.
    """

    def __init__(
        self,
        database: Database,
        settings: InstanceSettings,
        is_leader: Callable[[Connection], bool] = lambda _: True,
        timing: RetryTiming = REAL_TIMING,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        if settings.gateway is None:
            raise ConfigurationError(f"cannot sync: {GATEWAY_URL} is not set")
        self._gateway: str = settings.gateway
        self._database, self._settings = database, settings
        self._is_leader, self._timing, self._now = is_leader, timing, now

    def run(self) -> SyncResult:
        """Sync once.

        Raises:
            ConfigurationError: the database failed. Its content is unchanged, or fully updated.
        """
        for _ in range(_MAX_ATTEMPTS):
            if result := self._attempt():
                return result
        return SyncResult("superseded")

    def _attempt(self) -> SyncResult | None:
        """Return the result; None if another process replaced the list first."""
        started = self._now()
        with self._database.read_transaction() as connection:
            status = load_status(connection)
        if not status.enabled:
            return SyncResult("off")
        new_list, result = None, SyncResult("unchanged")
        try:
            new_list = self._download(status.list)
        except Rejected as rejected:
            result = SyncResult("failed", reason=rejected.reason, message=rejected.message)
        except (ConfigurationError, SQLAlchemyError):  # the database failed
            raise
        except Exception as defect:
            message = f"the instance failed with {type(defect).__name__}"
            result = SyncResult("failed", reason=DEFECT, message=message, defect=defect)
        if not new_list and _is_recorded(status, result):
            return result
        return self._write(status, new_list or result, started)

    def _download(self, stored: ListInfo | None) -> _NewList | None:
        """Download the list; None if it is the stored one.

        Raises:
            Rejected: the gateway has no list that may replace the stored one.
        """
        try:
            url = self._gateway + http_paths.DEFINITIONS
            download = self._fetch(url, stored)
        except Rejected as rejected:
            if rejected.reason != "not-found":
                raise
            url = self._gateway + http_paths.OFFERED
            download = self._fetch(url, stored)
        if download is None or (stored and (stored.source, stored.digest) == (url, sha256(download.body).hexdigest())):
            return None
        before = EMPTY_LIST
        if stored:
            with self._database.read_transaction() as connection:
                before = load_offered_list(connection)
        accepted = self._accept(download.body, _shrink_baseline(before) if stored else None)
        after = with_dates(before, build_offered_list(accepted, before), self._now())
        difference = diff_lists(before, after)
        changes = describe_difference(before, after, difference)
        return _NewList(accepted, url, download.etag, before, after, difference, changes)

    def _fetch(self, url: str, stored: ListInfo | None) -> Download | None:
        etag = stored.etag if stored and stored.source == url else None
        return fetch(self._settings.download_settings(url), etag, self._timing)

    def _accept(self, body: bytes, baseline: AcceptedList | None) -> AcceptedList:
        limits = self._settings.max_bytes, self._settings.max_shrink
        criteria = AcceptanceCriteria(None, *limits, allow_older=False, on=self._now().date(), kinds=_KINDS)
        return accept_without_blocking(body, criteria, baseline)

    def _write(self, status: InstanceStatus, new: _NewList | SyncResult, started: datetime) -> SyncResult | None:
        """Write in the sync's only write transaction; return None if the list changed since ``status``."""
        with self._database.write_transaction(until=monotonic() + _WRITE_WAIT_SECONDS) as connection:
            current = load_status(connection)
            if not current.enabled:
                return SyncResult("off")
            if not self._is_leader(connection):
                return SyncResult("superseded")
            if current.list != status.list:
                return None
            if isinstance(new, _NewList):
                return self._replace(connection, current, new, started)
            if _is_recorded(current, new):
                return new
            result = new if new.outcome == "failed" else SyncResult("recovered")
            self._record(connection, result, started, current.list.version if current.list else None)
            return result

    def _replace(
        self, connection: Connection, status: InstanceStatus, new_list: _NewList, started: datetime
    ) -> SyncResult:
        store_offered_list(connection, new_list.before, new_list.after)
        version = status.list.version + 1 if status.list else 1
        accepted = new_list.accepted
        info = ListInfo(version, accepted.kind, new_list.source, new_list.etag, accepted.digest, self._now())
        connection.execute((update(lists) if status.list else insert(lists)).values(id=1, **info._asdict()))
        left_out = "\n".join(accepted.left_out) or None
        result = SyncResult("replaced", new_list.difference, new_list.changes, message=left_out)
        self._record(connection, result, started, version)
        return result

    def _record(self, connection: Connection, result: SyncResult, started: datetime, version: int | None) -> None:
        row: dict[str, Any] = {"started_at": started, "finished_at": self._now(), "version": version}
        row |= {"outcome": result.outcome, "reason": result.reason, "message": result.message}
        row |= {name: ids for name in ("added", "changed", "removed") if (ids := getattr(result.difference, name))}
        row["changes"] = list(result.changes)
        connection.execute(insert(sync_runs).values(row))
        replaced = sync_runs.c.outcome == "replaced"
        newest = (select(sync_runs.c.id).where(each).order_by(sync_runs.c.id.desc()) for each in (replaced, ~replaced))
        outdated = and_(*(sync_runs.c.id.not_in(ids.limit(MAX_SYNC_RUNS)) for ids in newest))
        connection.execute(delete(sync_runs).where(outdated))


def _is_recorded(status: InstanceStatus, result: SyncResult) -> bool:
    """Return whether the newest run already recorded a result that replaces nothing."""
    recorded = status.failure and (status.failure.reason, status.failure.message)
    return recorded == ((result.reason, result.message) if result.outcome == "failed" else None)


def _shrink_baseline(before: OfferedList) -> AcceptedList:
    """Build the baseline for the shrink check from the stored list."""
    models = [
        {"name": model.name, "id": model.id, "release_state": model.release_state, "features": ()}
        for model in before.models.values()
        if model.offered
    ]
    return AcceptedList.of("definitions", {"offered_models": models}, body=b"", list_bytes=b"")
