"""The time axis of a picture: which days it spans, where a day lies, and which months are named."""

from collections.abc import Iterable, Iterator
from datetime import date
from itertools import chain, count

_SHORTEST = 60
"""The days that an axis spans at least, so that dates near one another do not seem years apart."""
_MARGIN = 0.04
"""How much of its length lies before the first and behind the last day."""
_SHORTEST_MONTH = 28
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


class Axis:
    """Some days, the first of them at ``start`` on the axis; ``length`` in the picture's units."""

    def __init__(self, days: Iterable[date], start: float, length: float) -> None:
        numbers = [day.toordinal() for day in days]
        first, last = min(numbers), max(numbers) + 1
        margin = (last - first) * _MARGIN + max(_SHORTEST - (last - first), 0) / 2
        self.start, self.length = start, length
        self._first, self._last = first - margin, last + margin

    def at(self, day: date, passed: float = 0) -> float:
        """Return where a day begins, or where it is when a part of it has ``passed``: 1 is its end."""
        return self._x(day.toordinal() + passed)

    def months(self, apart: float) -> Iterator[tuple[float, str]]:
        """Yield where months begin, and what they are called; no two are nearer than ``apart``."""
        step = next(months for months in _steps() if self._units(months * _SHORTEST_MONTH) >= apart)
        for month in range(12, 12 * (date.max.year + 1), step):
            number = date(month // 12, month % 12 + 1, 1).toordinal()
            if self._first <= number <= self._last:
                name = "" if step % 12 == 0 else f"{_MONTHS[month % 12]} "
                yield self._x(number), f"{name}{month // 12}"

    def _x(self, number: float) -> float:
        return self.start + self._units(number - self._first)

    def _units(self, days: float) -> float:
        return days / (self._last - self._first) * self.length


def _steps() -> Iterator[int]:
    """Yield how many months can lie between two names: some of a year, or years in round numbers."""
    return chain((1, 2, 3, 6), (12 * years * 10**power for power in count() for years in (1, 2, 5)))
