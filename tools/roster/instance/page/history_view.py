"""The view models of the history's pages, built from what was read. The wording is in the templates."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import NamedTuple

from roster.instance.auth.actor_names import ActorNames
from roster.instance.auth.token_events import TokenChange
from roster.instance.history.audit_log import AuditEvent, BatchSize
from roster.instance.history.event_words import EventDifference, compare
from roster.instance.history.sync_log import RecordedSync
from roster.instance.page.history_form import HistoryForm
from roster.instance.selection.offered_list import OfferedList
from roster.instance.selection.paging import Page
from roster.instance.selection.selections import SelectionKey


class EventsRead(NamedTuple):
    """What was read for the page of audit events.

    Attributes:
        sizes: the sizes of batches.
        versions: the current versions of selections, on which a restore is based.
        actors: the actors of all events.
    """

    page: Page[AuditEvent]
    sizes: Mapping[str, BatchSize]
    versions: Mapping[SelectionKey, int]
    actors: Iterable[str]
    names: ActorNames


class EventView(NamedTuple):
    """An event: what it changed, in names; ``version`` is that of the selection now.

    Attributes:
        token: the change of an access token; None if the event is about a selection.
    """

    id: int
    feature: str
    version: int
    difference: EventDifference
    token: TokenChange | None = None


class BatchView(NamedTuple):
    """Changes that were made together, as far as they are on the page.

    Attributes:
        batch: None for a single change from before batches were recorded.
        size: how many events it has altogether; the page may show fewer.
    """

    batch: str | None
    actor: str
    created_at: datetime
    age: timedelta
    size: BatchSize
    events: tuple[EventView, ...]

    @property
    def is_single(self) -> bool:
        """Whether only one selection was changed."""
        return self.size.events == 1


class SyncRunView(NamedTuple):
    """A recorded sync.

    Attributes:
        sentences: what it changed.
        problems: the error of a failed sync, or a sentence for each entry of the list that was left out.
    """

    id: int
    outcome: str
    version: int | None
    finished_at: datetime
    age: timedelta
    sentences: tuple[str, ...]
    problems: tuple[str, ...]


class Choice(NamedTuple):
    """A value of a filter, with its label."""

    value: str
    label: str


class HistoryLinks(NamedTuple):
    """Query strings of this page and of links: to the pages before and after this one, and to usual periods."""

    current: str
    newer: str | None
    older: str | None
    periods: tuple[Choice, ...]


class EventsPage(NamedTuple):
    """The page of audit events."""

    form: HistoryForm
    batches: tuple[BatchView, ...]
    links: HistoryLinks
    features: tuple[Choice, ...]
    actors: tuple[Choice, ...]


class SyncsPage(NamedTuple):
    """The page of syncs."""

    form: HistoryForm
    syncs: tuple[SyncRunView, ...]
    links: HistoryLinks


def build_events_page(form: HistoryForm, read: EventsRead, offered: OfferedList, now: datetime) -> EventsPage:
    """Build the page of events. ``now`` has a time zone."""
    groups = groupby(read.page.items, lambda event: event.batch or event.id)
    batches = tuple(_batch(list(group), read, offered, now) for _, group in groups)
    links = _links(form, read.page, [event.id for event in read.page.items], now.date())
    selected = form.values.get("actor")
    display_names = {*map(read.names.display_name, read.actors), *([selected] if selected else [])}
    choices = tuple(Choice(name, name) for name in sorted(display_names, key=str.casefold))
    return EventsPage(form, batches, links, _features(form, offered), choices)


def _batch(events: list[AuditEvent], read: EventsRead, offered: OfferedList, now: datetime) -> BatchView:
    views = tuple(
        EventView(
            event.id,
            event.feature,
            read.versions.get((event.namespace_id, event.feature), 0),
            compare(event, offered),
            event.token,
        )
        for event in events
    )
    first = events[0]
    actor, age = read.names.display_name(first.actor), _age(now, first.created_at)
    size = read.sizes.get(first.batch or "", BatchSize(len(events), len(events)))
    return BatchView(first.batch, actor, first.created_at, age, size, views)


def build_syncs_page(form: HistoryForm, page: Page[RecordedSync], offered: OfferedList, now: datetime) -> SyncsPage:
    """Build the page of syncs. ``now`` has a time zone."""
    syncs = tuple(
        SyncRunView(
            sync.id,
            sync.outcome,
            sync.version,
            sync.finished_at,
            _age(now, sync.finished_at),
            sync.sentences(offered),
            tuple((sync.message or sync.reason or "").splitlines()),
        )
        for sync in page.items
    )
    return SyncsPage(form, syncs, _links(form, page, [sync.id for sync in page.items], now.date()))


def _features(form: HistoryForm, offered: OfferedList) -> tuple[Choice, ...]:
    titles = {name: feature.title for name, feature in offered.features.items()}
    if (selected := form.values.get("feature")) and selected not in titles:
        titles[selected] = selected  # an event may be about a feature that no list contained
    return tuple(sorted((Choice(*item) for item in titles.items()), key=lambda choice: choice.label.casefold()))


def _links(form: HistoryForm, page: Page[AuditEvent] | Page[RecordedSync], ids: list[int], today: date) -> HistoryLinks:
    monday = today - timedelta(days=today.weekday())
    starts = {"Since Monday": monday, "Today": today, "Last 30 days": today - timedelta(days=30)}
    periods = tuple(Choice(form.query(since=start.isoformat(), until=""), label) for label, start in starts.items())
    return HistoryLinks(form.query(), *form.neighbors(page, ids), periods)


def _age(now: datetime, moment: datetime) -> timedelta:
    return max(now - moment, timedelta())
