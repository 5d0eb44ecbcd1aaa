"""One sync: what the gateway offers becomes the list that is stored, whole and in one transaction, or nothing changes.

While it downloads no transaction is open. So what it read before may be old when it writes: then it begins again.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any, Literal, NamedTuple, cast

from sqlalchemy import Connection, delete, insert, select, update
from sqlalchemy.exc import SQLAlchemyError

from roster.accept.acceptance import AcceptanceCriteria
from roster.accept.accepted_list import AcceptedList, AcceptedModel, DownloadKind
from roster.accept.child_process import accept_without_blocking
from roster.download.download_result import Download
from roster.download.fetch import fetch
from roster.download.rejection import Rejected
from roster.download.retry import REAL_TIMING, RetryTiming
from roster.findings import ConfigurationError
from roster.instance.database.connections import Database
from roster.instance.database.tables import lists, sync_runs
from roster.instance.instance_settings import GatewayURLs, InstanceSettings
from roster.instance.selection import state
from roster.instance.selection.offered_list import EMPTY_LIST, OfferedList, build_offered_list
from roster.instance.selection.offered_list_storage import diff_lists, load_offered_list, store_offered_list
from roster.instance.selection.state import InstanceStatus, ListInfo

SyncOutcome = Literal["off", "unchanged", "replaced", "recovered", "failed", "superseded"]
"""``recovered``: nothing is new, and the sync before had failed. ``superseded``: it is for another process to do."""

DEFECT = "defect"
"""The reason of a failure that is the instance's own; the others are in ``roster.download.rejection``."""
RUNS_KEPT = 100
_ATTEMPTS = 5
_KINDS: frozenset[DownloadKind] = frozenset({"definitions", "offered_models"})


class SyncResult(NamedTuple):
    """What came of a sync.

    Attributes:
        added, changed, removed: the ids of models; see ``listing.Difference``.
        reason: why it failed: one of ``roster.download.rejection.REASONS``, or ``DEFECT``.
        message: one sentence about that.
        defect: what the instance failed with.
    """

    outcome: SyncOutcome
    added: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    reason: str | None = None
    message: str | None = None
    defect: Exception | None = None

    @property
    def reached_gateway(self) -> bool:
        """Whether the gateway said what it has, and that is what is stored now."""
        return self.outcome in ("unchanged", "replaced", "recovered")


class _New(NamedTuple):
    """A list that is to be stored; ``before`` is the one that it was made with."""

    accepted: AcceptedList
    source: str
    etag: str | None
    before: OfferedList
    after: OfferedList


def utc_now() -> datetime:
    """Return the time, in UTC."""
    return datetime.now(UTC)


def _always(_: Connection) -> bool:
    return True


class Sync:
    """Syncs one instance.

    Args:
        is_leader: whether it is still for this process to write, asked in the transaction that does.

    Raises:
        ConfigurationError: no gateway is set.
    """

    def __init__(
        self,
        database: Database,
        settings: InstanceSettings,
        is_leader: Callable[[Connection], bool] = _always,
        timing: RetryTiming = REAL_TIMING,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        if settings.gateway_urls is None:
            raise ConfigurationError("there is nothing to sync with: ROSTER_INSTANCE_GATEWAY_URL is not set")
        self._addresses: GatewayURLs = settings.gateway_urls
        self._database, self._settings = database, settings
        self._is_leader, self._timing, self._now = is_leader, timing, now

    def run(self) -> SyncResult:
        """Ask the gateway once, and say what came of it.

        Raises:
            ConfigurationError: the database failed; what it holds is as it was, or as it would be without that.
        """
        try:
            for _ in range(_ATTEMPTS):
                if result := self._attempt():
                    return result
        except SQLAlchemyError as error:
            what = type(error).__name__
            raise ConfigurationError(f"the {self._database.name} database is of no use: {what}") from None
        return SyncResult("superseded")

    def _attempt(self) -> SyncResult | None:
        """Return what came of it; None where another sync was quicker."""
        started = self._now()
        with self._database.read_transaction() as connection:
            seen = state.load_status(connection)
        if not seen.enabled:
            return SyncResult("off")
        try:
            new = self._download(seen.list)
        except Rejected as rejected:
            failure = SyncResult("failed", reason=rejected.reason, message=rejected.message)
        except (ConfigurationError, SQLAlchemyError):  # the database
            raise
        except Exception as defect:
            told = f"the instance failed with {type(defect).__name__}"
            failure = SyncResult("failed", reason=DEFECT, message=told, defect=defect)
        else:
            if new:
                return self._write(seen, lambda connection, _: self._replace(connection, seen.list, new, started))
            return self._tell(seen, SyncResult("unchanged"), started)
        return self._tell(seen, failure, started)

    def _download(self, known: ListInfo | None) -> _New | None:
        """Return what the gateway has; None where that is what is known.

        Raises:
            Rejected: it has nothing that may replace what is known.
        """
        try:
            address = self._addresses.definitions
            download = self._fetch(address, known)
        except Rejected as rejected:
            if rejected.reason != "not-found":
                raise
            address = self._addresses.offered
            download = self._fetch(address, known)
        if download is None or (known and (known.source, known.digest) == (address, sha256(download.body).hexdigest())):
            return None
        before = EMPTY_LIST
        if known:
            with self._database.read_transaction() as connection:
                before = load_offered_list(connection)
        accepted = self._accept(download.body, known, before)
        return _New(accepted, address, download.etag, before, build_offered_list(accepted, before))

    def _fetch(self, address: str, known: ListInfo | None) -> Download | None:
        etag = known.etag if known and known.source == address else None
        return fetch(self._settings.download_settings(address), etag, self._timing)

    def _accept(self, body: bytes, known: ListInfo | None, before: OfferedList) -> AcceptedList:
        settings = self._settings
        criteria = AcceptanceCriteria(
            None, settings.max_bytes, settings.max_shrink, allow_older=False, on=self._now().date(), kinds=_KINDS
        )
        return accept_without_blocking(body, criteria, _as_accepted(known, before) if known else None)

    def _tell(self, seen: InstanceStatus, result: SyncResult, started: datetime) -> SyncResult | None:
        """Record what came of a sync that replaces nothing, unless that is known already."""
        if _is_known(seen, result):
            return result

        def record(connection: Connection, now: InstanceStatus) -> SyncResult:
            if _is_known(now, result):
                return result
            told = result if result.outcome == "failed" else SyncResult("recovered")
            self._record(connection, told, started, now.list.version if now.list else None)
            return told

        return self._write(seen, record)

    def _write(
        self, seen: InstanceStatus, write: Callable[[Connection, InstanceStatus], SyncResult]
    ) -> SyncResult | None:
        """Let ``write`` write, in the one transaction of a sync; None where another list is stored than was seen."""
        with self._database.write_transaction() as connection:
            now = state.load_status(connection)
            if not now.enabled:
                return SyncResult("off")
            if not self._is_leader(connection):
                return SyncResult("superseded")
            return write(connection, now) if now.list == seen.list else None

    def _replace(self, connection: Connection, known: ListInfo | None, new: _New, started: datetime) -> SyncResult:
        store_offered_list(connection, new.before, new.after)
        version = known.version + 1 if known else 1
        told = ListInfo(version, new.accepted.kind, new.source, new.etag, new.accepted.digest, self._now())
        connection.execute((update(lists) if known else insert(lists)).values(id=1, **told._asdict()))
        result = SyncResult("replaced", *diff_lists(new.before, new.after))
        self._record(connection, result, started, version)
        return result

    def _record(self, connection: Connection, result: SyncResult, started: datetime, version: int | None) -> None:
        row: dict[str, Any] = {"started_at": started, "finished_at": self._now(), "version": version}
        told = {key: value for key, value in result._replace(defect=None)._asdict().items() if value}
        connection.execute(insert(sync_runs).values(row | told))
        newest = select(sync_runs.c.id).order_by(sync_runs.c.id.desc()).limit(RUNS_KEPT)
        connection.execute(delete(sync_runs).where(sync_runs.c.id.not_in(newest)))


def _is_known(status: InstanceStatus, result: SyncResult) -> bool:
    """Say whether the newest run tells of a result already."""
    failure = status.failure
    told = failure and (failure.reason, failure.message)
    return told == ((result.reason, result.message) if result.outcome == "failed" else None)


def _as_accepted(known: ListInfo, before: OfferedList) -> AcceptedList:
    """Return of the stored list what a new one is compared with: the ids of the models that are offered."""
    offered = (model for model in before.models.values() if model.offered)
    models = tuple(AcceptedModel(model.name, model.id, model.release_state, ()) for model in offered)
    return AcceptedList(
        cast(DownloadKind, known.kind), None, None, None, models, b"", {}, {}, (), b"", b"", known.digest
    )
