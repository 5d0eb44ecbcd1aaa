"""Metrics of the gateway, collected from its list updater on every scrape."""

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, time
from typing import NamedTuple

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

from roster.accept.accepted_list import AcceptedList
from roster.gateway.list_updater import ListUpdater
from roster.gateway.snapshot import Snapshot
from roster.http_server.build_info import build_info
from roster.publishing.sequence import publication_day


class GatewayCollector:
    """Collects the metrics of the build, the updates and the served list."""

    def __init__(self, updater: ListUpdater | None) -> None:
        self._updater = updater

    def collect(self) -> Iterator[Metric]:
        """Yield all metrics."""
        yield build_info("gateway")
        updater, now = self._updater, datetime.now(UTC)
        if updater is None:
            return
        polls = CounterMetricFamily("roster_polls", "Number of polls of the source, by outcome.", labels=["outcome"])
        for outcome, count in sorted(updater.polls.items()):
            polls.add_metric([outcome], count)
        yield polls
        error, rejected = updater.last_error, updater.last_rejected
        failed_by = error and {"reason": error.reason}
        yield _info("roster_last_poll_failed", "1 if the last poll failed, by reason.", failed_by)
        rejected_by = rejected and {"version": rejected.version, "reason": rejected.reason}
        yield _info("roster_last_refused", "1 for the last rejected list, by version and reason.", rejected_by)
        yield GaugeMetricFamily(
            "roster_kept_on_disk", "1 if the list is cached on disk.", int(not updater.cache_problem)
        )
        if updater.last_check:
            age = seconds_since(updater.last_check, now)
            yield GaugeMetricFamily(
                "roster_last_check_age_seconds", "Seconds since the source last sent a valid response.", age
            )
        if updater.active:
            yield from _snapshot_metrics(updater.active, now)
            yield from _list_metrics(updater.active.accepted, now)


def _snapshot_metrics(active: Snapshot, now: datetime) -> Iterator[Metric]:
    accepted = active.accepted
    labels = {"version": active.name, "environment": accepted.environment or "", "source": active.source}
    yield _info("roster_active_version", "1 for the served version.", labels)
    yield GaugeMetricFamily(
        "roster_active_age_seconds", "Seconds since the version became active.", seconds_since(active.since, now)
    )
    yield GaugeMetricFamily("roster_offered_models", "Number of models in the list.", len(accepted.offered_models))
    if accepted.sequence is not None:
        yield GaugeMetricFamily("roster_active_sequence", "Sequence of the list.", accepted.sequence)


def _list_metrics(accepted: AcceptedList, now: datetime) -> Iterator[Metric]:
    day = publication_day(accepted.sequence) if accepted.sequence is not None else None
    if day:
        age = seconds_since(datetime.combine(day, time.min, UTC), now)
        yield GaugeMetricFamily(
            "roster_gateway_list_age_seconds", "Seconds since the day began on which the list was published.", age
        )
    if end := next_default_end(accepted):
        days = GaugeMetricFamily(
            "roster_gateway_next_default_end_days",
            "Days until the first announced last day of a default; 0 on the last day.",
            labels=["model", "feature"],
        )
        days.add_metric([end.model, end.feature], (end.last_day - now.date()).days)
        yield days


class DefaultEnd(NamedTuple):
    """The announced end of a model that is a default of a feature."""

    last_day: date
    feature: str
    model: str


def next_default_end(accepted: AcceptedList) -> DefaultEnd | None:
    """Return the first announced end that concerns a default; None if there is none."""
    defaults = {(id_, feature) for feature, id_ in accepted.defaults.items()}
    defaults |= {(id_, feature) for feature, shares in accepted.default_shares.items() for id_ in shares}
    ends = (
        DefaultEnd(end.last_day, feature, model)
        for model, announced in accepted.announced_ends.items()
        for feature, end in announced.items()
        if end.last_day and (model, feature) in defaults
    )
    return min(ends, default=None)


def seconds_since(moment: datetime, now: datetime) -> float:
    """Return the seconds since a moment; 0 if the clock was set back to before it."""
    return max(0.0, (now - moment).total_seconds())


def _info(name: str, help_: str, labels: Mapping[str, str] | None) -> GaugeMetricFamily:
    """Return a gauge whose value is 1 for the given labels; without labels, it has no value."""
    gauge = GaugeMetricFamily(name, help_, labels=[*(labels or ())])
    if labels:
        gauge.add_metric([*labels.values()], 1)
    return gauge
