"""Keyset paging: pages of a sorted list that is read from the database, which may change between two pages.

A cursor has the sort key of an item, so a page starts after that item, wherever it is by then, or if it is gone.
"""

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterator
from itertools import islice
from typing import Generic, NamedTuple, TypeAlias, TypeVar

MAX_PAGE_SIZE = 100

Key: TypeAlias = tuple[int, ...]
"""The sort key of an item: numbers that the database can store."""
T = TypeVar("T")
_KEY = re.compile(rb"[0-9]{1,19}(-[0-9]{1,19})*", re.ASCII)
_MAX_CURSOR = 200
_MAX_NUMBER = 2**63 - 1


class PageRequest(NamedTuple):
    """Which items to return: the first ones between two items, or the last ones.

    Attributes:
        after, before: the keys of these two items; None for the start and the end of the list.
        from_end: whether to return the last items instead of the first.
    """

    size: int = MAX_PAGE_SIZE
    after: Key | None = None
    before: Key | None = None
    from_end: bool = False


FIRST_PAGE = PageRequest()


class Page(NamedTuple, Generic[T]):
    """The items of a page in the order of the list, and whether there are others before and after them."""

    items: list[T]
    has_previous: bool
    has_next: bool


def take_page(items: Iterator[T], request: PageRequest) -> Page[T]:
    """Take a page from the items that a request lets through: in reverse order if it starts at the end.

    One item more than the page has is taken, if there is one.
    """
    page = list(islice(items, request.size + 1))
    has_more = len(page) > request.size
    del page[request.size :]
    if request.from_end:
        return Page(page[::-1], has_more, request.before is not None)
    return Page(page, request.after is not None, has_more)


def encode_cursor(key: Key) -> str:
    """Return the cursor of an item."""
    return urlsafe_b64encode("-".join(map(str, key)).encode()).decode().rstrip("=")


def decode_cursor(cursor: str, length: int) -> Key | None:
    """Return the key, of a length, that a cursor contains; None if the cursor is invalid."""
    if len(cursor) > _MAX_CURSOR or not cursor.isascii():
        return None
    try:
        text = urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
    except ValueError:
        return None
    key = tuple(map(int, text.split(b"-"))) if _KEY.fullmatch(text) else ()
    return key if len(key) == length and max(key) <= _MAX_NUMBER else None
