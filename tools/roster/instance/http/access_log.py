"""Access log: middleware that logs and measures every request, and sets the default security headers."""

import logging
from time import perf_counter

from prometheus_client import CollectorRegistry, Histogram
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from roster.http_headers import CACHE_CONTROL, SECURITY_HEADERS

log = logging.getLogger("roster.instance.access")

DEFAULT_HEADERS = SECURITY_HEADERS | {CACHE_CONTROL: "no-store"}
"""Set on every response unless its route sets them itself."""
OTHER = "other"
"""Replaces paths and methods made up by clients, so that the number of label values is bounded."""
_METHODS = frozenset({"GET", "HEAD", "POST", "OPTIONS", "PUT", "PATCH", "DELETE"})


class AccessLogMiddleware:
    """ASGI middleware. It logs and counts by path template, and never records a client's path or query."""

    def __init__(self, app: ASGIApp, registry: CollectorRegistry) -> None:
        self._app = app
        self._seconds = Histogram(
            "roster_instance_request_seconds",
            "Duration of responses, by method, path template and status.",
            ["method", "path", "status"],
            registry=registry,
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request to the app, and record its response."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        status, started = 500, perf_counter()  # an exception becomes a 500

        async def send_with_headers(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                for name, value in DEFAULT_HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        try:
            await self._app(scope, receive, send_with_headers)
        finally:
            self._record(scope, status, perf_counter() - started)

    def _record(self, scope: Scope, status: int, seconds: float) -> None:
        method = scope["method"] if scope["method"] in _METHODS else OTHER
        path = getattr(scope.get("route"), "path", OTHER)
        self._seconds.labels(method, path, status).observe(seconds)
        fields = {"method": method, "path": path, "status": status, "milliseconds": round(seconds * 1000, 1)}
        log.info("%s %s %d", method, path, status, extra=fields)
