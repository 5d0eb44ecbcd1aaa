"""What artifacts contain about ids that are not offered: tombstones, suspensions and aliases.

Each key is left out of an artifact if it is empty, apart from ``retired``. A tombstone in ``retired`` leads to an
offered or retired model, which consumers of earlier versions require. The others are in
``retired_without_replacement``: those whose retirement has no replacement, and those that lead only to a suspended
model while it is suspended.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Set
from datetime import date
from typing import Any

from roster.roster import Roster

UNOFFERED_ID_KEYS = ("retired", "retired_without_replacement", "suspended", "aliases")
_Tombstone = dict[str, Any]


class UnofferedIds:
    """The ids of a roster that are not offered on a date.

    Attributes:
        keys: the keys of artifacts, by name.
    """

    def __init__(self, roster: Roster, on: date) -> None:
        self.on, self._current_ids = on, _aliases(roster)
        suspended = _suspensions(roster, on)
        tombstones = list(_tombstones(roster, on, self._current_ids))
        offered = {model.id for model in roster if model.offered_features(on)}
        self._unavailable = _unavailable(tombstones, {each["id"] for each in suspended}, offered)
        retired, without_replacement = _split(tombstones, self._unavailable)
        optional = retired, without_replacement, suspended, self._current_ids
        self.keys: dict[str, Any] = {
            key: value for key, value in zip(UNOFFERED_ID_KEYS, optional, strict=True) if value or key == "retired"
        }

    def available_id(self, id_: str | None) -> str | None:
        """Return the current id of a replacement; None while it leads to no model."""
        current = id_ and self._current_ids.get(id_, id_)
        return None if current in self._unavailable else current


def _suspensions(roster: Roster, on: date) -> list[dict[str, Any]]:
    """Return the models that are suspended on a date, in the roster's order, without those that are retired anyway."""
    return [
        {"id": model.id, "since": str(model.suspended.since), "reason": model.suspended.reason}
        for model in roster
        if model.suspended and model.is_suspended(on) and model.remaining_features(on)
    ]


def _aliases(roster: Roster) -> dict[str, str]:
    """Return the current id of each earlier one, sorted, for models in the file and for retired models."""
    ids = {*roster.by_id, *roster.retired}
    removed = {alias: id_ for id_, model in roster.retired.items() for alias in model.aliases}
    current = {alias: model.id for alias, model in roster.by_alias.items() if model.id}
    return {alias: id_ for alias, id_ in sorted((removed | current).items()) if alias not in ids}


def _tombstones(roster: Roster, on: date, aliases: Mapping[str, str]) -> Iterator[_Tombstone]:
    """Yield the tombstones on a date: of models in the file, in its order, then of removed models, by last day."""
    ended = [(model.id, retirement) for model, retirement in roster.retirements() if retirement.is_over(on)]
    removed = [(id_, retirement) for id_, model in roster.retired.items() for retirement in model.retirements]
    for id_, retirement in ended + sorted(removed, key=lambda item: (str(item[1].last_day), item[0])):
        replacement = retirement.replacement and aliases.get(retirement.replacement, retirement.replacement)
        features = {"features": list(retirement.features)} if retirement.features else {}
        yield {"id": id_, "last_day": str(retirement.last_day), "replacement": replacement} | features


def _split(tombstones: list[_Tombstone], unavailable: Set[str]) -> tuple[list[_Tombstone], list[_Tombstone]]:
    """Split tombstones into those that lead to an offered or retired model, and the others, without a replacement."""
    retired, without_replacement = [], []
    for tombstone in tombstones:
        if tombstone["replacement"] is None or tombstone["replacement"] in unavailable:
            without_replacement.append({key: value for key, value in tombstone.items() if key != "replacement"})
        else:
            retired.append(tombstone)
    return retired, without_replacement


def _unavailable(tombstones: list[_Tombstone], suspended: Set[str], offered: Set[str]) -> set[str]:
    """Return the ids that are suspended or retired, and lead to no model through tombstones."""
    leading_to: defaultdict[str | None, list[str]] = defaultdict(list)
    for tombstone in tombstones:
        leading_to[tombstone["replacement"]].append(tombstone["id"])
    remaining = Counter(tombstone["id"] for tombstone in tombstones)
    unavailable: set[str] = set()
    pending: list[str | None] = [None, *(id_ for id_ in suspended if not remaining[id_])]
    while pending:
        ended = pending.pop()
        if ended is not None:
            unavailable.add(ended)
        for id_ in leading_to.pop(ended, ()):
            remaining[id_] -= 1
            if not remaining[id_] and id_ not in offered:
                pending.append(id_)
    return unavailable
