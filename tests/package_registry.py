"""Stub of GitLab's package registry, which stores uploads in memory."""

from __future__ import annotations

from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Self

TOKEN = "job-token-of-this-test"
PACKAGE = "/api/v4/projects/24/packages/generic/roster/"


class Registry(ThreadingHTTPServer):
    """Serves stored files within a ``with`` block.

    Attributes:
        responses: the status and additional headers of the response, by method and path.
        scripts: functions that respond instead, by method and path; they may store an upload or not.
    """

    def __init__(self, port: int = 0, handler: type[Handler] | None = None) -> None:
        super().__init__(("127.0.0.1", port), handler or Handler)
        self.stored: dict[str, bytes] = {}
        self.responses: dict[tuple[str, str], tuple[int, dict[str, str]]] = {}
        self.scripts: dict[tuple[str, str], Callable[[Handler, bytes], None]] = {}
        self.requests: list[tuple[str, str, dict[str, str], bytes]] = []

    def __enter__(self) -> Self:
        Thread(target=self.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.shutdown()
        self.server_close()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    @property
    def uploads(self) -> list[str]:
        return [path for method, path, _, _ in self.requests if method == "PUT"]


class Handler(BaseHTTPRequestHandler):
    server: Registry

    def do_GET(self) -> None:
        path = self.received(b"")
        if script := self.server.scripts.get(("GET", path)):
            return script(self, b"")
        stored = self.server.stored.get(path)
        return self.respond("GET", path, 404 if stored is None else 200, stored or b"")

    def do_PUT(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        path = self.received(body)
        if script := self.server.scripts.get(("PUT", path)):
            return script(self, body)
        if ("PUT", path) not in self.server.responses:
            self.server.stored[path] = body
        return self.respond("PUT", path, 201, b'{"message":"201 Created"}')

    def received(self, body: bytes) -> str:
        path = self.path.removeprefix(PACKAGE)
        self.server.requests.append((self.command, path, dict(self.headers), body))
        return path

    def respond(self, method: str, path: str, status: int, body: bytes, **headers: str) -> None:
        status, overrides = self.server.responses.get((method, path), (status, {}))
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **headers, **overrides}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass
