"""Values of GitLab's JSON responses: fields of objects, and lists that are sent in pages.

Pagination: https://docs.gitlab.com/api/rest/#pagination
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pipeline.gitlab import ApiError, GitLabApi

PER_PAGE = 100  # GitLab's maximum
MAX_PAGES = 500  # enough for 5,000 comments, GitLab's limit, on pages of 10


def field(value: Any, name: str, type_: type) -> Any:
    """Return the value of a field, which must have the type."""
    content = value.get(name) if isinstance(value, dict) else None
    if type(content) is not type_:
        raise ApiError(f"{name!r} is missing or invalid in GitLab's response")
    return content


def list_all(path: str, noun: str, api: GitLabApi) -> Iterator[Any]:
    """Yield every object of a list; the path has a query that sorts it.

    A page that is not full may still have a successor, because servers can limit the size of pages. Only an empty
    ``x-next-page`` or an empty page is the end; not every proxy passes the header on.
    """
    seen: set[int] = set()
    for page in range(1, MAX_PAGES + 1):
        response = api.send("GET", f"{path}&per_page={PER_PAGE}&page={page}")
        objects = response.json()
        if not isinstance(objects, list):
            raise ApiError(f"{response.request}: GitLab's response is not a list of {noun}")
        yield from objects
        next_page = response.headers.get("x-next-page", str(page + 1)).strip()
        if not next_page or not objects:
            return
        if next_page != str(page + 1):
            raise ApiError(f"{response.request}: x-next-page is invalid: must be {page + 1} or empty")
        ids = {field(each, "id", int) for each in objects}
        if ids <= seen:
            raise ApiError(f"{response.request}: GitLab sent the same {noun} again")
        seen |= ids
    raise ApiError(f"{path.partition('?')[0]}: GitLab sent more than {MAX_PAGES} pages of {noun}")
