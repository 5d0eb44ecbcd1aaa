"""HTTP header names, values and their evaluation, which the downloader, the gateway and the instance share."""

from collections.abc import Mapping
from functools import lru_cache

ACCEPT = "Accept"
ACCEPT_ENCODING = "Accept-Encoding"
ALLOW = "Allow"
AUTHORIZATION = "Authorization"
CACHE_CONTROL = "Cache-Control"
CONTENT_DISPOSITION = "Content-Disposition"
CONTENT_ENCODING = "Content-Encoding"
CONTENT_LENGTH = "Content-Length"
CONTENT_SECURITY_POLICY = "Content-Security-Policy"
CONTENT_TYPE = "Content-Type"
CSRF_TOKEN = "X-CSRF-Token"
DEPRECATION = "Deprecation"
ETAG = "ETag"
IF_NONE_MATCH = "If-None-Match"
LINK = "Link"
LOCATION = "Location"
REQUEST_ID = "X-Request-Id"
RETRY_AFTER = "Retry-After"
SUNSET = "Sunset"
TRANSFER_ENCODING = "Transfer-Encoding"
USER_AGENT = "User-Agent"
VARY = "Vary"
WWW_AUTHENTICATE = "WWW-Authenticate"

GITLAB_TOKEN_HEADERS = ("PRIVATE-TOKEN", "DEPLOY-TOKEN", "JOB-TOKEN")
"""The headers in which GitLab accepts a token, other than ``Authorization``."""

SECURITY_HEADERS = {
    CONTENT_SECURITY_POLICY: "default-src 'none'; frame-ancestors 'none'",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    # With no-referrer, browsers would send the page's own forms with "Origin: null".
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
"""Restrict what browsers do with a response; a route that serves pages sets its own Content-Security-Policy."""


def content_security_policy(directives: Mapping[str, str]) -> str:
    """Return the value of ``Content-Security-Policy`` with some directives and their sources."""
    return "; ".join(f"{directive} {sources}" for directive, sources in directives.items())


def bearer_token(authorization: str) -> str:
    """Return the token of an ``Authorization: Bearer`` header; empty for any other value."""
    scheme, _, token = authorization.partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


@lru_cache(64)  # clients send few different values
def accepts_gzip(accept_encoding: str) -> bool:
    """Evaluate Accept-Encoding (RFC 9110, 12.5.3): gzip or * with a weight other than 0."""
    weights = {}
    for item in accept_encoding.lower().split(","):
        coding, *parameters = (part.strip() for part in item.split(";"))
        weight = next((part[2:] for part in parameters if part.startswith("q=")), "1")
        weights[coding] = weight.rstrip("0").rstrip(".") not in ("", "0")
    return weights.get("gzip", weights.get("*", False))
