"""What monitors ask: whether the instance lives, whether it can answer, and how its list and its choices fare."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple, Protocol

from fastapi import APIRouter, Response
from fastapi.responses import JSONResponse
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from sqlalchemy import Connection, and_, func, select
from sqlalchemy.sql.expression import outerjoin

from roster import http_paths
from roster.findings import ConfigurationError
from roster.instance.database.connections import Database
from roster.instance.database.tables import offered_model_features, selected_features
from roster.instance.selection import selections
from roster.instance.selection.state import InstanceStatus, ListInfo, StateReader, SyncRun
from roster.instance.selection.state import load_status as status_of


class SyncMonitor(Protocol):
    """What this process knows of its syncs."""

    @property
    def is_leader(self) -> bool:
        """Whether this process is the one that syncs."""

    @property
    def outcomes(self) -> Mapping[str, int]:
        """How many of its syncs came to what: an outcome, or the reason of a failure."""


class Counts(NamedTuple):
    """How many models and features are offered now."""

    models: int
    features: int


class Chosen(NamedTuple):
    """How many choices there are on a level, and for how many of them the chosen default is not available now."""

    choices: int
    unavailable: int


def health_routes(
    database: Database, reader: StateReader, syncing: SyncMonitor, registry: CollectorRegistry
) -> APIRouter:
    """Return the routes for liveness, readiness and metrics. ``registry`` may hold more, which is told with it."""
    routes = APIRouter(tags=["health"])
    registry.register(_Collector(database, reader, syncing))

    @routes.get(http_paths.LIVENESS)
    async def liveness() -> dict[str, str]:
        return {"status": "alive"}

    @routes.get(http_paths.READINESS)
    def readiness() -> JSONResponse:
        try:
            with database.read_transaction() as connection:
                status, counts = _look(connection, reader)
        except ConfigurationError as unusable:
            return JSONResponse({"status": "not ready", "database": str(unusable)}, 503)
        return JSONResponse(readiness_report(status, counts, syncing.is_leader, datetime.now(UTC)))

    @routes.get(http_paths.METRICS)
    def metrics() -> Response:
        return Response(generate_latest(registry), media_type="text/plain; version=0.0.4; charset=utf-8")

    return routes


def readiness_report(status: InstanceStatus, counts: Counts, leads: bool, now: datetime) -> dict[str, Any]:
    """Return what readiness says where the database answers; without a list there is something to answer, too."""
    info = status.list
    return {
        "status": "ready" if status.enabled else "off",
        "database": "reachable",
        "list": info and _about(info, counts, now),
        "last_check": status.checked_at and status.checked_at.isoformat(timespec="seconds"),
        "last_error": status.failure and _failure(status.failure),
        "leader": leads,
    }


def _about(info: ListInfo, counts: Counts, now: datetime) -> dict[str, Any]:
    return {
        "version": info.version,
        "kind": info.kind,
        "source": info.source,
        "digest": info.digest,
        "since": info.replaced_at.isoformat(timespec="seconds"),
        "age_seconds": _age(info.replaced_at, now),
        **counts._asdict(),
    }


def _failure(run: SyncRun) -> dict[str, Any]:
    return {"reason": run.reason, "message": run.message, "at": run.finished_at.isoformat(timespec="seconds")}


def _look(connection: Connection, reader: StateReader) -> tuple[InstanceStatus, Counts]:
    status = status_of(connection)
    offered = reader.offered(connection, status.list)
    return status, Counts(*(sum(each.offered for each in part.values()) for part in (offered.models, offered.features)))


def _choices(connection: Connection) -> dict[str, Chosen]:
    """Count the choices of each level, with one statement."""
    of_instance = selections.is_instance_selection()
    serving = offered_model_features
    serves = and_(
        serving.c.model == selected_features.c.default_model, serving.c.feature == selected_features.c.feature
    )
    statement = (
        select(of_instance, func.count(), func.count(serving.c.model))
        .select_from(outerjoin(selected_features, serving, serves))
        .group_by(of_instance)
    )
    found = {level: Chosen(0, 0) for level in ("instance", "namespace")}
    for by_instance, choices, available in connection.execute(statement):
        found["instance" if by_instance else "namespace"] = Chosen(choices, choices - available)
    return found


class _Collector:
    """Figures, read from the database whenever Prometheus asks, but for those of this process."""

    def __init__(self, database: Database, reader: StateReader, syncing: SyncMonitor) -> None:
        self._database, self._reader, self._syncing = database, reader, syncing

    def describe(self) -> Sequence[Metric]:
        """Name nothing, so that to register reads nothing."""
        return ()

    def collect(self) -> Iterator[Metric]:
        """Yield every figure of this moment."""
        yield _gauge("leader", "1 in the process that syncs.", int(self._syncing.is_leader))
        syncs = CounterMetricFamily("roster_instance_syncs", "Syncs of this process, by outcome.", labels=["outcome"])
        for outcome, count in sorted(self._syncing.outcomes.items()):
            syncs.add_metric([outcome], count)
        yield syncs
        try:
            with self._database.read_transaction() as connection:
                status, counts = _look(connection, self._reader)
                chosen = _choices(connection)
        except ConfigurationError:
            yield _gauge("database_up", "1 when the database can be used.", 0)
            return
        yield _gauge("database_up", "1 when the database can be used.", 1)
        yield from _of_status(status, counts, datetime.now(UTC))
        choices = _gauge("choices", "Choices that were made, by level.", labels=["level"])
        unavailable = _gauge("unavailable_choices", "Choices whose default is not available.", labels=["level"])
        for level, found in chosen.items():
            choices.add_metric([level], found.choices)
            unavailable.add_metric([level], found.unavailable)
        yield from (choices, unavailable)


def _of_status(status: InstanceStatus, counts: Counts, now: datetime) -> Iterator[Metric]:
    yield _gauge("enabled", "1 when the feature is on.", int(status.enabled))
    failed = _gauge("last_sync_failed", "1 when the newest sync failed, by why.", labels=["reason"])
    if status.failure:
        failed.add_metric([status.failure.reason or ""], 1)
    yield failed
    if status.checked_at:
        yield _gauge("last_check_age_seconds", "Since the gateway last answered.", _age(status.checked_at, now))
    if status.list:
        yield _gauge("list_version", "Grows whenever the list is replaced.", status.list.version)
        yield _gauge("list_age_seconds", "Since the list was replaced.", _age(status.list.replaced_at, now))
        plain = status.list.kind == "offered_models"
        yield _gauge("list_plain", "1 when the list is a plain one, which names no defaults.", int(plain))
        yield _gauge("offered_models", "Models in the list.", counts.models)
        yield _gauge("offered_features", "Features that models are offered for.", counts.features)


def _age(moment: datetime, now: datetime) -> float:
    return round((now - moment).total_seconds(), 1)


def _gauge(name: str, about: str, value: float | None = None, labels: Sequence[str] | None = None) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"roster_instance_{name}", about, value, labels)
