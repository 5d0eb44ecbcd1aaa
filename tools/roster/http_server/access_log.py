"""Access log: middleware that logs and measures every request, and sets the request id and default headers."""

import logging
from collections.abc import Mapping
from functools import cache
from time import perf_counter
from typing import Literal

from prometheus_client import CollectorRegistry, Histogram
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from roster.http_headers import CACHE_CONTROL, SECURITY_HEADERS
from roster.http_paths import MONITORING_PATHS
from roster.http_server.request_ids import HEADER, current_request_id, request_id

DEFAULT_HEADERS = SECURITY_HEADERS | {CACHE_CONTROL: "no-store"}
"""Set on every response unless its route sets them itself."""
OTHER = "other"
"""Replaces paths and methods made up by clients, so that the number of label values is bounded."""
_METHODS = frozenset({"GET", "HEAD", "POST", "OPTIONS", "PUT", "PATCH", "DELETE"})
_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


class AccessLogMiddleware:
    """ASGI middleware. It logs and counts by path template, and never records a client's path or query.

    Args:
        server: the name of the server in the logger ``roster.<server>.access`` and in the metric.
        default_headers: set on every response unless its route sets them.
        log_probes: whether successful requests for liveness, readiness and metrics are logged.
    """

    def __init__(
        self,
        app: ASGIApp,
        registry: CollectorRegistry,
        server: Literal["gateway", "instance"],
        default_headers: Mapping[str, str] = DEFAULT_HEADERS,
        log_probes: bool = True,
    ) -> None:
        self._app = app
        self._log = logging.getLogger(f"roster.{server}.access")
        self._default_headers = [(name.lower().encode(), value.encode()) for name, value in default_headers.items()]
        self._unlogged_paths = frozenset[str]() if log_probes else frozenset(MONITORING_PATHS)
        # roster_gateway_request_seconds or roster_instance_request_seconds
        histogram = Histogram(
            f"roster_{server}_request_seconds",
            "Duration of responses, by method, path template and status.",
            ["method", "path", "status"],
            registry=registry,
            buckets=_BUCKETS,
        )
        self._histogram = cache(histogram.labels)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request to the app, and record its response."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        status, started = 500, perf_counter()  # an exception becomes a 500
        id_ = request_id(scope["headers"])
        # Never reset: each request has its own context, and uvicorn logs exceptions after this method.
        current_request_id.set(id_.decode())

        async def send_with_headers(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = self._with_defaults(message.get("headers", ()), id_)
            await send(message)

        try:
            await self._app(scope, receive, send_with_headers)
        finally:
            self._record(scope, status, perf_counter() - started)

    def _with_defaults(self, headers: "list[tuple[bytes, bytes]]", id_: bytes) -> "list[tuple[bytes, bytes]]":
        if not self._default_headers:
            return [*headers, (HEADER, id_)]
        names = {name for name, _ in headers}
        defaults = [header for header in self._default_headers if header[0] not in names]
        return [*headers, *defaults, (HEADER, id_)]

    def _record(self, scope: Scope, status: int, seconds: float) -> None:
        method = scope["method"] if scope["method"] in _METHODS else OTHER
        path = getattr(scope.get("route"), "path", OTHER)
        self._histogram(method, path, status).observe(seconds)
        if status < 400 and path in self._unlogged_paths:
            return
        if self._log.isEnabledFor(logging.INFO):
            fields = {"method": method, "path": path, "status": status, "milliseconds": round(seconds * 1000, 1)}
            # Without Logger.info, which takes as long to find the line of the caller, which is always this one.
            self._log.handle(
                self._log.makeRecord(
                    self._log.name, logging.INFO, __file__, 0, "%s %s %d", (method, path, status), None, extra=fields
                )
            )
