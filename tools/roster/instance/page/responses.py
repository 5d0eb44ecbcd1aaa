"""The page's responses: rendered templates, redirects and assets, each with its security headers."""

import logging
from collections.abc import Callable, Coroutine
from hashlib import sha256
from importlib.resources import files
from typing import Any, NamedTuple

from fastapi import Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from fastapi.routing import APIRoute

from roster.findings import ConfigurationError
from roster.http_headers import RETRY_AFTER
from roster.instance.http import paths
from roster.instance.http.security_headers import ASSET_HEADERS, PAGE_HEADERS
from roster.instance.page import formatting
from roster.templates import template_environment

_MEDIA_TYPES = {"css": "text/css", "js": "text/javascript", "svg": "image/svg+xml"}

log = logging.getLogger("roster.instance")


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

_templates = template_environment(
    "roster.instance.page", day=formatting.day, minute=formatting.minute, until=formatting.until
)
_templates.globals |= {"paths": paths, "asset_name": lambda file: _ASSETS_BY_FILE[file].url_name}


def render_page(request: Request, template: str, status: int = 200, **context: Any) -> Response:
    """Return a page. Its links respect the root path under which the app is mounted."""
    root = request.scope.get("root_path", "")
    html = _templates.get_template(template).render(context, root=root)
    return HTMLResponse(html, status, PAGE_HEADERS)


def redirect(request: Request, path: str) -> RedirectResponse:
    """Redirect to one of the instance's own pages, with the method GET."""
    return RedirectResponse(request.scope.get("root_path", "") + path, 303, PAGE_HEADERS)


def asset_response(asset: Asset) -> Response:
    """Return an asset."""
    return Response(asset.content, headers=ASSET_HEADERS, media_type=asset.media_type)


class PageRoute(APIRoute):
    """A route that responds with 503 while the database is unavailable. The cause is logged, not shown."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return the route's handler, with errors of the database caught."""
        handler = super().get_route_handler()

        async def handle(request: Request) -> Response:
            try:
                return await handler(request)
            except ConfigurationError as error:
                log.error("cannot serve the page: %s", error)
                response = render_page(request, "unavailable.html", 503)
                response.headers[RETRY_AFTER] = "10"
                return response

        return handle
