"""HTTP client over urllib3 that rejects every response that is not complete and well-formed."""

import re
import ssl
from collections.abc import Mapping
from errno import ECONNABORTED
from http.client import HTTPException, HTTPResponse, RemoteDisconnected
from io import BufferedReader
from typing import Any, NamedTuple

from urllib3 import HTTPConnectionPool, HTTPSConnectionPool, PoolManager, ProxyManager, make_headers
from urllib3 import exceptions as failures
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.response import BaseHTTPResponse
from urllib3.util import Timeout, parse_url

from roster import http_headers
from roster.download.deadline import Deadline
from roster.download.rejection import Rejected
from roster.download.retry import RetryableRejection
from roster.settings.secret import Secret

_REDIRECT_STATUSES = (301, 302, 303, 307, 308)
_FINAL_STATUSES = {401: "unauthorized", 403: "unauthorized", 404: "not-found", 410: "not-found"}
_RETRYABLE_STATUSES = {429: "rate-limited", 500: "bad-status", 502: "bad-status", 503: "bad-status", 504: "bad-status"}
VALID_ETAG = re.compile(r'(W/)?"[!#-~]{0,1000}"')  # RFC 9110, 8.8.3, in ASCII
_CHUNK_BYTES = 64 * 1024
_CONNECT_SHARE = 0.25
"""The share of the remaining time for connecting to one address of a host, so that there is time for the others."""


class HttpResponse(NamedTuple):
    """A complete response.

    Attributes:
        body: None for 304 and for redirects.
        etag: None if there is none, or one that cannot be sent back.
        location: the Location header of a redirect; None for other responses.
    """

    body: bytes | None
    etag: str | None = None
    location: str | None = None


class HttpClient:
    """The connections of a download or delivery, which are cut at its deadline; ``requests`` counts its requests.

    Args:
        proxy: the proxy's URL, with user and password if it needs them.
        tls: load the trusted certificates, which takes a while, because a connection needs TLS.
    """

    def __init__(self, deadline: Deadline, proxy: Secret | None, *, tls: bool) -> None:
        self._deadline, self.requests = deadline, 0
        context = ssl.create_default_context() if tls else None
        if proxy:
            auth = parse_url(proxy.reveal()).auth
            headers = make_headers(proxy_basic_auth=auth) if auth else None
            self._manager: PoolManager = ProxyManager(proxy.reveal(), proxy_headers=headers, ssl_context=context)
        else:
            self._manager = PoolManager(ssl_context=context)
        self._manager.pool_classes_by_scheme = _pool_classes(deadline)

    def get(self, url: str, headers: Mapping[str, str], max_bytes: int, *, require_length: bool = True) -> HttpResponse:
        """Return a complete response.

        Args:
            require_length: reject a response that ends with the connection and so may be truncated; only a caller that
                can verify the body otherwise may pass False.

        Raises:
            Rejected: there is no such response; ``RetryableRejection`` if there may be one soon.
        """
        self.requests += 1
        response = self._send(url, headers)
        try:
            if response.status in _REDIRECT_STATUSES:
                return HttpResponse(None, location=response.headers.get(http_headers.LOCATION, ""))
            if response.status == 304 and http_headers.IF_NONE_MATCH in headers:
                return HttpResponse(None)
            _check_status_and_encoding(response)
            etag = response.headers.get(http_headers.ETAG, "")
            body = _read_body(response, max_bytes, require_length)
            return HttpResponse(body, etag if VALID_ETAG.fullmatch(etag) else None)
        finally:
            response.close()  # a response that was read to its end has returned its connection already

    def post(self, url: str, headers: Mapping[str, str], body: bytes) -> int:
        """Send a body; return the status of the response, whose own body is not read.

        Raises:
            Rejected: there is no response.
        """
        self.requests += 1
        response = self._send(url, headers, "POST", body)
        response.close()
        return response.status

    def close(self) -> None:
        """Close all connections."""
        self._manager.clear()

    def _send(
        self, url: str, headers: Mapping[str, str], method: str = "GET", body: bytes | None = None
    ) -> BaseHTTPResponse:
        remaining = self._deadline.remaining()
        if not remaining:
            raise Rejected("deadline-passed", "the deadline passed before the request was sent")
        try:
            return self._manager.request(
                method,
                url,
                body=body,
                headers={**headers, http_headers.ACCEPT_ENCODING: "identity", http_headers.USER_AGENT: "roster"},
                timeout=Timeout(connect=remaining * _CONNECT_SHARE, read=remaining),
                retries=False,
                redirect=False,
                preload_content=False,
                decode_content=False,
            )
        except failures.HTTPError as error:
            raise _connection_rejection(error) from None


class _CompleteLineReader(BufferedReader):
    """A reader that fails on a line that is cut off."""

    def readline(self, size: int | None = -1, /) -> bytes:
        line = super().readline(size)
        if line and not line.endswith(b"\n") and len(line) != size:
            raise ConnectionError(ECONNABORTED, "the response ends within a line")
        return line


class _StrictResponse(HTTPResponse):
    """A response that rejects truncated lines: http.client would read a truncated chunk size of 0 as the last chunk."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fp = _CompleteLineReader(self.fp.detach())

    def begin(self) -> None:
        super().begin()
        if self.msg.defects or self.msg.get_payload():
            raise HTTPException("malformed headers")  # urllib3 would log them


def _pool_classes(deadline: Deadline) -> dict[str, type[HTTPConnectionPool]]:
    """Return connection pool classes for urllib3 whose connections are registered with the deadline."""

    class WatchedHttpConnection(HTTPConnection):
        response_class = _StrictResponse
        debuglevel = 0  # a global debug level would make http.client print the token

        def _new_conn(self):  # type: ignore[no-untyped-def]
            return deadline.watch(super()._new_conn())

    class WatchedHttpsConnection(WatchedHttpConnection, HTTPSConnection):
        pass

    class HttpPool(HTTPConnectionPool):
        ConnectionCls = WatchedHttpConnection

    class HttpsPool(HTTPSConnectionPool):
        ConnectionCls = WatchedHttpsConnection

    return {"http": HttpPool, "https": HttpsPool}


def _connection_rejection(error: failures.HTTPError) -> Rejected:
    """Map an exception of urllib3 to a rejection."""
    cause = error.args[1] if isinstance(error, failures.ProtocolError) and len(error.args) > 1 else error.__cause__
    if isinstance(error, failures.SSLError):
        reason = getattr(error.args[0], "verify_message", "") or getattr(error.args[0], "reason", "") or "no TLS"
        return Rejected("tls-failed", f"no trusted TLS connection to the source: {reason}")
    if isinstance(error, failures.ProxyError):
        return RetryableRejection("unreachable", "the proxy cannot connect to the source")
    if isinstance(error, failures.NameResolutionError):
        return RetryableRejection("unreachable", "the host name of the source cannot be resolved")
    if isinstance(cause, OSError) and not isinstance(cause, TimeoutError):
        reason = (
            "it closed the connection" if isinstance(cause, RemoteDisconnected) else cause.strerror or "no connection"
        )
        return RetryableRejection("unreachable", f"no response from the source: {reason.lower()}")
    if isinstance(error, failures.TimeoutError):
        return RetryableRejection(
            "unreachable", "connecting to the source took more than a quarter of the remaining time"
        )
    return Rejected("bad-status", "the source's response is not HTTP")


def _check_status_and_encoding(response: BaseHTTPResponse) -> None:
    status = response.status
    if status in _FINAL_STATUSES:
        raise Rejected(_FINAL_STATUSES[status], f"the source answered {status}")
    if status in _RETRYABLE_STATUSES:
        retry_after = response.headers.get(http_headers.RETRY_AFTER)
        raise RetryableRejection(_RETRYABLE_STATUSES[status], f"the source answered {status}", retry_after)
    if status != 200:
        raise Rejected("bad-status", f"the source answered {status} (expected 200)")
    if response.headers.get(http_headers.CONTENT_ENCODING, "identity").strip().lower() not in ("identity", ""):
        raise Rejected("bad-status", "the source compressed the response, which was not requested")
    if response.headers.get(http_headers.TRANSFER_ENCODING, "chunked").strip().lower() != "chunked":
        raise Rejected("bad-status", "the source used a transfer encoding other than chunked")


def _read_body(response: BaseHTTPResponse, max_bytes: int, require_length: bool) -> bytes:
    length = response.length_remaining
    if length is None and not response.chunked and require_length:
        raise Rejected("truncated", "the response has no length, so it may be truncated")
    body = bytearray()
    while (length or 0) <= max_bytes and len(body) <= max_bytes:
        try:
            chunk = response.read(min(_CHUNK_BYTES, max_bytes + 1 - len(body)), decode_content=False)
        except failures.HTTPError:
            raise RetryableRejection("truncated", f"the response was cut off after {len(body)} bytes") from None
        if not chunk:
            break
        body += chunk
    else:
        raise Rejected("too-large", f"the file is larger than {max_bytes} bytes")
    if not body:
        raise Rejected("empty", "the response has no body")
    return bytes(body)
