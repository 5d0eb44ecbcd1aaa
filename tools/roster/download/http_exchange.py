"""One request and its answer, over urllib3: what is not a complete answer of an expected kind is refused."""

import re
import ssl
from collections.abc import Mapping
from errno import ECONNABORTED
from http.client import HTTPResponse, RemoteDisconnected
from io import BufferedReader
from typing import Any, NamedTuple

from urllib3 import HTTPConnectionPool, HTTPSConnectionPool, PoolManager, ProxyManager, make_headers
from urllib3 import exceptions as failures
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.response import BaseHTTPResponse
from urllib3.util import Timeout, parse_url

from roster.download.deadline import Deadline
from roster.download.refusal import Refused
from roster.settings.secret import Secret

REDIRECTS = (301, 302, 303, 307, 308)
_AGAIN = (500, 502, 503, 504)
ETAG = re.compile(r'(W/)?"[!#-~]{0,1000}"')  # RFC 9110, 8.8.3, in ASCII
_PIECE = 64 * 1024
_CONNECTING = 0.25
"""The share of the time left that one address of a host may take to connect, so that another one has its turn."""


class Again(Refused):
    """A refusal that may be over soon.

    Attributes:
        after: the header Retry-After, which says when; None where there is none.
    """

    def __init__(self, name: str, message: str, after: str | None = None) -> None:
        super().__init__(name, message)
        self.after = after


class Answer(NamedTuple):
    """A complete answer.

    Attributes:
        body: None for 304, and with a redirect.
        etag: None where there is none, or none that can be sent back.
        location: where a redirect leads, as the source wrote it; None for another answer.
    """

    body: bytes | None
    etag: str | None = None
    location: str | None = None


class Exchanges:
    """The connections of one download. They end with its deadline.

    Args:
        proxy: its address, with the user and password that it asks for, if any.
        secure: whether a connection will need TLS, whose trusted certificates take a while to load.
    """

    def __init__(self, deadline: Deadline, proxy: Secret | None, *, secure: bool) -> None:
        self._deadline = deadline
        context = ssl.create_default_context() if secure else None
        if proxy:
            auth = parse_url(proxy.reveal()).auth
            headers = make_headers(proxy_basic_auth=auth) if auth else None
            self._manager: PoolManager = ProxyManager(proxy.reveal(), proxy_headers=headers, ssl_context=context)
        else:
            self._manager = PoolManager(ssl_context=context)
        self._manager.pool_classes_by_scheme = _pools(deadline)

    def ask(self, url: str, headers: Mapping[str, str], limit: int, *, length_needed: bool = True) -> Answer:
        """Return a complete answer of at most ``limit`` bytes.

        Args:
            length_needed: whether the answer has to say where it ends. One that ends where the connection does may
                have been cut off, and is good only where its content is known otherwise.

        Raises:
            Refused: there is none; ``Again`` where there may be one soon.
        """
        response = self._send(url, headers)
        try:
            if response.status in REDIRECTS:
                return Answer(None, location=response.headers.get("location", ""))
            if response.status == 304 and "If-None-Match" in headers:
                return Answer(None)
            _check(response)
            etag = response.headers.get("etag", "")
            return Answer(_body(response, limit, length_needed), etag if ETAG.fullmatch(etag) else None)
        finally:
            response.close()  # one that was read to its end has handed its connection back already

    def close(self) -> None:
        """Close every connection."""
        self._manager.clear()

    def _send(self, url: str, headers: Mapping[str, str]) -> BaseHTTPResponse:
        left = self._deadline.left()
        if not left:
            raise Refused("deadline-passed", "there is no time left to ask the source")
        try:
            return self._manager.request(
                "GET",
                url,
                headers={**headers, "Accept-Encoding": "identity", "User-Agent": "roster"},
                timeout=Timeout(connect=left * _CONNECTING, read=left),
                retries=False,
                redirect=False,
                preload_content=False,
                decode_content=False,
            )
        except failures.HTTPError as error:
            raise _failure(error) from None


class _Lines(BufferedReader):
    """Reads whole lines, or none."""

    def readline(self, size: int | None = -1, /) -> bytes:
        line = super().readline(size)
        if line and not line.endswith(b"\n") and len(line) != size:
            raise ConnectionError(ECONNABORTED, "it broke off within a line")
        return line


class _Strict(HTTPResponse):
    """An answer whose lines have ends. http.client takes the 0 of a chunk size that breaks off for the last chunk."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fp = _Lines(self.fp.detach())


def _pools(deadline: Deadline) -> dict[str, type[HTTPConnectionPool]]:
    """Return what urllib3 makes its connections of; those that a deadline watches."""

    class Plain(HTTPConnection):
        response_class = _Strict
        debuglevel = 0  # http.client prints what it sends, token and all, where somebody raised it for everybody

        def _new_conn(self):  # type: ignore[no-untyped-def]
            return deadline.watch(super()._new_conn())

    class Secure(HTTPSConnection):
        response_class = _Strict
        debuglevel = 0

        def _new_conn(self):  # type: ignore[no-untyped-def]
            return deadline.watch(super()._new_conn())

    class PlainPool(HTTPConnectionPool):
        ConnectionCls = Plain

    class SecurePool(HTTPSConnectionPool):
        ConnectionCls = Secure

    return {"http": PlainPool, "https": SecurePool}


def _failure(error: failures.HTTPError) -> Refused:
    """Return the refusal for an exception that came instead of an answer."""
    cause = error.args[1] if isinstance(error, failures.ProtocolError) and len(error.args) > 1 else error.__cause__
    if isinstance(error, failures.SSLError):
        reason = getattr(error.args[0], "verify_message", "") or getattr(error.args[0], "reason", "") or "no TLS"
        return Refused("tls-failed", f"no trusted connection to the source: {reason}")
    if isinstance(error, failures.ProxyError):
        return Again("unreachable", "the proxy does not connect to the source")
    if isinstance(error, failures.NameResolutionError):
        return Again("unreachable", "the name of the source's host cannot be resolved")
    if isinstance(cause, OSError) and not isinstance(cause, TimeoutError):
        reason = (
            "it closed the connection" if isinstance(cause, RemoteDisconnected) else cause.strerror or "no connection"
        )
        return Again("unreachable", f"no answer from the source: {reason.lower()}")
    if isinstance(error, failures.TimeoutError):
        return Again("unreachable", "no connection to the source in a quarter of the time left")
    return Refused("bad-status", "the source answers in something that is not HTTP")


def _check(response: BaseHTTPResponse) -> None:
    """Refuse an answer whose status or form is not that of a whole file.

    Raises:
        Refused: it is.
    """
    status = response.status
    after = response.headers.get("retry-after")
    if status in (401, 403):
        raise Refused("unauthorized", f"the source answered {status}")
    if status in (404, 410):
        raise Refused("not-found", f"the source answered {status}")
    if status == 429:
        raise Again("rate-limited", "the source answered 429", after)
    if status in _AGAIN:
        raise Again("bad-status", f"the source answered {status}", after)
    if status != 200:
        raise Refused("bad-status", f"the source answered {status}, where only 200 is of use")
    if response.headers.get("content-encoding", "identity").strip().lower() not in ("identity", ""):
        raise Refused("bad-status", "the source compressed its answer, which was not asked for")
    if response.headers.get("transfer-encoding", "chunked").strip().lower() != "chunked":
        raise Refused("bad-status", "the source sent its answer in a transfer coding other than chunked")


def _body(response: BaseHTTPResponse, limit: int, length_needed: bool) -> bytes:
    """Return an answer's whole body.

    Raises:
        Refused: it is larger than the limit, empty, or may lack its end.
    """
    length = response.length_remaining
    if length is None and not response.chunked and length_needed:
        raise Refused("truncated", "the source does not say how long its answer is, so it may have been cut off")
    body = bytearray()
    while (length or 0) <= limit and len(body) <= limit:
        try:
            piece = response.read(min(_PIECE, limit + 1 - len(body)), decode_content=False)
        except failures.HTTPError:
            raise Again("truncated", f"the answer broke off after {len(body)} bytes") from None
        if not piece:
            break
        body += piece
    else:
        raise Refused("too-large", f"it is larger than {limit} bytes")
    if not body:
        raise Refused("empty", "the source answered with no bytes at all")
    return bytes(body)
