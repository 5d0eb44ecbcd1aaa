"""A FastAPI app with middleware around FastAPI itself, not only around its routes."""

from typing import Any

from fastapi import FastAPI
from starlette.types import ASGIApp, Receive, Scope, Send


class ServerApp(FastAPI):
    """The app of a server.

    FastAPI answers exceptions outside of the middleware that it runs, without a request id or security headers. Before
    it runs middleware, it takes a tenth of the time of a whole response of the gateway.

    Attributes:
        outer_middleware: the classes of the middleware around FastAPI, inner ones first.
    """

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self.outer_middleware: list[type] = []
        self._outermost: ASGIApp = super().__call__

    def wrap(self, middleware: type, **arguments: Any) -> None:
        """Put middleware around everything so far."""
        self.outer_middleware.append(middleware)
        self._outermost = middleware(self._outermost, **arguments)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle a request, or the lifespan."""
        await self._outermost(scope, receive, send)
