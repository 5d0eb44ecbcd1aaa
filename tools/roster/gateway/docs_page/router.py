"""Routes of the page and its files, and the redirect from the root to the page."""

from functools import cache
from typing import TYPE_CHECKING

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from roster.http_headers import CACHE_CONTROL, CONTENT_SECURITY_POLICY, SECURITY_HEADERS, content_security_policy
from roster.http_paths import OPENAPI
from roster.http_server.packaged_files import PackagedFiles

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
    CONTENT_SECURITY_POLICY: content_security_policy(_POLICY),
    CACHE_CONTROL: "no-cache",
}
FILES = PackagedFiles("roster.gateway.docs_page", "docs.js", "swagger-ui-bundle.js.gz", "swagger-ui.css.gz")
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
        return FILES.response(request, name)

    return router


def _root_path(request: Request) -> str:
    return str(request.scope.get("root_path", ""))


@cache
def _template() -> "Template":
    from roster.templates import template_environment  # Jinja takes long to import, and few request the page

    environment = template_environment("roster.gateway.docs_page")
    environment.globals["asset_name"] = FILES.url_name
    return environment.get_template("docs.html")
