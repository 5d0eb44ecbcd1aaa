"""Record the SQL statements that are sent to a database."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event

from roster.instance.database.connections import Database


@contextmanager
def count_statements(database: Database) -> Iterator[list[str]]:
    """Yield a list to which each executed statement is appended."""
    statements: list[str] = []

    def record(_: Any, __: Any, statement: str, *___: Any) -> None:
        statements.append(statement)

    event.listen(database.engine, "before_cursor_execute", record)
    try:
        yield statements
    finally:
        event.remove(database.engine, "before_cursor_execute", record)
