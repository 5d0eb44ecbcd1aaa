"""The route of the page of namespaces: their selections, with filters and the position in its address."""

from typing import Any

from fastapi import APIRouter, Request, Response
from sqlalchemy import Connection

from roster.instance.auth.token_authentication import AuthenticatedCaller
from roster.instance.http import paths
from roster.instance.page import responses
from roster.instance.page.namespaces_view import (
    NamespacesView,
    TypedFilter,
    build_namespaces_page,
    parse_filter,
    parse_position,
)
from roster.instance.page.signed_in import SignedInPages
from roster.instance.selection.namespace_selections import (
    NamespaceResolver,
    NamespaceSelection,
    load_namespace_counts,
    load_namespace_page,
)
from roster.instance.selection.paging import Page
from roster.instance.selection.state import StateReader


def namespaces_router(pages: SignedInPages, reader: StateReader) -> APIRouter:
    """Return the route."""
    router = APIRouter(route_class=responses.PageRoute)

    @router.get(paths.NAMESPACES)
    async def namespaces(request: Request) -> Response:
        query = request.query_params
        typed = TypedFilter(**{name: query[name] for name in TypedFilter._fields if name in query})

        def read(connection: Connection, _: AuthenticatedCaller) -> dict[str, Any]:
            return {"page": _read_page(connection, reader, typed)}

        return await pages.respond(request, "namespaces.html", read)

    return router


def _read_page(connection: Connection, reader: StateReader, typed: TypedFilter) -> NamespacesView:
    state = reader.state(connection)
    resolver = NamespaceResolver(state)
    filter, problems = parse_filter(typed, state.offered)
    counts = load_namespace_counts(connection, state.offered, filter.namespace_id)
    page = Page[NamespaceSelection]([], False, False)
    if not problems:
        page = load_namespace_page(connection, resolver, filter, parse_position(typed))
    return build_namespaces_page(typed, filter, problems, counts, page, resolver)
