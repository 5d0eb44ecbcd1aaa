"""Reports of ``roster timeline`` as text for a terminal and as JSON."""

import json
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from datetime import date
from typing import Any

from roster.findings import Place
from roster.naming import join_names, printable
from roster.report.terminal_text import Paint, aligned, plain
from roster.timeline.events import (
    EndAtProvider,
    Event,
    EventKind,
    EventSubject,
    ModelRetirement,
    ModelSuspension,
    Timeline,
)

FORMAT = 1
"""The version of the JSON report. It is raised when an older reader could misread the rest."""
_MAX_FEATURES = 8
"""How many features a line names."""
NO_RETIREMENTS = "no retirements announced"


def write_text(
    timeline: Timeline, lines: Mapping[Place, int], name: Callable[[str], str] = str, paint: Paint = plain
) -> str:
    """Return a line for each event by day, and one for today.

    Args:
        lines: the line number of each event's place.
        name: returns the name of the file at a path.
    """
    events = timeline.events()
    if not events:
        return f"{NO_RETIREMENTS}\n"
    groups = grouped_events(events)
    rows = [(str(event.day), event.subject.environment, model_label(event.subject)) for event, _ in groups]
    drawn = []
    for (event, features), columns in zip(groups, aligned(rows), strict=True):
        location = paint(f"({printable(name(event.place.path))}:{lines[event.place]})", dim=True)
        text = f"{columns}  {description(event, timeline, features)}"
        drawn.append(f"{paint(text, **_style(event, timeline))}  {location}")
    past = sum(event.day < timeline.on for event, _ in groups)
    drawn.insert(past, paint(f"{timeline.on}  today", bold=True))
    return "".join(f"{line}\n" for line in drawn)


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
    """Yield each event as a sentence, for screen readers."""
    for event, features in grouped_events(timeline.events()):
        what = description(event, timeline, features)
        yield f"{event.day}, {event.subject.environment}, {model_label(event.subject)}: {what}."


def grouped_events(events: Iterable[Event]) -> list[tuple[Event, list[str]]]:
    """Return each event with its features, and those of a retirement that leave the same other default as one."""
    groups: dict[Any, tuple[Event, list[str]]] = {}
    for index, event in enumerate(events):
        moved = event.move is not None and event.move.moved
        key = (event.day, event.subject.place, event.move.default) if event.move and moved else index
        groups.setdefault(key, (event, []))[1].extend(event.features)
    return list(groups.values())


def description(event: Event, timeline: Timeline, features: Collection[str]) -> str:
    """Return what happens to some features, without the day, the environment and the model."""
    retirement = event.subject
    if isinstance(retirement, ModelSuspension):
        return f"suspended from this day on: {printable(retirement.reason)}"
    if isinstance(retirement, EndAtProvider):
        return provider_end_text(retirement, timeline.on)
    replacement = "another model" if event.move else "the default" if retirement.replacement is None else "no model"
    replacement = printable(retirement.replacement or replacement)
    if event.move:
        default = f"the default for {join_names(map(printable, features), limit=_MAX_FEATURES)}"
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


def provider_end_text(end: EndAtProvider, on: date) -> str:
    """Return the end of a model at its provider in words, without its day."""
    provider = printable(end.provider)
    if end.earliest:
        happens = f"does not end at {provider} before this day"
    else:
        happens = f"{'ended' if end.day <= on else 'ends'} at {provider}"
    if end.last_day is None:
        return f"{happens}; the roster announces no last day"
    return f"{happens}; the last day in the roster, {end.last_day}, is {'' if end.is_met else 'not '}before that"


def feature_scope(retirement: ModelRetirement) -> str:
    """Return the features of a retirement that does not end all of a model."""
    return f"for {join_names(map(printable, retirement.features)) if retirement.features else 'some features'}"


def model_label(subject: EventSubject) -> str:
    """Return the id of a model, or its name where it has none."""
    return printable(subject.model or subject.name or "a model without a name")


def _style(event: Event, timeline: Timeline) -> dict[str, Any]:
    if event.is_overdue(timeline.on):
        return {"fg": "red"}
    if isinstance(event.subject, EndAtProvider) and not event.subject.is_met and not event.subject.earliest:
        return {"fg": "red" if event.day <= timeline.on else "yellow"}
    if event.day < timeline.on:
        return {"dim": True}
    return {"fg": "yellow"} if event.move and not event.move.moved else {}


def _event(event: Event, timeline: Timeline, path: str, line: int) -> dict[str, Any]:
    subject, move = event.subject, event.move
    return {
        "day": event.day.isoformat(),
        "past": event.day < timeline.on,
        "event": event.kind.value,
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
