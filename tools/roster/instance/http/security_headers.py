"""Security and caching headers of the instance's responses: the default, the page, and the page's assets."""

from roster.http_headers import CACHE_CONTROL, CONTENT_SECURITY_POLICY, SECURITY_HEADERS

_PAGE_POLICY = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self'",
    "connect-src": "'self'",
    "form-action": "'self'",
    "base-uri": "'none'",
    "frame-ancestors": "'none'",
}

DEFAULT_HEADERS = SECURITY_HEADERS | {CACHE_CONTROL: "no-store"}
"""Set on every response unless its route sets them itself."""
PAGE_HEADERS = DEFAULT_HEADERS | {
    CONTENT_SECURITY_POLICY: "; ".join(f"{directive} {source}" for directive, source in _PAGE_POLICY.items())
}
ASSET_HEADERS = PAGE_HEADERS | {CACHE_CONTROL: "public, max-age=31536000, immutable"}
"""An asset's name changes with its content, so browsers may cache it forever."""
