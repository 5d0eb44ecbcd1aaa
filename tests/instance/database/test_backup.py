"""Backup and restore with the commands of docs/operations.md, while a server could be writing."""

import subprocess
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Table, make_url, select

from roster.instance.database.connections import Database
from roster.instance.database.tables import audit_events, selected_features, selected_models, selection_versions, tokens
from roster.settings.secret import Secret
from tests.conftest import ROOT
from tests.instance.database.databases import Databases
from tests.instance.page.large_instance import NOW, fill_large
from tests.postgresql import find_programs
from tests.programs import require

KEPT = (selected_features, selected_models, selection_versions, audit_events, tokens)
PAGE = (ROOT / "docs" / "operations.md").read_text()


def rows(url: str, table: Table) -> list[Any]:
    database = Database(Secret(url))
    with database.read_transaction() as connection:
        stored = list(connection.execute(select(table).order_by(table.c.id)))
    database.close()
    return stored


def run(*command: str | Path) -> None:
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr


def back_up_and_restore(source: str, target: str, folder: Path) -> None:
    """Do what the page says for the kind of database."""
    if make_url(source).get_backend_name() == "sqlite":
        copy, file = folder / "roster.db", make_url(source).database or ""
        run(require("sqlite3"), file, f".backup '{copy}'")
        Path(make_url(target).database or "").write_bytes(copy.read_bytes())
        return
    found = find_programs()
    assert found
    dump = folder / "roster.dump"
    options = ["--clean", "--if-exists", "--no-owner", "--exit-on-error", "--single-transaction"]
    assert f"pg_restore {' '.join(options)} --dbname=" in PAGE
    run(found / "pg_dump", "--format=custom", f"--file={dump}", f"--dbname={plain(source)}")
    run(found / "pg_restore", *options, f"--dbname={plain(target)}", dump)


def plain(url: str) -> str:
    """Return a URL without SQLAlchemy's driver, for the programs of PostgreSQL."""
    return url.replace("postgresql+psycopg:", "postgresql:")


@pytest.mark.slow
def test_restored_backup_has_selections_audit_events_and_versions(databases: Databases, tmp_path: Path):
    source, target = databases.migrated(), databases.migrated()
    database = Database(Secret(source))
    fill_large(database, 20)
    with database.read_transaction():  # an open connection, as that of a server
        back_up_and_restore(source, target, tmp_path)
    database.close()
    assert len(rows(source, audit_events)) > 10
    for table in KEPT:
        assert rows(target, table) == rows(source, table), table.name
    restored = Database(Secret(target))
    event = {"created_at": NOW, "actor": "alice", "action": "delete", "feature": "chat"}
    with restored.write_transaction() as connection:
        connection.execute(audit_events.insert().values(event))
    restored.close()
    *former, newest = rows(target, audit_events)
    assert newest.id > max(each.id for each in former)  # ids continue after those of the backup
