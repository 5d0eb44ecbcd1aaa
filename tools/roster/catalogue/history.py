"""The history of rosters: publications with what they changed, and since when models are offered."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import NamedTuple

from roster.catalogue.changes import Change, changes
from roster.catalogue.public_model import PublicModel, public_models
from roster.catalogue.source import Source
from roster.registries import Feature, Registries
from roster.roster import Roster


class PublishedCommit(NamedTuple):
    """A commit that changed what customers get, by environment; ``number`` is that of the version."""

    number: int
    commit: str
    committed: datetime
    changes: dict[str, list[Change]]


class Since(NamedTuple):
    """Since which day a model has been offered without interruption; ``or_earlier`` if older versions were not read."""

    day: date
    or_earlier: bool


class History(NamedTuple):
    """Publications, the newest first, and since when each model is offered, by environment and id."""

    publications: list[PublishedCommit]
    since: Mapping[str, Mapping[str, Since]]

    def of(self, id_: str) -> list[tuple[PublishedCommit, str, Change]]:
        """Return the changes of a model, with their publications and environments."""
        return [
            (publication, environment, change)
            for publication in self.publications
            for environment, changes_ in publication.changes.items()
            for change in changes_
            if id_ in change.models
        ]


class _Version(NamedTuple):
    """A version with its models on the day of its commit."""

    roster: Roster
    on: date
    models: tuple[PublicModel, ...]

    def models_on(self, on: date, registries: Registries) -> tuple[PublicModel, ...]:
        return self.models if on == self.on else public_models(self.roster, on, registries)


def build_history(source: Source, features: tuple[Feature, ...]) -> History:
    """Return the history of the environments that are shown."""
    found: dict[str, PublishedCommit] = {}
    since: dict[str, dict[str, Since]] = {}
    for environment in reversed([*source.registries.environments]):
        if environment in source.rosters and environment in source.history:
            since[environment] = _environment(source, environment, features, found)
    return History(sorted(found.values(), key=lambda each: -each.number), since)


def _environment(
    source: Source,
    environment: str,
    features: tuple[Feature, ...],
    found: dict[str, PublishedCommit],
) -> dict[str, Since]:
    """Add the changes of an environment's versions to ``found``; return since when its models are offered."""
    versions, is_complete = source.history[environment]
    previous: _Version | None = None
    since: dict[str, Since] = {}
    for version in reversed(versions):
        on = version.committed.date()
        models = public_models(version.roster, on, source.registries)
        if previous and (noticed := changes(previous.models_on(on, source.registries), models, features)):
            publication = PublishedCommit(version.number, version.commit, version.committed, {})
            found.setdefault(version.commit, publication).changes[environment] = noticed
        start = Since(on, previous is None and not is_complete)
        since = {
            model.id: next((since[id_] for id_ in (model.id, *model.aliases) if id_ in since), start)
            for model in models
            if model.offers
        }
        previous = _Version(version.roster, on, models)
    return since
