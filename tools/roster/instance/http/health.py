"""Health endpoints: liveness, readiness and the metrics."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Protocol

from fastapi import APIRouter, Response
from fastapi.responses import JSONResponse
from prometheus_client import CollectorRegistry, generate_latest

from roster import http_paths
from roster.findings import ConfigurationError
from roster.instance.database.connections import Database
from roster.instance.selection.state import InstanceStatus, ListInfo, OfferedCounts, StateReader, SyncRun


class SyncMonitor(Protocol):
    """The state of the syncs in this process."""

    @property
    def is_leader(self) -> bool:
        """Whether this process is the leader, which syncs."""

    @property
    def outcomes(self) -> Mapping[str, int]:
        """Number of syncs by outcome; failed syncs are counted by their reason."""


def health_routes(
    database: Database, reader: StateReader, syncs: SyncMonitor, registry: CollectorRegistry
) -> APIRouter:
    """Return the routes. ``registry`` holds the metrics to serve."""
    routes = APIRouter(tags=["health"])

    @routes.get(http_paths.LIVENESS)
    async def liveness() -> dict[str, str]:
        return {"status": "alive"}

    @routes.get(http_paths.READINESS)
    def readiness() -> JSONResponse:
        try:
            with database.read_transaction() as connection:
                status, counts = reader.status_and_counts(connection)
        except ConfigurationError as error:
            return JSONResponse({"status": "not ready", "database": str(error)}, 503)
        return JSONResponse(readiness_report(status, counts, syncs.is_leader, datetime.now(UTC)))

    @routes.get(http_paths.METRICS)
    def metrics() -> Response:
        return Response(generate_latest(registry), media_type="text/plain; version=0.0.4; charset=utf-8")

    return routes


def readiness_report(status: InstanceStatus, counts: OfferedCounts, is_leader: bool, now: datetime) -> dict[str, Any]:
    """Return the readiness response while the database is reachable. An instance without a list is ready, too."""
    return {
        "status": "ready" if status.enabled else "off",
        "database": "reachable",
        "list": status.list and _list_report(status.list, counts, now),
        "last_check": status.checked_at and _timestamp(status.checked_at),
        "last_error": status.failure and _failure_report(status.failure),
        "leader": is_leader,
    }


def _list_report(info: ListInfo, counts: OfferedCounts, now: datetime) -> dict[str, Any]:
    return {
        "version": info.version,
        "kind": info.kind,
        "source": info.source,
        "digest": info.digest,
        "since": _timestamp(info.replaced_at),
        "age_seconds": age_seconds(info.replaced_at, now),
        **counts._asdict(),
    }


def _failure_report(run: SyncRun) -> dict[str, Any]:
    return {"reason": run.reason, "message": run.message, "at": _timestamp(run.finished_at)}


def _timestamp(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds")


def age_seconds(moment: datetime, now: datetime) -> float:
    """Return the time since a moment, to a tenth of a second."""
    return round((now - moment).total_seconds(), 1)
