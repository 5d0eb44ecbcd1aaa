"""What the instance knows at one moment, read with a constant number of statements."""

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, literal, or_, select, true

from roster.instance.database.feature_flag import AI_MODEL_SWITCHING
from roster.instance.database.tables import (
    feature_flags,
    leases,
    lists,
    selected_features,
    sync_runs,
)
from roster.instance.selection import selections
from roster.instance.selection.offered_list import (
    EMPTY_LIST,
    OfferedList,
)
from roster.instance.selection.offered_list_storage import load_offered_list
from roster.instance.selection.selections import Selection

SYNC_LEASE = "sync"


class ListInfo(NamedTuple):
    """Where the offered list is from; see the table ``instance_ai_lists``."""

    version: int
    kind: str
    source: str
    etag: str | None
    digest: str
    replaced_at: datetime


class SyncRun(NamedTuple):
    """The newest sync that had something to tell; see the table ``instance_ai_sync_runs``."""

    outcome: str
    reason: str | None
    message: str | None
    finished_at: datetime


class InstanceStatus(NamedTuple):
    """Whether the feature is on, and how the sync fares.

    Attributes:
        list: None before the first list was accepted.
        checked_at: when the leading process last heard from the gateway; None where none leads or ever did.
        run: None while no sync had anything to tell.
    """

    enabled: bool
    list: ListInfo | None
    checked_at: datetime | None
    run: SyncRun | None

    @property
    def last_contact_at(self) -> datetime | None:
        """When the gateway was last heard from, as far as that is recorded: a list that is replaced says it, too."""
        return max(filter(None, (self.checked_at, self.list and self.list.replaced_at)), default=None)

    @property
    def failure(self) -> SyncRun | None:
        """The newest sync, if it failed."""
        return self.run if self.run and self.run.outcome == "failed" else None


class InstanceState(NamedTuple):
    """One moment: the status, the list, and the choices of the instance and of one namespace, by feature."""

    status: InstanceStatus
    offered: OfferedList
    instance: Mapping[str, Selection]
    namespace: Mapping[str, Selection]


class StateReader:
    """Reads the state. The offered list is read anew only when it was replaced, so most reads take two statements."""

    def __init__(self) -> None:
        self._last: tuple[ListInfo, OfferedList] | None = None

    def state(
        self, connection: Connection, namespace_id: int | None = None, found: InstanceStatus | None = None
    ) -> InstanceState:
        """Return the state, with the choices of a namespace, if one is asked for; ``found`` if the status was read."""
        found = found or load_status(connection)
        which = selections.is_instance_selection()
        if namespace_id is not None:
            which = or_(which, selected_features.c.namespace_id == namespace_id)
        chosen = list(selections.load_selections(connection, which))
        return InstanceState(
            found,
            self.offered(connection, found.list),
            {each.feature: each for each in chosen if each.namespace_id is None},
            {each.feature: each for each in chosen if each.namespace_id is not None},
        )

    def offered(self, connection: Connection, info: ListInfo | None) -> OfferedList:
        """Return the offered list that ``info`` tells of, as the same connection read it."""
        last = self._last  # another thread may replace it
        if info is None:
            return EMPTY_LIST
        if last is None or last[0] != info:
            self._last = last = info, load_offered_list(connection)
        return last[1]


_ONE = select(literal(1).label("one")).subquery()
_NEWEST_RUN = select(sync_runs).order_by(sync_runs.c.id.desc()).limit(1).subquery()
_STATUS = select(
    feature_flags.c.enabled,
    *(lists.c[name] for name in ListInfo._fields),
    leases.c.checked_at,
    *(_NEWEST_RUN.c[name] for name in SyncRun._fields),
).select_from(
    _ONE.outerjoin(feature_flags, feature_flags.c.name == AI_MODEL_SWITCHING)
    .outerjoin(lists, true())
    .outerjoin(leases, leases.c.name == SYNC_LEASE)
    .outerjoin(_NEWEST_RUN, true())
)


def load_status(connection: Connection) -> InstanceStatus:
    """Return whether the feature is on and how the sync fares, with one statement."""
    enabled, *rest = connection.execute(_STATUS).one()
    info, (checked_at, *run) = rest[: len(ListInfo._fields)], rest[len(ListInfo._fields) :]
    return InstanceStatus(
        bool(enabled),
        None if info[0] is None else ListInfo(*info),
        checked_at,
        None if run[0] is None else SyncRun(*run),
    )
