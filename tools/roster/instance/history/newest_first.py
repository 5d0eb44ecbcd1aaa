"""Reading a table by its ids, the newest rows first: keyset pages, and filters that any text may be given to."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Column, ColumnElement, Connection, Row, Select, func, select

from roster.instance.selection.paging import Page, PageRequest, take_page


def load_newest_first(
    connection: Connection, statement: Select[Any], id_: Column[int], request: PageRequest
) -> Page[Row[Any]]:
    """Read a page of a statement's rows, with one statement. The key of a row is its id."""
    if request.after is not None:
        statement = statement.where(id_ < request.after[0])
    if request.before is not None:
        statement = statement.where(id_ > request.before[0])
    statement = statement.order_by(id_.asc() if request.from_end else id_.desc()).limit(request.size + 1)
    return take_page(iter(connection.execute(statement)), request)


def text_in(column: Column[Any], *texts: str) -> ColumnElement[bool]:
    """Return the condition that a column has one of many texts; those that no database can store equal nothing."""
    return column.in_(filter(_is_storable, texts))


def _is_storable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:  # a lone surrogate
        return False
    return "\0" not in text


def in_period(
    moment: Column[datetime], id_: Column[int], since: datetime | None, until: datetime | None
) -> Iterator[ColumnElement[bool]]:
    """Yield the conditions of a period that ends before ``until``; times without a zone are in UTC.

    Ids grow with time unless the clock is set back. So the ids at the ends of the period spare reading the rows
    outside, and the times decide. The ids are found in the index of times; without ``+ 0``, SQLite looks in the table.
    """
    if since is not None:
        begins = moment >= _in_utc(since)
        yield begins & (id_ >= select(func.min(id_ + 0)).where(begins).correlate(None).scalar_subquery())
    if until is not None:
        ends = moment < _in_utc(until)
        yield ends & (id_ <= select(func.max(id_ + 0)).where(ends).correlate(None).scalar_subquery())


def _in_utc(moment: datetime) -> datetime:
    try:
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except OverflowError:  # in the first or last hours of the calendar
        return moment.replace(tzinfo=UTC)
