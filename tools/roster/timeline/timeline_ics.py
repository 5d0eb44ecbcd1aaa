"""The timeline as a calendar (iCalendar, RFC 5545): an all-day event for each notice, last day and end at a provider.

The UID of an event depends only on the environment, the model, the kind and the features, so that calendars update what
they imported before. Nothing depends on today, so that the bytes change only with the rosters and the provider facts.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime, time
from uuid import NAMESPACE_URL, uuid5

from icalendar import Calendar, vText
from icalendar import Event as CalendarEvent

from roster.findings import Place
from roster.naming import join_names, printable
from roster.timeline.events import EndAtProvider, Event, EventKind, ModelRetirement, Timeline
from roster.timeline.timeline_words import description, feature_scope, model_label

_CATEGORIES = {
    EventKind.NOTICE: "Retirement notice",
    EventKind.LAST_DAY: "Last day",
    EventKind.PROVIDER_END: "Provider's end",
}
"""The kinds of events that a calendar has."""
_MAX_FEATURES = 20


def write(timeline: Timeline, _lines: Mapping[Place, int], name: Callable[[str], str] = str) -> str:
    """Return the calendar; ``name`` returns the name of the file at a path."""
    calendar = Calendar()
    calendar.add("prodid", "-//roster//roster timeline//EN")
    calendar.add("version", "2.0")
    # Separated by slashes, because not every reader of X-WR-CALNAME, which is in no RFC, unescapes commas.
    calendar.add("x-wr-calname", vText(f"Model retirements: {' / '.join(map(printable, timeline.retirements))}"))
    stamp = timeline.revised or datetime.combine(timeline.on, time.min, UTC)
    undated = timeline._replace(on=date.min)
    keys: Counter[str] = Counter()
    for event in timeline.events():
        if event.kind in _CATEGORIES:
            keys[key := _key(event)] += 1
            uid = uuid5(NAMESPACE_URL, f"{key}:{keys[key]}" if keys[key] > 1 else key)  # an invalid roster repeats ids
            calendar.add_component(_calendar_event(event, undated, str(uid), stamp, name))
    ics: bytes = calendar.to_ical()
    return ics.decode()


def _key(event: Event) -> str:
    subject = event.subject
    whole = not isinstance(subject, ModelRetirement) or subject.all_features
    features = "" if whole else ",".join(sorted(subject.features))
    return f"urn:roster:{subject.environment}:{subject.model or subject.name}:{event.kind.value}:{features}"


def _calendar_event(
    event: Event, timeline: Timeline, uid: str, stamp: datetime, name: Callable[[str], str]
) -> CalendarEvent:
    calendar_event = CalendarEvent()
    calendar_event.add("uid", uid)
    calendar_event.add("dtstamp", stamp)
    calendar_event.add("dtstart", event.day)  # without an end, the event lasts for this day: RFC 5545, 3.6.1
    calendar_event.add("summary", f"{_summary(event, timeline)} ({printable(event.subject.environment)})")
    calendar_event.add("description", "\n".join(_lines_about(event, timeline, name)))
    calendar_event.add("categories", [_CATEGORIES[event.kind], printable(event.subject.environment)])
    calendar_event.add("transp", "TRANSPARENT")
    return calendar_event


def _summary(event: Event, timeline: Timeline) -> str:
    subject = event.subject
    model = printable(subject.name) or model_label(subject)
    if subject.name in timeline.shared_names and subject.model:
        model = f"{model} ({printable(subject.model)})"
    if isinstance(subject, EndAtProvider):
        return f"{model}: {'earliest possible ' if subject.earliest else ''}end at {printable(subject.provider)}"
    scope = f" {feature_scope(subject)}" if isinstance(subject, ModelRetirement) and not subject.all_features else ""
    return f"{model}: {'retirement notice begins' if event.kind is EventKind.NOTICE else 'last day'}{scope}"


def _lines_about(event: Event, timeline: Timeline, name: Callable[[str], str]) -> Iterator[str]:
    """Yield the lines of an event's description."""
    subject = event.subject
    yield f"{model_label(subject)}: {description(event, timeline, subject.features)}."
    moves = subject.default_moves if isinstance(subject, ModelRetirement) and event.kind is EventKind.LAST_DAY else ()
    if pending := [printable(move.feature) for move in moves if not move.moved]:
        yield f"The default for {join_names(pending, limit=_MAX_FEATURES)} must move by the end of this day."
    if subject.features:
        yield f"Features: {join_names(map(printable, subject.features), limit=_MAX_FEATURES)}."
    yield f"Source: {printable(name(event.place.path))}"
