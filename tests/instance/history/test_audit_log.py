"""Reading audit events: pages, filters, and how the database finds them."""

from collections.abc import Iterator
from datetime import datetime, timedelta, timezone

from hypothesis import given
from hypothesis import strategies as some
from sqlalchemy import update

from roster.instance.auth.actor_names import actor_of, command_actor
from roster.instance.auth.token_events import TokenChange, TokenValue
from roster.instance.auth.token_revocation import revoke_by_id
from roster.instance.auth.tokens import Access, add_token, hash_token, load_tokens
from roster.instance.database.connections import Database
from roster.instance.database.tables import audit_events
from roster.instance.history.audit_log import (
    AuditEvent,
    BatchSize,
    EventFilter,
    Tokens,
    load_actors,
    load_batch_sizes,
    load_events,
)
from roster.instance.history.event_words import summarize_token
from roster.instance.selection.paging import PageRequest
from tests.instance.database.statements import count_statements
from tests.instance.history.recorded import START, audit_event, chosen, own_default, store_events

EVENTS = [
    audit_event(
        number,
        feature=("chat", "code", "tests")[number % 3],
        old=chosen("claude", "gemini"),
        new=(chosen("claude"), own_default("gemini"))[number % 2],
        actor=("alice", "bob", "token:1a2b3c4d")[number // 5 % 3],
        namespace_id=(None, 7, None, 8)[number % 4],
        batch=f"batch {number // 4}",
    )
    for number in range(1, 41)
]
FILTERS = some.builds(
    EventFilter,
    feature=some.sampled_from([None, "chat", "code", "unknown", "\0", "\ud800"]),
    namespace_id=some.sampled_from([None, None, 7, 9]),
    instance_only=some.booleans(),
    actors=some.sampled_from([None, ("alice",), ("bob", "nobody")]),
    batch=some.sampled_from([None, None, "batch 3"]),
    since=some.none() | some.integers(-1, 45).map(lambda hours: START + timedelta(hours=hours)),
    until=some.none() | some.integers(-1, 45).map(lambda hours: START + timedelta(hours=hours)),
    tokens=some.sampled_from([Tokens.NO, Tokens.ALSO, Tokens.ONLY]),
)


def matches(event: AuditEvent, selected: EventFilter) -> bool:
    return (
        selected.feature in (None, event.feature)
        and selected.namespace_id in (None, event.namespace_id)
        and not (selected.instance_only and event.namespace_id)
        and (selected.actors is None or event.actor in selected.actors)
        and selected.batch in (None, event.batch)
        and selected.tokens is not Tokens.ONLY
        and (selected.since is None or event.created_at >= selected.since)
        and (selected.until is None or event.created_at < selected.until)
    )


def read_all(database: Database, selected: EventFilter, size: int, from_end: bool) -> Iterator[list[AuditEvent]]:
    """Yield the pages in the order in which they are read."""
    request = PageRequest(size, from_end=from_end)
    with database.read_transaction() as connection:
        while True:
            page = load_events(connection, selected, request)
            yield page.items
            if not (page.has_previous if from_end else page.has_next):
                return
            key = (page.items[0 if from_end else -1].id,)
            request = request._replace(before=key) if from_end else request._replace(after=key)


def test_events_of_tokens_are_read_if_requested(database: Database):
    digest = hash_token("of alice")
    actor = actor_of(digest)
    with database.write_transaction() as connection:
        for name in ("alice", "Alice", "Alice"):  # the last one changes nothing
            add_token(connection, name, digest, Access.READ)
        (token,) = load_tokens(connection)
        revoke_by_id(connection, token.id, actor, {}, confirmed=False)
    selection = EVENTS[0]._replace(id=1_000)
    store_events(database, [selection])
    with database.read_transaction() as connection:
        everything = load_events(connection, EventFilter(tokens=Tokens.ALSO), PageRequest(4)).items
        events = load_events(connection, EventFilter(tokens=Tokens.ONLY), PageRequest(50)).items
    assert everything == [selection, *events]
    assert [(event.actor, event.feature, event.token) for event in reversed(events)] == [
        (command_actor(), "", TokenChange(None, TokenValue("alice", "read"))),
        (command_actor(), "", TokenChange(TokenValue("alice", "read"), TokenValue("Alice", "read"))),
        (actor, "", TokenChange(TokenValue("Alice", "read"), None)),
    ]
    assert [summarize_token("bob", event.token) for event in reversed(events) if event.token] == [
        'bob added the access token "alice" with read access.',
        'bob renamed the access token "alice" to "Alice".',
        'bob revoked the access token "Alice", which had read access.',
    ]


def test_pages_together_have_each_matching_event_once_and_in_order(database: Database):
    store_events(database, EVENTS)

    @given(FILTERS, some.integers(1, 9), some.booleans())
    def check(selected: EventFilter, size: int, from_end: bool) -> None:
        pages = list(read_all(database, selected, size, from_end))
        in_order = pages[::-1] if from_end else pages
        expected = [event for event in reversed(EVENTS) if matches(event, selected)]
        assert [event for page in in_order for event in page] == expected

    check()


def test_new_events_do_not_move_the_next_page(database: Database):
    store_events(database, EVENTS[:20])
    with database.read_transaction() as connection:
        first = load_events(connection, EventFilter(), PageRequest(5))
    store_events(database, EVENTS[20:])
    with database.read_transaction() as connection:
        second = load_events(connection, EventFilter(), PageRequest(5, after=(first.items[-1].id,)))
    assert [event.id for event in (*first.items, *second.items)] == list(range(20, 10, -1))
    assert second.has_previous


def test_values_of_events_from_before_modes_are_read(database: Database):
    store_events(database, EVENTS[:1])
    with database.write_transaction() as connection:
        earlier = {"models": ["claude"], "default_model": "claude"}
        connection.execute(update(audit_events).values(old_value=None, new_value=earlier, batch=None))
    with database.read_transaction() as connection:
        (event,) = load_events(connection, EventFilter(), PageRequest(5)).items
    assert (event.old.mode, event.new, event.batch) == ("roster", chosen("claude"), None)


def test_times_of_every_zone_and_of_the_ends_of_the_calendar_are_compared(database: Database):
    store_events(database, EVENTS)
    east, west = timezone(timedelta(hours=14)), timezone(timedelta(hours=-12))
    cases = {
        EventFilter(since=datetime.min.replace(tzinfo=east), until=datetime.max.replace(tzinfo=west)): 40,
        EventFilter(since=(START + timedelta(hours=39)).astimezone(east)): 2,
        EventFilter(until=(START + timedelta(hours=3)).replace(tzinfo=None)): 2,
    }
    with database.read_transaction() as connection:
        for selected, number in cases.items():
            assert len(load_events(connection, selected, PageRequest()).items) == number, selected


def test_period_has_events_from_before_the_clock_was_set_back(database: Database):
    minutes = (0, 10, 20, 5, 15, 25)
    store_events(database, [audit_event(n, at=START + timedelta(minutes=m)) for n, m in enumerate(minutes, 1)])
    since, until = (START + timedelta(minutes=m) for m in (10, 16))
    with database.read_transaction() as connection:
        events = load_events(connection, EventFilter(since=since, until=until), PageRequest()).items
    assert [event.id for event in events] == [5, 2]


def test_actors_and_sizes_of_batches(database: Database):
    with database.read_transaction() as connection:
        assert load_actors(connection) == []
        assert load_batch_sizes(connection, ["batch 1"]) == {}
    store_events(database, EVENTS)
    with count_statements(database) as statements, database.read_transaction() as connection:
        assert load_actors(connection) == ["alice", "bob", "token:1a2b3c4d"]
        assert load_batch_sizes(connection, []) == {}
        sizes = load_batch_sizes(connection, ["batch 0", "batch 1", "unknown"])
    assert sizes == {"batch 0": BatchSize(3, 3), "batch 1": BatchSize(4, 3)}
    assert len(statements) == 2


def test_pages_of_a_filter_are_found_in_an_index(database: Database):
    """SQLite's plans. PostgreSQL's depend on statistics, and it has the same indexes."""
    if database.name != "sqlite":
        return
    plans = {
        EventFilter(feature="chat"): "ix_instance_ai_audit_events_feature_id (feature=? AND id<?)",
        EventFilter(namespace_id=7): "ix_instance_ai_audit_events_namespace_id_id (namespace_id=? AND id<?)",
        EventFilter(actors=("bob",)): "ix_instance_ai_audit_events_actor_id (actor=? AND id<?)",
        EventFilter(batch="batch 1"): "ix_instance_ai_audit_events_batch (batch=? AND rowid<?)",
        EventFilter(): "INTEGER PRIMARY KEY (rowid<?)",
        EventFilter(until=START): "INTEGER PRIMARY KEY (rowid<?)",
    }
    created_at = "COVERING INDEX ix_instance_ai_audit_events_created_at_id (created_at<?)"
    with database.read_transaction() as connection:
        for selected, plan in plans.items():
            with count_statements(database) as statements:
                load_events(connection, selected, PageRequest(5, after=(30,)))
            parameters = ("x",) * statements[0].count("?")
            details = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statements[0]}", parameters).all()
            used = [row.detail.partition(" USING ")[2].removeprefix("INDEX ") for row in details]
            assert [each for each in used if each] == [plan, *([created_at] if selected.until else [])]
