"""The page's responses: rendered templates, redirects and assets, each with its security headers.

Dates, durations and category names are formatted by filters of the templates.
"""

from collections.abc import Callable, Coroutine
from datetime import date, datetime, timedelta
from hashlib import sha256
from importlib.resources import files
from typing import Any, NamedTuple

from fastapi import Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from fastapi.routing import APIRoute

from roster.http_headers import CACHE_CONTROL, CONTENT_SECURITY_POLICY, RETRY_AFTER
from roster.instance.database.errors import DatabaseBusy, DatabaseUnavailable
from roster.instance.http import paths
from roster.instance.http.access_log import DEFAULT_HEADERS
from roster.templates import template_environment

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
PAGE_HEADERS = DEFAULT_HEADERS | {
    CONTENT_SECURITY_POLICY: "; ".join(f"{directive} {source}" for directive, source in _PAGE_POLICY.items())
}
ASSET_HEADERS = PAGE_HEADERS | {CACHE_CONTROL: "public, max-age=31536000, immutable"}
_MEDIA_TYPES = {"css": "text/css", "js": "text/javascript", "svg": "image/svg+xml"}
_NO_CATEGORY = "Other features"
_SPELLINGS = {"ai": "AI", "cli": "CLI", "devops": "DevOps", "duo": "Duo", "gitlab": "GitLab", "mr": "MR"}


class Asset(NamedTuple):
    """A static file. Its URL contains a hash of its content, so that browsers can cache it forever."""

    url_name: str
    content: bytes
    media_type: str


def _load_assets() -> dict[str, Asset]:
    assets = {}
    for file in (files("roster.instance.page") / "assets").iterdir():
        stem, _, suffix = file.name.rpartition(".")
        content = file.read_bytes()
        url_name = f"{stem}.{sha256(content).hexdigest()[:16]}.{suffix}"
        assets[file.name] = Asset(url_name, content, _MEDIA_TYPES[suffix])
    return assets


_ASSETS_BY_FILE = _load_assets()
ASSETS = {asset.url_name: asset for asset in _ASSETS_BY_FILE.values()}
"""The assets by the name in their URL."""


def age(duration: timedelta) -> str:
    """Return a duration in the past: ``2 hours ago``."""
    seconds = duration.total_seconds()  # negative after the clock was set back
    for unit, length in (("day", 86400), ("hour", 3600), ("minute", 60)):
        if seconds >= length:
            count = int(seconds // length)
            return f"{count} {unit}{'s' if count > 1 else ''} ago"
    return "less than a minute ago"


def day(moment: date) -> str:
    """Return a date: ``1 December 2026``."""
    return f"{moment.day} {moment:%B %Y}"


def minute(moment: datetime) -> str:
    """Return a date and time: ``1 December 2026, 14:05 UTC``."""
    return f"{day(moment)}, {moment:%H:%M} UTC"


def until(days: int) -> str:
    """Return a number of days from now: ``today``, ``tomorrow``, ``in 9 days``."""
    return ("today", "tomorrow")[days] if days < 2 else f"in {days} days"


def thousands(number: int) -> str:
    """Return a number with its thousands separated: ``200,000``."""
    return f"{number:,}"


def category_title(category: str) -> str:
    """Return a category's display name: ``Code suggestions`` for ``code_suggestions``, or that of no category."""
    if not category:
        return _NO_CATEGORY
    title = " ".join(_SPELLINGS.get(word, word) for word in category.split("_"))
    return title[:1].upper() + title[1:]


TEMPLATES = template_environment(
    "roster.instance.page",
    age=age,
    day=day,
    minute=minute,
    until=until,
    thousands=thousands,
    category_title=category_title,
)
TEMPLATES.globals |= {"paths": paths, "asset_name": lambda file: _ASSETS_BY_FILE[file].url_name}


def render_page(request: Request, template: str, status: int = 200, **context: Any) -> Response:
    """Return a page. Its links respect the root path under which the app is mounted."""
    root = request.scope.get("root_path", "")
    html = TEMPLATES.get_template(template).render(context, root=root)
    return HTMLResponse(html, status, PAGE_HEADERS)


def redirect(request: Request, path: str) -> RedirectResponse:
    """Redirect to one of the instance's own pages, with the method GET."""
    return RedirectResponse(request.scope.get("root_path", "") + path, 303, PAGE_HEADERS)


class PageRoute(APIRoute):
    """A route that responds with 503 while the database is unavailable. ``OutageLog`` logs the cause."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return the route's handler, with errors of the database caught."""
        handler = super().get_route_handler()

        async def handle(request: Request) -> Response:
            try:
                return await handler(request)
            except DatabaseUnavailable as error:
                response = render_page(request, "unavailable.html", 503, is_busy=isinstance(error, DatabaseBusy))
                response.headers[RETRY_AFTER] = "10"
                return response

        return handle
