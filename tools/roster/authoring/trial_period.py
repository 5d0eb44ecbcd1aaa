"""Trial periods: since when a model has been offered, according to the committed versions of a roster."""

import re
from collections.abc import Iterable
from contextlib import suppress
from datetime import date
from typing import Any

from roster.git.commit_tree import FileVersion
from roster.roster import DATE_KEYS, entry_id
from roster.yaml.document import parse


def offered_since(versions: Iterable[FileVersion], id_: str, today: date, sufficient: date) -> date | None:
    """Return the day since which a model has been offered without interruption; None if it is not offered.

    An unreadable version was never rendered: consumers kept the one before.

    Args:
        versions: the committed versions of the roster, newest first; read as far as necessary.
        sufficient: the search ends at a version of this day or earlier.
    """
    since, until = None, today
    for version in versions:
        document = parse("", version.content, dates=DATE_KEYS)
        models = document.value or []
        if not document.readable or not isinstance(models, list):
            continue
        if not _offers(models, id_, until):
            break
        since = until = version.day
        if since <= sufficient:
            break
    return since


def _offers(models: list[Any], id_: str, until: date) -> bool:
    """Return whether a roster has a model that is not retired before a day."""
    for model in models:
        if isinstance(model, dict) and entry_id(model) == id_:
            last_day = _last_day(model.get("retirement"))
            return last_day is None or last_day >= until
    return False


def _last_day(retirement: Any) -> date | None:
    """Return the last day of a model that retires as a whole."""
    match retirement:
        case {"last_day": str(day), **rest} if not rest.get("features") and re.fullmatch(r"\d{4}-\d\d-\d\d", day):
            with suppress(ValueError):
                return date.fromisoformat(day)
    return None
