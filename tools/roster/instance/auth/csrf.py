"""CSRF protection: a session's requests carry its CSRF token and come from a page of the same origin."""

import hmac

from starlette.datastructures import Headers

from roster.http_headers import CSRF_TOKEN


def fails_csrf_check(headers: Headers, csrf_token: str, sent: str | None = None) -> bool:
    """Return whether another site may have made a browser send this request.

    Args:
        csrf_token: the session's token.
        sent: the token in the request; None to read it from its header.
    """
    sent = headers.get(CSRF_TOKEN, "") if sent is None else sent
    return not hmac.compare_digest(sent.encode(), csrf_token.encode()) or not is_same_origin(headers)


def is_same_origin(headers: Headers) -> bool:
    """Return whether a request comes from a page of the same origin, judged by headers that pages cannot change.

    ``Sec-Fetch-Site`` decides, because it survives a proxy that changes ``Host``. Browsers omit it without TLS; then
    ``Origin`` is compared with ``Host``. A client that sends neither header is not a browser.
    """
    site, origin = headers.get("sec-fetch-site"), headers.get("origin")
    if site is not None:
        return site == "same-origin"
    return origin is None or origin.partition("://")[2] == headers.get("host")
