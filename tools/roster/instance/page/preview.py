"""The page that shows what will serve on a future day."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any, NamedTuple

from fastapi import APIRouter, Request, Response
from sqlalchemy import Connection

from roster.instance.auth.token_authentication import AuthenticatedCaller
from roster.instance.http import paths
from roster.instance.page import responses
from roster.instance.page.signed_in import SignedInPages
from roster.instance.selection.namespace_selections import NamespaceCounts, load_namespace_counts
from roster.instance.selection.offered_list import OfferedList
from roster.instance.selection.preview import MAX_DAYS_AHEAD, Preview, preview, preview_problem
from roster.instance.selection.state import InstanceState, StateReader
from roster.naming import quote

_DAYS = 90
"""How far ahead the page looks without a day."""


class PreviewView(NamedTuple):
    """The page.

    Attributes:
        at: the requested day, as entered.
        today, latest: the days between which there is a preview.
        problem: why there is no preview; empty if there is one.
    """

    at: str
    today: date
    latest: date
    offered: OfferedList
    problem: str = ""
    preview: Preview | None = None


def preview_router(reader: StateReader, pages: SignedInPages) -> APIRouter:
    """Return the route."""
    router = APIRouter(route_class=responses.PageRoute)

    @router.get(paths.PREVIEW)
    async def show(request: Request, at: str | None = None) -> Response:
        def read(connection: Connection, _: AuthenticatedCaller) -> Mapping[str, Any]:
            state = reader.state(connection)
            counts = load_namespace_counts(connection, state.offered)
            return {"view": build_preview(state, counts, at, datetime.now(UTC).date())}

        return await pages.respond(request, "preview.html", read)

    return router


def build_preview(state: InstanceState, namespaces: NamespaceCounts, at: str | None, today: date) -> PreviewView:
    """Build the page of a day, as text from its address; of a day some months ahead without one."""
    view = PreviewView(at or "", today, today + timedelta(days=MAX_DAYS_AHEAD), state.offered)
    try:
        day = date.fromisoformat(at) if at else today + timedelta(days=_DAYS)
    except ValueError:
        return view._replace(problem=f"{quote(view.at[:40])} is not a day such as {today + timedelta(days=_DAYS)}")
    if problem := preview_problem(day, today):
        return view._replace(problem=problem)
    found = preview(state.offered, state.instance, today, day, namespaces=namespaces)
    return view._replace(at=day.isoformat(), preview=found)
