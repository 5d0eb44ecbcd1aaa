"""The state is read completely, with few statements, and never from an outdated list."""

import subprocess
import sys

import pytest
from sqlalchemy import insert

from roster.instance.database import feature_flag, tables
from roster.instance.database.connections import Database
from roster.instance.selection import selections
from roster.instance.selection.offered_list import EMPTY_LIST, OfferedRetirement
from roster.instance.selection.state import InstanceState, InstanceStatus, StateReader, SyncRun
from tests.conftest import ROOT
from tests.instance.database.statements import count_statements
from tests.instance.selection.offered_lists import LAST_DAY, NOW, list_serving, store_list, store_selection

OFFERED = list_serving(
    {"duo_chat": ["claude", "gemini"], "code-generation": ["claude"], "ended": []},
    {"ended": "old"},
    retired={("old", ""): "claude", ("older", "duo_chat"): "old"},
    gone=["old", "é𝒜İ"],
    ends={
        ("claude", "duo_chat"): OfferedRetirement(None, LAST_DAY, "gemini"),
        ("gemini", "duo_chat"): OfferedRetirement(None, None, "claude"),
    },
)
REPLACE = """
import sys
from roster.settings.secret import Secret
from roster.instance.database.connections import Database
from tests.instance.selection.offered_lists import list_serving, store_list
with Database(Secret(sys.argv[1])).write_transaction() as connection:
    store_list(connection, list_serving({"duo_chat": ["llama"]}), version=2)
"""


def read_state(database: Database, reader: StateReader, namespace_id: int | None = None) -> InstanceState:
    with database.read_transaction() as connection:
        return reader.state(connection, namespace_id)


def test_empty_database(database: Database):
    state = read_state(database, StateReader(), 7)
    assert state == InstanceState(InstanceStatus(False, None, None, None), EMPTY_LIST, {}, {}, {})


def test_state_is_read_as_stored(database: Database):
    with database.write_transaction() as connection:
        feature_flag.set_enabled(connection, True)
        store_list(connection, OFFERED)
        store_selection(connection, "duo_chat", "gemini", "claude")
        store_selection(connection, "code-generation", "é𝒜İ")
        store_selection(connection, "duo_chat", "claude", namespace_id=7)
        store_selection(connection, "duo_chat", "gemini", namespace_id=8)
        for outcome, reason in (("replaced", None), ("failed", "unreachable")):
            values = {"outcome": outcome, "reason": reason, "message": reason}
            connection.execute(insert(tables.sync_runs).values(started_at=NOW, finished_at=NOW, **values))
        connection.execute(insert(tables.leases).values(name="sync", holder="x", expires_at=NOW, checked_at=NOW))
    state = read_state(database, StateReader(), 7)
    assert state.status.enabled
    assert state.status.list
    assert (state.status.list.version, state.status.list.replaced_at) == (1, NOW)
    assert state.status.checked_at == NOW
    assert state.status.last_run == SyncRun("failed", "unreachable", "unreachable", NOW)
    assert state.offered == OFFERED
    assert [list(part) for part in state.offered] == [list(part) for part in OFFERED], "the order differs"
    assert {name: (each.models, each.default_model) for name, each in state.instance.items()} == {
        "duo_chat": (("gemini", "claude"), "gemini"),
        "code-generation": (("é𝒜İ",), "é𝒜İ"),
    }
    assert [(each.namespace_id, each.models) for each in state.namespace.values()] == [(7, ("claude",))]
    assert state.instance["duo_chat"].created_at == NOW
    assert state.instance["duo_chat"].created_at.tzinfo is not None


def test_selections_are_read_with_one_statement(database: Database):
    with database.write_transaction() as connection:
        store_selection(connection, "duo_chat", "gemini", "claude")
        store_selection(connection, "duo_chat", "claude", namespace_id=7)
    with count_statements(database) as statements, database.read_transaction() as connection:
        stored = selections.load_versioned_selections(connection, 7)
    loaded = [each.selection for each in stored if each.selection]
    assert [(each.namespace_id, each.models) for each in loaded] == [
        (None, ("gemini", "claude")),
        (7, ("claude",)),
    ]
    assert len(statements) == 1


@pytest.mark.parametrize("features", [1, 40])
def test_number_of_statements_is_constant(database: Database, features: int):
    with database.write_transaction() as connection:
        store_list(connection, list_serving({f"feature_{number}": ["claude", "gemini"] for number in range(features)}))
        for number in range(features):
            store_selection(connection, f"feature_{number}", "gemini", "claude")
    reader, counts = StateReader(), []
    for _ in range(3):
        with count_statements(database) as statements:
            assert len(read_state(database, reader, 7).offered.features) == features
        counts.append(len(statements))
    assert counts == [5, 2, 2]


class TestCachedList:
    def test_list_is_cached_until_replaced(self, database: Database):
        with database.write_transaction() as connection:
            store_list(connection, OFFERED)
        reader = StateReader()
        first = read_state(database, reader).offered
        assert read_state(database, reader).offered is first
        with database.write_transaction() as connection:
            store_list(connection, list_serving({"duo_chat": ["llama"]}), version=2)
        assert list(read_state(database, reader).offered.models) == ["llama"]

    def test_replacement_by_another_process_is_seen(self, migrated_url: str, database: Database):
        with database.write_transaction() as connection:
            store_list(connection, OFFERED)
        reader = StateReader()
        assert read_state(database, reader).offered == OFFERED
        subprocess.run([sys.executable, "-c", REPLACE, migrated_url], check=True, cwd=ROOT, timeout=60)
        assert list(read_state(database, reader).offered.models) == ["llama"]

    def test_older_snapshot_gets_older_list(self, database: Database):
        with database.write_transaction() as connection:
            store_list(connection, OFFERED)
        reader = StateReader()
        with database.read_transaction() as older:
            assert reader.state(older).offered == OFFERED
            with database.write_transaction() as connection:
                store_list(connection, list_serving({"duo_chat": ["llama"]}), version=2)
            assert list(read_state(database, reader).offered.models) == ["llama"]
            assert reader.state(older).offered == OFFERED

    def test_cache_is_empty_without_a_list(self, database: Database):
        with database.write_transaction() as connection:
            store_list(connection, OFFERED)
        reader = StateReader()
        assert read_state(database, reader).offered == OFFERED
        with database.write_transaction() as connection:
            connection.execute(tables.lists.delete())
        assert read_state(database, reader).offered is EMPTY_LIST
