"""Which errors mean that the database cannot be used, by SQLSTATE and by SQLite's result code."""

import sqlite3

import psycopg
import pytest
from sqlalchemy.exc import DBAPIError, SQLAlchemyError, TimeoutError

from roster.instance.database.errors import DatabaseProblem, find_problem, remedy

ROLE = '"an instance"'
UNAVAILABLE = """
08000 08003 08006 08P01 25006 25P03 28000 28P01 3D000 3F000 42501 42P01 42703 53000 53100 53200 53300 53400
55000 55006 57000 57P01 57P02 57P03 57P04 57P05 57014 58000 58030 58P01 F0000 XX000 XX001 XX002
"""
BUSY = "40001 40P01 55P03"
DEFECTS = "0A000 21000 22001 22021 22P02 23502 23503 23505 23514 25001 25P02 26000 34000 42601 42702 42804"


def wrapped(error: Exception, statement: str | None = "SELECT 1") -> SQLAlchemyError:
    """Wrap an error of the driver as SQLAlchemy does; without a statement, the connection failed."""
    return DBAPIError.instance(statement, None, error, psycopg.Error)


def test_sqlstate_decides():
    for state in f"{UNAVAILABLE} {BUSY}".split():
        problem = find_problem(wrapped(psycopg.errors.lookup(state)("first line\nsecond line")))
        assert problem, state
        assert (problem.reason, problem.code, problem.is_busy) == ("first line", state, state in BUSY)
    for state in DEFECTS.split():
        assert find_problem(wrapped(psycopg.errors.lookup(state)())) is None, state


@pytest.mark.parametrize("kind", ["OperationalError", "InterfaceError", "ProgrammingError", "InternalError"])
def test_any_error_while_connecting_is_a_problem(kind: str):
    assert find_problem(wrapped(getattr(psycopg, kind)("refused"), None)) == DatabaseProblem("refused")


def test_errors_without_code():
    for kind, is_problem in {"OperationalError": True, "InterfaceError": True, "DataError": False}.items():
        assert bool(find_problem(wrapped(getattr(psycopg, kind)("lost")))) is is_problem, kind
    assert find_problem(TimeoutError("the pool is exhausted"))


def sqlite_error(*statements: str) -> sqlite3.Error:
    connection = sqlite3.connect(":memory:")
    try:
        for statement in statements:
            connection.execute(statement)
    except sqlite3.Error as error:
        return error
    raise AssertionError


def test_sqlite_result_code_decides():
    table = "CREATE TABLE t (x INTEGER PRIMARY KEY)"
    insert = "INSERT INTO t VALUES (1)"
    assert find_problem(sqlite_error(table, insert, insert)) is None
    assert find_problem(sqlite_error("SELECT * FROM t")) == DatabaseProblem("no such table: t", "42P01")
    full = find_problem(sqlite_error(table, "PRAGMA max_page_count = 1", *[insert.replace("1", "NULL")] * 1000))
    assert full
    assert full.reason == "database or disk is full"
    read_only = find_problem(sqlite_error(table, "PRAGMA query_only = ON", insert))
    assert read_only == DatabaseProblem("attempt to write a readonly database", "8")


@pytest.mark.parametrize(
    ("code", "statement", "reason", "expected"),
    [
        ("25006", "INSERT …", "cannot execute INSERT in a read-only transaction", "connect to the primary"),
        ("42501", "\nCREATE TABLE …", "permission denied for schema tenant", f"CREATE ON SCHEMA tenant TO {ROLE}"),
        ("42501", "create table …", "keine Berechtigung", f"run GRANT CREATE ON SCHEMA public TO {ROLE}"),
        ("42501", "ALTER TABLE …", "must be owner of table x", "migrate as the role that owns the tables"),
        ("42501", "", "the role lacks a right", f"ALL TABLES IN SCHEMA public TO {ROLE}"),
        (
            "3F000",
            "CREATE TABLE …",
            "no schema has been selected",
            f"run GRANT USAGE, CREATE ON SCHEMA public TO {ROLE}",
        ),
        ("42P01", "SELECT …", "relation does not exist", "run roster instance migrate"),
        ("3F000", "CREATE TABLE …", "no schema has been selected", f"correct the search_path of {ROLE}, or run GRANT"),
        ("22P05", "INSERT …", "character has no equivalent", "create a database with ENCODING 'UTF8'"),
        ("53100", "INSERT …", "could not extend file", ""),
    ],
)
def test_remedy(code: str, statement: str, reason: str, expected: str):
    advice = remedy(DatabaseProblem(reason, code, statement=statement), ROLE)
    assert advice.startswith(expected) or (expected and advice.endswith(expected))
