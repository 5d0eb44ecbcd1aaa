"""Compression: middleware that sends text, scripts, styles and JSON as gzip to clients that accept it.

Compressed pages must not contain a fixed secret next to text that others control (BREACH, CVE-2013-3587):
``auth/csrf.py`` masks the CSRF token in each response.
"""

import zlib
from functools import lru_cache
from typing import Protocol

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from roster.http_headers import ACCEPT_ENCODING, CONTENT_ENCODING, accepts_gzip

_MEDIA_TYPES = frozenset(
    {
        "application/graphql-response+json",
        "application/json",
        "image/svg+xml",
        "text/css",
        "text/csv",
        "text/html",
        "text/javascript",
        "text/plain",
    }
)
_MIN_BYTES = 1000
"""A smaller response fits into one packet either way."""
_MIN_BYTES_OF_THREAD = 1 << 17
"""Compressing more would delay other requests by milliseconds."""
_LEVEL = 5
"""Level 9 takes several times as long and saves a few percent."""


class _Compressor(Protocol):
    def compress(self, data: bytes, /) -> bytes: ...

    def flush(self, mode: int = zlib.Z_FINISH, /) -> bytes: ...


class CompressionMiddleware:
    """ASGI middleware. Responses with another media type or an encoding of their own pass unchanged."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request to the app, and compress its response."""
        if scope["type"] == "http":
            accepted = ",".join(Headers(scope=scope).getlist(ACCEPT_ENCODING))
            send = _CompressedResponse(send, accepts_gzip(accepted)).send
        await self._app(scope, receive, send)


class _CompressedResponse:
    """One response. Its head is sent with the first part of its body, which decides on the compression."""

    def __init__(self, send: Send, is_accepted: bool) -> None:
        self._send, self._is_accepted = send, is_accepted
        self._head: Message | None = None
        self._compressor: _Compressor | None = None
        self._is_complete = False

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._head = message
            return
        if self._head is not None:
            self._compressor = self._start(self._head, message)
        if self._compressor:
            message = {**message, "body": await self._compress(self._compressor, message)}
        if self._head is not None:
            if self._compressor and not message.get("more_body"):
                MutableHeaders(scope=self._head)["Content-Length"] = str(len(message["body"]))
            await self._send(self._head)
            self._head = None
        await self._send(message)

    def _start(self, head: Message, first: Message) -> _Compressor | None:
        """Set the headers; return the compressor, or None if the response is sent as it is."""
        headers = MutableHeaders(scope=head)
        media_type = headers.get("Content-Type", "").partition(";")[0].strip().lower()
        if media_type not in _MEDIA_TYPES or CONTENT_ENCODING in headers:
            return None
        headers.add_vary_header(ACCEPT_ENCODING)
        is_small = len(first.get("body", b"")) < _MIN_BYTES and not first.get("more_body")
        if is_small or not self._is_accepted:
            return None
        headers[CONTENT_ENCODING] = "gzip"
        del headers["Content-Length"]
        self._is_complete = not first.get("more_body")
        return _new_compressor()

    async def _compress(self, compressor: _Compressor, message: Message) -> bytes:
        body = message.get("body", b"")
        if message.get("more_body"):
            return compressor.compress(body) + compressor.flush(zlib.Z_SYNC_FLUSH)
        if self._is_complete and len(body) >= _MIN_BYTES_OF_THREAD:
            return await run_in_threadpool(_compress_large, body)
        return compressor.compress(body) + compressor.flush()


@lru_cache(maxsize=4)
def _compress_large(body: bytes) -> bytes:
    """Compress a body. The API's response cache returns the same large ones again and again."""
    compressor = _new_compressor()
    return compressor.compress(body) + compressor.flush()


def _new_compressor() -> _Compressor:
    return zlib.compressobj(_LEVEL, zlib.DEFLATED, 16 + zlib.MAX_WBITS)
