"""``roster instance prune``: which records are deleted, in batches, and which are kept."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Table, func, insert, select

from roster.instance.database.connections import Database
from roster.instance.database.tables import audit_events, selection_versions, sessions, sync_runs, webhook_deliveries
from roster.instance.history import pruning
from roster.instance.history.pruning import prune
from roster.instance.instance_settings import DATABASE_URL
from roster.instance.selection.attention_storage import load_attention
from roster.instance.selection.state import StateReader
from tests.conftest import Run
from tests.instance.history.recorded import audit_event, store_events, store_sync
from tests.instance.selection.offered_lists import list_serving, store_list, store_selection
from tests.instance.sync.sync_helpers import set_flag

NOW = datetime.now(UTC)
OLD = NOW - timedelta(days=40)
RECENT = NOW - timedelta(days=5)


@pytest.fixture
def filled(database: Database) -> Database:
    """Old and recent records of each kind, and an old delivery of a notice that still holds."""
    set_flag(database, on=True)
    with database.write_transaction() as connection:
        store_list(connection, list_serving({"chat": ["gemini"]}, retired={("claude", ""): "gemini"}, gone=("claude",)))
        store_selection(connection, "chat", "claude")
        (entry,) = load_attention(connection, StateReader().state(connection), NOW.date()).all_entries
        for key, expires_at in (("expired", OLD), ("open", NOW + timedelta(days=1))):
            row = {"digest": key, "token_hash": "hash", "csrf_token": "csrf", "expires_at": expires_at}
            connection.execute(insert(sessions).values(row))
        for key, at, next_at in (("old", OLD, None), (entry.key, OLD, None), ("waits", OLD, NOW), ("new", NOW, None)):
            delivery = {"key": key, "body": "{}", "created_at": at, "attempts": 1, "next_attempt_at": next_at}
            connection.execute(insert(webhook_deliveries).values(delivery))
    store_events(database, [audit_event(number, at=OLD if number < 6 else RECENT) for number in range(1, 8)])
    store_sync(database, at=OLD, version=0)
    store_sync(database, at=OLD, version=1, message="one model is left out")
    store_sync(database, "recovered", at=OLD)
    store_sync(database, "failed", at=OLD)
    return database


def count_rows(database: Database, table: Table) -> int:
    with database.read_transaction() as connection:
        return connection.execute(select(func.count()).select_from(table)).scalar_one()


def test_prune_deletes_old_records_and_keeps_the_status(filled: Database):
    with filled.read_transaction() as connection:
        before = StateReader().state(connection).status
    deleted = dict(prune(filled, NOW - timedelta(days=30)))
    assert deleted == {"audit event": 5, "sync run": 2, "expired session": 1, "webhook message": 1}
    remaining = {
        each.name: count_rows(filled, each) for each in (audit_events, sync_runs, sessions, selection_versions)
    }
    assert list(remaining.values()) == [2, 2, 1, 1]
    with filled.read_transaction() as connection:
        keys = set(connection.scalars(select(webhook_deliveries.c.key)))
        assert StateReader().state(connection).status == before
    assert {"waits", "new"} < keys
    assert len(keys) == 3
    assert not any(dict(prune(filled, NOW - timedelta(days=30))).values())


def test_prune_deletes_in_batches_with_pauses(database: Database, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(pruning, "BATCH_ROWS", 2)
    store_events(database, [audit_event(number, at=OLD) for number in range(1, 6)])
    pauses: list[float] = []

    def write_meanwhile(seconds: float) -> None:
        with database.write_transaction():
            pauses.append(seconds)

    assert dict(prune(database, RECENT, pause=write_meanwhile))["audit event"] == 5
    assert len(pauses) == 2


def test_dry_run_deletes_nothing_and_prints_the_same_numbers(roster: Run, filled: Database, migrated_url: str):
    def run(*options: str) -> list[str]:
        process = roster("instance", "prune", "--older-than", "30", *options, **{DATABASE_URL: migrated_url})
        assert process.returncode == 0, process.stderr
        return process.stdout.splitlines()

    numbers = ["5 audit events", "2 sync runs", "1 expired session", "1 webhook message"]
    assert run("--dry-run") == [f"would delete {each}" for each in numbers]
    assert count_rows(filled, audit_events) == 7
    assert run() == [f"deleted {each}" for each in numbers]


def test_invalid_ages_and_databases_are_rejected(roster: Run, database_url: str):
    for days in ("0", "-1", "0.5", "1e9", "99999999999"):
        process = roster("instance", "prune", "--older-than", days, **{DATABASE_URL: database_url})
        assert (process.returncode, process.stdout) == (2, ""), days
        assert "--older-than" in process.stderr, days
    process = roster("instance", "prune", "--older-than", "30", **{DATABASE_URL: database_url})
    assert process.returncode == 2
    assert "roster instance migrate" in process.stderr
