"""The timeline as a picture: what is drawn where, in pixels. Each environment is a band, each model in it a row.

What is said about a model stands beside its bar, never on it, so that no date can push one text into another.
"""

from collections.abc import Iterable, Iterator
from datetime import date
from itertools import accumulate
from typing import NamedTuple

from roster.naming import listed, printable
from roster.timeline.axis import Axis
from roster.timeline.events import Ending, Move, Timeline
from roster.timeline.text_width import cut, is_known, width, wrap
from roster.timeline.timeline_text import NOTHING, called, scope_of

WIDTH = 1120
MARGIN, LEFT, CHART, RIGHT, END = 16, 26, 306, 752, 1094
"""Where the picture's edge ends, and where names, bars and what is said of them begin; and where all of it ends."""
_GAP = 20
"""What lies between two columns."""
_TITLE, _TEXT, _SMALL = 19, 13.5, 12
"""Sizes of letters."""
_LINE, _PADDING, _BAND = 19, 8, 30
"""Heights of a line of text, of the room above and below a row, and of a band's name."""
_BAR, _SHORTEST = 12, 5
"""The height of a bar, and how long it is at least."""
_MONTHS_APART = 78
_TOP = 128
"""Where the first band begins, below the title, the legend and the axis."""
LEGEND = {"running": "notice is given", "ahead": "notice begins later", "over": "has ended"}


class Text(NamedTuple):
    """A line of text at its baseline; ``kind`` decides its colour. ``fit`` is the width it is squeezed into."""

    x: float
    y: float
    words: str
    kind: str = "text"
    size: float = _TEXT
    anchor: str = "start"
    bold: bool = False

    @property
    def width(self) -> float:
        return width(self.words, self.size, bold=self.bold)

    @property
    def fit(self) -> float | None:
        return None if is_known(self.words) else self.width or None


class Box(NamedTuple):
    """A rectangle; ``kind`` decides its colour, ``says`` is shown to whoever points at it."""

    x: float
    y: float
    width: float
    height: float
    kind: str
    says: str = ""


class Mark(NamedTuple):
    """A diamond around a point: a default that has not moved."""

    x: float
    y: float
    kind: str


class Picture(NamedTuple):
    """What is drawn, the lowest first; ``months`` and ``today`` are where lines lie, from ``top`` to ``bottom``."""

    height: float
    top: float
    bands: list[Box]
    months: list[float]
    bars: list[Box]
    today: float | None
    marks: list[Mark]
    pill: Box | None
    texts: list[Text]


class _Row(NamedTuple):
    """A model's row: what stands to the left and to the right of its bar."""

    ending: Ending
    left: list[Text]
    right: list[Text]

    @property
    def height(self) -> float:
        return max(len(self.left), len(self.right)) * _LINE + 2 * _PADDING


def picture(timeline: Timeline) -> Picture:
    """Return the picture of a timeline."""
    drawn = Picture(0, _TOP - 4, [], [], [], None, [], None, [_title(timeline)])
    endings = [ending for every in timeline.endings.values() for ending in every]
    days = [day for ending in endings for day in (ending.notice, ending.last_day) if day]
    axis = Axis([timeline.on, *days], CHART, RIGHT - _GAP - CHART)
    if days:
        drawn = _with_axis(drawn, axis, timeline.on)
    y: float = _TOP if days else _TOP / 2
    for environment, every in timeline.endings.items():
        drawn.bands.append(Box(MARGIN, y, WIDTH - 2 * MARGIN, _BAND, "band"))
        name = cut(printable(environment), _TEXT, END - LEFT, bold=True)
        drawn.texts.append(Text(LEFT, y + 20, name, bold=True))
        y += _BAND
        if not every:
            drawn.texts.append(Text(LEFT, y + _PADDING + 14, NOTHING, "muted"))
            y += _LINE + 2 * _PADDING
        for row in (_row(ending, timeline.on) for ending in every):
            _place(row, y, axis, timeline.on, drawn)
            y += row.height
    return drawn._replace(height=y + MARGIN)


def _title(timeline: Timeline) -> Text:
    return Text(LEFT, 36, f"Retirements as of {timeline.on}", size=_TITLE, bold=True)


def _with_axis(drawn: Picture, axis: Axis, on: date) -> Picture:
    """Add the legend, the names of months and today."""
    months = list(axis.months(_MONTHS_APART))
    drawn.texts.extend(Text(x, 94, name, "muted", _SMALL, "middle") for x, name in months)
    samples = {**LEGEND, "due": "its default has to move", "late": "its default had to move"}
    swatch = 34
    starts = accumulate((swatch + width(words, _SMALL) + _GAP for words in samples.values()), initial=LEFT)
    for x, (kind, words) in zip(starts, samples.items(), strict=False):
        drawn.texts.append(Text(x + swatch, 66, words, "muted", _SMALL))
        if kind in LEGEND:
            drawn.bars.append(Box(x, 56, swatch - 8, _BAR, kind))
        else:
            drawn.marks.append(Mark(x + swatch / 2, 62, kind))
    label = Text(0, 115, f"today, {on}", "on-pill", _SMALL, "middle", bold=True)
    half = label.width / 2 + 6
    today = axis.at(on, 0.5)
    middle = min(max(today, CHART + half), axis.start + axis.length - half)
    drawn.texts.append(label._replace(x=middle))
    pill = Box(middle - half, 101, 2 * half, 20, "pill")
    return drawn._replace(months=[x for x, _ in months], today=today, pill=pill)


def _row(ending: Ending, on: date) -> _Row:
    """Return a row whose texts stand on lines 0, 1, 2 and so on."""
    room = CHART - _GAP - LEFT
    name = cut(printable(ending.name) or called(ending), _TEXT, room, bold=True)
    below = [] if ending.model in ("", ending.name) else [cut(ending.model, _SMALL, room)]
    below += [] if ending.whole else wrap(f"{scope_of(ending)} only", _SMALL, room)
    left = [Text(LEFT, 0, name, bold=True)]
    left += [Text(LEFT, line, words, "muted", _SMALL) for line, words in enumerate(below, start=1)]
    said = [(kind, words) for kind, text in _said(ending, on) for words in wrap(text, _TEXT, END - RIGHT)]
    return _Row(ending, left, [Text(RIGHT, line, words, kind) for line, (kind, words) in enumerate(said)])


def _said(ending: Ending, on: date) -> Iterator[tuple[str, str]]:
    """Yield what is said of an end, and in which colour."""
    over = ending.over(on)
    notice, end = (f"{day}" if day else "on no day" for day in (ending.notice, ending.last_day))
    yield "text", f"ended after {end}" if over else f"notice {notice}, end {end}"
    if ending.replacement:
        yield "text", f"{printable(ending.replacement)} {'took' if over else 'takes'} over"
    waiting = [move.feature for move in ending.moves if not move.moved]
    if waiting:
        verb = "had to move, and has not" if over else "has to move"
        yield _due(ending, on), f"the default of {listed(map(printable, waiting))} {verb}"
    for default, moved in _by_default(ending.moves).items():
        yield "muted", f"the default of {listed(map(printable, moved))} is {printable(default)} already"


def _by_default(moves: Iterable[Move]) -> dict[str, list[str]]:
    """Return the features whose default is another model, by that model."""
    found: dict[str, list[str]] = {}
    for move in moves:
        if move.moved:
            found.setdefault(move.default, []).append(move.feature)
    return found


def _due(ending: Ending, on: date) -> str:
    return "late" if ending.over(on) else "due"


def _place(row: _Row, y: float, axis: Axis, on: date, drawn: Picture) -> None:
    """Draw a row whose top is at ``y``."""
    baseline = y + _PADDING + 14
    drawn.texts.extend(text._replace(y=baseline + text.y * _LINE) for text in (*row.left, *row.right))
    ending = row.ending
    first, last = ending.notice or ending.last_day, ending.last_day or ending.notice
    assert first is not None  # an end has one day at least
    assert last is not None
    start, end = axis.at(min(first, last)), axis.at(max(first, last), 1)
    kind = "over" if ending.over(on) else "running" if ending.running(on) else "ahead"
    says = f"{called(ending)}: {'; '.join(words for _, words in _said(ending, on))}"
    top = y + _PADDING + 4
    drawn.bars.append(Box(start, top, max(end - start, _SHORTEST), _BAR, kind, says))
    if ending.last_day and not all(move.moved for move in ending.moves):
        drawn.marks.append(Mark(axis.at(ending.last_day, 1), top + _BAR / 2, _due(ending, on)))
