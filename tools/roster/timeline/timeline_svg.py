"""The SVG timeline, for pages and documents: shapes and texts with their coordinates in pixels.

It is as wide as a phone. Each model is one line: its name, and below it the bars of its days with the next of them.
Texts are placed above and next to the bars, never on them, so that dates cannot push one text into another.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from itertools import chain
from typing import NamedTuple

from roster.findings import Place
from roster.naming import join_names, printable
from roster.templates import template_environment
from roster.timeline.attention import Attention, is_overdue
from roster.timeline.events import EventKind, Timeline
from roster.timeline.model_lines import Mark, ModelLine, announced_days, marks_of, model_lines
from roster.timeline.text_metrics import is_exact, text_width, truncate, wrap
from roster.timeline.time_axis import TimeAxis
from roster.timeline.timeline_report import sentences
from roster.timeline.timeline_rows import Rows
from roster.timeline.timeline_words import NO_RETIREMENTS

WIDTH = 400
LEFT, RIGHT, END = 16, 232, 384
"""The start of names and bars, and the start and end of the column for days."""
_GAP = 10
_TITLE_SIZE, _TEXT_SIZE, _SMALL_SIZE = 18, 13.5, 12
_LINE_HEIGHT, ROW_HEIGHT, TRACK_TOP, TRACK_HEIGHT = 19, 46, 22, 18
_BAR_HEIGHT, _THIN_HEIGHT = 10, 5
_BASELINE = 14
"""The distance from the top of a line to its baseline."""
_MONTH_DISTANCE = 68
_LEGEND_TOP = 48
_SWATCH_WIDTH = 28
_LEGEND = {
    "running": "notice period",
    "ahead": "upcoming",
    "over": "retired",
    "ending": "ends at provider",
    "ended": "ended at provider",
    "suspended": "suspended",
    "due": "default must move",
    "late": "default overdue",
}
_DIAMONDS = ("due", "late")
_THIN = ("ending", "ended", "suspended")
_DAY_WORDS = {
    EventKind.NOTICE: "notice",
    EventKind.LAST_DAY: "last day",
    EventKind.DEFAULT: "default",
    EventKind.SUSPENSION: "suspended",
    EventKind.PROVIDER_END: "provider",
}


class TextLine(NamedTuple):
    """A line of text at its baseline; ``kind`` decides its color."""

    x: float
    y: float
    text: str
    kind: str = "text"
    size: float = _TEXT_SIZE
    anchor: str = "start"
    bold: bool = False

    @property
    def width(self) -> float:
        return text_width(self.text, self.size, bold=self.bold)

    @property
    def fit(self) -> float | None:
        """The width into which the viewer must squeeze the text; None if the width is exact."""
        return None if is_exact(self.text) else self.width or None


class Rectangle(NamedTuple):
    """A rectangle; ``kind`` decides its color, ``tooltip`` is shown on hover."""

    x: float
    y: float
    width: float
    height: float
    kind: str
    tooltip: str = ""


class Diamond(NamedTuple):
    """A diamond around a point: a default that has not moved."""

    x: float
    y: float
    kind: str
    tooltip: str = ""


class Layout(NamedTuple):
    """Everything that is drawn, from back to front; the lines of ``months`` and ``today`` are drawn in ``tracks``."""

    height: float
    tracks: list[float]
    months: list[float]
    bars: list[Rectangle]
    today: float | None
    diamonds: list[Diamond]
    today_label: Rectangle | None
    texts: list[TextLine]


def write(timeline: Timeline, _lines: Mapping[Place, int], _name: object = None) -> str:
    """Return the picture, in the viewer's light or dark color scheme, and every row as text for screen readers."""
    environment = template_environment("roster.timeline", number=lambda value: f"{value:.1f}".removesuffix(".0"))
    return environment.get_template("timeline.svg.j2").render(
        layout=build_layout(timeline),
        width=WIDTH,
        track_height=TRACK_HEIGHT,
        on=timeline.on,
        sentences=list(sentences(timeline)) or [f"{NO_RETIREMENTS.capitalize()}."],
    )


def build_layout(timeline: Timeline) -> Layout:
    """Return the layout of a timeline."""
    rows = Rows.of(timeline)
    title = TextLine(LEFT, 30, f"Retirements as of {timeline.on}", size=_TITLE_SIZE, bold=True)
    layout, y = Layout(0, [], [], [], None, [], None, [title]), float(_LEGEND_TOP)
    models = model_lines(rows.shown, timeline.shared_names)
    if models:
        days = chain.from_iterable(announced_days(subject) for model in models for subject in model.subjects)
        axis = TimeAxis([timeline.on, *days], LEFT, RIGHT - 2 * _GAP - LEFT)
        marks = [marks_of(model, axis, timeline.on) for model in models]
        y = _draw_legend(layout, {mark.kind for mark in chain.from_iterable(marks)}, y)
        layout = _with_axis(layout, axis, timeline.on, y)
        y += 2 * _LINE_HEIGHT + _GAP
        for model, marks_of_model in zip(models, marks, strict=True):
            _draw_model(layout, model, marks_of_model, timeline, y)
            y += ROW_HEIGHT
    for line in wrap(rows.others or ("" if models else NO_RETIREMENTS), _SMALL_SIZE, END - LEFT):
        if line:
            layout.texts.append(TextLine(LEFT, y + _BASELINE, line, "muted", _SMALL_SIZE))
            y += _LINE_HEIGHT
    return layout._replace(height=y + _GAP)


def _draw_legend(layout: Layout, kinds: set[str], y: float) -> float:
    """Draw the legend of some kinds at ``y``, in as many lines as needed; return the y coordinate below it."""
    x = float(LEFT)
    for kind, text in _LEGEND.items():
        width = _SWATCH_WIDTH + text_width(text, _SMALL_SIZE)
        if kind in kinds:
            if x + width > END:
                x, y = LEFT, y + _LINE_HEIGHT
            layout.texts.append(TextLine(x + _SWATCH_WIDTH, y + _BASELINE, text, "muted", _SMALL_SIZE))
            _draw(layout, Mark(kind, x, _SWATCH_WIDTH - 8), y)
            x += width + _GAP
    return y + _LINE_HEIGHT + _GAP


def _with_axis(layout: Layout, axis: TimeAxis, on: date, y: float) -> Layout:
    """Return the layout with month labels at ``y``, and below them a marker for today."""
    months = list(axis.months(_MONTH_DISTANCE))
    for x, name in months:
        label = TextLine(x, y + _BASELINE, name, "muted", _SMALL_SIZE, "middle")
        if x - label.width / 2 >= LEFT:
            layout.texts.append(label)
    label = TextLine(0, y + _LINE_HEIGHT + _BASELINE, "today", "on-pill", _SMALL_SIZE, "middle", bold=True)
    half = label.width / 2 + 6
    today = axis.x(on, 0.5)
    center = min(max(today, LEFT + half), axis.start + axis.length - half)
    layout.texts.append(label._replace(x=center))
    pill = Rectangle(center - half, y + _LINE_HEIGHT, 2 * half, 19, "pill")
    return layout._replace(months=[x for x, _ in months], today=today, today_label=pill)


def _draw(layout: Layout, mark: Mark, top: float) -> None:
    """Draw a mark into the track at ``top``: bars with thin ones below them."""
    if mark.kind in _DIAMONDS:
        x = mark.x if mark.tooltip else mark.x + mark.width / 2
        layout.diamonds.append(Diamond(x, top + TRACK_HEIGHT / 2, mark.kind, mark.tooltip))
    elif mark.kind in _THIN:
        y = top + TRACK_HEIGHT - _THIN_HEIGHT
        layout.bars.append(Rectangle(mark.x, y, mark.width, _THIN_HEIGHT, mark.kind, mark.tooltip))
    else:
        layout.bars.append(Rectangle(mark.x, top + 2, mark.width, _BAR_HEIGHT, mark.kind, mark.tooltip))


def _draw_model(layout: Layout, model: ModelLine, marks: Iterable[Mark], timeline: Timeline, y: float) -> None:
    everywhere = set(model.environments) == set(timeline.retirements)
    layout.texts.extend(_name_texts(model, everywhere=everywhere, y=y + _BASELINE))
    layout.tracks.append(y + TRACK_TOP)
    for mark in marks:
        _draw(layout, mark, y + TRACK_TOP)
    row = model.next_row
    text = f"{_DAY_WORDS[row.events[0].kind]} {row.day}"
    kind = "text"
    if row.attention is Attention.ACTION:
        kind = "late" if is_overdue(row.events[0], timeline.on) else "due"
    fitting = truncate(text, _SMALL_SIZE, END - RIGHT)
    layout.texts.append(TextLine(RIGHT, y + TRACK_TOP + _BASELINE - 1, fitting, kind, _SMALL_SIZE))


def _name_texts(model: ModelLine, *, everywhere: bool, y: float) -> Iterator[TextLine]:
    """Yield the name of a model, and its environments unless these are all of the timeline."""
    environments = "" if everywhere else join_names(map(printable, model.environments), limit=3)
    width = END - LEFT if everywhere else 0.66 * (END - LEFT)
    name = TextLine(LEFT, y, truncate(model.label, _TEXT_SIZE, width, bold=True), bold=True)
    yield name
    if environments:
        x = LEFT + name.width + _GAP
        yield TextLine(x, y, truncate(environments, _SMALL_SIZE, END - x), "muted", _SMALL_SIZE)
