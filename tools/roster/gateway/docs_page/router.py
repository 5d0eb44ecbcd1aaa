"""Routes of the page and its files, and the redirect from the root to the page."""

from functools import cache
from typing import TYPE_CHECKING

from fastapi import APIRouter, HTTPException, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from roster.gateway.docs_page.assets import asset_name, find_asset
from roster.http_headers import (
    ACCEPT_ENCODING,
    CACHE_CONTROL,
    CONTENT_ENCODING,
    CONTENT_SECURITY_POLICY,
    SECURITY_HEADERS,
    VARY,
    accepts_gzip,
)
from roster.http_paths import OPENAPI

if TYPE_CHECKING:
    from jinja2 import Template

_POLICY = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' data:",  # icons in the style sheet
    "connect-src": "'self'",
    "base-uri": "'none'",
    "form-action": "'none'",
    "frame-ancestors": "'none'",
}
_PAGE_HEADERS = SECURITY_HEADERS | {
    CONTENT_SECURITY_POLICY: "; ".join(f"{directive} {source}" for directive, source in _POLICY.items()),
    CACHE_CONTROL: "no-cache",
}
_ASSET_HEADERS = SECURITY_HEADERS | {CACHE_CONTROL: "public, max-age=31536000, immutable", VARY: ACCEPT_ENCODING}
_PAGE = "/docs"
_ASSETS = f"{_PAGE}/assets"


def docs_router() -> APIRouter:
    """Return the routes. Links respect the root path below which the app is served."""
    router = APIRouter(include_in_schema=False)

    @router.head("/")
    @router.get("/")
    async def root(request: Request) -> Response:
        return RedirectResponse(_root_path(request) + _PAGE, 307, SECURITY_HEADERS)

    @router.head(_PAGE)
    @router.get(_PAGE)
    async def page(request: Request) -> Response:
        root = _root_path(request)
        return HTMLResponse(_template().render(assets=root + _ASSETS, openapi=root + OPENAPI), headers=_PAGE_HEADERS)

    @router.head(f"{_ASSETS}/{{name}}")
    @router.get(f"{_ASSETS}/{{name}}")
    async def asset(request: Request, name: str) -> Response:
        found = find_asset(name)
        if found is None:
            raise HTTPException(404)
        if accepts_gzip(",".join(request.headers.getlist(ACCEPT_ENCODING))):
            headers = _ASSET_HEADERS | {CONTENT_ENCODING: "gzip"}
            return Response(found.gzip_content, headers=headers, media_type=found.media_type)
        return Response(found.content(), headers=_ASSET_HEADERS, media_type=found.media_type)

    return router


def _root_path(request: Request) -> str:
    return str(request.scope.get("root_path", ""))


@cache
def _template() -> "Template":
    from roster.templates import template_environment  # Jinja takes long to import, and few request the page

    environment = template_environment("roster.gateway.docs_page")
    environment.globals["asset_name"] = asset_name
    return environment.get_template("docs.html")
