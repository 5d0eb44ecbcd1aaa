"""Responses prepared ahead of requests: plain and gzip bodies with their headers, and what selects between them.

This module does not import FastAPI, which takes half a second.
"""

import gzip
import hashlib
from collections.abc import Mapping
from typing import NamedTuple

from roster import http_headers

RawHeaders = tuple[tuple[bytes, bytes], ...]
"""Headers as ASGI has them: names in lower case."""

_GZIP_LEVEL = 6
"""Level 9 takes up to four times as long and saves a tenth."""


class PreparedResponse(NamedTuple):
    """A body, plain and compressed. Each form has its own strong ETag, because its bytes differ.

    Attributes:
        cache_headers, gzip_cache_headers: the headers about caching, which responses with and without a body have.
        body_headers, gzip_body_headers: the headers about the body.
    """

    body: bytes
    gzip_body: bytes
    etag: str
    gzip_etag: str
    cache_headers: RawHeaders
    gzip_cache_headers: RawHeaders
    body_headers: RawHeaders
    gzip_body_headers: RawHeaders

    @classmethod
    def of(cls, body: bytes) -> "PreparedResponse":
        """Compress a body and compute its ETags. The gzip header has no time, so that equal bodies give equal bytes."""
        digest = hashlib.sha256(body).hexdigest()[:32]
        gzip_body = gzip.compress(body, _GZIP_LEVEL, mtime=0)
        etag, gzip_etag = f'"{digest}"', f'"{digest}-gzip"'
        return cls(
            body,
            gzip_body,
            etag,
            gzip_etag,
            _cache_headers(etag),
            _cache_headers(gzip_etag),
            _body_headers(body),
            _raw({http_headers.CONTENT_ENCODING: "gzip"}) + _body_headers(gzip_body),
        )


def _cache_headers(etag: str) -> RawHeaders:
    return _raw(
        {
            http_headers.ETAG: etag,
            http_headers.CACHE_CONTROL: "private, no-cache",
            http_headers.VARY: f"{http_headers.ACCEPT_ENCODING}, {http_headers.AUTHORIZATION}",
        }
    )


def _body_headers(body: bytes) -> RawHeaders:
    return _raw({http_headers.CONTENT_LENGTH: str(len(body)), http_headers.CONTENT_TYPE: "application/json"})


def _raw(headers: Mapping[str, str]) -> RawHeaders:
    return tuple((name.lower().encode(), value.encode()) for name, value in headers.items())


def matches_etag(if_none_match: str, etag: str) -> bool:
    """Evaluate If-None-Match by weak comparison (RFC 9110, 13.1.2) with the ETag of the form that would be sent.

    The ETag of the other form does not match: a cache could serve that form to a client that cannot decode it.
    """
    etags = (item.strip().removeprefix("W/") for item in if_none_match.split(","))
    return if_none_match.strip() == "*" or etag in etags
