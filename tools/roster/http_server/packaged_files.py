"""Files of third parties that a page loads from the package, stored compressed.

Their URLs contain a hash of their content, so that browsers can cache them forever.
"""

import gzip
from functools import cached_property
from importlib.resources import files
from typing import NamedTuple

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from roster import page_assets
from roster.http_headers import ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, SECURITY_HEADERS, VARY, accepts_gzip

_MEDIA_TYPES = {"css": "text/css; charset=utf-8", "js": "text/javascript; charset=utf-8"}
_HEADERS = SECURITY_HEADERS | {CACHE_CONTROL: "public, max-age=31536000, immutable", VARY: ACCEPT_ENCODING}


class PackagedFile(NamedTuple):
    """A file, compressed. The ones of third parties are stored so: compressed, they have a quarter of their size."""

    url_name: str
    gzip_content: bytes
    media_type: str

    def content(self) -> bytes:
        """Return the uncompressed content, for the few clients that need it."""
        return gzip.decompress(self.gzip_content)


class PackagedFiles:
    """Files of the folder ``assets`` in a package. They are read when the page is first requested.

    Args:
        names: of the files; one that is stored compressed ends with ``.gz``.
    """

    def __init__(self, package: str, *names: str) -> None:
        self._package, self._names = package, names

    @cached_property
    def by_name(self) -> dict[str, PackagedFile]:
        """The files by the name in the source, without ``.gz``."""
        return {name.removesuffix(".gz"): self._load(name) for name in self._names}

    def url_name(self, name: str) -> str:
        """Return the name of a file in its URL."""
        return self.by_name[name].url_name

    def response(self, request: Request, url_name: str) -> Response:
        """Return the file with a name in its URL.

        Raises:
            HTTPException: 404, there is none.
        """
        file = next((file for file in self.by_name.values() if file.url_name == url_name), None)
        if file is None:
            raise HTTPException(404)
        if accepts_gzip(",".join(request.headers.getlist(ACCEPT_ENCODING))):
            return Response(file.gzip_content, 200, _HEADERS | {CONTENT_ENCODING: "gzip"}, file.media_type)
        return Response(file.content(), 200, _HEADERS, file.media_type)

    def _load(self, name: str) -> PackagedFile:
        content = (files(self._package) / "assets" / name).read_bytes()
        compressed = content if name.endswith(".gz") else gzip.compress(content, mtime=0)
        name = name.removesuffix(".gz")
        return PackagedFile(page_assets.url_name(name, content), compressed, _MEDIA_TYPES[name.rpartition(".")[2]])
