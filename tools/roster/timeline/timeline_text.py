"""Text for people in a terminal: one line for each event of a timeline, and one for today."""

from collections.abc import Iterator, Mapping
from typing import Any

from roster.findings import Place
from roster.naming import join_names, printable
from roster.report.terminal_text import Paint, plain
from roster.timeline.events import Event, EventKind, ModelRetirement, Timeline

NO_RETIREMENTS = "no retirements announced"


def write(timeline: Timeline, lines: Mapping[Place, int], paint: Paint = plain) -> str:
    """Return the events by day; ``lines`` has the line number of each event's place."""
    events = timeline.events()
    if not events:
        return f"{NO_RETIREMENTS}\n"
    rows = [(str(event.day), event.retirement.environment, model_label(event.retirement)) for event in events]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    drawn = []
    for event, row in zip(events, rows, strict=True):
        columns = "  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True))
        location = paint(f"({event.place.path}:{lines[event.place]})", dim=True)
        drawn.append(f"{paint(f'{columns}  {description(event, timeline)}', **_style(event, timeline))}  {location}")
    past = sum(event.day < timeline.on for event in events)
    drawn.insert(past, paint(f"{timeline.on}  today", bold=True))
    return "".join(f"{line}\n" for line in drawn)


def sentences(timeline: Timeline) -> Iterator[str]:
    """Yield each event as a sentence, for screen readers."""
    for event in timeline.events():
        retirement = event.retirement
        what = description(event, timeline)
        yield f"{event.day}, {retirement.environment}, {model_label(retirement)}: {what}."


def description(event: Event, timeline: Timeline) -> str:
    """Return what happens, without the day, the environment and the model."""
    retirement = event.retirement
    replacement = printable(retirement.replacement or "another model")
    if event.move:
        default = f"the default for {printable(event.move.feature)}"
        if event.move.moved:
            return f"{default} is already {printable(event.move.default)}"
        if event.is_overdue(timeline.on):
            return f"overdue: {default} had to move to {replacement} by the end of this day"
        return f"{default} must move to {replacement} by the end of this day"
    scope = "" if retirement.all_features else f" {feature_scope(retirement)}"
    if event.kind is EventKind.LAST_DAY:
        return f"last day{scope}; {replacement} replaces it"
    after = f": {replacement} replaces it after {retirement.last_day}" if retirement.last_day else ""
    return f"notice begins{scope}{after}"


def feature_scope(retirement: ModelRetirement) -> str:
    """Return the features of a retirement that does not end all of a model."""
    return f"for {join_names(map(printable, retirement.features)) if retirement.features else 'some features'}"


def model_label(retirement: ModelRetirement) -> str:
    """Return the id of a model, or its name where it has none."""
    return printable(retirement.model or retirement.name or "a model without a name")


def _style(event: Event, timeline: Timeline) -> dict[str, Any]:
    if event.is_overdue(timeline.on):
        return {"fg": "red"}
    if event.day < timeline.on:
        return {"dim": True}
    return {"fg": "yellow"} if event.move and not event.move.moved else {}
