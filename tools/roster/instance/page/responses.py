"""Answers of the page: what browsers may do with each, and the templates that make them."""

import logging
from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from fastapi.routing import APIRoute
from jinja2 import Environment, PackageLoader, StrictUndefined

from roster.findings import ConfigurationError
from roster.instance.http import paths
from roster.instance.http.security_headers import ASSET_HEADERS, PAGE_HEADERS
from roster.instance.page import formatting
from roster.instance.page.assets import Asset, served_as

log = logging.getLogger("roster.instance")

_templates = Environment(
    loader=PackageLoader("roster.instance.page"),
    undefined=StrictUndefined,
    autoescape=True,
    trim_blocks=True,
    lstrip_blocks=True,
)
_templates.filters |= {"day": formatting.day, "minute": formatting.minute, "until": formatting.until}
_templates.globals |= {"served_as": served_as, "paths": paths}


def html(request: Request, template: str, status: int = 200, **facts: Any) -> Response:
    """Return a page; its links start where the app is mounted."""
    root = request.scope.get("root_path", "")
    return HTMLResponse(_templates.get_template(template).render(facts, root=root), status, PAGE_HEADERS)


def redirect(request: Request, path: str) -> RedirectResponse:
    """Send the browser to one of our own pages, with GET."""
    return RedirectResponse(request.scope.get("root_path", "") + path, 303, PAGE_HEADERS)


class Route(APIRoute):
    """A route that says so when the database cannot be used; why stands in the log."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return the handler, guarded."""
        answered = super().get_route_handler()

        async def guarded(request: Request) -> Response:
            try:
                return await answered(request)
            except ConfigurationError as error:
                log.error("the page cannot be shown: %s", error)
                answer = html(request, "unavailable.html", 503)
                answer.headers["Retry-After"] = "10"
                return answer

        return guarded


def asset(found: Asset) -> Response:
    """Return one of the page's files."""
    return Response(found.content, headers=ASSET_HEADERS, media_type=found.media_type)
