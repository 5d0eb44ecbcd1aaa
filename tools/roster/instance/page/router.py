"""The page's paths. All of them answer 404 while the feature is off."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from fastapi import APIRouter, HTTPException, Request, Response
from sqlalchemy import Connection

from roster.instance.auth.token_authentication import Access, Authentication
from roster.instance.database import feature_flag
from roster.instance.database.connections import Database
from roster.instance.http import paths
from roster.instance.page import responses, sign_in
from roster.instance.page.assets import ASSETS
from roster.instance.page.view_model import page_of
from roster.instance.selection.state import StateReader


def page_router(database: Database, reader: StateReader, authentication: Authentication) -> APIRouter:
    """Return the page's routes. Those that ask the database do so in a thread."""
    routes = APIRouter(include_in_schema=False, route_class=responses.Route)

    @contextmanager
    def reading() -> Iterator[Connection]:
        """Give a connection, if the feature is on."""
        with database.read_transaction() as connection:
            if not feature_flag.is_enabled(connection):
                raise HTTPException(404)
            yield connection

    @routes.get(paths.PAGE)
    def page(request: Request, feature: str | None = None) -> Response:
        """Show all features, or all but their forms and one of those: so the script shows a change."""
        with reading() as connection:
            caller = authentication.authenticate(request, connection)
            if caller is None:
                return responses.redirect(request, paths.SIGN_IN)
            state = reader.state(connection)
        shown = page_of(state, datetime.now(UTC))
        if feature is not None:
            shown = shown.only(feature)
        writes = caller.access is Access.WRITE
        return responses.html(request, "page.html", page=shown, csrf_token=caller.csrf_token or "", writes=writes)

    @routes.get(paths.ASSETS + "/{file}")
    def asset(file: str) -> Response:
        with reading():
            if file not in ASSETS:
                raise HTTPException(404)
        return responses.asset(ASSETS[file])

    routes.include_router(sign_in.routes(database, authentication, reading))
    return routes
