"""Tombstones from git history, so that gateways recognize models that left a roster after their last day.

Only history counts. A model that left the file without a retirement, or before the day after its last day, was not
retired; one that is in the file again, or an earlier id of a model in it, is no longer retired.
"""

from collections.abc import Iterable, Mapping, Set
from datetime import date
from pathlib import Path
from types import MappingProxyType

from roster.check.earlier_roster import ParsedVersions, complete_roster
from roster.git.file_history import FileHistory
from roster.model import RetiredModel, Retirement
from roster.naming import derive_id
from roster.registries import Registries
from roster.roster import Roster
from roster.schema.validator import Schema

_RETIREMENT_KEY = b"retirement"


def with_retired_models(
    rosters: Iterable[Roster],
    root: Path,
    revision: str,
    schema: Schema,
    registries: Registries,
    today: date,
    parsed: ParsedVersions = MappingProxyType({}),
) -> list[Roster]:
    """Return the rosters with the retired models that left their files along a commit's first parents.

    Args:
        revision: the hash of the commit that the rosters are from, or that they differ from.
        schema: decides which values of an old version are valid; its lists of names do not matter.
        parsed: versions that need not be parsed again.

    Raises:
        ConfigurationError: git fails, or does not have a version.
    """
    rosters = list(rosters)
    if not rosters:
        return []
    with FileHistory(root, revision) as history:
        return [_with_retired_models(roster, history, schema, registries, today, parsed) for roster in rosters]


def _with_retired_models(
    roster: Roster, history: FileHistory, schema: Schema, registries: Registries, today: date, parsed: ParsedVersions
) -> Roster:
    retired = _RetiredModels(registries)
    for version in history.oldest_first(roster.path):
        if not retired.is_relevant(version.content):
            retired.advance({}, version.day)
            continue
        earlier = parsed.get((roster.path, version.commit))
        if earlier := earlier or complete_roster(roster.path, roster.environment, version.content, schema):
            retired.advance(_models(earlier), version.day)
    return roster.with_retired_models(retired.on(today, roster))


class _RetiredModels:
    """The retired models of one file, version by version.

    Attributes:
        announced: the models with a retirement in the last version, by id.
        ended: the models that left the file after a last day, with the retirements that were over.
    """

    def __init__(self, registries: Registries) -> None:
        self._registries = registries
        self.announced: dict[str, RetiredModel] = {}
        self.ended: dict[str, RetiredModel] = {}

    def is_relevant(self, data: bytes) -> bool:
        """Return whether a version may announce a retirement, or have a model with a recorded retirement."""
        recorded = {*self.announced, *self.ended}
        if _RETIREMENT_KEY in data or not recorded:
            return _RETIREMENT_KEY in data
        text = data.decode(errors="replace")
        folded = derive_id(text)  # contains every model's id, derived, pinned or earlier, unless a name has escapes
        return "\\" in text or any(derive_id(id_) in folded for id_ in recorded)

    def advance(self, models: Mapping[str, RetiredModel], day: date) -> None:
        """Apply the next version: the retirements and aliases of all its models."""
        ids = {*models, *(alias for model in models.values() for alias in model.aliases)}
        for id_, model in self.announced.items():
            if id_ not in ids and (over := model.retirements_over(day)):
                self.ended[id_] = model._replace(retirements=over)
        for id_ in ids:
            self.ended.pop(id_, None)
        current = {id_: model._replace(retirements=self._current(model, ids)) for id_, model in models.items()}
        self.announced = {id_: model for id_, model in current.items() if model.retirements}

    def on(self, today: date, roster: Roster) -> dict[str, RetiredModel]:
        """Return the models whose retirements are over on a day; ``roster`` is the last version."""
        self.advance(_models(roster), today)
        retired = {id_: model._replace(retirements=model.retirements_over(today)) for id_, model in self.ended.items()}
        return {id_: model for id_, model in retired.items() if model.retirements}

    def _current(self, model: RetiredModel, ids: Set[str]) -> tuple[Retirement, ...]:
        """Return a model's retirements with an existing replacement or none, and with features that still exist."""
        retirements = []
        for each in model.retirements:
            features = tuple(name for name in dict.fromkeys(each.features) if name in self._registries.features)
            has_features = bool(features) or not each.features
            if has_features and (each.replacement is None or each.replacement in ids):
                retirements.append(each._replace(features=features))
        return tuple(retirements)


def _models(roster: Roster) -> dict[str, RetiredModel]:
    return {id_: RetiredModel(model.retirements, model.aliases) for id_, model in roster.by_id.items()}
