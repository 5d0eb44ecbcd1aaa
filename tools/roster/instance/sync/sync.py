"""One sync: what the gateway offers becomes the list that is stored, whole and in one transaction, or nothing changes.

While it downloads no transaction is open. So what it read before may be old when it writes: then it begins again.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any, Literal, NamedTuple, cast

from sqlalchemy import Connection, delete, insert, select, update
from sqlalchemy.exc import SQLAlchemyError

from roster.accept.acceptance import Terms
from roster.accept.accepted import Accepted, Kind, Offered
from roster.accept.child_process import accept_where_it_fits
from roster.download.fetch import Fetched, Waits, fetch
from roster.download.refusal import Refused
from roster.findings import ConfigurationError
from roster.instance.database.connections import Database
from roster.instance.database.tables import lists, sync_runs
from roster.instance.instance_settings import Addresses, Settings
from roster.instance.selection import state
from roster.instance.selection.offered_list import NOTHING, OfferedList, list_of
from roster.instance.selection.state import ListInfo, Status
from roster.instance.sync import list_writer

Outcome = Literal["off", "unchanged", "replaced", "recovered", "failed", "superseded"]
"""``recovered``: nothing is new, and the sync before had failed. ``superseded``: it is for another process to do."""

DEFECT = "defect"
"""The reason of a failure that is the instance's own; the others are in ``roster.download.refusal``."""
RUNS_KEPT = 100
_ATTEMPTS = 5
_KINDS: frozenset[Kind] = frozenset({"definitions", "offered_models"})
_REAL = Waits()


class Result(NamedTuple):
    """What came of a sync.

    Attributes:
        added, changed, removed: the ids of models; see ``listing.Difference``.
        reason: why it failed: one of ``roster.download.refusal.REASONS``, or ``DEFECT``.
        message: one sentence about that.
        defect: what the instance failed with.
    """

    outcome: Outcome
    added: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    reason: str | None = None
    message: str | None = None
    defect: Exception | None = None

    @property
    def heard(self) -> bool:
        """Whether the gateway said what it has, and that is what is stored now."""
        return self.outcome in ("unchanged", "replaced", "recovered")


class _New(NamedTuple):
    """A list that is to be stored; ``before`` is the one that it was made with."""

    accepted: Accepted
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
        still_leads: whether it is still for this process to write, asked in the transaction that does.

    Raises:
        ConfigurationError: no gateway is set.
    """

    def __init__(
        self,
        database: Database,
        settings: Settings,
        still_leads: Callable[[Connection], bool] = _always,
        waits: Waits = _REAL,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        if settings.addresses is None:
            raise ConfigurationError("there is nothing to sync with: ROSTER_INSTANCE_GATEWAY_URL is not set")
        self._addresses: Addresses = settings.addresses
        self._database, self._settings = database, settings
        self._still_leads, self._waits, self._now = still_leads, waits, now

    def run(self) -> Result:
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
        return Result("superseded")

    def _attempt(self) -> Result | None:
        """Return what came of it; None where another sync was quicker."""
        started = self._now()
        with self._database.reading() as connection:
            seen = state.status(connection)
        if not seen.enabled:
            return Result("off")
        try:
            new = self._download(seen.list)
        except Refused as refused:
            failure = Result("failed", reason=refused.name, message=refused.message)
        except (ConfigurationError, SQLAlchemyError):  # the database
            raise
        except Exception as defect:
            told = f"the instance failed with {type(defect).__name__}"
            failure = Result("failed", reason=DEFECT, message=told, defect=defect)
        else:
            if new:
                return self._write(seen, lambda connection, _: self._replace(connection, seen.list, new, started))
            return self._tell(seen, Result("unchanged"), started)
        return self._tell(seen, failure, started)

    def _download(self, known: ListInfo | None) -> _New | None:
        """Return what the gateway has; None where that is what is known.

        Raises:
            Refused: it has nothing that may replace what is known.
        """
        try:
            address = self._addresses.definitions
            fetched = self._fetch(address, known)
        except Refused as refused:
            if refused.name != "not-found":
                raise
            address = self._addresses.offered
            fetched = self._fetch(address, known)
        body = fetched.body
        if body is None or (known and (known.source, known.digest) == (address, sha256(body).hexdigest())):
            return None
        before = NOTHING
        if known:
            with self._database.reading() as connection:
                before = state.load(connection)
        accepted = self._accept(body, known, before)
        return _New(accepted, address, fetched.etag, before, list_of(accepted, before))

    def _fetch(self, address: str, known: ListInfo | None) -> Fetched:
        etag = known.etag if known and known.source == address else None
        return fetch(self._settings.source(address), etag, self._waits)

    def _accept(self, body: bytes, known: ListInfo | None, before: OfferedList) -> Accepted:
        settings = self._settings
        terms = Terms(
            None, settings.max_bytes, settings.max_shrink, allow_older=False, on=self._now().date(), kinds=_KINDS
        )
        return accept_where_it_fits(body, terms, _as_accepted(known, before) if known else None)

    def _tell(self, seen: Status, result: Result, started: datetime) -> Result | None:
        """Record what came of a sync that replaces nothing, unless that is known already."""
        if _is_known(seen, result):
            return result

        def record(connection: Connection, now: Status) -> Result:
            if _is_known(now, result):
                return result
            told = result if result.outcome == "failed" else Result("recovered")
            self._record(connection, told, started, now.list.version if now.list else None)
            return told

        return self._write(seen, record)

    def _write(self, seen: Status, write: Callable[[Connection, Status], Result]) -> Result | None:
        """Let ``write`` write, in the one transaction of a sync; None where another list is stored than was seen."""
        with self._database.writing() as connection:
            now = state.status(connection)
            if not now.enabled:
                return Result("off")
            if not self._still_leads(connection):
                return Result("superseded")
            return write(connection, now) if now.list == seen.list else None

    def _replace(self, connection: Connection, known: ListInfo | None, new: _New, started: datetime) -> Result:
        list_writer.write(connection, new.before, new.after)
        version = known.version + 1 if known else 1
        told = ListInfo(version, new.accepted.kind, new.source, new.etag, new.accepted.digest, self._now())
        connection.execute((update(lists) if known else insert(lists)).values(id=1, **told._asdict()))
        result = Result("replaced", *list_writer.difference(new.before, new.after))
        self._record(connection, result, started, version)
        return result

    def _record(self, connection: Connection, result: Result, started: datetime, version: int | None) -> None:
        row: dict[str, Any] = {"started_at": started, "finished_at": self._now(), "version": version}
        told = {key: value for key, value in result._replace(defect=None)._asdict().items() if value}
        connection.execute(insert(sync_runs).values(row | told))
        newest = select(sync_runs.c.id).order_by(sync_runs.c.id.desc()).limit(RUNS_KEPT)
        connection.execute(delete(sync_runs).where(sync_runs.c.id.not_in(newest)))


def _is_known(status: Status, result: Result) -> bool:
    """Say whether the newest run tells of a result already."""
    failure = status.failure
    told = failure and (failure.reason, failure.message)
    return told == ((result.reason, result.message) if result.outcome == "failed" else None)


def _as_accepted(known: ListInfo, before: OfferedList) -> Accepted:
    """Return of the stored list what a new one is compared with: the ids of the models that are offered."""
    offered = (model for model in before.models.values() if model.offered)
    models = tuple(Offered(model.name, model.id, model.release_state, ()) for model in offered)
    return Accepted(cast(Kind, known.kind), None, None, None, models, b"", {}, {}, (), b"", b"", known.digest)
