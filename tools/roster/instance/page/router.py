"""The admin page's routes. While the feature flag is off, a page with the status 404 says how to turn it on.

The server renders the page from one state; its script changes selections through the GraphQL API.
"""

from datetime import UTC, datetime
from typing import Any

from fastapi import APIRouter, Depends, HTTPException, Request, Response
from sqlalchemy import Connection

from roster.http_server.head_requests import HeadRoute
from roster.instance.auth.token_authentication import AuthenticatedCaller, Authentication
from roster.instance.database import feature_flag
from roster.instance.database.worker_threads import WorkerThreads
from roster.instance.http import paths
from roster.instance.page import responses
from roster.instance.page.export import export_router
from roster.instance.page.graphiql.router import graphiql_files_router, graphiql_router
from roster.instance.page.history import history_router
from roster.instance.page.models import models_router
from roster.instance.page.namespaces import namespaces_router
from roster.instance.page.preview import preview_router
from roster.instance.page.sign_in import sign_in_router
from roster.instance.page.signed_in import SignedInPages
from roster.instance.page.static_files import ASSETS
from roster.instance.page.tokens import tokens_router
from roster.instance.page.view_model import build_page, with_namespace_counts
from roster.instance.selection.attention_storage import load_attention
from roster.instance.selection.namespace_selections import load_namespace_counts
from roster.instance.selection.state import StateReader


def page_router(threads: WorkerThreads, reader: StateReader, authentication: Authentication) -> APIRouter:
    """Return the page's routes. Functions that use the database run in worker threads."""
    database = threads.database

    def read_feature_flag() -> bool:
        with database.read_transaction() as connection:
            return feature_flag.is_enabled(connection)

    async def require_feature_flag() -> None:
        if not await threads.read(read_feature_flag):
            raise responses.FeatureFlagOff

    router = APIRouter(route_class=responses.PageRoute, dependencies=[Depends(require_feature_flag)])
    pages = SignedInPages(threads, authentication)

    @router.get(paths.PAGE)
    async def page(request: Request, feature: str | None = None) -> Response:
        """Return the rows of all features; with ``feature``, only that one with its form, which the scripts insert."""

        def read(connection: Connection, _: AuthenticatedCaller) -> dict[str, Any]:
            state = reader.state(connection)
            counts, now = load_namespace_counts(connection, state.offered), datetime.now(UTC)
            attention = load_attention(connection, state, now.date(), counts)
            return {"page": with_namespace_counts(build_page(state, now, feature, attention), counts)}

        return await pages.respond(request, "page.html", read)

    router.include_router(models_router(pages, reader))
    router.include_router(preview_router(reader, pages))
    router.include_router(tokens_router(threads, pages, authentication))
    router.include_router(namespaces_router(pages, reader))
    router.include_router(export_router(threads, reader, authentication))
    router.include_router(history_router(pages, reader))
    router.include_router(graphiql_router(pages))
    router.include_router(sign_in_router(threads, authentication))
    public = public_router()
    public.include_router(graphiql_files_router())
    public.include_router(router)
    return public


def public_router() -> APIRouter:
    """Return the routes that contain no data, and do not depend on the feature flag or the database."""
    router = APIRouter(route_class=HeadRoute, include_in_schema=False)

    @router.get(paths.ROOT)
    async def root(request: Request) -> Response:
        return responses.redirect(request, paths.PAGE)

    @router.get(paths.ASSETS + "/{file}")
    async def get_asset(file: str) -> Response:
        if file not in ASSETS:
            raise HTTPException(404)
        asset = ASSETS[file]
        return Response(asset.content, headers=responses.ASSET_HEADERS, media_type=asset.media_type)

    return router
