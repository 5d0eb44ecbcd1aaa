"""How a timeline is written: one module for each format, each with a function ``write``."""

import importlib
from collections.abc import Mapping
from typing import Protocol, cast

from roster.findings import Place
from roster.timeline.events import Timeline

FORMATS = {
    "text": "for people in a terminal",
    "json": "for programs; schemas/timeline.schema.json describes it",
    "svg": "a picture for pages and documents, in light and dark",
}
"""Every format with what it is for; the module ``timeline_<name>`` writes it."""


class Writer(Protocol):
    """What the module of a format offers."""

    def write(self, timeline: Timeline, lines: Mapping[Place, int]) -> str:
        """Return the whole report; ``lines`` has the line of each event's place."""


def writer(name: str) -> Writer:
    """Return the module that writes a format; it is imported only when it is asked for."""
    return cast(Writer, importlib.import_module(f"roster.timeline.timeline_{name}"))
