"""What monitors ask: whether the gateway lives, whether it can serve, and how it fares."""

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

from fastapi import APIRouter, Response
from fastapi.responses import JSONResponse
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

from roster.gateway.list_updater import Supply
from roster.gateway.snapshot import Version


def health(supply: Callable[[], Supply | None]) -> APIRouter:
    """Return the routes for liveness, readiness and metrics."""
    routes = APIRouter(tags=["health"])
    registry = CollectorRegistry()
    registry.register(_Collector(supply))

    @routes.get("/-/liveness", summary="Say that the process answers")
    async def liveness() -> dict[str, str]:
        return {"status": "alive"}

    @routes.get(
        "/-/readiness",
        summary="Say what is served, how old it is, and why it is not newer",
        responses={503: {"description": "There is no list to serve."}},
    )
    async def readiness() -> JSONResponse:
        state = readiness_of(supply(), datetime.now(UTC))
        return JSONResponse(state, 200 if state["status"] != "not ready" else 503)

    @routes.get("/metrics", summary="Figures for Prometheus", response_class=Response)
    async def metrics() -> Response:
        return Response(generate_latest(registry), media_type="text/plain; version=0.0.4; charset=utf-8")

    return routes


def readiness_of(supply: Supply | None, now: datetime) -> dict[str, Any]:
    """Return what readiness says: ``status`` is off, not ready, or ready; the rest says of what and why."""
    if supply is None:
        return {"status": "off"}
    active, checked = supply.active, supply.last_check
    return {
        "status": "ready" if active else "not ready",
        "active": active and active.about() | {"age_seconds": round((now - active.since).total_seconds(), 1)},
        "last_check": checked and checked.isoformat(timespec="seconds"),
        "last_error": supply.last_error and supply.last_error.about(),
        "last_refused": supply.last_refused and supply.last_refused.about(),
        "not_kept": supply.not_kept or None,
    }


class _Collector:
    """Figures, read from the supply whenever Prometheus asks."""

    def __init__(self, supply: Callable[[], Supply | None]) -> None:
        self._supply = supply

    def collect(self) -> Iterator[Metric]:
        """Yield every figure of this moment."""
        source, now = self._supply(), datetime.now(UTC)
        if source is None:
            return
        polls = CounterMetricFamily("roster_polls", "Times that the source was asked, by outcome.", labels=["outcome"])
        for outcome, count in sorted(source.polls.items()):
            polls.add_metric([outcome], count)
        yield polls
        failed = _gauge("last_poll_failed", "1 when the newest poll failed, by why.", labels=["reason"])
        if source.last_error:
            failed.add_metric([source.last_error.name], 1)
        yield failed
        refused = _gauge("last_refused", "1 for the newest list that was not accepted.", labels=["version", "reason"])
        if source.last_refused:
            refused.add_metric([source.last_refused.version, source.last_refused.name], 1)
        yield refused
        yield _gauge("kept_on_disk", "1 when the last good list is kept on disk.", int(not source.not_kept))
        if source.last_check:
            silent = (now - source.last_check).total_seconds()
            yield _gauge("last_check_age_seconds", "Since the source last answered.", silent)
        if source.active:
            yield from _of_active(source.active, now)


def _of_active(active: Version, now: datetime) -> Iterator[Metric]:
    accepted, labels = active.accepted, ["version", "environment", "source"]
    info = _gauge("active_version", "1 for the version that is served.", labels=labels)
    info.add_metric([active.name, accepted.environment or "", active.source], 1)
    yield info
    yield _gauge("active_age_seconds", "Since the version became active.", (now - active.since).total_seconds())
    yield _gauge("offered_models", "Models in the list.", len(accepted.offered_models))
    if accepted.sequence is not None:
        yield _gauge("active_sequence", "The list's sequence.", accepted.sequence)


def _gauge(name: str, about: str, value: float | None = None, labels: Sequence[str] | None = None) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"roster_{name}", about, value, labels)
