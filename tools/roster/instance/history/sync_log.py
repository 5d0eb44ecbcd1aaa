"""The recorded syncs, read from the database, and what each of them changed."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, Row, select

from roster.instance.database.tables import sync_runs
from roster.instance.history.newest_first import in_period, load_newest_first, text_in
from roster.instance.selection.offered_list import OfferedList
from roster.instance.selection.paging import Page, PageRequest
from roster.naming import join_names, printable

OUTCOMES = ("replaced", "failed", "recovered")
_MAX_MODELS = 20


class RecordedSync(NamedTuple):
    """A sync that replaced the list, failed in a new way, or recovered from a failure.

    Attributes:
        reason: why it failed; None if it did not.
        message: details of the failure, or a line for each entry of the list that was left out.
        version: the version of the list afterwards.
        changes: what it changed, in sentences; None if it is from before these were recorded.
        added, changed, removed: the ids of models.
    """

    id: int
    started_at: datetime
    finished_at: datetime
    outcome: str
    reason: str | None
    message: str | None
    version: int | None
    changes: tuple[str, ...] | None
    added: tuple[str, ...]
    changed: tuple[str, ...]
    removed: tuple[str, ...]

    def sentences(self, offered: OfferedList) -> tuple[str, ...]:
        """Return what it changed. For an older sync, that is which models, named as in the current list."""
        return tuple(self._model_sentences(offered)) if self.changes is None else self.changes

    def _model_sentences(self, offered: OfferedList) -> Iterator[str]:
        for kind in ("added", "changed", "removed"):
            ids: tuple[str, ...] = getattr(self, kind)
            if ids:
                names = (printable(offered.display_name(offered.current_id(id_))) for id_ in ids)
                yield f"{kind.capitalize()}: {join_names(names, limit=_MAX_MODELS)}"


class SyncFilter(NamedTuple):
    """Which syncs to read; None does not restrict them. ``until`` is excluded."""

    outcome: str | None = None
    since: datetime | None = None
    until: datetime | None = None

    def conditions(self) -> Iterator[ColumnElement[bool]]:
        """Yield the conditions on ``instance_ai_sync_runs``."""
        if self.outcome is not None:
            yield text_in(sync_runs.c.outcome, self.outcome)
        yield from in_period(sync_runs.c.finished_at, sync_runs.c.id, self.since, self.until)


def load_syncs(connection: Connection, selected: SyncFilter, request: PageRequest) -> Page[RecordedSync]:
    """Read a page of syncs, the newest first, with one statement. The key of a sync is its id."""
    statement = select(sync_runs).where(*selected.conditions())
    page = load_newest_first(connection, statement, sync_runs.c.id, request)
    return Page([_sync(row) for row in page.items], page.has_previous, page.has_next)


def _sync(row: Row[Any]) -> RecordedSync:
    changes = None if row.changes is None else tuple(row.changes)
    ids = (tuple(each or ()) for each in (row.added, row.changed, row.removed))
    return RecordedSync(
        row.id, row.started_at, row.finished_at, row.outcome, row.reason, row.message, row.version, changes, *ids
    )
