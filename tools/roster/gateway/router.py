"""Routes of the list and the definitions. Every response comes from one snapshot."""

from collections.abc import Sequence
from typing import Annotated, Any, NamedTuple

from fastapi import APIRouter, Depends, Header, HTTPException, Query, Request, Response
from pydantic import BaseModel, Field
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from roster import http_headers, http_paths
from roster.gateway.list_updater import ListUpdater
from roster.gateway.prepared_response import PreparedResponse, RawHeaders, matches_etag
from roster.gateway.snapshot import Snapshot
from roster.model import ReleaseState

RETRY_AFTER_SECONDS = 30
_RESPONSES: dict[int | str, dict[str, Any]] = {
    304: {"description": "Not modified: the caller has this version already."},
    404: {"description": "Model switching is off."},
    503: {"description": "No list has been accepted yet. Retry after the seconds in Retry-After."},
}


class OfferedModel(BaseModel):
    """A model that instances can choose."""

    name: str = Field(examples=["GitLab: Claude 3.7 Sonnet"])
    id: str = Field(examples=["claude_3_7_sonnet"])
    release_state: ReleaseState
    features: list[str] = Field(examples=[["duo_chat", "code-generation"]])


def list_router(updater: ListUpdater | None, dependencies: Sequence[Any] = ()) -> APIRouter:
    """Return the routes of the list.

    Args:
        updater: None if the feature is off.
        dependencies: FastAPI dependencies that authenticate the caller.
    """
    responses = _RESPONSES | ({401: {"description": "The bearer token is missing or invalid."}} if dependencies else {})
    router = APIRouter(tags=["models"], dependencies=[Depends(each) for each in dependencies])

    def snapshot() -> Snapshot:
        if updater is None:
            raise HTTPException(404, "model switching is off: this gateway has no list configured")
        if updater.active is None:
            retry_after = {http_headers.RETRY_AFTER: str(RETRY_AFTER_SECONDS)}
            raise HTTPException(503, "no list has been accepted yet", retry_after)
        return updater.active

    @router.head(http_paths.OFFERED, include_in_schema=False)
    @router.get(
        http_paths.OFFERED,
        summary="List the offered models",
        response_model=list[OfferedModel],
        responses=responses,
    )
    async def offered(
        request: Request,
        feature: Annotated[list[str], Query(description="Only models that serve one of these features.")] = [],  # noqa: B006
        release_state: Annotated[
            list[ReleaseState], Query(description="Only models in one of these release states.")
        ] = [],  # noqa: B006
        if_none_match: Annotated[list[str], Header()] = [],  # noqa: B006
    ) -> Response:
        prepared = snapshot().filtered(feature, [state.value for state in release_state])
        return _respond(prepared, request.headers)

    @router.head(http_paths.DEFINITIONS, include_in_schema=False)
    @router.get(
        http_paths.DEFINITIONS,
        summary="List the models and the features' choices, as GitLab Rails reads them",
        response_model=dict[str, Any],
        responses=responses,
    )
    async def definitions(
        request: Request,
        if_none_match: Annotated[list[str], Header()] = [],  # noqa: B006
    ) -> Response:
        return _respond(snapshot().definitions, request.headers)

    return router


def reject_trailing_slashes(router: APIRouter) -> None:
    """Answer 404 to the gateway's paths with a slash at the end.

    By default, an app redirects them to an absolute URL with the host that the request names, which anybody can choose.
    """

    async def not_found(_: Request) -> Response:
        raise HTTPException(404)

    for path in http_paths.GATEWAY_PATHS:
        router.add_route(f"{path}/", not_found, include_in_schema=False)


class _RoutePath(NamedTuple):
    """What FastAPI stores in a request's scope, as far as the access log reads it."""

    path: str


_OFFERED_ROUTE = _RoutePath(http_paths.OFFERED)


class UnfilteredListMiddleware:
    """ASGI middleware that answers requests for the unfiltered list before they reach FastAPI's routing.

    FastAPI takes twice as long per request as this shortcut. Authentication does not run for requests answered here,
    so use it only in an app that does not authenticate callers.
    """

    def __init__(self, app: ASGIApp, updater: ListUpdater) -> None:
        self._app, self._updater = app, updater

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a plain GET of the list; pass on every other request."""
        snapshot = self._updater.active
        is_list = scope["type"] == "http" and scope["path"] == http_paths.OFFERED and scope["method"] == "GET"
        if is_list and snapshot and not scope["query_string"]:
            scope["route"] = _OFFERED_ROUTE
            await _respond(snapshot.list, Headers(scope=scope))(scope, receive, send)
        else:
            await self._app(scope, receive, send)


class _PreparedAnswer(Response):
    """A response whose headers are encoded already, which would take as long as all the rest."""

    def __init__(self, status: int, headers: RawHeaders, body: bytes = b"") -> None:
        self.status_code, self.raw_headers, self.body, self.background = status, [*headers], body, None


def _respond(prepared: PreparedResponse, request: Headers) -> Response:
    """Select the form of a prepared response, and send 304 if the caller has it already."""
    compressed = http_headers.accepts_gzip(",".join(request.getlist(http_headers.ACCEPT_ENCODING)))
    etag = prepared.gzip_etag if compressed else prepared.etag
    cache_headers = prepared.gzip_cache_headers if compressed else prepared.cache_headers
    if matches_etag(",".join(request.getlist(http_headers.IF_NONE_MATCH)), etag):
        return _PreparedAnswer(304, cache_headers)
    if compressed:
        return _PreparedAnswer(200, cache_headers + prepared.gzip_body_headers, prepared.gzip_body)
    return _PreparedAnswer(200, cache_headers + prepared.body_headers, prepared.body)
