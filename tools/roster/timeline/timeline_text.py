"""The timeline as people read it in a terminal: one line for each event, today among them."""

from collections.abc import Iterator, Mapping
from typing import Any

from roster.findings import Place
from roster.naming import listed, printable
from roster.report.terminal_text import Paint, plain
from roster.timeline.events import Ending, Event, Kind, Timeline

NOTHING = "nothing is announced"


def write(timeline: Timeline, lines: Mapping[Place, int], paint: Paint = plain) -> str:
    """Return the events by day; ``lines`` has the line of each one's place."""
    events = timeline.events()
    if not events:
        return f"{NOTHING}\n"
    rows = [(event, [str(event.day), event.ending.environment, called(event.ending)]) for event in events]
    widths = [max(len(row[column]) for _, row in rows) for column in range(3)]
    drawn = []
    for event, row in rows:
        columns = "  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True))
        where = paint(f"({event.place.path}:{lines[event.place]})", dim=True)
        drawn.append(f"{paint(f'{columns}  {sentence(event, timeline)}', **_style(event, timeline))}  {where}")
    past = sum(event.day < timeline.on for event in events)
    drawn.insert(past, paint(f"{timeline.on}  today", bold=True))
    return "".join(f"{line}\n" for line in drawn)


def sentence(event: Event, timeline: Timeline) -> str:
    """Return what happens, without the day, the environment and the model."""
    ending = event.ending
    successor = printable(ending.replacement or "another model")
    if event.move:
        default = f"the default of {printable(event.move.feature)}"
        if event.move.moved:
            return f"{default} is {printable(event.move.default)} already"
        if event.overdue(timeline.on):
            return f"{default} had to move to {successor} by the end of this day, and has not"
        return f"{default} has to move to {successor} by the end of this day"
    scope = "" if ending.whole else f" {scope_of(ending)}"
    if event.kind is Kind.LAST_DAY:
        return f"last day{scope}; {successor} takes over"
    return f"notice begins{scope}" + (f": {successor} takes over after {ending.last_day}" if ending.last_day else "")


def scope_of(ending: Ending) -> str:
    """Return what an end is about that leaves something."""
    return f"for {listed(map(printable, ending.features)) if ending.features else 'some features'}"


def called(ending: Ending) -> str:
    """Return the id of a model, or what else it can be told by."""
    return printable(ending.model or ending.name or "a model without a name")


def _style(event: Event, timeline: Timeline) -> dict[str, Any]:
    if event.overdue(timeline.on):
        return {"fg": "red"}
    if event.day < timeline.on:
        return {"dim": True}
    return {"fg": "yellow"} if event.move and not event.move.moved else {}


def told(timeline: Timeline) -> Iterator[str]:
    """Yield each event as a whole sentence, for whoever cannot see the columns."""
    for event in timeline.events():
        ending = event.ending
        yield f"{event.day}, {ending.environment}, {called(ending)}: {sentence(event, timeline)}."
