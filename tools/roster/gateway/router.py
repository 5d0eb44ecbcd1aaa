"""The HTTP interface: the list, the definitions, and what monitors ask. Every answer comes from one version."""

from collections.abc import Callable, Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, HTTPException, Query, Request, Response
from pydantic import BaseModel, Field
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from roster.gateway.list_updater import Supply
from roster.gateway.snapshot import Answer, Version
from roster.roster import ReleaseState

OFFERED = "/v1/models/offered"
RETRY_AFTER_SECONDS = 30
"""When to ask again for a list that is not there yet."""
_DESCRIBED: dict[int | str, dict[str, Any]] = {
    304: {"description": "The caller has this version already (If-None-Match)."},
    404: {"description": "Model switching is off."},
    503: {"description": "No list was ever accepted. Ask again after the seconds in Retry-After."},
}


class OfferedModel(BaseModel):
    """A model that instances can choose."""

    name: str = Field(examples=["GitLab: Claude 3.7 Sonnet"])
    id: str = Field(examples=["claude_3_7_sonnet"])
    release_state: ReleaseState
    features: list[str] = Field(examples=[["duo_chat", "code-generation"]])


def router(supply: Callable[[], Supply | None], dependencies: Sequence[Any] = ()) -> APIRouter:
    """Return the routes. ``supply`` gives None while the feature is off; ``dependencies`` guard the list's routes."""
    described = _DESCRIBED | ({401: {"description": "The caller has no good bearer token."}} if dependencies else {})
    routes = APIRouter()
    guarded = APIRouter(prefix="/v1/models", tags=["models"], dependencies=[Depends(each) for each in dependencies])

    def version() -> Version:
        source = supply()
        if source is None:
            raise HTTPException(404, "model switching is off: this gateway is not told where its list is")
        if source.active is None:
            raise HTTPException(503, "no list of models was accepted yet", {"Retry-After": str(RETRY_AFTER_SECONDS)})
        return source.active

    @guarded.get(
        "/offered",
        summary="List the offered models",
        response_model=list[OfferedModel],
        responses=described,
    )
    async def offered(
        request: Request,
        feature: Annotated[list[str], Query(description="Only models that serve one of these features.")] = [],  # noqa: B006
        release_state: Annotated[
            list[ReleaseState], Query(description="Only models in one of these release states.")
        ] = [],  # noqa: B006
        if_none_match: Annotated[list[str], Header()] = [],  # noqa: B006
    ) -> Response:
        found = version().filtered(feature, [state.value for state in release_state])
        return _answer(found, request.headers)

    @guarded.get(
        "/definitions",
        summary="List the models and the features' choices, as GitLab Rails reads them",
        response_model=dict[str, Any],
        responses=described,
    )
    async def definitions(
        request: Request,
        if_none_match: Annotated[list[str], Header()] = [],  # noqa: B006
    ) -> Response:
        return _answer(version().definitions, request.headers)

    for path, answers in (("/offered", offered), ("/definitions", definitions)):
        guarded.head(path, include_in_schema=False)(answers)
    routes.include_router(guarded)
    return routes


class Shortcut:
    """ASGI middleware that gives the whole list to whoever asks for it, as its route would, but without the way there.

    FastAPI's way takes as long again as a bare route does in all. Whatever guards the routes does not see what is
    answered here, so this is for an app that lets anybody ask.
    """

    def __init__(self, app: ASGIApp, supply: Supply) -> None:
        self._app, self._supply = app, supply

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or hand on what is anything else."""
        version = self._supply.active
        usual = scope["type"] == "http" and scope["path"] == OFFERED and scope["method"] == "GET"
        if usual and version and not scope["query_string"]:
            await _answer(version.list, Headers(scope=scope))(scope, receive, send)
        else:
            await self._app(scope, receive, send)


def _answer(answer: Answer, asked: Headers) -> Response:
    zipped = _takes_gzip(",".join(asked.getlist("accept-encoding")))
    etag = answer.zipped_etag if zipped else answer.etag
    headers = {"ETag": etag, "Cache-Control": "private, no-cache", "Vary": "Accept-Encoding, Authorization"}
    if _matches(",".join(asked.getlist("if-none-match")), etag):
        return Response(status_code=304, headers=headers)
    if zipped:
        return Response(answer.zipped, headers=headers | {"Content-Encoding": "gzip"}, media_type="application/json")
    return Response(answer.body, headers=headers, media_type="application/json")


def _matches(if_none_match: str, etag: str) -> bool:
    """Compare weakly, as RFC 9110 (13.1.2) asks for If-None-Match, with the form that would be sent.

    That of the other form does not count: a cache would take it for what its caller can read.
    """
    known = (each.strip().removeprefix("W/") for each in if_none_match.split(","))
    return if_none_match.strip() == "*" or etag in known


def _takes_gzip(accepted: str) -> bool:
    """Read Accept-Encoding (RFC 9110, 12.5.3): gzip or * with a weight other than 0."""
    weights = {}
    for part in accepted.lower().split(","):
        coding, *parameters = (piece.strip() for piece in part.split(";"))
        weight = next((piece[2:] for piece in parameters if piece.startswith("q=")), "1")
        weights[coding] = weight.rstrip("0").rstrip(".") not in ("", "0")
    return weights.get("gzip", weights.get("*", False))
