"""Monitoring: liveness, readiness, and the metrics for Prometheus, read from the database at each scrape."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from functools import partial
from typing import Any, NamedTuple

from fastapi import APIRouter, Response
from fastapi.responses import JSONResponse
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

from roster import http_paths
from roster.http_server.build_info import build_info
from roster.http_server.head_requests import HeadRoute
from roster.instance.database.connections import Database
from roster.instance.database.errors import DatabaseBusy, DatabaseUnavailable
from roster.instance.database.worker_threads import WorkerThreads
from roster.instance.database.write_check import find_write_problem
from roster.instance.selection.default_ends import next_default_ends
from roster.instance.selection.namespace_selections import NamespaceCounts, NamespaceResolver, load_namespace_counts
from roster.instance.selection.offered_list import OfferedList
from roster.instance.selection.resolution import StepOutcome
from roster.instance.selection.state import InstanceState, InstanceStatus, ListInfo, StateReader, SyncRun, load_status
from roster.instance.sync.schedule import SyncSchedule
from roster.instance.webhook.webhook import Webhook

_DATABASE_UP = "1 if the database can be used, for reads and writes."


class DatabaseReport(NamedTuple):
    """What readiness and metrics read from the database.

    Attributes:
        counts: how many models and features are currently offered.
        problem: why the database cannot be written to; None if it can.
        selections: the metrics of selections; empty for readiness, which would take ten times as long with them.
    """

    status: InstanceStatus
    counts: dict[str, int]
    problem: DatabaseUnavailable | None
    selections: Sequence[Metric] = ()


def read_report(database: Database, reader: StateReader) -> DatabaseReport:
    """Read the status, and check whether the database can be written to."""
    with database.read_transaction() as connection:
        status = load_status(connection)
        offered = reader.offered(connection, status.list)
    return DatabaseReport(status, _offered_counts(offered), find_write_problem(database))


def read_metrics(database: Database, reader: StateReader) -> DatabaseReport:
    """Read the same and all selections."""
    with database.read_transaction() as connection:
        state = reader.state(connection)
        counts = load_namespace_counts(connection, state.offered)
    selections = [*_selection_metrics(state, counts), *_default_end_metrics(state, counts, datetime.now(UTC).date())]
    return DatabaseReport(state.status, _offered_counts(state.offered), find_write_problem(database), selections)


def monitoring_routes(
    threads: WorkerThreads, reader: StateReader, schedule: SyncSchedule, registry: CollectorRegistry
) -> APIRouter:
    """Return the routes. ``registry`` holds the metrics to serve."""
    routes = APIRouter(route_class=HeadRoute)

    @routes.get(http_paths.LIVENESS)
    async def liveness() -> dict[str, str]:
        return {"status": "alive"}

    @routes.get(http_paths.READINESS)
    def readiness() -> JSONResponse:
        content: dict[str, Any] = {}
        problem: DatabaseUnavailable | None
        try:
            report = threads.check(partial(read_report, threads.database, reader))
            content, problem = _status_report(report.status, report.counts, datetime.now(UTC)), report.problem
        except DatabaseUnavailable as error:
            problem = error
        if problem:
            content |= _problem_report(problem, threads.database.outages.since)
        return JSONResponse(content | {"leader": schedule.is_leader}, 503 if problem else 200)

    @routes.get(http_paths.METRICS)
    def metrics() -> Response:
        return Response(generate_latest(registry), media_type="text/plain; version=0.0.4; charset=utf-8")

    return routes


def _offered_counts(offered: OfferedList) -> dict[str, int]:
    """Return how many models and features are currently offered."""
    return {
        "models": sum(model.offered for model in offered.models.values()),
        "features": sum(feature.offered for feature in offered.features.values()),
    }


def _status_report(status: InstanceStatus, counts: dict[str, int], now: datetime) -> dict[str, Any]:
    """Return the readiness response while the database can be used. An instance without a list is ready, too."""
    return {
        "status": "ready" if status.enabled else "off",
        "database": "reachable",
        "list": status.list and _list_report(status.list, counts, now),
        "last_check": status.checked_at and _timestamp(status.checked_at),
        "last_error": status.failure and _failure_report(status.failure),
        "left_out": "; ".join(status.left_out) or None,
    }


def _problem_report(problem: DatabaseUnavailable, since: datetime) -> dict[str, Any]:
    """Return what replaces parts of the readiness response while the database cannot be used, or only for reads."""
    reason = "database-busy" if isinstance(problem, DatabaseBusy) else "database-unavailable"
    error = {"reason": reason, "message": str(problem), "at": _timestamp(since)}
    return {"status": "not ready", "database": str(problem), "last_error": error}


def _list_report(info: ListInfo, counts: dict[str, int], now: datetime) -> dict[str, Any]:
    return {
        "version": info.version,
        "kind": info.kind,
        "source": info.source,
        "digest": info.digest,
        "since": _timestamp(info.replaced_at),
        "age_seconds": _age_seconds(info.replaced_at, now),
        **counts,
    }


def _failure_report(run: SyncRun) -> dict[str, Any]:
    return {"reason": run.reason, "message": run.message, "at": _timestamp(run.finished_at)}


def _timestamp(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds")


def _age_seconds(moment: datetime, now: datetime) -> float:
    """Return the age; 0 for a moment in the future, which it is after the clock was set back."""
    return max(0.0, round((now - moment).total_seconds(), 1))


class InstanceMetricsCollector:
    """Collects the metrics of this process and of the database."""

    def __init__(
        self, threads: WorkerThreads, reader: StateReader, schedule: SyncSchedule, webhook: Webhook | None = None
    ) -> None:
        self._threads, self._reader, self._schedule, self._webhook = threads, reader, schedule, webhook

    def describe(self) -> Sequence[Metric]:
        """Return nothing, so that registering the collector does not read the database."""
        return ()

    def collect(self) -> Iterator[Metric]:
        """Yield all metrics."""
        yield build_info("instance")
        yield GaugeMetricFamily("roster_instance_leader", "1 in the process that syncs.", int(self._schedule.is_leader))
        yield _counter("roster_instance_syncs", "Syncs of this process, by outcome.", self._schedule.outcomes)
        attempts = self._webhook.outcomes if self._webhook else {}
        yield _counter(
            "roster_instance_webhook_deliveries", "Attempts to send attention entries, by outcome.", attempts
        )
        try:
            report = self._threads.check(partial(read_metrics, self._threads.database, self._reader))
        except DatabaseUnavailable:
            yield GaugeMetricFamily("roster_instance_database_up", _DATABASE_UP, 0)
            return
        yield GaugeMetricFamily("roster_instance_database_up", _DATABASE_UP, int(report.problem is None))
        yield from _status_metrics(report.status, report.counts, datetime.now(UTC))
        yield from report.selections


def _status_metrics(status: InstanceStatus, counts: dict[str, int], now: datetime) -> Iterator[Metric]:
    yield GaugeMetricFamily("roster_instance_enabled", "1 if the feature is on.", int(status.enabled))
    failed = GaugeMetricFamily(
        "roster_instance_last_sync_failed", "1 if the last sync failed, by reason.", labels=["reason"]
    )
    if status.failure:
        failed.add_metric([status.failure.reason or ""], 1)
    yield failed
    if status.checked_at:
        age = _age_seconds(status.checked_at, now)
        yield GaugeMetricFamily(
            "roster_instance_last_check_age_seconds", "Time since the gateway last confirmed or replaced the list.", age
        )
    if status.list:
        yield GaugeMetricFamily(
            "roster_instance_list_version",
            "Version of the list, which increases with each replacement.",
            status.list.version,
        )
        age = _age_seconds(status.list.replaced_at, now)
        yield GaugeMetricFamily("roster_instance_list_age_seconds", "Time since the list was last replaced.", age)
        is_plain = status.list.kind == "offered_models"
        yield GaugeMetricFamily(
            "roster_instance_list_plain", "1 if the list is a plain list, which has no defaults.", int(is_plain)
        )
        yield GaugeMetricFamily("roster_instance_offered_models", "Models in the list.", counts["models"])
        yield GaugeMetricFamily(
            "roster_instance_offered_features", "Features with at least one offered model.", counts["features"]
        )


def _selection_metrics(state: InstanceState, counts: NamespaceCounts) -> Iterator[Metric]:
    """Yield the number of selections, of those whose default is not available, and of those that are not allowed."""
    resolver, offered = NamespaceResolver(state), state.offered
    chosen = {
        "instance": [(feature, selection.default_model, 1) for feature, selection in state.instance.items()],
        "namespace": [(feature, model, count) for feature, each in counts.items() for model, count in each.items()],
    }
    total = GaugeMetricFamily("roster_instance_choices", "Selections, by level.", labels=["level"])
    unavailable = GaugeMetricFamily(
        "roster_instance_unavailable_choices",
        "Selections whose default model is not available, by level.",
        labels=["level"],
    )
    for level, selections in chosen.items():
        total.add_metric([level], sum(count for _, _, count in selections))
        ended = (count for feature, model, count in selections if not offered.serves(model, feature))
        unavailable.add_metric([level], sum(ended))
    not_allowed = sum(
        count
        for feature, model, count in chosen["namespace"]
        if resolver.outcome(feature, model) is StepOutcome.NOT_ALLOWED
    )
    yield from (total, unavailable)
    yield GaugeMetricFamily(
        "roster_instance_not_allowed_choices",
        "Selections of namespaces whose model the instance does not allow.",
        not_allowed,
    )


def _default_end_metrics(state: InstanceState, counts: NamespaceCounts, today: date) -> Iterator[Metric]:
    days = GaugeMetricFamily(
        "roster_instance_next_default_end_days",
        "Days until the first announced last day of a default, by the level of the default; 0 on the last day.",
        labels=["level", "model", "feature"],
    )
    for level, end in next_default_ends(state.offered, state.instance, counts, today).items():
        days.add_metric([level, end.model, end.feature], (end.last_day - today).days)
    yield days


def _counter(name: str, description: str, counts: Mapping[str, int]) -> CounterMetricFamily:
    counter = CounterMetricFamily(name, description, labels=["outcome"])
    for outcome, count in sorted(counts.items()):
        counter.add_metric([outcome], count)
    return counter
