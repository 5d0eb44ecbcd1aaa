"""Prometheus metrics of the instance, read from the database at each scrape."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from sqlalchemy import Connection, and_, func, select
from sqlalchemy.sql.expression import outerjoin

from roster.findings import ConfigurationError
from roster.instance.database.connections import Database
from roster.instance.database.tables import offered_model_features, selected_features
from roster.instance.http.health import SyncMonitor, age_seconds
from roster.instance.selection.selections import is_instance_selection
from roster.instance.selection.state import InstanceStatus, OfferedCounts, StateReader


class SelectionCounts(NamedTuple):
    """Number of selections at a level, and of those whose default model is currently not available."""

    total: int
    unavailable: int


class InstanceMetricsCollector:
    """Collects the metrics of this process and of the database."""

    def __init__(self, database: Database, reader: StateReader, syncs: SyncMonitor) -> None:
        self._database, self._reader, self._syncs = database, reader, syncs

    def describe(self) -> Sequence[Metric]:
        """Return nothing, so that registering the collector does not read the database."""
        return ()

    def collect(self) -> Iterator[Metric]:
        """Yield all metrics."""
        yield _gauge("leader", "1 in the process that syncs.", int(self._syncs.is_leader))
        yield self._sync_counter()
        try:
            with self._database.read_transaction() as connection:
                status, counts = self._reader.status_and_counts(connection)
                selections = _count_selections(connection)
        except ConfigurationError:
            yield _gauge("database_up", "1 if the database can be used.", 0)
            return
        yield _gauge("database_up", "1 if the database can be used.", 1)
        yield from _status_metrics(status, counts, datetime.now(UTC))
        yield from _selection_metrics(selections)

    def _sync_counter(self) -> CounterMetricFamily:
        syncs = CounterMetricFamily("roster_instance_syncs", "Syncs of this process, by outcome.", labels=["outcome"])
        for outcome, count in sorted(self._syncs.outcomes.items()):
            syncs.add_metric([outcome], count)
        return syncs


def _status_metrics(status: InstanceStatus, counts: OfferedCounts, now: datetime) -> Iterator[Metric]:
    yield _gauge("enabled", "1 if the feature is on.", int(status.enabled))
    failed = _gauge("last_sync_failed", "1 if the last sync failed, by reason.", labels=["reason"])
    if status.failure:
        failed.add_metric([status.failure.reason or ""], 1)
    yield failed
    if status.checked_at:
        age = age_seconds(status.checked_at, now)
        yield _gauge("last_check_age_seconds", "Time since the gateway last confirmed or replaced the list.", age)
    if status.list:
        yield _gauge("list_version", "Version of the list, which increases with each replacement.", status.list.version)
        age = age_seconds(status.list.replaced_at, now)
        yield _gauge("list_age_seconds", "Time since the list was last replaced.", age)
        is_plain = status.list.kind == "offered_models"
        yield _gauge("list_plain", "1 if the list is a plain list, which has no defaults.", int(is_plain))
        yield _gauge("offered_models", "Models in the list.", counts.models)
        yield _gauge("offered_features", "Features with at least one offered model.", counts.features)


def _selection_metrics(counts_by_level: dict[str, SelectionCounts]) -> Iterator[Metric]:
    total = _gauge("choices", "Selections, by level.", labels=["level"])
    unavailable = _gauge(
        "unavailable_choices", "Selections whose default model is not available, by level.", labels=["level"]
    )
    for level, counts in counts_by_level.items():
        total.add_metric([level], counts.total)
        unavailable.add_metric([level], counts.unavailable)
    yield from (total, unavailable)


def _count_selections(connection: Connection) -> dict[str, SelectionCounts]:
    """Count the selections of each level, with one statement."""
    of_instance = is_instance_selection()
    default_is_served = and_(
        offered_model_features.c.model == selected_features.c.default_model,
        offered_model_features.c.feature == selected_features.c.feature,
    )
    statement = (
        select(
            of_instance.label("of_instance"),
            func.count().label("total"),
            func.count(offered_model_features.c.model).label("available"),
        )
        .select_from(outerjoin(selected_features, offered_model_features, default_is_served))
        .group_by(of_instance)
    )
    counts = {level: SelectionCounts(0, 0) for level in ("instance", "namespace")}
    for row in connection.execute(statement):
        level = "instance" if row.of_instance else "namespace"
        counts[level] = SelectionCounts(row.total, row.total - row.available)
    return counts


def _gauge(
    name: str, description: str, value: float | None = None, labels: Sequence[str] | None = None
) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"roster_instance_{name}", description, value, labels)
