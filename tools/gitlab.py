"""A client for GitLab's REST API, for the pipeline's jobs.

It uses only the standard library, so that jobs with a token install no packages.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from http.client import HTTPException, HTTPMessage
from typing import IO, Any
from urllib.error import HTTPError
from urllib.request import HTTPRedirectHandler, Request, build_opener

TIMEOUT = 30  # seconds, for each socket operation
MAX_ATTEMPTS = 3
MAX_RETRY_AFTER = 60  # seconds


class JobError(Exception):
    """The job's input or a variable is missing or invalid."""


class ApiError(Exception):
    """A request to GitLab failed; `status` is the status of the response, if there was one."""

    def __init__(self, message: str, status: int | None = None) -> None:
        super().__init__(message)
        self.status = status


@dataclass(frozen=True, slots=True)
class ApiResponse:
    """A successful response; `request` is the method and path."""

    request: str
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        """Parse the body."""
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError) as error:
            raise ApiError(f"{self.request}: GitLab's response is not JSON") from error


class _RedirectOnlyGet(HTTPRedirectHandler):
    """Redirects only GET. urllib would turn a redirected POST into a GET, whose success would hide the failure."""

    def redirect_request(
        self, req: Request, fp: IO[bytes], code: int, msg: str, headers: HTTPMessage, newurl: str
    ) -> Request | None:
        if req.get_method() != "GET":
            return None
        return super().redirect_request(req, fp, code, msg, headers, newurl)


_OPENER = build_opener(_RedirectOnlyGet)


def require(variables: Mapping[str, str], *names: str) -> list[str]:
    """Return the values of variables that GitLab sets in every job."""
    if missing := [name for name in names if not variables.get(name)]:
        raise JobError(f"not set: {', '.join(missing)} (GitLab sets them in a job)")
    return [variables[name].strip() for name in names]


@dataclass(frozen=True, slots=True)
class GitLabApi:
    """A part of the API: its URL, and the header with the token, which is sent to no other server."""

    url: str
    header: str
    token: str = field(repr=False)

    def __post_init__(self) -> None:
        if not self.url.startswith(("https://", "http://")):
            raise JobError("CI_API_V4_URL is invalid: must be an http or https URL")
        if not (self.token.isascii() and self.token.isprintable()):
            # http.client would report this with the token in its message.
            raise JobError(f"the token for {self.header} is invalid: must be printable ASCII")

    def send(self, method: str, path: str, body: bytes | None = None) -> ApiResponse:
        """Send a request. Retry only after 429 Too Many Requests: GitLab has not processed the request then."""
        for attempt in range(1, MAX_ATTEMPTS + 1):
            try:
                return self._send(method, path, body)
            except HTTPError as error:
                delay = _retry_after(error)
                if delay is None or attempt == MAX_ATTEMPTS:
                    message = f"{method} {path}: GitLab answered {error.code} {error.reason}"
                    raise ApiError(message, error.code) from error
                error.close()
                time.sleep(delay)
            except (OSError, HTTPException) as error:
                raise ApiError(f"{method} {path}: {getattr(error, 'reason', error)}") from error
        raise AssertionError("the last attempt returns or raises")

    def _send(self, method: str, path: str, body: bytes | None) -> ApiResponse:
        request = Request(f"{self.url}/{path}", body, {"Content-Type": "application/json"}, method=method)
        # Downloads may be redirected to an object store, which must not receive the token.
        request.add_unredirected_header(self.header, self.token)
        with _OPENER.open(request, timeout=TIMEOUT) as response:
            return ApiResponse(f"{method} {path}", response.headers, response.read())


def _retry_after(error: HTTPError) -> int | None:
    """Return the delay in seconds before the next attempt; None if there is none."""
    delay = error.headers.get("Retry-After", "1")
    if error.code != HTTPStatus.TOO_MANY_REQUESTS or not delay.isdecimal() or int(delay) > MAX_RETRY_AFTER:
        return None
    return int(delay)
