"""Hints for values that should be dates: the date that was probably meant, or the form to write."""

import re
from calendar import month_name, monthrange
from datetime import date

_FORM = "write it as YYYY-MM-DD"


def date_hint(text: str) -> str:
    """Return the hint for a text that is not a date in the form YYYY-MM-DD, such as 5.8.2026 or 2026-02-30."""
    if match := re.fullmatch(r"([0-9]{4})-?([0-9][0-9])-?([0-9][0-9])(?:[Tt ].*)?", text):
        year, month, day = map(int, match.groups())
        return f"write {year:04}-{month:02}-{day:02}" if _exists(year, month, day) else _no_such_day(year, month, day)
    if match := re.fullmatch(r"([0-9]{4})([-/.])([0-9]{1,2})\2([0-9]{1,2})", text):
        return _written([(int(match[1]), int(match[3]), int(match[4]))])
    if match := re.fullmatch(r"([0-9]{1,2})([-/.])([0-9]{1,2})\2([0-9]{4})", text):
        first, second, year = int(match[1]), int(match[3]), int(match[4])
        day_first = (year, second, first)
        return _written([day_first] if match[2] == "." else list(dict.fromkeys([day_first, (year, first, second)])))
    if re.fullmatch(r"[0-9]{2}-[0-9]{1,2}-[0-9]{1,2}", text):
        return f"{_FORM}, with four digits for the year"
    return _FORM


def _written(candidates: list[tuple[int, int, int]]) -> str:
    dates = [f"{year:04}-{month:02}-{day:02}" for year, month, day in candidates if _exists(year, month, day)]
    return f"write {' or '.join(dates)}" if dates else _FORM


def _no_such_day(year: int, month: int, day: int) -> str:
    if 1 <= month <= 12 and 1 <= year < date.max.year:
        days = monthrange(year, month)[1]
        return f"{month_name[month]} {year} has {days} days; {_FORM}"
    if not 1 <= month <= 12 and _exists(year, day, month):
        return f"there is no month {month}; write YYYY-MM-DD: {year:04}-{day:02}-{month:02}?"
    problem = f"there is no month {month}" if not 1 <= month <= 12 else f"the year must be 1 to {date.max.year - 1}"
    return f"{problem}; {_FORM}"


def _exists(year: int, month: int, day: int) -> bool:
    try:
        return date(year, month, day).year < date.max.year
    except ValueError:
        return False
