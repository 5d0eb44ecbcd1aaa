"""Migrations create the tables of tables.py, can be undone, and run once; the database enforces its constraints."""

import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, delete, insert, inspect, text, update
from sqlalchemy.exc import IntegrityError

from roster.findings import ConfigurationError
from roster.instance.database import migrate, tables
from roster.instance.database.connections import Database
from roster.instance.selection.offered_list_storage import load_offered_list
from roster.instance.selection.requested_selection import RequestedSelection
from roster.instance.selection.selections import SelectionMode, load_versioned_selections
from roster.settings.secret import Secret
from tests.conftest import ROOT
from tests.instance.selection.changes import change
from tests.instance.selection.offered_lists import LAST_DAY, NOW, list_serving, store_list, store_selection

UPGRADE = """
import sys
from roster.settings.secret import Secret
from roster.instance.database import migrate
from roster.instance.database.connections import Database
database = Database(Secret(sys.argv[1]))
sys.stdin.readline()
migrate.upgrade(database)
with database.read_transaction() as connection:
    print(migrate.current_revision(connection))
"""


def differences(database: Database) -> list[Any]:
    with database.read_transaction() as connection:
        context = MigrationContext.configure(connection)
        return compare_metadata(context, tables.metadata)


def test_head_is_the_newest_migration():
    config = Config()
    config.set_main_option("script_location", str(ROOT / "tools/roster/instance/database/migrations"))
    assert ScriptDirectory.from_config(config).get_current_head() == migrate.HEAD


class TestUpAndDown:
    def test_upgrade_downgrade_upgrade(self, database_url: str):
        database = Database(Secret(database_url))
        migrate.upgrade(database)
        assert differences(database) == []
        with database.write_transaction() as connection:
            store_list(connection, list_serving({"duo_chat": ["claude", "gemini"]}))
            store_selection(connection, "duo_chat", "claude", "gemini", namespace_id=7)
        migrate.downgrade(database)
        with database.read_transaction() as connection:
            assert set(inspect(connection).get_table_names()) == {"alembic_version"}
            assert migrate.current_revision(connection) is None
        migrate.upgrade(database)
        assert differences(database) == []
        database.close()

    def test_upgrade_of_the_first_tables_keeps_data_and_reads_the_list_again(self, database_url: str):
        database = Database(Secret(database_url))
        database.create()
        with database.write_transaction() as connection:
            migrate._alembic(connection, "upgrade", "0001")
            connection.execute(_list(etag="x"))
            connection.execute(_offered_model())
            for feature, replacement in (("", "claude"), ("duo_chat", "claude")):
                connection.execute(_retired(feature, replacement))
            store_selection(connection, "duo_chat", "gpt", version=None)
        migrate.upgrade(database)
        assert differences(database) == []
        with database.write_transaction() as connection:
            assert connection.execute(text("SELECT etag, digest FROM instance_ai_lists")).one() == (None, "")
            assert len(load_offered_list(connection).retired) == 2
            assert connection.scalar(text("SELECT count(*) FROM instance_ai_features")) == 1
            connection.execute(_retired("chat", None))
        migrate.downgrade(database, "0001")
        with database.read_transaction() as connection:
            assert connection.scalar(text("SELECT count(*) FROM instance_ai_retired_models")) == 2
            assert connection.scalar(text("SELECT count(*) FROM instance_ai_features")) == 1
        migrate.upgrade(database)
        assert differences(database) == []
        database.close()

    def test_downgrade_of_modes_and_versions_keeps_selections(self, migrated_url: str):
        """Before modes, a selection that allows all models lists those of now."""
        database, offered = Database(Secret(migrated_url)), list_serving({"duo_chat": ["claude", "gemini"]})
        with database.write_transaction() as connection:
            store_list(connection, offered)
            requested = RequestedSelection("duo_chat", (), "gemini", mode=SelectionMode.OWN_DEFAULT)
            assert change(connection, offered, requested, actor="alice") == []
        migrate.downgrade(database, "0002")
        migrate.upgrade(database)
        with database.read_transaction() as connection:
            (stored,) = load_versioned_selections(connection)
        assert stored.selection
        assert (stored.selection.mode, stored.selection.default_model) == (SelectionMode.CHOSEN_MODELS, "gemini")
        assert set(stored.selection.models) == {"claude", "gemini"}
        assert (stored.version.number, stored.version.changed_by) == (1, "alice")
        database.close()

    def test_repeated_upgrade_keeps_data(self, migrated_url: str):
        database = Database(Secret(migrated_url))
        with database.write_transaction() as connection:
            store_selection(connection, "duo_chat", "claude")
        migrate.upgrade(database)
        with database.read_transaction() as connection:
            assert connection.scalar(text("SELECT count(*) FROM instance_ai_features")) == 1
        database.close()

    def test_comparison_finds_missing_index_and_key(self, migrated_url: str):
        database = Database(Secret(migrated_url))
        with database.write_transaction() as connection:
            connection.execute(text("DROP INDEX uq_instance_ai_features_feature_of_instance"))
        assert [what[0] for what in differences(database)] == ["add_index"]
        database.close()

    @pytest.mark.slow
    def test_concurrent_processes_migrate_once(self, database_url: str):
        processes = [
            subprocess.Popen(
                [sys.executable, "-c", UPGRADE, database_url],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
            )
            for _ in range(3)
        ]
        for process in processes:
            assert process.stdin
            process.stdin.write("\n")
            process.stdin.flush()
        outputs = [process.communicate(timeout=60) for process in processes]
        assert outputs == [("0003\n", "")] * 3


class TestUnknownRevisions:
    def test_database_of_newer_version_is_rejected(self, migrated_url: str):
        database = Database(Secret(migrated_url))
        with database.write_transaction() as connection:
            connection.execute(text("UPDATE alembic_version SET version_num = '0999'"))
        for move in (migrate.upgrade, migrate.downgrade):
            with pytest.raises(ConfigurationError, match="is at migration 0999, newer than 0003"):
                move(database)
        with database.read_transaction() as connection:
            assert connection.scalar(text("SELECT count(*) FROM namespaces")) == 0
        database.close()

    def test_unknown_downgrade_target_is_rejected(self, migrated_url: str):
        database = Database(Secret(migrated_url))
        with pytest.raises(ConfigurationError, match='cannot migrate the database from 0003 back to "0000"'):
            migrate.downgrade(database, "0000")
        assert differences(database) == []
        database.close()


def _feature(**values: Any) -> Any:
    defaults = {"feature": "duo_chat", "default_model": "claude", "feature_category": "duo_chat"}
    return insert(tables.selected_features).values(created_at=NOW, updated_at=NOW, **defaults | values)


def _run(**values: Any) -> Any:
    return insert(tables.sync_runs).values(started_at=NOW, finished_at=NOW, **values)


def _list(**values: Any) -> Any:
    defaults = {"id": 1, "version": 1, "kind": "definitions", "source": "x", "digest": "x"}
    return insert(tables.lists).values(replaced_at=NOW, **defaults | values)


def _offered_model(**values: Any) -> Any:
    defaults = {"model": "claude", "position": 1, "name": "Claude", "release_state": "GA", "offered": True}
    return insert(tables.offered_models).values(**defaults | values)


def _offered_feature(**values: Any) -> Any:
    defaults = {"feature": "chat", "position": 1, "title": "Chat", "category": "x", "default_source": "list"}
    return insert(tables.offered_features).values(offered=True, **defaults | values)


def _retired(feature: str, replacement: str | None) -> Any:
    row = {"model": "gpt", "feature": feature, "last_day": LAST_DAY, "replacement": replacement}
    return insert(tables.retired_models).values(**row)


def _serves(model: str, feature: str) -> Any:
    return insert(tables.offered_model_features).values(model=model, feature=feature)


def _audit(action: str) -> Any:
    return insert(tables.audit_events).values(created_at=NOW, actor="x", action=action, feature="duo_chat")


def _disallow_default(connection: Connection) -> None:
    store_selection(connection, "duo_chat", "claude", "gemini")
    connection.execute(delete(tables.selected_models).where(tables.selected_models.c.model == "claude"))


def _default_of_another_selection(connection: Connection) -> None:
    store_selection(connection, "duo_chat", "claude")
    store_selection(connection, "code-generation", "gemini")
    changed = update(tables.selected_features).where(tables.selected_features.c.feature == "duo_chat")
    connection.execute(changed.values(default_model="gemini"))


def _insert_twice(connection: Connection, namespace_id: int | None) -> None:
    store_selection(connection, "duo_chat", "claude", namespace_id=namespace_id)
    connection.execute(_feature(namespace_id=namespace_id))


def _allow_model_twice(connection: Connection) -> None:
    row = store_selection(connection, "duo_chat", "claude")
    connection.execute(insert(tables.selected_models).values(instance_ai_feature_id=row, model="claude"))


def _allow_nothing(connection: Connection) -> None:
    row = store_selection(connection, "duo_chat", "claude")
    connection.execute(insert(tables.selected_models).values(instance_ai_feature_id=row, model=""))


def _remove_served_feature(connection: Connection) -> None:
    store_list(connection, list_serving({"duo_chat": ["claude"]}))
    connection.execute(delete(tables.offered_features))


VIOLATIONS: dict[str, Callable[[Connection], object]] = {
    "a default that is not allowed": lambda connection: connection.execute(_feature()),
    "a default that is no longer allowed": _disallow_default,
    "a default allowed by another selection": _default_of_another_selection,
    "two selections of the instance for a feature": lambda connection: _insert_twice(connection, None),
    "two selections of a namespace for a feature": lambda connection: _insert_twice(connection, 7),
    "a selection of an unknown namespace": lambda connection: connection.execute(_feature(namespace_id=8)),
    "a selection without a feature": lambda connection: store_selection(connection, "", "claude"),
    "a selection without a default": lambda connection: store_selection(connection, "duo_chat", ""),
    "a model that is allowed twice": _allow_model_twice,
    "an allowed model without a name": _allow_nothing,
    "an invalid namespace": lambda connection: connection.execute(insert(tables.namespaces).values(id=0)),
    "a second list": lambda connection: connection.execute(_list(id=2)),
    "an unknown kind of list": lambda connection: connection.execute(_list(kind="roster")),
    "an unknown release state": lambda connection: connection.execute(_offered_model(release_state="ALPHA")),
    "an unknown source of a default": lambda connection: connection.execute(_offered_feature(default_source="me")),
    "a serving model that is unknown": lambda connection: connection.execute(_serves("ghost", "duo_chat")),
    "a served feature that is unknown": _remove_served_feature,
    "an unknown outcome of a sync": lambda connection: connection.execute(_run(outcome="maybe")),
    "a failed sync without a reason": lambda connection: connection.execute(_run(outcome="failed")),
    "a good sync with a reason": lambda connection: connection.execute(_run(outcome="replaced", reason="empty")),
    "an unknown action": lambda connection: connection.execute(_audit("look")),
}


@pytest.mark.parametrize("violation", VIOLATIONS.values(), ids=VIOLATIONS)
def test_database_rejects_violation(migrated_url: str, violation: Callable[[Connection], object]):
    database = Database(Secret(migrated_url))
    with pytest.raises(IntegrityError), database.write_transaction() as connection:
        violation(connection)
    with database.read_transaction() as connection:
        for table in tables.metadata.sorted_tables:
            assert connection.execute(table.select()).all() == [], table.name
    database.close()


def test_database_accepts_rows_without_violation(migrated_url: str):
    database = Database(Secret(migrated_url))
    with database.write_transaction() as connection:
        store_list(connection, list_serving({"duo_chat": ["claude"]}))
        store_selection(connection, "duo_chat", "claude", "gemini")
        store_selection(connection, "duo_chat", "claude", namespace_id=7)
        store_selection(connection, "duo_chat", "gemini", namespace_id=8)
        for statement in (
            _run(outcome="failed", reason="empty"),
            _run(outcome="replaced"),
            _run(outcome="recovered"),
            _audit("upsert"),
            _audit("delete"),
        ):
            connection.execute(statement)
    database.close()


def test_deleting_a_namespace_deletes_its_selections(migrated_url: str):
    database = Database(Secret(migrated_url))
    with database.write_transaction() as connection:
        store_selection(connection, "duo_chat", "claude", namespace_id=7)
        store_selection(connection, "duo_chat", "gemini")
        connection.execute(delete(tables.namespaces))
    with database.read_transaction() as connection:
        assert connection.scalars(
            tables.selected_models.select().with_only_columns(tables.selected_models.c.model)
        ).all() == ["gemini"]
    database.close()
