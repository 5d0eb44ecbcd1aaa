"""JSON for programs, described by ``schemas/timeline.schema.json``."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from roster.findings import Place
from roster.timeline.events import Event, Timeline

FORMAT = 1
"""The version of the report. It is raised when an older reader could misread the rest."""


def write(timeline: Timeline, lines: Mapping[Place, int]) -> str:
    """Return the events by day; ``lines`` has the line number of each event's place."""
    report = {
        "format": FORMAT,
        "at": timeline.on.isoformat(),
        "environments": list(timeline.retirements),
        "events": [_event(event, timeline, lines) for event in timeline.events()],
    }
    return json.dumps(report, ensure_ascii=False, indent=2) + "\n"


def _event(event: Event, timeline: Timeline, lines: Mapping[Place, int]) -> dict[str, Any]:
    retirement, move = event.retirement, event.move
    return {
        "day": event.day.isoformat(),
        "past": event.day < timeline.on,
        "event": event.kind.value,
        "environment": retirement.environment,
        "model": retirement.model,
        "name": retirement.name,
        "features": list(event.features),
        "whole": retirement.all_features,
        "replacement": retirement.replacement,
        **({"default": move.default, "moved": move.moved} if move else {}),
        "path": event.place.path,
        "line": lines[event.place],
    }
