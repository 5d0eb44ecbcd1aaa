"""The SVG timeline, for pages and documents: shapes and texts with their coordinates in pixels.

Each environment is a band, each retirement in it a row. Texts are placed next to the bars, never on them, so that dates
cannot push one text into another.
"""

from collections.abc import Iterator, Mapping
from datetime import date
from itertools import accumulate
from typing import NamedTuple

from roster.findings import Place
from roster.naming import join_names, printable
from roster.templates import template_environment
from roster.timeline.events import EndAtProvider, EventSubject, ModelRetirement, ModelSuspension, Timeline
from roster.timeline.text_metrics import is_exact, text_width, truncate, wrap
from roster.timeline.time_axis import TimeAxis
from roster.timeline.timeline_report import (
    NO_RETIREMENTS,
    feature_scope,
    model_label,
    provider_end_text,
    sentences,
)

WIDTH = 1120
MARGIN, LEFT, CHART, RIGHT, END = 16, 26, 306, 752, 1094
"""The page margin, the start of the columns for names, bars and descriptions, and the end of the last column."""
_COLUMN_GAP = 20
_TITLE_SIZE, _TEXT_SIZE, _SMALL_SIZE = 19, 13.5, 12
_LINE_HEIGHT, _ROW_PADDING, _BAND_HEIGHT = 19, 8, 30
_BAR_HEIGHT, _MIN_BAR_WIDTH = 12, 5
_BASELINE = 14
"""The distance from the top of a line to its baseline."""
_MONTH_DISTANCE = 78
_TOP = 128
"""The top of the first band, below the title, the legend and the axis."""
_LEGEND_Y, _MONTHS_Y, _TODAY_Y = 66, 94, 115
_SWATCH_WIDTH = 34
BAR_LEGEND = {"running": "notice period", "ahead": "upcoming", "over": "retired"}
_DIAMOND_LEGEND = {"due": "default must move", "late": "default overdue"}


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


class Layout(NamedTuple):
    """Everything that is drawn, from back to front; the lines of ``months`` and ``today`` start at ``top``."""

    height: float
    top: float
    bands: list[Rectangle]
    months: list[float]
    bars: list[Rectangle]
    today: float | None
    diamonds: list[Diamond]
    today_label: Rectangle | None
    texts: list[TextLine]


def write(timeline: Timeline, _lines: Mapping[Place, int], _name: object = None) -> str:
    """Return the picture, in the viewer's light or dark color scheme, and every event as text for screen readers."""
    environment = template_environment("roster.timeline", number=lambda value: f"{value:.1f}".removesuffix(".0"))
    return environment.get_template("timeline.svg.j2").render(
        layout=build_layout(timeline),
        width=WIDTH,
        on=timeline.on,
        sentences=list(sentences(timeline)) or [f"{NO_RETIREMENTS.capitalize()}."],
    )


def build_layout(timeline: Timeline) -> Layout:
    """Return the layout of a timeline."""
    title = TextLine(LEFT, 36, f"Retirements as of {timeline.on}", size=_TITLE_SIZE, bold=True)
    layout = Layout(0, _TOP - 4, [], [], [], None, [], None, [title])
    retirements = [each for environment in timeline.retirements.values() for each in environment]
    days = [day for each in retirements for day in (each.notice, each.last_day) if day]
    days += [each.since for environment in timeline.suspensions.values() for each in environment]
    days += [each.day for environment in timeline.provider_ends.values() for each in environment]
    axis = TimeAxis([timeline.on, *days], CHART, RIGHT - _COLUMN_GAP - CHART)
    if days:
        _draw_legend(layout)
        layout = _with_axis(layout, axis, timeline.on)
    y: float = _TOP if days else _TOP / 2
    for environment in timeline.retirements:
        y = _draw_environment(layout, timeline, environment, axis, y)
    return layout._replace(height=y + MARGIN)


def _draw_legend(layout: Layout) -> None:
    samples = {**BAR_LEGEND, **_DIAMOND_LEGEND}
    widths = (_SWATCH_WIDTH + text_width(text, _SMALL_SIZE) + _COLUMN_GAP for text in samples.values())
    for x, (kind, text) in zip(accumulate(widths, initial=LEFT), samples.items(), strict=False):
        layout.texts.append(TextLine(x + _SWATCH_WIDTH, _LEGEND_Y, text, "muted", _SMALL_SIZE))
        if kind in BAR_LEGEND:
            layout.bars.append(Rectangle(x, _LEGEND_Y - 10, _SWATCH_WIDTH - 8, _BAR_HEIGHT, kind))
        else:
            layout.diamonds.append(Diamond(x + _SWATCH_WIDTH / 2, _LEGEND_Y - 4, kind))


def _with_axis(layout: Layout, axis: TimeAxis, on: date) -> Layout:
    """Return the layout with month labels and a marker for today."""
    months = list(axis.months(_MONTH_DISTANCE))
    layout.texts.extend(TextLine(x, _MONTHS_Y, name, "muted", _SMALL_SIZE, "middle") for x, name in months)
    label = TextLine(0, _TODAY_Y, f"today, {on}", "on-pill", _SMALL_SIZE, "middle", bold=True)
    half = label.width / 2 + 6
    today = axis.x(on, 0.5)
    center = min(max(today, CHART + half), axis.start + axis.length - half)
    layout.texts.append(label._replace(x=center))
    today_label = Rectangle(center - half, _TODAY_Y - _BASELINE, 2 * half, 20, "pill")
    return layout._replace(months=[x for x, _ in months], today=today, today_label=today_label)


def _draw_environment(layout: Layout, timeline: Timeline, environment: str, axis: TimeAxis, y: float) -> float:
    """Draw an environment at ``y`` and return the y coordinate below it."""
    layout.bands.append(Rectangle(MARGIN, y, WIDTH - 2 * MARGIN, _BAND_HEIGHT, "band"))
    name = truncate(printable(environment), _TEXT_SIZE, END - LEFT, bold=True)
    layout.texts.append(TextLine(LEFT, y + 20, name, bold=True))
    y += _BAND_HEIGHT
    retirements = timeline.retirements[environment]
    suspensions, provider_ends = timeline.suspensions[environment], timeline.provider_ends[environment]
    if not retirements and not suspensions and not provider_ends:
        layout.texts.append(TextLine(LEFT, y + _ROW_PADDING + _BASELINE, NO_RETIREMENTS, "muted"))
        return y + _LINE_HEIGHT + 2 * _ROW_PADDING
    for retirement in retirements:
        y = _draw_retirement(layout, retirement, axis, timeline.on, y)
    for suspension in suspensions:
        y = _draw_suspension(layout, suspension, axis, y)
    for end in provider_ends:
        y = _draw_provider_end(layout, end, axis, timeline.on, y)
    return y


def _draw_retirement(layout: Layout, retirement: ModelRetirement, axis: TimeAxis, on: date, y: float) -> float:
    """Draw a retirement at ``y``, its texts to the left and right of its bar; return the y coordinate below it."""
    _draw_bar(layout, retirement, axis, on, y + _ROW_PADDING + 4)
    return _draw_texts(layout, list(_name_lines(retirement)), list(_description_lines(retirement, on)), y)


def _draw_suspension(layout: Layout, suspension: ModelSuspension, axis: TimeAxis, y: float) -> float:
    """Draw a suspension, whose end is unknown, at ``y``; return the y coordinate below it."""
    text = f"suspended from {suspension.since}: {printable(suspension.reason)}"
    return _draw_from_day_on(layout, suspension, suspension.since, text, "ahead", axis, y)


def _draw_provider_end(layout: Layout, end: EndAtProvider, axis: TimeAxis, on: date, y: float) -> float:
    """Draw the end of a model at its provider at ``y``; return the y coordinate below it."""
    kind = "over" if end.is_met else "due" if end.earliest else "late"
    return _draw_from_day_on(layout, end, end.day, f"{end.day}: {provider_end_text(end, on)}", kind, axis, y)


def _draw_from_day_on(
    layout: Layout, subject: EventSubject, day: date, text: str, kind: str, axis: TimeAxis, y: float
) -> float:
    """Draw a bar from a day to the end of the axis."""
    start = axis.x(day)
    width = max(axis.start + axis.length - start, _MIN_BAR_WIDTH)
    tooltip = f"{model_label(subject)}: {text}"
    layout.bars.append(Rectangle(start, y + _ROW_PADDING + 4, width, _BAR_HEIGHT, kind, tooltip))
    lines = [TextLine(RIGHT, 0, line) for line in wrap(text, _TEXT_SIZE, END - RIGHT)]
    return _draw_texts(layout, list(_model_lines(subject)), lines, y)


def _draw_texts(layout: Layout, names: list[TextLine], descriptions: list[TextLine], y: float) -> float:
    columns = names, descriptions
    baseline = y + _ROW_PADDING + _BASELINE
    for column in columns:
        layout.texts.extend(line._replace(y=baseline + row * _LINE_HEIGHT) for row, line in enumerate(column))
    return y + max(map(len, columns)) * _LINE_HEIGHT + 2 * _ROW_PADDING


def _draw_bar(layout: Layout, retirement: ModelRetirement, axis: TimeAxis, on: date, top: float) -> None:
    days = [day for day in (retirement.notice, retirement.last_day) if day]
    start, end = axis.x(min(days)), axis.x(max(days), 1)
    kind = "over" if retirement.has_ended(on) else "running" if retirement.is_in_notice(on) else "ahead"
    tooltip = f"{model_label(retirement)}: {'; '.join(text for _, text in _describe(retirement, on))}"
    layout.bars.append(Rectangle(start, top, max(end - start, _MIN_BAR_WIDTH), _BAR_HEIGHT, kind, tooltip))
    if retirement.last_day and not all(move.moved for move in retirement.default_moves):
        x = axis.x(retirement.last_day, 1)
        layout.diamonds.append(Diamond(x, top + _BAR_HEIGHT / 2, _diamond_kind(retirement, on)))


def _name_lines(retirement: ModelRetirement) -> Iterator[TextLine]:
    """Yield the lines to the left of the bar, all at y 0."""
    yield from _model_lines(retirement)
    width = CHART - _COLUMN_GAP - LEFT
    if not retirement.all_features:
        for line in wrap(f"{feature_scope(retirement)} only", _SMALL_SIZE, width):
            yield TextLine(LEFT, 0, line, "muted", _SMALL_SIZE)


def _model_lines(subject: EventSubject) -> Iterator[TextLine]:
    """Yield the name and the id of a model."""
    width = CHART - _COLUMN_GAP - LEFT
    name = truncate(printable(subject.name) or model_label(subject), _TEXT_SIZE, width, bold=True)
    yield TextLine(LEFT, 0, name, bold=True)
    if subject.model not in ("", subject.name):
        yield TextLine(LEFT, 0, truncate(subject.model, _SMALL_SIZE, width), "muted", _SMALL_SIZE)


def _description_lines(retirement: ModelRetirement, on: date) -> Iterator[TextLine]:
    """Yield the lines to the right of the bar, all at y 0."""
    for kind, text in _describe(retirement, on):
        yield from (TextLine(RIGHT, 0, line, kind) for line in wrap(text, _TEXT_SIZE, END - RIGHT))


def _describe(retirement: ModelRetirement, on: date) -> Iterator[tuple[str, str]]:
    """Yield the texts about a retirement, each with its kind."""
    ended = retirement.has_ended(on)
    notice, last_day = (day or "unknown" for day in (retirement.notice, retirement.last_day))
    yield "text", f"retired, last day {last_day}" if ended else f"notice {notice}, last day {last_day}"
    if retirement.replacement != "":
        yield "text", f"replacement: {printable(retirement.replacement or 'the default')}"
    pending = [move.feature for move in retirement.default_moves if not move.moved]
    if pending:
        overdue = "overdue: " if ended else ""
        yield _diamond_kind(retirement, on), f"{overdue}the default for {join_names(map(printable, pending))} must move"
    moved: dict[str, list[str]] = {}
    for move in retirement.default_moves:
        if move.moved:
            moved.setdefault(move.default, []).append(move.feature)
    for default, features in moved.items():
        yield "muted", f"the default for {join_names(map(printable, features))} is already {printable(default)}"


def _diamond_kind(retirement: ModelRetirement, on: date) -> str:
    return "late" if retirement.has_ended(on) else "due"
