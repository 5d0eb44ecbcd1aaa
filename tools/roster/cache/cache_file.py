"""Format of a cache file: an accepted download with its metadata and a checksum.

Three parts: a line with the format version, a line with the SHA-256 of the rest, and the rest: one line of JSON
metadata followed by the body as it was downloaded.
"""

import json
from base64 import b64decode, b64encode
from hashlib import sha256

from roster.download.download_result import Download

_NAME, _VERSION = b"roster-store", b"1"


class CacheUnusable(Exception):
    """Why a cache folder or file is not used, in a few words."""


class CacheDamaged(CacheUnusable):
    """The cache file is corrupt or of another version; a new one may replace it."""


def pack(download: Download, sequence: int | None) -> bytes:
    """Return the bytes of a cache file. ``sequence`` is that of ``gateway.json``, None for other files."""
    signature = None if download.signature is None else b64encode(download.signature).decode()
    metadata = json.dumps({"etag": download.etag, "signature": signature, "sequence": sequence}).encode()
    content = metadata + b"\n" + download.body
    return b"\n".join([_NAME + b" " + _VERSION, sha256(content).hexdigest().encode(), content])


def unpack(data: bytes) -> tuple[Download, int | None]:
    """Return the download of a cache file, and its sequence.

    Raises:
        CacheDamaged: ``pack`` did not write these bytes.
    """
    if not data:
        raise CacheDamaged("the cache file is empty")
    first, _, after = data.partition(b"\n")
    name, _, version = first.partition(b" ")
    if name != _NAME:
        raise CacheDamaged("the cache file has an unknown header")
    if version != _VERSION:
        raise CacheDamaged("the cache file was written by another version of the gateway")
    digest, _, content = after.partition(b"\n")
    if digest != sha256(content).hexdigest().encode():
        raise CacheDamaged("the checksum of the cache file does not match")
    line, _, body = content.partition(b"\n")
    try:
        metadata = json.loads(line)
        signature = metadata["signature"]
        download = Download(body, metadata["etag"], None if signature is None else b64decode(signature))
        return download, metadata["sequence"]
    except (ValueError, TypeError, KeyError, RecursionError):
        raise CacheDamaged("the metadata of the cache file is invalid") from None
