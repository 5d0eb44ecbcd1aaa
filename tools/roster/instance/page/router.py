"""The admin page's routes. While the feature flag is off, all of them respond with 404.

The server renders the page from one state; its script changes selections through the GraphQL API.
"""

from datetime import UTC, datetime

from fastapi import APIRouter, Depends, HTTPException, Request, Response

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

    def require_feature_flag() -> None:
        with database.read_transaction() as connection:
            if not feature_flag.is_enabled(connection):
                raise HTTPException(404)

    router = APIRouter(
        include_in_schema=False, route_class=responses.PageRoute, dependencies=[Depends(require_feature_flag)]
    )

    @router.get(paths.PAGE)
    def page(request: Request, feature: str | None = None) -> Response:
        """Return the page; with ``feature``, only the form of that one, from which the script updates the browser."""
        with database.read_transaction() as connection:
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
    def get_asset(file: str) -> Response:
        if file not in responses.ASSETS:
            raise HTTPException(404)
        asset = responses.ASSETS[file]
        return Response(asset.content, headers=responses.ASSET_HEADERS, media_type=asset.media_type)

    router.include_router(sign_in_router(database, authentication))
    return router
