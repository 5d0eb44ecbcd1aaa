"""The page's responses: rendered templates and redirects, each with its security headers.

Dates, durations and category names are formatted by filters of the templates, most from ``display_text.py``.
"""

import re
from collections.abc import Callable, Coroutine
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from fastapi import Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from jinja2.utils import htmlsafe_json_dumps
from markupsafe import Markup, escape

from roster.display_text import category_title, day, minute, thousands
from roster.http_headers import CACHE_CONTROL, CONTENT_SECURITY_POLICY, RETRY_AFTER, content_security_policy
from roster.http_server.access_log import DEFAULT_HEADERS
from roster.http_server.head_requests import HeadRoute
from roster.instance.database.errors import DatabaseBusy, DatabaseUnavailable
from roster.instance.http import paths
from roster.instance.page.static_files import ASSETS_BY_FILE
from roster.instance.selection.effect_wording import describe_moves
from roster.instance.selection.words import Name, Words, until
from roster.templates import template_environment

PAGE_POLICY = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self'",
    "connect-src": "'self'",
    "form-action": "'self'",
    "base-uri": "'none'",
    "frame-ancestors": "'none'",
}
PAGE_HEADERS = DEFAULT_HEADERS | {CONTENT_SECURITY_POLICY: content_security_policy(PAGE_POLICY)}
ASSET_HEADERS = PAGE_HEADERS | {CACHE_CONTROL: "public, max-age=31536000, immutable"}
RETURN_TO = "return_to"
"""The parameter of the sign-in form with the page that leads to it."""
_OWN_PAGE = re.compile(rf"{paths.PAGE}(/[A-Za-z0-9_-]+(\.[a-z]+)?)*(\?[A-Za-z0-9_.~!*()%&=+,:/-]*)?")
"""A path without ``..``, ``//`` and back slashes, which browsers read as other paths or hosts."""
_MAX_PATH = 2000


def age(duration: timedelta) -> str:
    """Return a duration in the past: ``2 hours ago``."""
    seconds = duration.total_seconds()  # negative after the clock was set back
    for unit, length in (("day", 86400), ("hour", 3600), ("minute", 60)):
        if seconds >= length:
            count = int(seconds // length)
            return f"{count} {unit}{'s' if count > 1 else ''} ago"
    return "less than a minute ago"


def words_html(words: Words) -> Markup:
    """Return a sentence with its names isolated, because they are external text, and its dates marked up."""
    return Markup("").join(map(_word_html, words))


def _word_html(part: str | date) -> Markup:
    if isinstance(part, Name):
        return Markup("<bdi>{}</bdi>").format(str(part))
    if isinstance(part, date):
        return Markup('<time datetime="{}">{}</time>').format(part, day(part))
    return escape(part)


def compact_json(value: Any) -> Markup:
    """Return a value as JSON for a script element, in which no text can end the element."""
    return htmlsafe_json_dumps(value, separators=(",", ":"))


TEMPLATES = template_environment(
    "roster.instance.page",
    age=age,
    day=day,
    minute=minute,
    until=until,
    thousands=thousands,
    category_title=category_title,
    compact_json=compact_json,
    words=words_html,
)
TEMPLATES.globals |= {
    "paths": paths,
    "asset_name": lambda file: ASSETS_BY_FILE[file].url_name,
    "describe_moves": describe_moves,
    "asset_imports": lambda file: ASSETS_BY_FILE[file].imports,
}


_INDENTATION = re.compile(r"\n\s+")
"""A tenth of a page, which no browser shows: the only ``pre`` element has one line."""


def render_page(request: Request, template: str, status: int = 200, **context: Any) -> Response:
    """Return a page. Its links respect the root path under which the app is mounted."""
    root = request.scope.get("root_path", "")
    html = _INDENTATION.sub("\n", TEMPLATES.get_template(template).render(context, root=root))
    return HTMLResponse(html, status, PAGE_HEADERS)


def redirect(request: Request, path: str) -> RedirectResponse:
    """Redirect to one of the instance's own pages, with the method GET."""
    return RedirectResponse(request.scope.get("root_path", "") + path, 303, PAGE_HEADERS)


def redirect_to_sign_in(request: Request) -> RedirectResponse:
    """Redirect to the sign-in form, which leads back to the requested page."""
    requested = request.url.path.removeprefix(request.scope.get("root_path", ""))
    if request.url.query:
        requested += f"?{request.url.query}"
    target = own_page(requested) if request.method in ("GET", "HEAD") else paths.PAGE
    query = "" if target == paths.PAGE else f"?{urlencode({RETURN_TO: target}, safe='/')}"
    return redirect(request, paths.SIGN_IN + query)


def own_page(path: str | None) -> str:
    """Return the path of a page after the sign-in, if it is one of the instance's; otherwise that of the first page."""
    return path if path and len(path) <= _MAX_PATH and _OWN_PAGE.fullmatch(path) else paths.PAGE


class FeatureFlagOff(Exception):
    """The feature flag is off, so that there is no page."""


class PageRoute(HeadRoute):
    """A route that responds with 503 while the database is unavailable, and with 404 while the feature flag is off.

    ``OutageLog`` logs why the database is unavailable.
    """

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return the route's handler, with these errors caught."""
        handler = super().get_route_handler()

        async def handle(request: Request) -> Response:
            try:
                return await handler(request)
            except FeatureFlagOff:
                return render_page(request, "turned_off.html", 404)
            except DatabaseUnavailable as error:
                response = render_page(request, "unavailable.html", 503, is_busy=isinstance(error, DatabaseBusy))
                response.headers[RETRY_AFTER] = "10"
                return response

        return handle
