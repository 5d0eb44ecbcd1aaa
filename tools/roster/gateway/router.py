"""Routes of the list and the definitions. Every response comes from one snapshot."""

from collections.abc import Callable, Coroutine, Iterable, Sequence
from typing import Annotated, Any, NamedTuple

from fastapi import APIRouter, Depends, HTTPException, Query, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from starlette.types import ASGIApp, Receive, Scope, Send

from roster import http_headers, http_paths
from roster.gateway.documented_responses import IF_NONE_MATCH, list_responses
from roster.gateway.list_updater import ListUpdater
from roster.gateway.prepared_response import PreparedResponse, RawHeaders, matches_etag
from roster.gateway.response_models import OfferedModel
from roster.gateway.snapshot import Snapshot
from roster.model import ReleaseState

RETRY_AFTER_SECONDS = 30
_MAX_ERRORS, _INPUT_CHARACTERS = 5, 100
_ACCEPT_ENCODING = http_headers.ACCEPT_ENCODING.lower().encode()
_IF_NONE_MATCH = http_headers.IF_NONE_MATCH.lower().encode()


class _BoundedErrorsRoute(APIRoute):
    """A route whose 422 responses show a few invalid values, shortened, however many and long the request has."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return the route's handler, with the errors in requests replaced."""
        handler = super().get_route_handler()

        async def handle(request: Request) -> Response:
            try:
                return await handler(request)
            except RequestValidationError as error:
                shown = [each | {"input": str(each["input"])[:_INPUT_CHARACTERS]} for each in error.errors()]
                raise RequestValidationError(shown[:_MAX_ERRORS]) from None

        return handle


def list_router(updater: ListUpdater | None, dependencies: Sequence[Any] = ()) -> APIRouter:
    """Return the routes of the list.

    Args:
        updater: None if the feature is off.
        dependencies: FastAPI dependencies that authenticate the caller.
    """
    router = APIRouter(
        tags=["models"], dependencies=[Depends(each) for each in dependencies], route_class=_BoundedErrorsRoute
    )

    @router.head(http_paths.OFFERED, include_in_schema=False)
    @router.get(
        http_paths.OFFERED,
        summary="List the offered models",
        description="The list, byte for byte as it was published.",
        response_model=list[OfferedModel],
        responses=list_responses("The offered models.", authenticated=bool(dependencies)),
        openapi_extra=IF_NONE_MATCH,
    )
    async def offered(
        request: Request,
        feature: Annotated[list[str], Query(description="Only models that serve one of these features.")] = [],  # noqa: B006
        release_state: Annotated[
            list[ReleaseState], Query(description="Only models in one of these release states.")
        ] = [],  # noqa: B006
    ) -> Response:
        prepared = served(updater).filtered(feature, [state.value for state in release_state])
        return respond(prepared, request.headers.raw)

    @router.head(http_paths.DEFINITIONS, include_in_schema=False)
    @router.get(
        http_paths.DEFINITIONS,
        summary="Get the models, and the models of each feature",
        description="What GitLab Rails reads, with additional keys for instances.",
        response_model=dict[str, Any],
        responses=list_responses("The models and the features.", authenticated=bool(dependencies)),
        openapi_extra=IF_NONE_MATCH,
    )
    async def definitions(request: Request) -> Response:
        return respond(served(updater).definitions, request.headers.raw)

    return router


def served(updater: ListUpdater | None) -> Snapshot:
    """Return the active snapshot.

    Raises:
        HTTPException: 404 if the feature is off, 503 if no list has been accepted yet.
    """
    if updater is None:
        raise HTTPException(404, "model switching is off: this gateway has no list configured")
    if updater.active is None:
        retry_after = {http_headers.RETRY_AFTER: str(RETRY_AFTER_SECONDS)}
        raise HTTPException(503, "no list has been accepted yet", retry_after)
    return updater.active


def reject_trailing_slashes(router: APIRouter, paths: Sequence[str]) -> None:
    """Answer 404 to paths with a slash at the end.

    By default, an app redirects them to an absolute URL with the host that the request names, which anybody can choose.
    """

    async def not_found(_: Request) -> Response:
        raise HTTPException(404)

    for path in paths:
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
            await respond(snapshot.list, scope["headers"])(scope, receive, send)
        else:
            await self._app(scope, receive, send)


class _PreparedAnswer(Response):
    """A response whose headers are encoded already, which would take as long as all the rest."""

    def __init__(self, status: int, headers: RawHeaders, body: bytes = b"") -> None:
        self.status_code, self.raw_headers, self.body, self.background = status, [*headers], body, None


def respond(prepared: PreparedResponse, request: Iterable[tuple[bytes, bytes]]) -> Response:
    """Select the form of a prepared response, and send 304 if the caller has it already.

    Args:
        request: the headers of the request, as ASGI has them.
    """
    compressed = http_headers.accepts_gzip(_value(request, _ACCEPT_ENCODING))
    etag = prepared.gzip_etag if compressed else prepared.etag
    cache_headers = prepared.gzip_cache_headers if compressed else prepared.cache_headers
    if matches_etag(_value(request, _IF_NONE_MATCH), etag):
        return _PreparedAnswer(304, cache_headers)
    if compressed:
        return _PreparedAnswer(200, cache_headers + prepared.gzip_body_headers, prepared.gzip_body)
    return _PreparedAnswer(200, cache_headers + prepared.body_headers, prepared.body)


def _value(headers: Iterable[tuple[bytes, bytes]], name: bytes) -> str:
    """Return the values of a header as one list (RFC 9110, 5.3)."""
    return b",".join([value for each, value in headers if each == name]).decode("latin-1")
