"""State of the instance in one database snapshot, read with few statements: status, offered list and selections."""

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import NamedTuple

from sqlalchemy import Connection, func, literal, select, true

from roster.instance.database.feature_flag import AI_MODEL_SWITCHING
from roster.instance.database.tables import feature_flags, leases, lists, sync_runs
from roster.instance.selection.offered_list import EMPTY_LIST, OfferedList
from roster.instance.selection.offered_list_storage import load_offered_list
from roster.instance.selection.selections import (
    Selection,
    SelectionVersion,
    load_versioned_selections,
)

SYNC_LEASE = "sync"
"""The name of the lease whose holder syncs."""


class ListInfo(NamedTuple):
    """Version and source of the stored list, as in the table ``instance_ai_lists``."""

    version: int
    kind: str
    source: str
    etag: str | None
    digest: str
    replaced_at: datetime


class SyncRun(NamedTuple):
    """A recorded sync, as in the table ``instance_ai_sync_runs``."""

    outcome: str
    reason: str | None
    message: str | None
    finished_at: datetime


class InstanceStatus(NamedTuple):
    """The feature flag and the state of the sync.

    Attributes:
        list: None until the first list is accepted.
        checked_at: when the gateway was last reached; None before that.
        last_run: the newest recorded sync.
        left_out: a sentence for each model or feature of the list that is left out because it is invalid.
    """

    enabled: bool
    list: ListInfo | None
    checked_at: datetime | None
    last_run: SyncRun | None
    left_out: tuple[str, ...] = ()

    @property
    def last_contact_at(self) -> datetime | None:
        """When the gateway was last reached, as far as recorded: the last check or replacement of the list."""
        return max(filter(None, (self.checked_at, self.list and self.list.replaced_at)), default=None)

    @property
    def failure(self) -> SyncRun | None:
        """The newest recorded sync, if it failed."""
        return self.last_run if self.last_run and self.last_run.outcome == "failed" else None


class InstanceState(NamedTuple):
    """Status, offered list, and the selections of the instance and of one namespace, by feature, with current ids.

    Attributes:
        versions: by namespace (None for the instance) and feature, also of selections that were deleted. A feature
            without one never had a selection.
    """

    status: InstanceStatus
    offered: OfferedList
    instance: Mapping[str, Selection]
    namespace: Mapping[str, Selection]
    versions: Mapping[tuple[int | None, str], SelectionVersion] = MappingProxyType({})


class StateReader:
    """Reads the state. The offered list is cached until it is replaced, so most reads take two statements."""

    def __init__(self) -> None:
        self._cached: tuple[ListInfo, OfferedList] | None = None

    def state(
        self, connection: Connection, namespace_id: int | None = None, status: InstanceStatus | None = None
    ) -> InstanceState:
        """Return the state, with the selections of a namespace if given, and the status unless it was read before."""
        status = status or load_status(connection)
        offered = self.offered(connection, status.list)
        instance: dict[str, Selection] = {}
        namespace: dict[str, Selection] = {}
        versions: dict[tuple[int | None, str], SelectionVersion] = {}
        for stored in load_versioned_selections(connection, namespace_id):
            versions[stored.namespace_id, stored.feature] = stored.version
            if stored.selection:
                selections = instance if stored.namespace_id is None else namespace
                selections[stored.feature] = stored.selection.with_current_ids(offered.aliases)
        return InstanceState(status, offered, instance, namespace, versions)

    def offered(self, connection: Connection, info: ListInfo | None) -> OfferedList:
        """Return the offered list whose ``info`` was read in the same transaction."""
        cached = self._cached  # another thread may replace it
        if info is None:
            return EMPTY_LIST
        if cached is None or cached[0] != info:
            self._cached = cached = info, load_offered_list(connection)
        return cached[1]


_ONE_ROW = select(literal(1).label("one")).subquery()
_NEWEST_RUN = select(sync_runs).order_by(sync_runs.c.id.desc()).limit(1).subquery()
_LEFT_OUT = (
    select(func.max(sync_runs.c.message))
    .where(sync_runs.c.outcome == "replaced", sync_runs.c.version == lists.c.version)
    .correlate(lists)
    .scalar_subquery()
)
_STATUS = select(
    feature_flags.c.enabled,
    *(lists.c[name] for name in ListInfo._fields),
    leases.c.checked_at,
    *(_NEWEST_RUN.c[name] for name in SyncRun._fields),
    _LEFT_OUT.label("left_out"),
).select_from(
    _ONE_ROW.outerjoin(feature_flags, feature_flags.c.name == AI_MODEL_SWITCHING)
    .outerjoin(lists, true())
    .outerjoin(leases, leases.c.name == SYNC_LEASE)
    .outerjoin(_NEWEST_RUN, true())
)


def load_status(connection: Connection) -> InstanceStatus:
    """Read the status, with one statement."""
    row = connection.execute(_STATUS).one()._mapping
    return InstanceStatus(
        bool(row["enabled"]),
        None if row["version"] is None else ListInfo(**{name: row[name] for name in ListInfo._fields}),
        row["checked_at"],
        None if row["outcome"] is None else SyncRun(**{name: row[name] for name in SyncRun._fields}),
        tuple((row["left_out"] or "").splitlines()),
    )
