"""The result of a download. In a module of its own, so that the cache does not import the HTTP client."""

from typing import NamedTuple


class Download(NamedTuple):
    """A downloaded or cached file.

    Attributes:
        body: the complete bytes of the file.
        etag: sent as If-None-Match by the next download of the same URL, once the body was accepted; None if the source
            sends none.
        signature: the bytes of the file's ``.sig``; None if there is none or no public keys are configured.
        url: where the body was downloaded from, without the query; empty if it was cached.
        requests: how many requests the download took; 0 if it was cached.
    """

    body: bytes
    etag: str | None = None
    signature: bytes | None = None
    url: str = ""
    requests: int = 0
