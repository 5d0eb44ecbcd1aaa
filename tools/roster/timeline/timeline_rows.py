"""The rows of a timeline: events of one day and model that have the same words are one row, for all environments."""

from collections.abc import Iterable
from datetime import date
from typing import Any, NamedTuple

from roster.naming import join_names, printable
from roster.timeline.attention import Attention, attention_of, counted_events
from roster.timeline.events import Event, Timeline
from roster.timeline.timeline_words import description, model_label

_MAX_ENVIRONMENTS = 4
"""How many environments a line names."""


class Row(NamedTuple):
    """Some events of a day and a model in the same words.

    Attributes:
        model: the id of the model, or its name where it has none.
        text: what happens, without the day, the model and the environments.
        events: the events, by environment in promotion order.
    """

    day: date
    model: str
    text: str
    attention: Attention
    events: tuple[Event, ...]

    @property
    def environments(self) -> list[str]:
        """The environments of the events."""
        return list(dict.fromkeys(event.subject.environment for event in self.events))

    @property
    def label(self) -> str:
        """The model and its environments."""
        return f"{self.model} ({join_names(map(printable, self.environments), limit=_MAX_ENVIRONMENTS)})"


class Rows(NamedTuple):
    """The rows of a timeline by day.

    Attributes:
        shown: those that need an action or that admins or users notice.
        others: how many events need nothing, in words; empty if none.
    """

    shown: list[Row]
    others: str

    @classmethod
    def of(cls, timeline: Timeline) -> "Rows":
        """Return the rows of a timeline."""
        rows = timeline_rows(timeline)
        others = (event for row in rows if row.attention is Attention.NONE for event in row.events)
        return cls([row for row in rows if row.attention is not Attention.NONE], counted_events(others))


def timeline_rows(timeline: Timeline) -> list[Row]:
    """Return all events in rows, by day."""
    rows: dict[Any, list[Event]] = {}
    for events in _by_default(timeline.events()):
        event, features = events[0], [feature for each in events for feature in each.features]
        key = (
            event.day,
            model_label(event.subject),
            description(event, timeline, features),
            attention_of(event, timeline.on),
            event.kind,
        )
        rows.setdefault(key, []).extend(events)
    return [
        Row(day, model, text, attention, tuple(events)) for (day, model, text, attention, _), events in rows.items()
    ]


def _by_default(events: Iterable[Event]) -> list[list[Event]]:
    """Return each event, and those of a retirement whose features have the same default together."""
    groups: dict[Any, list[Event]] = {}
    for index, event in enumerate(events):
        key = (event.day, event.subject.place, event.move.default, event.move.moved) if event.move else index
        groups.setdefault(key, []).append(event)
    return list(groups.values())
