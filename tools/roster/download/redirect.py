"""Redirects: followed within the origin of the configured URL only, because the token is meant for that origin."""

from collections.abc import Callable
from urllib.parse import urljoin, urlsplit

from roster.download.http_client import HttpResponse
from roster.download.rejection import Rejected
from roster.naming import quote
from roster.settings.urls import Origin, parse_origin

_MAX_REDIRECTS = 5


def follow_redirects(get: Callable[[str], HttpResponse], url: str, allowed: Origin) -> HttpResponse:
    """Return the first response that is not a redirect.

    Raises:
        Rejected: a redirect leaves the allowed origin, is malformed, or there are too many.
    """
    for _ in range(1 + _MAX_REDIRECTS):
        response = get(url)
        if response.location is None:
            return response
        url = _redirect_target(url, response.location, allowed)
    raise Rejected("bad-status", f"the source redirects more than {_MAX_REDIRECTS} times")


def _redirect_target(url: str, location: str, allowed: Origin) -> str:
    try:
        target = urljoin(url, location) if location else ""
        origin = parse_origin(target)
    except ValueError:
        raise Rejected("bad-status", "the source redirects to an invalid URL") from None
    if origin != allowed or "@" in urlsplit(target).netloc:
        where = quote(f"{origin.scheme}://{origin.host}:{origin.port}")
        raise Rejected(
            "redirected-away",
            f"the source redirects to {where}, but the token must only be sent to the configured origin",
        )
    return target
