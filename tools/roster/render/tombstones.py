"""Tombstones: what the artifacts keep of models that ended."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from roster.roster import Retirement, Roster


def retired(roster: Roster, on: date) -> list[dict[str, Any]]:
    """Return what ended before a day: of the file's models in its order, then of those that left it, by last day."""
    return [_tombstone(id_, retirement) for id_, retirement in _over(roster, on)]


def _over(roster: Roster, on: date) -> Iterator[tuple[str, Retirement]]:
    for model in roster:
        if model.retirement and model.retirement.is_over(on):
            yield model.id, model.retirement
    yield from sorted(roster.retired.items(), key=lambda item: (str(item[1].last_day), item[0]))


def _tombstone(id_: str, retirement: Retirement) -> dict[str, Any]:
    assert retirement.last_day is not None  # only a retirement that is over has a tombstone
    stone: dict[str, Any] = {
        "id": id_,
        "last_day": retirement.last_day.isoformat(),
        "replacement": retirement.replacement,
    }
    return stone | ({"features": list(retirement.features)} if retirement.features else {})
