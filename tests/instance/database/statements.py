"""The SQL statements that a database is asked."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event

from roster.instance.database.connections import Database


@contextmanager
def counted(database: Database) -> Iterator[list[str]]:
    """Give a list that each statement is added to."""
    told: list[str] = []

    def tell(_: Any, __: Any, statement: str, *___: Any) -> None:
        told.append(statement)

    event.listen(database.engine, "before_cursor_execute", tell)
    try:
        yield told
    finally:
        event.remove(database.engine, "before_cursor_execute", tell)
