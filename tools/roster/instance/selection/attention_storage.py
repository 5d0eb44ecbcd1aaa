"""Storage of the entries that an admin hid."""

from collections.abc import Iterator
from datetime import UTC, date, datetime

from sqlalchemy import Connection, delete, insert, select

from roster.instance.auth.actor_names import display_name_of, is_actor
from roster.instance.database.tables import snoozed_entries, tokens
from roster.instance.selection.attention import Attention, Snooze, find_attention
from roster.instance.selection.namespace_selections import NamespaceCounts, load_namespace_counts
from roster.instance.selection.state import InstanceState

_TABLE = snoozed_entries.c
_SNOOZES = select(
    _TABLE.key, _TABLE.until, display_name_of(_TABLE.actor).label("actor"), _TABLE.created_at
).outerjoin_from(snoozed_entries, tokens, is_actor(_TABLE.actor))


def load_attention(
    connection: Connection, state: InstanceState, today: date, counts: NamespaceCounts | None = None
) -> Attention:
    """Return what needs attention on a day, with one statement, and another one unless the counts were read before."""
    snoozes = [Snooze(**row._mapping) for row in connection.execute(_SNOOZES)]
    counts = load_namespace_counts(connection, state.offered) if counts is None else counts
    return find_attention(state, counts, snoozes, today)


def hide_entry(
    connection: Connection, attention: Attention, key: str, until: date | None, today: date, actor: str
) -> Iterator[str]:
    """Hide an entry until a day, or until it changes; yield an error if that is not possible.

    Entries that were hidden until a past day are deleted.
    """
    if key not in {entry.key for entry in attention.all_entries}:
        yield "this entry no longer applies: reload the page"
        return
    if until is not None and until <= today:
        yield f"the day must be after today, {today}, not {until}"
        return
    table = snoozed_entries
    connection.execute(delete(table).where((table.c.key == key) | (table.c.until <= today)))
    connection.execute(insert(table).values(key=key, until=until, actor=actor, created_at=datetime.now(UTC)))


def show_entry(connection: Connection, key: str) -> None:
    """Show a hidden entry again, if there is one with this key."""
    # The keys are compared here and not in the statement, because databases reject some texts.
    if key in connection.scalars(select(_TABLE.key)).all():
        connection.execute(delete(snoozed_entries).where(_TABLE.key == key))
