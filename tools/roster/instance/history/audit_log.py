"""The audit events of selections and of access tokens, read from the database."""

from collections.abc import Collection, Iterator, Mapping
from datetime import datetime
from enum import Enum
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, Row, distinct, func, literal, select

from roster.instance.auth.token_events import IS_OF_TOKEN, TokenChange, token_change
from roster.instance.database.tables import audit_events, selection_versions
from roster.instance.history.newest_first import in_period, load_newest_first, text_in
from roster.instance.selection.paging import Page, PageRequest
from roster.instance.selection.selections import SelectionKey, SelectionMode, selected_for

_MAX_ACTORS = 200


class AuditValue(NamedTuple):
    """A selection before or after a change, with the ids that it had then."""

    mode: SelectionMode
    models: tuple[str, ...]
    default_model: str | None


FOLLOWS_ROSTER = AuditValue(SelectionMode.ROSTER, (), None)
"""No selection."""


class AuditEvent(NamedTuple):
    """A change of one selection, or of an access token.

    Attributes:
        feature: empty if a token was changed.
        namespace_id: None if it is the instance's selection.
        batch: what all events of one change of several selections have in common; None in older events.
    """

    id: int
    created_at: datetime
    actor: str
    action: str
    feature: str
    namespace_id: int | None
    batch: str | None
    old: AuditValue
    new: AuditValue
    token: TokenChange | None = None


class Tokens(Enum):
    """Whether to read the events of access tokens, which only those with write access may see."""

    NO = "no"
    ALSO = "also"
    ONLY = "only"


class EventFilter(NamedTuple):
    """Which events to read; None does not restrict them.

    Attributes:
        instance_only: whether to omit events of namespaces.
        actors: those of a display name, as ``ActorNames.actors_named`` returns them.
        since, until: points in time; the second one is excluded.
    """

    feature: str | None = None
    namespace_id: int | None = None
    instance_only: bool = False
    actors: tuple[str, ...] | None = None
    since: datetime | None = None
    until: datetime | None = None
    batch: str | None = None
    tokens: Tokens = Tokens.NO

    def conditions(self) -> Iterator[ColumnElement[bool]]:
        """Yield the conditions on ``instance_ai_audit_events``."""
        columns = audit_events.c
        texts = ((columns.feature, self.feature), (columns.batch, self.batch))
        yield from (text_in(column, text) for column, text in texts if text is not None)
        if self.actors is not None:
            yield text_in(columns.actor, *self.actors)
        if self.namespace_id is not None:
            yield columns.namespace_id == self.namespace_id
        if self.instance_only:
            yield columns.namespace_id.is_(None) & ~IS_OF_TOKEN
        if self.tokens is not Tokens.ALSO:
            yield IS_OF_TOKEN if self.tokens is Tokens.ONLY else ~IS_OF_TOKEN
        yield from in_period(columns.created_at, columns.id, self.since, self.until)


def load_events(connection: Connection, selected: EventFilter, request: PageRequest) -> Page[AuditEvent]:
    """Read a page of events, the newest first, with one statement. The key of an event is its id."""
    statement = select(audit_events).where(*selected.conditions())
    page = load_newest_first(connection, statement, audit_events.c.id, request)
    return Page([_event(row) for row in page.items], page.has_previous, page.has_next)


class BatchSize(NamedTuple):
    """How many events a batch has, and how many features they are about."""

    events: int
    features: int


def load_batch_sizes(connection: Connection, batches: Collection[str]) -> Mapping[str, BatchSize]:
    """Return the sizes of batches, with one statement; none if there are none."""
    column = audit_events.c.batch
    sizes = (
        select(column, func.count().label("events"), func.count(distinct(audit_events.c.feature)).label("features"))
        .where(column.in_(batches))
        .group_by(column)
    )
    return {row.batch: BatchSize(row.events, row.features) for row in connection.execute(sizes)} if batches else {}


def load_versions(connection: Connection, namespace_ids: Collection[int | None]) -> Mapping[SelectionKey, int]:
    """Return the versions of the instance's selections and those of namespaces, with one statement."""
    statement = select(selection_versions).where(selected_for(*namespace_ids))
    return {(row.namespace_id, row.feature): row.version for row in connection.execute(statement)}


def load_actors(connection: Connection) -> list[str]:
    """Return the actors of all events, in order, with one statement, which reads one entry of the index for each."""
    actor = audit_events.c.actor
    first = select(func.min(actor).label("actor"), literal(1).label("number")).cte("actors", recursive=True)
    following = select(func.min(actor)).where(actor > first.c.actor).correlate(first).scalar_subquery()
    more = select(following, first.c.number + 1).where(first.c.actor.is_not(None), first.c.number < _MAX_ACTORS)
    actors = first.union_all(more)
    return list(connection.scalars(select(actors.c.actor).where(actors.c.actor.is_not(None))))


def _event(row: Row[Any]) -> AuditEvent:
    if not row.feature:
        change = token_change(row.old_value, row.new_value)
        event = row.id, row.created_at, row.actor, row.action, "", None, None
        return AuditEvent(*event, FOLLOWS_ROSTER, FOLLOWS_ROSTER, change)
    old, new = _value(row.old_value), _value(row.new_value)
    return AuditEvent(row.id, row.created_at, row.actor, row.action, row.feature, row.namespace_id, row.batch, old, new)


def _value(stored: Mapping[str, Any] | None) -> AuditValue:
    if stored is None:
        return FOLLOWS_ROSTER
    mode = SelectionMode(stored.get("mode", SelectionMode.CHOSEN_MODELS))  # older events have none
    return AuditValue(mode, tuple(stored["models"]), stored["default_model"])
