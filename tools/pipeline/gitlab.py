"""A client for GitLab's REST API, for the pipeline's jobs.

It uses only the standard library, so that jobs with a token install no packages. Time and size are limited: of each
request, and of all requests of a run. A message contains no text of the server, which could hold the token, or control
characters that a job log obeys.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Mapping, Sequence
from contextvars import ContextVar
from email.message import Message
from functools import cached_property
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException, HTTPMessage, HTTPResponse, IncompleteRead
from typing import IO, Any, NamedTuple, cast
from urllib.error import HTTPError, URLError
from urllib.request import HTTPHandler, HTTPRedirectHandler, HTTPSHandler, Request, build_opener

from roster.download.deadline import Deadline, run_with_deadline
from roster.download.rejection import Rejected
from roster.settings.urls import parse_origin

TIMEOUT = 30  # seconds, for one request: from the resolution of the host's name to the last byte
DEADLINE = 300  # seconds, for all requests of a run and the delays between them
MAX_BYTES = 32 * 1024 * 1024  # of one response
MAX_TOTAL_BYTES = 512 * 1024 * 1024  # of all responses of a run
MAX_ATTEMPTS = 3
MAX_RETRY_AFTER = 60  # seconds

_deadline: ContextVar[Deadline] = ContextVar("deadline")  # of the request that the current thread sends


class JobError(Exception):
    """The job's input or a variable is missing or invalid."""


class ApiError(Exception):
    """A request to GitLab failed; `status` is the status of the response, if there was one."""

    def __init__(self, message: str, status: int | None = None) -> None:
        super().__init__(message)
        self.status = status

    def with_remedy(self, remedies: Mapping[int, str]) -> str:
        """Return the message with the remedy for the status, if there is one."""
        remedy = remedies.get(self.status) if self.status else None
        return f"{self} ({remedy})" if remedy else str(self)


class ApiResponse(NamedTuple):
    """A response; `request` is the method and path."""

    request: str
    status: int
    headers: Message
    body: bytes

    def json(self) -> Any:
        """Parse the body."""
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError):
            raise ApiError(f"{self.request}: GitLab's response is not JSON") from None


class _RedirectOnlyGet(HTTPRedirectHandler):
    """Redirects only GET, and never from https to another scheme.

    urllib would turn a redirected POST into a GET, whose success would hide the failure.
    """

    def redirect_request(
        self, req: Request, fp: IO[bytes], code: int, msg: str, headers: HTTPMessage, newurl: str
    ) -> Request | None:
        if req.get_method() != "GET" or not newurl.startswith(("https://", f"{req.type}://")):
            return None
        return super().redirect_request(req, fp, code, msg, headers, newurl)


class _WatchedConnections(HTTPSHandler, HTTPHandler):
    """Registers connections with the request's deadline, which cuts them: a timeout limits only a single read."""

    def do_open(self, http_class: Callable[..., HTTPConnection], req: Request, **options: Any) -> HTTPResponse:
        def connect(host: str, **options: Any) -> HTTPConnection:
            connection = http_class(host, **options)
            # Not `connect`, which also waits for a proxy and for TLS.
            create = connection._create_connection  # type: ignore[attr-defined]
            connection._create_connection = (  # type: ignore[attr-defined]
                lambda *arguments: _deadline.get().watch(create(*arguments))
            )
            return connection

        return super().do_open(connect, req, **options)


_OPENER = build_opener(_RedirectOnlyGet, _WatchedConnections)


def require(variables: Mapping[str, str], *names: str) -> list[str]:
    """Return the values of variables that GitLab sets in every job."""
    values = [variables.get(name, "").strip() for name in names]
    if missing := [name for name, value in zip(names, values, strict=True) if not value]:
        raise JobError(f"not set: {', '.join(missing)} (GitLab sets them in a job)")
    return values


def require_ids(variables: Mapping[str, str], *names: str) -> list[str]:
    """Return the values of variables with ids, which become part of URLs."""
    ids = require(variables, *names)
    for name, id_ in zip(names, ids, strict=True):
        if not re.fullmatch("[0-9]{1,19}", id_):
            raise JobError(f"{name} is invalid: must be a number")
    return ids


class GitLabApi:
    """A part of the API: its URL, and the header with the token, which is sent to no other server."""

    def __init__(self, url: str, header: str, token: str) -> None:
        if not _is_api_url(url):
            raise JobError("CI_API_V4_URL is invalid: must be an http or https URL")
        if not (token.isascii() and token.isprintable()):
            # http.client would report this with the token in its message.
            raise JobError(f"the token for {header} is invalid: must be printable ASCII")
        self._url, self._header, self._token = url, header, token
        self._bytes_left = MAX_TOTAL_BYTES

    @cached_property
    def _deadline(self) -> Deadline:
        """The deadline, which starts with the first request."""
        return Deadline(DEADLINE)

    def send(
        self, method: str, path: str, body: bytes | None = None, *, expected: Sequence[int] = (HTTPStatus.OK,)
    ) -> ApiResponse:
        """Return the response if it has one of the expected statuses.

        Retry only after 429 Too Many Requests: GitLab has not processed the request then.
        """
        for attempt in range(1, MAX_ATTEMPTS + 1):
            response = self._exchange(method, path, body)
            if response.status in expected:
                return response
            delay = _retry_after(response)
            if delay is None or attempt == MAX_ATTEMPTS or delay >= self._deadline.remaining():
                break
            time.sleep(delay)
        hint = "" if response.status >= HTTPStatus.BAD_REQUEST else f" (expected {_with_phrase(expected[-1])})"
        message = f"{method} {path}: GitLab answered {_with_phrase(response.status)}{hint}"
        raise ApiError(message, response.status)

    def _exchange(self, method: str, path: str, body: bytes | None) -> ApiResponse:
        request = Request(f"{self._url}/{path}", body, {"Content-Type": "application/json"}, method=method)
        # Downloads may be redirected to an object store, which must not receive the token.
        request.add_unredirected_header(self._header, self._token)
        seconds = min(TIMEOUT, self._deadline.remaining())
        if not seconds:
            raise ApiError(f"{method} {path}: not sent: all requests together took longer than {DEADLINE} seconds")
        limit = min(MAX_BYTES, self._bytes_left)
        try:
            # The socket's timeout is longer, so that the deadline ends the request; it limits connecting.
            status, headers, content = run_with_deadline(
                seconds, lambda deadline: _open(request, deadline, seconds + 1, limit)
            )
        except Rejected as rejected:
            problem = rejected.message
            if rejected.reason == "deadline-passed":
                problem = f"timed out: no complete response within {seconds:.3g} seconds"
            raise ApiError(f"{method} {path}: {problem}") from None
        self._bytes_left -= len(content)
        return ApiResponse(f"{method} {path}", status, headers, content)


def _is_api_url(url: str) -> bool:
    try:
        return bool(parse_origin(url).port) and not set("@?#") & set(url)
    except ValueError:
        return False


def _open(request: Request, deadline: Deadline, timeout: float, limit: int) -> tuple[int, Message, bytes]:
    _deadline.set(deadline)
    try:
        with _OPENER.open(request, timeout=timeout) as response:
            return response.status, response.headers, _read(response, limit)
    except HTTPError as error:  # any status but 2xx
        with error:
            if error.code == HTTPStatus.NOT_FOUND:
                _check_not_found(error, request)
            return error.code, error.headers, b""
    except (OSError, HTTPException, ValueError) as error:
        raise Rejected("unreachable", _cause(error)) from None


def _check_not_found(error: HTTPError, request: Request) -> None:
    """Reject a 404 that does not mean that GitLab has no such file."""
    if error.url != request.full_url:
        raise Rejected("not-found", "GitLab redirected to a file that does not exist")
    _read(cast(HTTPResponse, error.fp), MAX_BYTES)


def _read(response: HTTPResponse, limit: int) -> bytes:
    if response.length is None and not response.chunked:
        raise Rejected("truncated", "the response has no length, so it may be truncated")
    if (response.length or 0) <= limit:
        # With a length, only a read without an argument raises IncompleteRead if the body is truncated.
        body = response.read(limit + 1) if response.chunked else response.read()
        if len(body) <= limit:
            return body
    raise Rejected("too-large", f"the response is larger than {limit} bytes")


def _cause(error: Exception) -> str:
    """Return why there is no response. Exceptions of http.client contain text of the server, except for two."""
    cause = error.reason if isinstance(error, URLError) else error
    if isinstance(cause, OSError):
        return (cause.strerror or str(cause)).lower()
    return str(cause) if isinstance(cause, IncompleteRead) else "GitLab's response is not valid HTTP"


def _with_phrase(status: int) -> str:
    """Return a status with its standard phrase, instead of the server's own one."""
    try:
        return f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        return str(status)


def _retry_after(response: ApiResponse) -> int | None:
    """Return the delay in seconds before the next attempt; None if there is none."""
    delay = response.headers.get("Retry-After", "1")
    if response.status != HTTPStatus.TOO_MANY_REQUESTS or not re.fullmatch("[0-9]{1,9}", delay):
        return None
    return int(delay) if int(delay) <= MAX_RETRY_AFTER else None
