"""Health: liveness, readiness, and metrics for Prometheus."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from fastapi import APIRouter, Response
from fastapi.responses import JSONResponse
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

from roster import http_paths
from roster.gateway.list_updater import ListUpdater
from roster.gateway.snapshot import Snapshot


def health_router(updater: ListUpdater | None) -> APIRouter:
    """Return the routes for liveness, readiness and metrics."""
    router = APIRouter(tags=["health"])
    registry = CollectorRegistry()
    registry.register(_GatewayCollector(updater))

    @router.get(http_paths.LIVENESS, summary="Check that the process responds")
    async def liveness() -> dict[str, str]:
        return {"status": "alive"}

    @router.get(
        http_paths.READINESS,
        summary="Report what is served, its age, and why it is not newer",
        responses={503: {"description": "No list is available."}},
    )
    async def readiness() -> JSONResponse:
        state = readiness_of(updater, datetime.now(UTC))
        return JSONResponse(state, 200 if state["status"] != "not ready" else 503)

    @router.get(http_paths.METRICS, summary="Metrics for Prometheus", response_class=Response)
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
        "active": active and active.status() | {"age_seconds": round(_seconds_since(active.since, now), 1)},
        "last_check": checked and checked.isoformat(timespec="seconds"),
        "last_error": updater.last_error and updater.last_error.status(),
        "last_refused": updater.last_rejected and updater.last_rejected.status(),
        "not_kept": updater.cache_problem or None,
    }


class _GatewayCollector:
    """Collects the metrics from the list updater on every scrape."""

    def __init__(self, updater: ListUpdater | None) -> None:
        self._updater = updater

    def collect(self) -> Iterator[Metric]:
        updater, now = self._updater, datetime.now(UTC)
        if updater is None:
            return
        polls = CounterMetricFamily("roster_polls", "Number of polls of the source, by outcome.", labels=["outcome"])
        for outcome, count in sorted(updater.polls.items()):
            polls.add_metric([outcome], count)
        yield polls
        error, rejected = updater.last_error, updater.last_rejected
        failed_by = error and {"reason": error.reason}
        yield _info("last_poll_failed", "1 if the last poll failed, by reason.", failed_by)
        rejected_by = rejected and {"version": rejected.version, "reason": rejected.reason}
        yield _info("last_refused", "1 for the last rejected list, by version and reason.", rejected_by)
        yield _gauge("kept_on_disk", "1 if the list is cached on disk.", int(not updater.cache_problem))
        if updater.last_check:
            age = _seconds_since(updater.last_check, now)
            yield _gauge("last_check_age_seconds", "Seconds since the source last sent a valid response.", age)
        if updater.active:
            yield from _snapshot_metrics(updater.active, now)


def _snapshot_metrics(active: Snapshot, now: datetime) -> Iterator[Metric]:
    accepted = active.accepted
    labels = {"version": active.name, "environment": accepted.environment or "", "source": active.source}
    yield _info("active_version", "1 for the served version.", labels)
    yield _gauge("active_age_seconds", "Seconds since the version became active.", _seconds_since(active.since, now))
    yield _gauge("offered_models", "Number of models in the list.", len(accepted.offered_models))
    if accepted.sequence is not None:
        yield _gauge("active_sequence", "Sequence of the list.", accepted.sequence)


def _seconds_since(moment: datetime, now: datetime) -> float:
    """Return the seconds since a moment; 0 if the clock was set back to before it."""
    return max(0.0, (now - moment).total_seconds())


def _gauge(name: str, help_: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"roster_{name}", help_, value)


def _info(name: str, help_: str, labels: Mapping[str, str] | None) -> GaugeMetricFamily:
    """Return a gauge whose value is 1 for the given labels; without labels, it has no value."""
    gauge = GaugeMetricFamily(f"roster_{name}", help_, labels=[*(labels or ())])
    if labels:
        gauge.add_metric([*labels.values()], 1)
    return gauge
