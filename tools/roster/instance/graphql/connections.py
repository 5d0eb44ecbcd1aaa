"""Connections as in GitLab's API and Relay (https://relay.dev/graphql/connections.htm): arguments and page info."""

from collections.abc import Callable, Iterator, Sequence
from typing import Annotated, TypeAlias, TypeVar

import strawberry
from graphql import GraphQLError

from roster.instance.graphql.schema_members import argument
from roster.instance.selection.paging import (
    MAX_PAGE_SIZE,
    Key,
    Page,
    PageRequest,
    decode_cursor,
    encode_cursor,
)
from roster.naming import quote

C = TypeVar("C")
T = TypeVar("T")


First: TypeAlias = Annotated[
    int | None, argument(f"Return at most this many items, from the start; at most {MAX_PAGE_SIZE}.")
]
Last: TypeAlias = Annotated[
    int | None, argument(f"Return at most this many items, from the end; at most {MAX_PAGE_SIZE}.")
]
After: TypeAlias = Annotated[str | None, argument("Return the items after this cursor.")]
Before: TypeAlias = Annotated[str | None, argument("Return the items before this cursor.")]
"""The arguments of a connection."""


@strawberry.type(description="The position of a page in a connection.")
class PageInfo:
    has_next_page: bool = strawberry.field(description="Whether there are items after this page.")
    has_previous_page: bool = strawberry.field(description="Whether there are items before this page.")
    start_cursor: str | None = strawberry.field(description="The cursor of the first item; null if there is none.")
    end_cursor: str | None = strawberry.field(description="The cursor of the last item; null if there is none.")


def page_request(
    first: int | None, after: str | None, last: int | None, before: str | None, key_length: int = 1
) -> PageRequest:
    """Return the request of a connection's arguments. A page larger than allowed is shortened, as in GitLab's API.

    Args:
        key_length: how many numbers the sort key of an item has.

    Raises:
        GraphQLError: an argument is invalid.
    """
    if first is not None and last is not None:
        raise GraphQLError("first and last cannot be used together")
    for name, size in (("first", first), ("last", last)):
        if size is not None and size < 0:
            raise GraphQLError(f"{name} must be from 0 to {MAX_PAGE_SIZE}, not {size}")
    size = min(MAX_PAGE_SIZE if first is None and last is None else (first or 0) + (last or 0), MAX_PAGE_SIZE)
    return PageRequest(size, _key(after, key_length), _key(before, key_length), last is not None)


def paginated(
    connection: Callable[..., C],
    edge: Callable[..., object],
    nodes: Sequence[object],
    page: Page[T],
    key: Callable[[T], Key],
    **fields: object,
) -> C:
    """Return a connection with the nodes of a page.

    Args:
        connection, edge: the types.
        nodes: one for each item of the page.
        key: returns the sort key of an item.
        fields: further fields of the connection.
    """
    edges = [edge(node=node, cursor=encode_cursor(key(item))) for node, item in zip(nodes, page.items, strict=True)]
    return connection(nodes=nodes, edges=edges, page_info=_page_info(page, key), **fields)


def _page_info(page: Page[T], key: Callable[[T], Key]) -> PageInfo:
    return PageInfo(
        has_next_page=page.has_next,
        has_previous_page=page.has_previous,
        start_cursor=encode_cursor(key(page.items[0])) if page.items else None,
        end_cursor=encode_cursor(key(page.items[-1])) if page.items else None,
    )


def with_cursors(items: Sequence[T]) -> Iterator[tuple[T, str]]:
    """Yield each item of a connection that is not paginated with its cursor."""
    for position, item in enumerate(items):
        yield item, encode_cursor((position,))


def only_page(items: Sequence[T]) -> PageInfo:
    """Return the page info of a connection that is not paginated: all items are on one page."""
    cursors = [cursor for _, cursor in with_cursors(items)]
    start, end = (cursors[0], cursors[-1]) if cursors else (None, None)
    return PageInfo(has_next_page=False, has_previous_page=False, start_cursor=start, end_cursor=end)


def _key(cursor: str | None, length: int) -> Key | None:
    if cursor is None:
        return None
    key = decode_cursor(cursor, length)
    if key is None:
        raise GraphQLError(f"the cursor {quote(cursor)} is invalid: use one that this connection returned")
    return key
