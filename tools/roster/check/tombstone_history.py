"""Models that left a roster after their last day: gateways are told of them for good, from the file's history in git.

Only what the history holds counts. An id that left the file without a retirement, or before the day after its last one,
was not retired; one that is in the file again is no longer retired.
"""

from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path

from roster.git.commit_tree import Contents
from roster.git.history import Step, steps
from roster.naming import derive_id
from roster.registries import Registries
from roster.roster import DATE_KEYS, Retirement, Roster
from roster.schema.validator import Schema
from roster.yaml.document import read

_MARK = b"retirement"
"""What a roster's text holds where a model of it is retired."""


def remembering(
    rosters: Iterable[Roster], root: Path, revision: str, schema: Schema, registries: Registries, today: date
) -> list[Roster]:
    """Return rosters with the retirements of the models that left their files along a commit's first parents.

    One git lists the versions of all the files, one reads them.

    Args:
        revision: the hash of the commit that the rosters are of, or that they differ from.
        schema: what says which values of an old version are of use; its lists of names do not matter.

    Raises:
        ConfigurationError: git refuses, or does not have a version.
    """
    pasts = {roster.path: _Past(registries) for roster in rosters}
    environments = {roster.path: roster.environment for roster in rosters}
    with Contents(root, revision) as contents:
        for version in steps(root, revision, pasts):
            data = contents.of(version.content) if version.content else b""
            past = pasts[version.path]
            if not past.can_concern(data):
                past.proceed({}, version.day)
            elif (models := _models(version, environments[version.path], data, schema)) is not None:
                past.proceed(models, version.day)
    return [roster.remembering(pasts[roster.path].ended_before(today, roster)) for roster in rosters]


class _Past:
    """One file's models that have a retirement, version by version.

    Attributes:
        retiring: the retirements in the last version, by id; ended: those of models that left the file later.
    """

    def __init__(self, registries: Registries) -> None:
        self._registries = registries
        self.retiring: dict[str, Retirement] = {}
        self.ended: dict[str, Retirement] = {}

    def can_concern(self, data: bytes) -> bool:
        """Say whether a version may announce a retirement, or hold a model of which one is known."""
        known = {*self.retiring, *self.ended}
        if _MARK in data or not known:
            return _MARK in data
        text = data.decode(errors="replace")
        folded = derive_id(text)  # holds the id of each model, derived or pinned, but for escapes in its name
        return "\\" in text or any(id_ in folded for id_ in known)

    def proceed(self, models: Mapping[str, Retirement | None], day: date) -> None:
        """Take in the next version: each of its models with its retirement."""
        for id_, retirement in self.retiring.items():
            if id_ not in models and retirement.over(day):
                self.ended[id_] = retirement
        for id_ in models:
            self.ended.pop(id_, None)
        self.retiring = {
            id_: kept
            for id_, retirement in models.items()
            if retirement and retirement.replacement in models and (kept := self._of_today(retirement))
        }

    def ended_before(self, today: date, roster: Roster) -> dict[str, Retirement]:
        """Return what is over on a day, where the last version is a roster of that day."""
        self.proceed(_retirements(roster), today)
        return {id_: retirement for id_, retirement in self.ended.items() if retirement.over(today)}

    def _of_today(self, retirement: Retirement) -> Retirement | None:
        """Return a retirement without the features that no longer exist; None where none of those it names is left."""
        features = tuple(name for name in dict.fromkeys(retirement.features) if name in self._registries.features)
        return retirement._replace(features=features) if features or not retirement.features else None


def _models(version: Step, environment: str, data: bytes, schema: Schema) -> dict[str, Retirement | None] | None:
    """Return the models of a version by id, each with its retirement; None where not all of them can be read."""
    document = read(version.path, data, dates=DATE_KEYS)
    if not document.readable:
        return None
    useless = {finding.place.pointer for finding in document.findings if finding.place.pointer}
    if not schema.accepts(document.value):
        useless |= schema.explain(version.path, document.value)[1]
    roster = Roster.of(version.path, environment, document.value, useless)
    return _retirements(roster) if roster.complete else None


def _retirements(roster: Roster) -> dict[str, Retirement | None]:
    return {id_: model.retirement for id_, model in roster.by_id.items()}
