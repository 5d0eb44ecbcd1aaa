"""CSRF protection: a session's requests carry its CSRF token and come from a page of the same origin.

Each response contains the token XORed with a new random mask, so that the sizes of compressed responses reveal nothing
about it (BREACH, CVE-2013-3587).
"""

import hmac
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode

from starlette.datastructures import Headers

from roster.http_headers import CSRF_TOKEN


def mask_csrf_token(csrf_token: str) -> str:
    """Return a session's token in a form that differs each time: a random mask, then the token XORed with it."""
    token = csrf_token.encode()
    mask = secrets.token_bytes(len(token))
    return urlsafe_b64encode(mask + _xor(token, mask)).decode().rstrip("=")


def fails_csrf_check(headers: Headers, csrf_token: str, sent: str | None = None) -> bool:
    """Return whether another site may have made a browser send this request.

    Args:
        csrf_token: the session's token.
        sent: the token in the request, masked or, from a page of an earlier version, plain; None to read it from its
            header.
    """
    sent = headers.get(CSRF_TOKEN, "") if sent is None else sent
    token = csrf_token.encode()
    matches = [hmac.compare_digest(each, token) for each in (sent.encode(), _unmask(sent))]
    return not any(matches) or not is_same_origin(headers)


def _unmask(sent: str) -> bytes:
    """Return the token of a masked one; nothing, or any bytes, if the text is not a masked token."""
    try:
        masked = urlsafe_b64decode(sent.encode("ascii") + b"=" * (-len(sent) % 4))
    except ValueError:
        return b""
    length, rest = divmod(len(masked), 2)
    return b"" if rest else _xor(masked[:length], masked[length:])


def _xor(one: bytes, other: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(one, other, strict=True))


def is_same_origin(headers: Headers) -> bool:
    """Return whether a request comes from a page of the same origin, judged by headers that pages cannot change.

    ``Sec-Fetch-Site`` decides, because it survives a proxy that changes ``Host``. Browsers omit it without TLS; then
    ``Origin`` is compared with ``Host``. A client that sends neither header is not a browser.
    """
    site, origin = headers.get("sec-fetch-site"), headers.get("origin")
    if site is not None:
        return site == "same-origin"
    return origin is None or origin.partition("://")[2] == headers.get("host")
