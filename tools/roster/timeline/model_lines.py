"""The lines of the SVG timeline: one for each model, with the marks of what is announced for it on the axis."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from datetime import date
from typing import NamedTuple

from roster.naming import join_names, printable
from roster.timeline.attention import Attention
from roster.timeline.events import EventSubject, ModelRetirement, ModelSuspension
from roster.timeline.time_axis import TimeAxis
from roster.timeline.timeline_rows import Row

_MIN_BAR_WIDTH = 5


class ModelLine(NamedTuple):
    """A model with its rows of the timeline."""

    label: str
    environments: tuple[str, ...]
    rows: tuple[Row, ...]

    @property
    def next_row(self) -> Row:
        """The first row that needs an action, or else the first one."""
        return next((row for row in self.rows if row.attention is Attention.ACTION), self.rows[0])

    @property
    def subjects(self) -> list[EventSubject]:
        """What is announced for the model, in all environments."""
        return list(dict.fromkeys(event.subject for row in self.rows for event in row.events))


def model_lines(rows: Iterable[Row], shared_names: Collection[str] = ()) -> list[ModelLine]:
    """Return the models of rows by the day of their next ones; those that share a name with any have their ids."""
    grouped: dict[tuple[str, str], list[Row]] = {}
    for row in rows:
        subject = row.events[0].subject
        grouped.setdefault((row.model, subject.name), []).append(row)
    names = Counter(name for _, name in grouped)
    models = [
        ModelLine(
            printable(name) if name and names[name] == 1 and name not in shared_names else model,
            tuple(dict.fromkeys(environment for row in rows for environment in row.environments)),
            tuple(rows),
        )
        for (model, name), rows in grouped.items()
    ]
    return sorted(models, key=lambda model: model.next_row.day)


def announced_days(subject: EventSubject) -> list[date]:
    """Return the days that are announced for a model in one environment."""
    if isinstance(subject, ModelRetirement):
        return [day for day in (subject.notice, subject.last_day) if day]
    return [subject.since if isinstance(subject, ModelSuspension) else subject.day]


class Mark(NamedTuple):
    """A bar from ``x`` on, or a diamond around it; ``kind`` is one of the legend's."""

    kind: str
    x: float
    width: float = 0
    tooltip: str = ""


def marks_of(model: ModelLine, axis: TimeAxis, on: date) -> list[Mark]:
    """Return the marks of a model; those that are the same in several environments are one."""
    marks: dict[Mark, list[str]] = {}
    for subject in model.subjects:
        for mark in _subject_marks(subject, axis, on):
            marks.setdefault(mark, []).append(printable(subject.environment))
    return [
        mark._replace(tooltip=f"{model.label} ({join_names(dict.fromkeys(names))}): {mark.tooltip}")
        for mark, names in marks.items()
    ]


def _subject_marks(subject: EventSubject, axis: TimeAxis, on: date) -> Iterator[Mark]:
    if isinstance(subject, ModelRetirement):
        yield from _retirement_marks(subject, axis, on)
    elif isinstance(subject, ModelSuspension):
        yield _mark_from(
            "suspended", subject.since, f"suspended from {subject.since}: {printable(subject.reason)}", axis
        )
    else:
        ended = subject.day <= on and not subject.earliest
        text = (
            f"{'earliest possible end' if subject.earliest else 'end'} at {printable(subject.provider)} {subject.day}"
        )
        yield _mark_from("ended" if ended else "ending", subject.day, text, axis)


def _mark_from(kind: str, day: date, text: str, axis: TimeAxis) -> Mark:
    """Return a bar from a day to the end of the axis."""
    start = axis.x(day)
    return Mark(kind, start, max(axis.start + axis.length - start, _MIN_BAR_WIDTH), text)


def _retirement_marks(retirement: ModelRetirement, axis: TimeAxis, on: date) -> Iterator[Mark]:
    days, ended = announced_days(retirement), retirement.has_ended(on)
    start, end = axis.x(min(days)), axis.x(max(days), 1)
    kind = "over" if ended else "running" if retirement.is_in_notice(on) else "ahead"
    notice, last_day = (day or "unknown" for day in (retirement.notice, retirement.last_day))
    yield Mark(kind, start, max(end - start, _MIN_BAR_WIDTH), f"notice {notice}, last day {last_day}")
    pending = [printable(move.feature) for move in retirement.default_moves if not move.moved]
    if retirement.last_day and pending:
        text = f"{'overdue: ' if ended else ''}the default for {join_names(pending)} must move"
        yield Mark("late" if ended else "due", axis.x(retirement.last_day, 1), 0, text)
