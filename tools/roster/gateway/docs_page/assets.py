"""The files of the page. Their URLs contain a hash of their content, so that browsers can cache them forever."""

import gzip
from functools import cache
from hashlib import sha256
from importlib.resources import files
from typing import NamedTuple

_MEDIA_TYPES = {"css": "text/css; charset=utf-8", "js": "text/javascript; charset=utf-8"}
_FILES = ("docs.js", "swagger-ui-bundle.js.gz", "swagger-ui.css.gz")


class Asset(NamedTuple):
    """A file, compressed. The vendored ones are stored so: they have 2 MB and are 0.5 MB compressed."""

    url_name: str
    gzip_content: bytes
    media_type: str

    def content(self) -> bytes:
        """Return the uncompressed content, for the few clients that need it."""
        return gzip.decompress(self.gzip_content)


@cache
def assets() -> dict[str, Asset]:
    """Return the assets by the name in the source; read when the page is first requested."""
    return {file.removesuffix(".gz"): _load(file) for file in _FILES}


def asset_name(file: str) -> str:
    """Return the name of an asset in its URL."""
    return assets()[file].url_name


def find_asset(url_name: str) -> Asset | None:
    """Return the asset with a name in its URL; None if there is none."""
    return next((asset for asset in assets().values() if asset.url_name == url_name), None)


def _load(file: str) -> Asset:
    content = (files("roster.gateway.docs_page") / "assets" / file).read_bytes()
    compressed = content if file.endswith(".gz") else gzip.compress(content, mtime=0)
    stem, _, suffix = file.removesuffix(".gz").rpartition(".")
    return Asset(f"{stem}.{sha256(content).hexdigest()[:16]}.{suffix}", compressed, _MEDIA_TYPES[suffix])
