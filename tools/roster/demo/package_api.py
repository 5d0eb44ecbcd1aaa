"""A stub of GitLab's generic package API: what was published so far, for whoever has the token."""

import secrets
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Self

from roster.publishing.release import PACKAGE, Release, sha256, version_of

HEADER = "DEPLOY-TOKEN"
_PATH = f"/api/v4/projects/1/packages/generic/{PACKAGE}/"


class PackageApi(ThreadingHTTPServer):
    """Serves on loopback, from when it is entered until it is left.

    Attributes:
        token: what a reader has to send in the header ``HEADER``.
        files: what was published, by its path below the package.
    """

    def __init__(self, port: int) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self.token = secrets.token_urlsafe(24)
        self.files: dict[str, bytes] = {}

    def __enter__(self) -> Self:
        Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.shutdown()
        self.server_close()

    def address(self, path: str) -> str:
        """Return the address of a file."""
        return f"http://127.0.0.1:{self.server_port}{_PATH}{path}"

    def publish(self, release: Release) -> str:
        """Add a version, then lead the pointer to it, as ``tools/publish.py`` does; return the version's name."""
        version = version_of(release)
        for name, body in release.files.items():
            self.files[release.path(version, name)] = body
        self.files[release.pointer_path] = release.pointer(version)
        return version


class _Handler(BaseHTTPRequestHandler):
    server: PackageApi

    def do_GET(self) -> None:
        """Answer with a file, or with 304 to whoever has it already."""
        body = self.server.files.get(self.path.removeprefix(_PATH))
        if not secrets.compare_digest(self.headers.get(HEADER, "").encode(), self.server.token.encode()):
            self._answer(401, b'{"message":"401 Unauthorized"}')
        elif body is None:
            self._answer(404, b'{"message":"404 Not Found"}')
        elif self.headers.get("If-None-Match") == _etag(body):
            self._answer(304, b"", _etag(body))
        else:
            self._answer(200, body, _etag(body))

    def _answer(self, status: int, body: bytes, etag: str = "") -> None:
        self.send_response(status)
        if etag:
            self.send_header("ETag", etag)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing: the terminal is the demo's."""


def _etag(body: bytes) -> str:
    return f'"{sha256(body)}"'
