"""The admin page's routes. While the feature flag is off, all of them respond with 404.

The server renders the page from one state; its script changes selections through the GraphQL API.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from fastapi import APIRouter, HTTPException, Request, Response
from sqlalchemy import Connection

from roster.instance.auth.token_authentication import Access, Authentication
from roster.instance.database import feature_flag
from roster.instance.database.connections import Database
from roster.instance.http import paths
from roster.instance.page import responses
from roster.instance.page.sign_in import sign_in_router
from roster.instance.page.view_model import build_page
from roster.instance.selection.state import StateReader


def page_router(database: Database, reader: StateReader, authentication: Authentication) -> APIRouter:
    """Return the page's routes. Functions that use the database run in worker threads."""
    router = APIRouter(include_in_schema=False, route_class=responses.PageRoute)

    @contextmanager
    def connect() -> Iterator[Connection]:
        """Open a connection, or respond with 404 if the feature flag is off."""
        with database.read_transaction() as connection:
            if not feature_flag.is_enabled(connection):
                raise HTTPException(404)
            yield connection

    @router.get(paths.PAGE)
    def page(request: Request, feature: str | None = None) -> Response:
        """Return the page; with ``feature``, only the form of that one, from which the script updates the browser."""
        with connect() as connection:
            caller = authentication.authenticate(request, connection)
            if caller is None:
                return responses.redirect(request, paths.SIGN_IN)
            state = reader.state(connection)
        view = build_page(state, datetime.now(UTC))
        if feature is not None:
            view = view.with_only(feature)
        can_write = caller.access is Access.WRITE
        csrf_token = caller.csrf_token or ""
        return responses.render_page(request, "page.html", page=view, csrf_token=csrf_token, can_write=can_write)

    @router.get(paths.ASSETS + "/{file}")
    def asset(file: str) -> Response:
        with connect():
            if file not in responses.ASSETS:
                raise HTTPException(404)
        return responses.asset_response(responses.ASSETS[file])

    router.include_router(sign_in_router(database, authentication, connect))
    return router
