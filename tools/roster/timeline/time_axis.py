"""The time axis of the SVG timeline: a linear scale from days to x coordinates, and its month labels."""

from collections.abc import Iterable, Iterator
from datetime import date
from itertools import chain, count

_MIN_DAYS = 60
"""The shortest period that an axis covers, so that dates close together do not look years apart."""
_MARGIN = 0.04
"""The share of the period that is added before the first and after the last day."""
_MIN_DAYS_PER_MONTH = 28
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


class TimeAxis:
    """A time axis that starts at the x coordinate ``start``, is ``length`` wide, and covers some days."""

    def __init__(self, days: Iterable[date], start: float, length: float) -> None:
        ordinals = [day.toordinal() for day in days]
        first, last = min(ordinals), max(ordinals) + 1
        margin = (last - first) * _MARGIN + max(_MIN_DAYS - (last - first), 0) / 2
        self.start, self.length = start, length
        self._first, self._last = first - margin, last + margin
        self._scale = length / (self._last - self._first)

    def x(self, day: date, elapsed: float = 0) -> float:
        """Return the coordinate of the start of a day, or of a later time: ``elapsed`` is 1 at its end."""
        return self.start + (day.toordinal() + elapsed - self._first) * self._scale

    def months(self, min_distance: float) -> Iterator[tuple[float, str]]:
        """Yield the coordinate and label of month starts that are at least ``min_distance`` apart."""
        step = next(months for months in _month_steps() if months * _MIN_DAYS_PER_MONTH * self._scale >= min_distance)
        for month in range(12, 12 * (date.max.year + 1), step):
            day = date(month // 12, month % 12 + 1, 1)
            if self._first <= day.toordinal() <= self._last:
                name = "" if step % 12 == 0 else f"{_MONTHS[month % 12]} "
                yield self.x(day), f"{name}{day.year}"


def _month_steps() -> Iterator[int]:
    """Yield the possible numbers of months between labels: fractions of a year, then round numbers of years."""
    return chain((1, 2, 3, 6), (12 * years * 10**power for power in count() for years in (1, 2, 5)))
