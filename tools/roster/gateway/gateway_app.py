"""A FastAPI app with middleware around FastAPI itself, not only around its routes."""

from typing import Any

from fastapi import FastAPI
from starlette.types import ASGIApp, Receive, Scope, Send


class GatewayApp(FastAPI):
    """The gateway's own app.

    Before FastAPI runs an app's middleware, it takes a tenth of the time of a whole response, and it answers exceptions
    outside of the middleware, without a request id.

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
