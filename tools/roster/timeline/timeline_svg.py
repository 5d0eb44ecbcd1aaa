"""SVG for pages and documents: self-contained, in the reader's light or dark color scheme."""

from collections.abc import Mapping

from roster.findings import Place
from roster.templates import template_environment
from roster.timeline.events import Timeline
from roster.timeline.layout import WIDTH, build_layout
from roster.timeline.timeline_text import NO_RETIREMENTS, sentences

LIGHT = {
    "page": "#ffffff",
    "band": "#eaeef2",
    "text": "#1f2328",
    "muted": "#57606a",
    "due": "#8a4600",
    "late": "#b3121d",
    "running": "#0969da",
    "over": "#818b98",
    "grid": "#d1d9e0",
}
DARK = {
    "page": "#0d1117",
    "band": "#21262d",
    "text": "#e6edf3",
    "muted": "#9aa4b0",
    "due": "#e3b341",
    "late": "#ff7b72",
    "running": "#4493f8",
    "over": "#6e7681",
    "grid": "#2f353d",
}
"""The colors of each scheme."""


def write(timeline: Timeline, _lines: Mapping[Place, int]) -> str:
    """Return the picture, with every event as a sentence for screen readers."""
    environment = template_environment("roster.timeline", number=lambda value: f"{value:.1f}".removesuffix(".0"))
    return environment.get_template("timeline.svg.j2").render(
        layout=build_layout(timeline),
        width=WIDTH,
        on=timeline.on,
        sentences=list(sentences(timeline)) or [f"{NO_RETIREMENTS.capitalize()}."],
        light=LIGHT,
        dark=DARK,
    )
