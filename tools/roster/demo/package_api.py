"""A stub of GitLab's generic package API that serves the published files."""

import secrets
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Self

from roster.http_headers import ETAG, IF_NONE_MATCH
from roster.publishing.release import PACKAGE, Release, package_version, sha256

TOKEN_HEADER = "DEPLOY-TOKEN"
_PATH = f"/api/v4/projects/1/packages/generic/{PACKAGE}/"


class PackageApi(ThreadingHTTPServer):
    """Serves on loopback while its context is active.

    Attributes:
        token: readers must send it in the header ``TOKEN_HEADER``.
        files: the published files, by their path in the package.
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

    def url(self, path: str) -> str:
        """Return the URL of a file."""
        return f"http://127.0.0.1:{self.server_port}{_PATH}{path}"

    def publish(self, release: Release) -> str:
        """Add a version, then update the pointer, as ``tools/publish.py`` does; return the version's name."""
        version = package_version(release)
        for name, body in release.files.items():
            self.files[release.path(version, name)] = body
        self.files[release.pointer_path] = release.pointer(version)
        return version


class _Handler(BaseHTTPRequestHandler):
    server: PackageApi

    def do_GET(self) -> None:
        """Send a file, or 304 if the ETag matches."""
        body = self.server.files.get(self.path.removeprefix(_PATH))
        if not secrets.compare_digest(self.headers.get(TOKEN_HEADER, "").encode(), self.server.token.encode()):
            self._respond(401, b'{"message":"401 Unauthorized"}')
        elif body is None:
            self._respond(404, b'{"message":"404 Not Found"}')
        elif self.headers.get(IF_NONE_MATCH) == _etag(body):
            self._respond(304, b"", _etag(body))
        else:
            self._respond(200, body, _etag(body))

    def _respond(self, status: int, body: bytes, etag: str = "") -> None:
        self.send_response(status)
        if etag:
            self.send_header(ETAG, etag)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Log nothing: the terminal belongs to the demo."""


def _etag(body: bytes) -> str:
    return f'"{sha256(body)}"'
