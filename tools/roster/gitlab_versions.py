"""Versions of GitLab and the days of their releases: one minor version a month, on its third Thursday.

Each major version starts in May: 18.0 was released in May 2025, 19.0 in May 2026. Until 16.6, it was the 22nd
(https://handbook.gitlab.com/handbook/engineering/releases/).
"""

import re
from datetime import date

_FIRST_MAJOR, _FIRST_YEAR = 17, 2024
_MAY, _MONTHS, _THURSDAY = 5, 12, 3
_VERSION = re.compile(r"(?P<major>\d{2})\.(?P<minor>\d{1,2})(?:\.\d+)?")


def release_day(version: str) -> date | None:
    """Return the day on which a version is released; None for a text that is no version with a known schedule."""
    match = _VERSION.fullmatch(version.strip())
    if not match or int(match["minor"]) >= _MONTHS or int(match["major"]) < _FIRST_MAJOR:
        return None
    months = _MAY - 1 + int(match["minor"])
    year = _FIRST_YEAR + int(match["major"]) - _FIRST_MAJOR + months // _MONTHS
    return _third_thursday(year, months % _MONTHS + 1)


def next_release(day: date) -> str:
    """Return the first version that is released on a day or after it."""
    months = 12 * day.year + day.month - 1 + (day > _third_thursday(day.year, day.month))
    majors, minor = divmod(months - (12 * _FIRST_YEAR + _MAY - 1), _MONTHS)
    return f"{_FIRST_MAJOR + majors}.{minor}"


def _third_thursday(year: int, month: int) -> date:
    first_weekday = date(year, month, 1).weekday()
    return date(year, month, 1 + (_THURSDAY - first_weekday) % 7 + 14)
