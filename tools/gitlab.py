"""How the pipeline's jobs talk to GitLab's REST API.

Only the standard library, so that a job that uses a token installs nothing for it.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from http.client import HTTPException, HTTPMessage
from typing import IO
from urllib.error import HTTPError
from urllib.request import HTTPRedirectHandler, Request, build_opener

TIMEOUT = 30  # seconds, for each time that GitLab is waited for
ATTEMPTS = 3
LONGEST_WAIT = 60  # seconds, where GitLab says that there were too many requests


class ConfigurationError(Exception):
    """What was to be sent, or where, is missing or makes no sense."""


class ApiError(Exception):
    """GitLab did not do what it was asked to; `status` is what it answered, if it did."""

    def __init__(self, sentence: str, status: int | None = None) -> None:
        super().__init__(sentence)
        self.status = status


@dataclass(frozen=True, slots=True)
class Answer:
    headers: Mapping[str, str]
    body: bytes


class _OnlyDownloads(HTTPRedirectHandler):
    """urllib would turn a redirected POST into a GET, which answers as if all were well."""

    def redirect_request(
        self, req: Request, fp: IO[bytes], code: int, msg: str, headers: HTTPMessage, newurl: str
    ) -> Request | None:
        if req.get_method() != "GET":
            return None
        return super().redirect_request(req, fp, code, msg, headers, newurl)


_OPENER = build_opener(_OnlyDownloads)


def required(variables: Mapping[str, str], *names: str) -> list[str]:
    """The values of variables that GitLab sets in a job."""
    if missing := [name for name in names if not variables.get(name)]:
        raise ConfigurationError(f"not set: {', '.join(missing)} (GitLab sets them in a job)")
    return [variables[name].strip() for name in names]


@dataclass(frozen=True, slots=True)
class Api:
    """A part of the API: its URL, and the header that carries the token to it and to nowhere else."""

    url: str
    header: str
    token: str = field(repr=False)

    def __post_init__(self) -> None:
        if not self.url.startswith(("https://", "http://")):
            raise ConfigurationError("CI_API_V4_URL is not an http(s) URL")
        if not (self.token.isascii() and self.token.isprintable()):
            # http.client would say so too, with the token in its message.
            raise ConfigurationError(f"the token for {self.header} holds characters that no HTTP header can carry")

    def send(self, method: str, path: str, body: bytes | None = None) -> Answer:
        """Waits and tries again only where GitLab asks for it: then it has not done anything yet."""
        for attempt in range(1, ATTEMPTS + 1):
            try:
                return self._send(method, path, body)
            except HTTPError as error:
                wait = _seconds(error)
                if wait is None or attempt == ATTEMPTS:
                    told = f"{method} {path}: GitLab answered {error.code} {error.reason}"
                    raise ApiError(told, error.code) from error
                error.close()
                time.sleep(wait)
            except (OSError, HTTPException) as error:
                raise ApiError(f"{method} {path}: {getattr(error, 'reason', error)}") from error
        raise AssertionError("the last attempt returns or raises")

    def _send(self, method: str, path: str, body: bytes | None) -> Answer:
        request = Request(f"{self.url}/{path}", body, {"Content-Type": "application/json"}, method=method)
        # Downloads may be redirected to an object store, which must not see the token.
        request.add_unredirected_header(self.header, self.token)
        with _OPENER.open(request, timeout=TIMEOUT) as response:
            return Answer(response.headers, response.read())


def _seconds(error: HTTPError) -> int | None:
    """How long to wait before the next attempt; None where there is none."""
    told = error.headers.get("Retry-After", "1")
    if error.code != HTTPStatus.TOO_MANY_REQUESTS or not told.isdecimal() or int(told) > LONGEST_WAIT:
        return None
    return int(told)
