"""Which events of a timeline need an action, which ones admins or users notice, and which ones need nothing."""

from collections import Counter
from collections.abc import Iterable
from datetime import date
from enum import StrEnum

from roster.naming import counted
from roster.timeline.events import EndAtProvider, Event, EventKind, ModelRetirement


class Attention(StrEnum):
    """Who has to know of an event.

    ``ACTION``: somebody must change the roster: a default must move, a replacement is missing, or the roster offers a
    model for longer than its provider. ``VISIBLE``: admins or users will notice it. ``NONE``: it needs nothing.
    """

    ACTION = "action"
    VISIBLE = "visible"
    NONE = "none"


def attention_of(event: Event, on: date) -> Attention:
    """Return who has to know of an event; ``on`` is the day that counts as today."""
    if event.move:
        return Attention.NONE if event.move.moved else Attention.ACTION
    if isinstance(event.subject, EndAtProvider):
        return Attention.NONE if event.subject.is_met else Attention.ACTION
    if event.day < on:
        return Attention.NONE
    return Attention.ACTION if _lacks_replacement(event) else Attention.VISIBLE


def is_overdue(event: Event, on: date) -> bool:
    """Return whether a default should have moved, or the provider has certainly ended a model that is still offered."""
    subject = event.subject
    if isinstance(subject, EndAtProvider):
        return not subject.is_met and not subject.earliest and event.day <= on
    return event.is_overdue(on)


def _lacks_replacement(event: Event) -> bool:
    subject = event.subject
    return event.kind is EventKind.LAST_DAY and isinstance(subject, ModelRetirement) and bool(subject.unreplaced)


def counted_events(events: Iterable[Event]) -> str:
    """Return how many events need nothing, and why: ``not shown: 2 past events``; empty if there are none.

    A feature counts once, however many models that serve it retire.
    """
    hidden = {(_reason(event), event.move.feature if event.move else index) for index, event in enumerate(events)}
    reasons = Counter(reason for reason, _ in hidden)
    listed = [f"{counted(number, noun)}{rest}" for (noun, rest), number in sorted(reasons.items())]
    return f"not shown: {', '.join(listed)}" if listed else ""


def _reason(event: Event) -> tuple[str, str]:
    """Return why an event needs nothing: a noun in the singular, and what follows it."""
    if event.move:
        return "feature", " with another default already"
    if event.kind is EventKind.PROVIDER_END:
        return "end", " at the provider after the last day"
    return "past event", ""
