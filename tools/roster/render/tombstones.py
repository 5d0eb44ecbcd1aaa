"""Tombstones of retired models in artifacts."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from roster.roster import Retirement, Roster


def tombstones(roster: Roster, on: date) -> list[dict[str, Any]]:
    """Return the tombstones on a date: of models in the file, in its order, then of removed models, by last day."""
    return [_tombstone(id_, retirement) for id_, retirement in _retirements_over(roster, on)]


def _retirements_over(roster: Roster, on: date) -> Iterator[tuple[str, Retirement]]:
    for model in roster:
        if model.retirement and model.retirement.is_over(on):
            yield model.id, model.retirement
    yield from sorted(roster.retired.items(), key=lambda item: (str(item[1].last_day), item[0]))


def _tombstone(id_: str, retirement: Retirement) -> dict[str, Any]:
    assert retirement.last_day is not None  # a retirement without one is never over
    tombstone: dict[str, Any] = {
        "id": id_,
        "last_day": retirement.last_day.isoformat(),
        "replacement": retirement.replacement,
    }
    return tombstone | ({"features": list(retirement.features)} if retirement.features else {})
