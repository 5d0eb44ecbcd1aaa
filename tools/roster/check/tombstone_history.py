"""Tombstones from git history, so that gateways recognize models that left a roster after their last day.

Only history counts. A model that left the file without a retirement, or before the day after its last day, was not
retired; one that is in the file again is no longer retired.
"""

from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path

from roster.check.earlier_roster import complete_roster
from roster.git.file_history import FileHistory
from roster.naming import derive_id
from roster.registries import Registries
from roster.roster import Retirement, Roster
from roster.schema.validator import Schema

_RETIREMENT_KEY = b"retirement"


def with_retired_models(
    rosters: Iterable[Roster], root: Path, revision: str, schema: Schema, registries: Registries, today: date
) -> list[Roster]:
    """Return the rosters with the retirements of models that left their files along a commit's first parents.

    Args:
        revision: the hash of the commit that the rosters are from, or that they differ from.
        schema: decides which values of an old version are valid; its lists of names do not matter.

    Raises:
        ConfigurationError: git fails, or does not have a version.
    """
    rosters = list(rosters)
    if not rosters:
        return []
    with FileHistory(root, revision) as history:
        return [_with_retired_models(roster, history, schema, registries, today) for roster in rosters]


def _with_retired_models(
    roster: Roster, history: FileHistory, schema: Schema, registries: Registries, today: date
) -> Roster:
    retired = _RetiredModels(registries)
    for version in history.oldest_first(roster.path):
        if not retired.is_relevant(version.content):
            retired.advance({}, version.day)
        elif earlier := complete_roster(roster.path, roster.environment, version.content, schema):
            retired.advance(_retirements(earlier), version.day)
    return roster.with_retired_models(retired.on(today, roster))


class _RetiredModels:
    """The retirements of one file, version by version.

    Attributes:
        announced: the retirements in the last version, by id.
        ended: the retirements of models that left the file after their last day.
    """

    def __init__(self, registries: Registries) -> None:
        self._registries = registries
        self.announced: dict[str, Retirement] = {}
        self.ended: dict[str, Retirement] = {}

    def is_relevant(self, data: bytes) -> bool:
        """Return whether a version may announce a retirement, or have a model with a recorded retirement."""
        recorded = {*self.announced, *self.ended}
        if _RETIREMENT_KEY in data or not recorded:
            return _RETIREMENT_KEY in data
        text = data.decode(errors="replace")
        folded = derive_id(text)  # contains every model's id, derived or pinned, unless a name has escapes
        return "\\" in text or any(id_ in folded for id_ in recorded)

    def advance(self, models: Mapping[str, Retirement | None], day: date) -> None:
        """Apply the next version: the retirements of all its models."""
        for id_, retirement in self.announced.items():
            if id_ not in models and retirement.is_over(day):
                self.ended[id_] = retirement
        for id_ in models:
            self.ended.pop(id_, None)
        self.announced = {
            id_: current
            for id_, retirement in models.items()
            if retirement and retirement.replacement in models and (current := self._current(retirement))
        }

    def on(self, today: date, roster: Roster) -> dict[str, Retirement]:
        """Return the retirements that are over on a day; ``roster`` is the last version."""
        self.advance(_retirements(roster), today)
        return {id_: retirement for id_, retirement in self.ended.items() if retirement.is_over(today)}

    def _current(self, retirement: Retirement) -> Retirement | None:
        """Return a retirement without features that no longer exist; None if none of its features remains."""
        features = tuple(name for name in dict.fromkeys(retirement.features) if name in self._registries.features)
        return retirement._replace(features=features) if features or not retirement.features else None


def _retirements(roster: Roster) -> dict[str, Retirement | None]:
    return {id_: model.retirement for id_, model in roster.by_id.items()}
