"""Stub of GitLab's REST API on a real socket. Subclasses of the handler store what a test needs."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any, TypeVar
from urllib.parse import parse_qsl, urlsplit

API = "/api/v4"


class GitLabStub(ThreadingHTTPServer):
    """Answers requests that have the token.

    Attributes:
        respond: functions that answer instead, by method and path, each once.
        requests: the method, path, headers and parsed body of each request.
    """

    token: str

    def __init__(self, handler: type[StubHandler]) -> None:
        super().__init__(("127.0.0.1", 0), handler)
        self.respond: dict[tuple[str, str], list[Respond]] = {}
        self.requests: list[tuple[str, str, dict[str, str], Any]] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    @property
    def sent(self) -> list[str]:
        """The method and path of each request, without the query."""
        return [f"{method} {urlsplit(path).path.removeprefix(API)}" for method, path, _, _ in self.requests]

    @property
    def written(self) -> list[str]:
        return [line for line in self.sent if not line.startswith("GET ")]


class StubHandler(BaseHTTPRequestHandler):
    server: Any  # a subclass of GitLabStub

    def handle_request(self) -> None:
        content = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        body: Any = json.loads(content or b"null")
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.server.requests.append((self.command, self.path, headers, body))
        url = urlsplit(self.path)
        if overrides := self.server.respond.get((self.command, url.path)):
            overrides.pop(0)(self)
        elif headers.get("private-token") != self.server.token:
            self.answer(401, {"message": "401 Unauthorized"})
        else:
            self.route(self.command, url.path, dict(parse_qsl(url.query)), body)

    do_GET = do_POST = do_PUT = do_DELETE = handle_request

    def route(self, method: str, path: str, query: dict[str, str], body: Any) -> None:
        raise NotImplementedError

    def page(self, objects: list[Any], query: dict[str, str]) -> None:
        """Answer with a page of a list."""
        size, number = int(query["per_page"]), int(query["page"])
        assert size <= 100, "GitLab gives no more"
        more = len(objects) > number * size
        headers = {"X-Next-Page": str(number + 1) if more else "", "X-Page": str(number)}
        self.answer(200, objects[(number - 1) * size : number * size], headers)

    def answer(self, status: int, value: Any, headers: dict[str, str] | None = None) -> None:
        body = value if isinstance(value, bytes) else json.dumps(value).encode()
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **(headers or {})}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


Respond = Callable[[StubHandler], None]
Stub = TypeVar("Stub", bound=GitLabStub)


@contextmanager
def running(stub: Stub) -> Iterator[Stub]:
    """Serve until the end of the block."""
    with stub:
        Thread(target=stub.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        yield stub
        stub.shutdown()


def plain(status: int, body: Any = b"", headers: dict[str, str] | None = None) -> Respond:
    """Answer with a fixed response."""
    return lambda handler: handler.answer(status, body, headers)


def reset(handler: StubHandler) -> None:
    """Close the connection without an answer."""
    handler.connection.close()
