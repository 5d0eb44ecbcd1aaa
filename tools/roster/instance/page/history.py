"""The routes of the history's pages: audit events and syncs, with filters and paging in their addresses."""

from datetime import UTC, datetime
from typing import Any

from fastapi import APIRouter, Request, Response
from sqlalchemy import Connection

from roster.instance.auth.actor_names import load_actor_names
from roster.instance.auth.token_authentication import Access, AuthenticatedCaller
from roster.instance.history.audit_log import load_actors, load_batch_sizes, load_events, load_versions
from roster.instance.history.sync_log import load_syncs
from roster.instance.http import paths
from roster.instance.page import responses
from roster.instance.page.history_form import HistoryForm, parse_form
from roster.instance.page.history_view import EventsPage, EventsRead, SyncsPage, build_events_page, build_syncs_page
from roster.instance.page.signed_in import SignedInPages
from roster.instance.selection.offered_list import OfferedList
from roster.instance.selection.paging import Page
from roster.instance.selection.state import StateReader, load_status


def history_router(pages: SignedInPages, reader: StateReader) -> APIRouter:
    """Return the routes. A form with errors is shown again with the status 400, as it was typed."""
    router = APIRouter(route_class=responses.PageRoute)

    @router.get(paths.HISTORY)
    async def history(request: Request) -> Response:
        form = parse_form(request.query_params)

        def read(connection: Connection, caller: AuthenticatedCaller) -> dict[str, Any]:
            with_tokens = caller.access is Access.WRITE
            page = read_events(connection, form, offered(connection), with_tokens=with_tokens)
            return {"page": page, "status": status(form)}

        return await pages.respond(request, "history.html", read)

    @router.get(paths.SYNCS)
    async def syncs(request: Request) -> Response:
        form = parse_form(request.query_params)

        def read(connection: Connection, _: AuthenticatedCaller) -> dict[str, Any]:
            return {"page": read_syncs(connection, form, offered(connection)), "status": status(form)}

        return await pages.respond(request, "syncs.html", read)

    def offered(connection: Connection) -> OfferedList:
        return reader.offered(connection, load_status(connection).list)

    def status(form: HistoryForm) -> int:
        return 400 if form.errors else 200

    return router


def read_events(
    connection: Connection, form: HistoryForm, offered: OfferedList, *, with_tokens: bool = True
) -> EventsPage:
    """Read the page of audit events, with those of access tokens or without, with at most five statements."""
    names = load_actor_names(connection)
    selected = form.events(names, with_tokens=with_tokens)
    is_empty = bool(form.errors) or ("tokens" in form.values and not with_tokens)
    page = Page([], False, False) if is_empty else load_events(connection, selected, form.request)
    sizes = load_batch_sizes(connection, {event.batch for event in page.items if event.batch})
    versions = load_versions(connection, {event.namespace_id for event in page.items})
    read = EventsRead(page, sizes, versions, load_actors(connection), names)
    return build_events_page(form, read, offered, datetime.now(UTC))


def read_syncs(connection: Connection, form: HistoryForm, offered: OfferedList) -> SyncsPage:
    """Read the page of syncs, with one statement."""
    page = Page([], False, False) if form.errors else load_syncs(connection, form.syncs(), form.request)
    return build_syncs_page(form, page, offered, datetime.now(UTC))
