"""Health: liveness, readiness, and metrics for Prometheus."""

from datetime import UTC, datetime
from typing import Any

from fastapi import APIRouter, Response
from fastapi.responses import JSONResponse, PlainTextResponse
from prometheus_client import CollectorRegistry, generate_latest

from roster import http_paths
from roster.gateway.documented_responses import READINESS_RESPONSES
from roster.gateway.list_updater import ListUpdater
from roster.gateway.metrics import GatewayCollector, seconds_since
from roster.gateway.response_models import GatewayLiveness, GatewayReadiness


def health_router(updater: ListUpdater | None, registry: CollectorRegistry | None = None) -> APIRouter:
    """Return the routes for liveness, readiness and metrics.

    Args:
        registry: further metrics to serve.
    """
    router = APIRouter(tags=["health"])
    registry = registry or CollectorRegistry()
    registry.register(GatewayCollector(updater))

    @router.head(http_paths.LIVENESS, include_in_schema=False)
    @router.get(
        http_paths.LIVENESS,
        summary="Check that the process responds",
        description="For probes that restart a process that hangs.",
        response_model=GatewayLiveness,
        response_description="The process responds.",
    )
    async def liveness() -> dict[str, str]:
        return {"status": "alive"}

    @router.head(http_paths.READINESS, include_in_schema=False)
    @router.get(
        http_paths.READINESS,
        summary="Report what is served, its age, and why it is not newer",
        description="For probes that stop sending requests to a process without a list.",
        response_model=GatewayReadiness,
        responses=READINESS_RESPONSES,
    )
    async def readiness() -> JSONResponse:
        state = readiness_of(updater, datetime.now(UTC))
        return JSONResponse(state, 200 if state["status"] != "not ready" else 503)

    @router.head(http_paths.METRICS, include_in_schema=False)
    @router.get(
        http_paths.METRICS,
        summary="Get the metrics for Prometheus",
        description="In the text format of Prometheus, version 0.0.4.",
        response_class=PlainTextResponse,
        response_description="The metrics.",
    )
    async def metrics() -> Response:
        return Response(generate_latest(registry), media_type="text/plain; version=0.0.4; charset=utf-8")

    return router


def readiness_of(updater: ListUpdater | None, now: datetime) -> dict[str, Any]:
    """Return the readiness report; its ``status`` is ``off``, ``not ready`` or ``ready``."""
    if updater is None:
        return {"status": "off"}
    active, checked = updater.active, updater.last_check
    return {
        "status": "ready" if active else "not ready",
        "active": active and active.status() | {"age_seconds": round(seconds_since(active.since, now), 1)},
        "last_check": checked and checked.isoformat(timespec="seconds"),
        "last_error": updater.last_error and updater.last_error.status(),
        "last_refused": updater.last_rejected and updater.last_rejected.status(),
        "not_kept": updater.cache_problem or None,
    }
