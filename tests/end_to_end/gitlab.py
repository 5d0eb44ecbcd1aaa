"""A stub of GitLab: packages and raw files of one project, each with its token."""

import hashlib
import subprocess
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

from tests.package_registry import PACKAGE, TOKEN, Handler, Registry

READER = "gateway-token-of-this-test"
"""Has read access; the job token ``TOKEN`` has write access, too."""
_FILES = "/api/v4/projects/24/repository/files/"


class GitLab(Registry):
    """A project: its packages, and the committed files of its repository."""

    def __init__(self, repository: Path, port: int = 0) -> None:
        super().__init__(port, Api)
        self.repository = repository

    def package(self, path: str) -> str:
        """Return the URL of a file of the package."""
        return f"{self.url}{PACKAGE}{path}"

    def raw(self, path: str) -> str:
        """Return the URL of a file on the default branch of the repository."""
        return f"{self.url}{_FILES}{path.replace('/', '%2F')}/raw?ref=main"


class Api(Handler):
    """Answers 401 without a valid token, and 304 if the ETag matches."""

    server: GitLab

    def do_GET(self) -> None:
        path = self.received(b"")
        if not self.has(READER, TOKEN):
            return self.respond("GET", path, 401, b'{"message":"401 Unauthorized"}')
        body = self.file(path)
        if body is None:
            return self.respond("GET", path, 404, b'{"message":"404 Not Found"}')
        etag = f'"{hashlib.sha256(body).hexdigest()}"'
        if self.headers["If-None-Match"] == etag:
            return self.respond("GET", path, 304, b"", ETag=etag)
        return self.respond("GET", path, 200, body, ETag=etag)

    def do_PUT(self) -> None:
        if self.has(TOKEN):
            super().do_PUT()
        else:
            self.respond("PUT", self.received(b""), 401, b'{"message":"401 Unauthorized"}')

    def has(self, *tokens: str) -> bool:
        return any(self.headers[name] in tokens for name in ("PRIVATE-TOKEN", "DEPLOY-TOKEN", "JOB-TOKEN"))

    def file(self, path: str) -> bytes | None:
        """Return the content of a file of the package or repository."""
        if not path.startswith(_FILES):
            return self.server.stored.get(path)
        parts = urlsplit(path)
        name = unquote(parts.path.removeprefix(_FILES).removesuffix("/raw"))
        revision_path = f"{parse_qs(parts.query)['ref'][0]}:{name}"
        shown = subprocess.run(
            ["git", "-C", self.server.repository, "show", revision_path], capture_output=True, check=False
        )
        return shown.stdout if shown.returncode == 0 else None
