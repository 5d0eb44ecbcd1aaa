"""Reports of ``roster timeline`` as text for a terminal and as JSON."""

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from roster.findings import Place
from roster.naming import printable
from roster.report import palette
from roster.report.terminal_text import Paint, plain, wrapped
from roster.timeline.attention import Attention, attention_of, is_overdue
from roster.timeline.events import EndAtProvider, Event, ModelRetirement, ModelSuspension, Timeline
from roster.timeline.timeline_rows import Row, Rows
from roster.timeline.timeline_words import NO_RETIREMENTS

FORMAT = 1
"""The version of the JSON report. It is raised when an older reader could misread the rest."""
_COLUMNS = 80
_INDENT = " " * len("2026-12-01  ")
_MAX_PLACES = 3
"""How many places are listed below an action."""


def write_text(
    timeline: Timeline, lines: Mapping[Place, int], name: Callable[[str], str] = str, paint: Paint = plain
) -> str:
    """Return what needs an action or will be noticed by day, a line for today, and the number of all other events.

    Lines have at most 80 columns, except places with long paths: terminals only open these in one piece.

    Args:
        lines: the line number of each event's place.
        name: returns the name of the file at a path.
    """
    rows = Rows.of(timeline)
    if not rows.shown and not rows.others:
        return f"{NO_RETIREMENTS}\n"
    written = [list(_row_lines(row, timeline, lines, name, paint)) for row in rows.shown]
    past = sum(row.day < timeline.on for row in rows.shown)
    written.insert(past, [paint(f"{timeline.on}  today", bold=True)])
    if rows.others:
        written.append([paint(line, dim=True) for line in wrapped(rows.others, _COLUMNS)])
    return "".join(f"{line}\n" for group in written for line in group)


def _row_lines(
    row: Row, timeline: Timeline, lines: Mapping[Place, int], name: Callable[[str], str], paint: Paint
) -> Iterator[str]:
    style, first = _style(row, timeline), f"{row.day}  "
    for line in wrapped(f"{row.label}: {row.text}", _COLUMNS - len(_INDENT)):
        yield paint(f"{first}{line}", **style)
        first = _INDENT
    if row.attention is Attention.ACTION:
        for place in _places(row, lines, name):
            yield paint(f"{_INDENT}{place}", dim=True)


def _places(row: Row, lines: Mapping[Place, int], name: Callable[[str], str]) -> list[str]:
    """Return the first place of each environment, as ``path:line``; of many, the first and a number."""
    firsts = {event.subject.environment: event.place for event in reversed(row.events)}
    places = [f"{printable(name(place.path))}:{lines[place]}" for place in reversed(firsts.values())]
    others = len(places) - _MAX_PLACES
    return [*places[:_MAX_PLACES], f"and {others:,} more files"] if others > 1 else places


def write_json(timeline: Timeline, lines: Mapping[Place, int], name: Callable[[str], str] = str) -> str:
    """Return the report that ``schemas/timeline.schema.json`` describes."""
    report = {
        "format": FORMAT,
        "at": timeline.on.isoformat(),
        "environments": list(timeline.retirements),
        "events": [_event(event, timeline, name(event.place.path), lines[event.place]) for event in timeline.events()],
    }
    return json.dumps(report, ensure_ascii=False, indent=2) + "\n"


def sentences(timeline: Timeline) -> Iterator[str]:
    """Yield each row as a sentence, for screen readers, and how many events need nothing."""
    rows = Rows.of(timeline)
    for row in rows.shown:
        yield f"{row.day}, {row.label}: {row.text}."
    if rows.others:
        yield f"{rows.others}."


def _style(row: Row, timeline: Timeline) -> dict[str, Any]:
    if row.attention is not Attention.ACTION:
        return {}
    return {"fg": palette.BAD if is_overdue(row.events[0], timeline.on) else palette.WARNING}


def _event(event: Event, timeline: Timeline, path: str, line: int) -> dict[str, Any]:
    subject, move = event.subject, event.move
    return {
        "day": event.day.isoformat(),
        "past": event.day < timeline.on,
        "event": event.kind.value,
        "attention": attention_of(event, timeline.on).value,
        "environment": subject.environment,
        "model": subject.model,
        "name": subject.name,
        "features": list(event.features),
        "whole": not isinstance(subject, ModelRetirement) or subject.all_features,
        "replacement": (subject.replacement or None) if isinstance(subject, ModelRetirement) else None,
        **({"reason": subject.reason} if isinstance(subject, ModelSuspension) else {}),
        **(_provider_end(subject) if isinstance(subject, EndAtProvider) else {}),
        **({"default": move.default, "moved": move.moved} if move else {}),
        "path": path,
        "line": line,
    }


def _provider_end(end: EndAtProvider) -> dict[str, Any]:
    last_day = end.last_day and end.last_day.isoformat()
    return {"provider": end.provider, "earliest": end.earliest, "last_day": last_day, "retired_before": end.is_met}
