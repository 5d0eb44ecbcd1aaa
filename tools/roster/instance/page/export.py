"""The routes that export all selections, for sessions and access tokens."""

import zlib
from collections.abc import AsyncIterator, Iterable, Iterator
from datetime import UTC, datetime
from functools import partial

from fastapi import APIRouter, Request, Response
from fastapi.responses import StreamingResponse

from roster import http_headers
from roster.instance.auth.token_authentication import Authentication, AuthenticationResult
from roster.instance.database.worker_threads import WorkerThreads
from roster.instance.http import paths
from roster.instance.page import responses
from roster.instance.selection.export import ExportFormat, export, file_name
from roster.instance.selection.state import StateReader
from roster.naming import quote

_LEVEL = 3
"""The export is compressed in memory only."""


def export_router(threads: WorkerThreads, reader: StateReader, authentication: Authentication) -> APIRouter:
    """Return the routes."""
    router = APIRouter(route_class=responses.PageRoute)

    @router.get(paths.EXPORT_CSV)
    async def export_csv(request: Request) -> Response:
        return await respond(request, ExportFormat.CSV)

    @router.get(paths.EXPORT_JSON)
    async def export_json(request: Request) -> Response:
        return await respond(request, ExportFormat.JSON)

    async def respond(request: Request, format: ExportFormat) -> Response:
        authenticated = await threads.read(partial(authenticate, request))
        if authenticated.caller is None:
            return _unauthenticated(request, authenticated.revoked)
        now = datetime.now(UTC)
        pieces = await threads.export(partial(read, format, now))
        disposition = f'attachment; filename="{file_name(format, now)}"'
        headers = responses.PAGE_HEADERS | {http_headers.CONTENT_DISPOSITION: disposition}
        return StreamingResponse(_decompressed(pieces), 200, headers, format.media_type)

    def authenticate(request: Request) -> AuthenticationResult:
        with threads.database.read_transaction() as connection:
            return authentication.check(request, connection)

    def read(format: ExportFormat, now: datetime) -> list[bytes]:
        """Read the whole export from one state, compressed: a slow client does not keep the database busy."""
        with threads.database.read_transaction() as connection:
            return list(_compressed(export(connection, reader.state(connection), format, now)))

    return router


def _unauthenticated(request: Request, revoked: str | None) -> Response:
    """Redirect a browser to the sign-in form; return an error to a client that sent a token."""
    if http_headers.AUTHORIZATION not in request.headers:
        return responses.redirect_to_sign_in(request)
    headers = responses.PAGE_HEADERS | {http_headers.WWW_AUTHENTICATE: "Bearer"}
    message = "authentication required: send a valid bearer token"
    if revoked:
        message = f"the access token {quote(revoked)} was revoked: use another one"
    return Response(f"{message}\n", 401, headers, "text/plain")


def _compressed(texts: Iterable[str]) -> Iterator[bytes]:
    compressor = zlib.compressobj(_LEVEL)
    for text in texts:
        yield compressor.compress(text.encode())
    yield compressor.flush()


async def _decompressed(pieces: Iterable[bytes]) -> AsyncIterator[bytes]:
    decompressor = zlib.decompressobj()
    for piece in pieces:
        if text := decompressor.decompress(piece):
            yield text
