"""CORS for the API: the origins of web applications that may use it with an access token.

Cookies are never shared with another origin, and no other path is.
"""

from collections.abc import Sequence

from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send

from roster import http_headers
from roster.instance.http import paths


class ApiCORSMiddleware:
    """ASGI middleware that answers preflight requests and sets the headers of CORS, for the API only."""

    def __init__(self, app: ASGIApp, origins: Sequence[str]) -> None:
        self._app = app
        self._api = CORSMiddleware(
            app,
            allow_origins=origins,
            allow_methods=["GET", "POST"],
            allow_headers=[http_headers.AUTHORIZATION, http_headers.CONTENT_TYPE, http_headers.REQUEST_ID],
            expose_headers=[http_headers.REQUEST_ID, http_headers.RETRY_AFTER],
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request to the app, with CORS if it is for the API."""
        is_api = scope["type"] == "http" and scope["path"].removeprefix(scope.get("root_path", "")) == paths.API
        await (self._api if is_api else self._app)(scope, receive, send)
