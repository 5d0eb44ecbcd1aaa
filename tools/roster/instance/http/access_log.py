"""What is done for every request, whoever answers it: it is measured, logged, and kept from what browsers could do."""

import logging
from time import perf_counter

from prometheus_client import CollectorRegistry, Histogram
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from roster.instance.http.security_headers import DEFAULT_HEADERS

log = logging.getLogger("roster.instance.access")

OTHER = "other"
"""Stands for what a client made up, so that nobody can make a label grow without bound."""
_METHODS = frozenset({"GET", "HEAD", "POST", "OPTIONS", "PUT", "PATCH", "DELETE"})


class AccessLogMiddleware:
    """ASGI middleware. It logs and counts by the path's template, never by what a client put into a path or a query."""

    def __init__(self, app: ASGIApp, registry: CollectorRegistry) -> None:
        self._app = app
        self._seconds = Histogram(
            "roster_instance_request_seconds",
            "How long answers took, by method, path template and status.",
            ["method", "path", "status"],
            registry=registry,
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer with what the app says."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        status, began = 500, perf_counter()  # what an exception becomes

        async def sending(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                for name, value in DEFAULT_HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        try:
            await self._app(scope, receive, sending)
        finally:
            self._note(scope, status, perf_counter() - began)

    def _note(self, scope: Scope, status: int, seconds: float) -> None:
        method = scope["method"] if scope["method"] in _METHODS else OTHER
        path = getattr(scope.get("route"), "path", OTHER)
        self._seconds.labels(method, path, status).observe(seconds)
        told = {"method": method, "path": path, "status": status, "milliseconds": round(seconds * 1000, 1)}
        log.info("%s %s %d", method, path, status, extra=told)
