"""The content of the catalogue's pages, as records for their templates."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta
from functools import cached_property
from typing import NamedTuple

from roster.catalogue.changes import Change, changes
from roster.catalogue.history import build_history
from roster.catalogue.public_model import Offer, PublicModel, public_models, shown
from roster.catalogue.source import Source
from roster.model import ReleaseState
from roster.registries import Feature
from roster.roster import Roster

STATUSES = ("retiring", "suspended")
"""What the filter for states offers in addition to defaults and release states."""


class EnvironmentView(NamedTuple):
    """An environment with its models.

    Attributes:
        problem: why it has no models to show; empty if it has.
        columns: the features that its models serve, in the registry's order.
        artifacts: the paths of its artifacts.
    """

    name: str
    problem: str
    models: tuple[PublicModel, ...]
    columns: tuple[Feature, ...]
    artifacts: tuple[str, ...]

    @property
    def rows(self) -> list[PublicModel]:
        """The models that are offered or suspended."""
        return [model for model in self.models if model.status != "retired"]

    @property
    def retired(self) -> list[PublicModel]:
        """The models that have retired."""
        return [model for model in self.models if model.status == "retired"]

    def serving(self, feature: str) -> list[tuple[PublicModel, Offer]]:
        """Return the models that serve a feature, and how: defaults first, the largest share first."""
        serving = [(model, model.offers[feature]) for model in self.models if feature in model.offers]
        return sorted(serving, key=lambda each: -each[1].share)

    def choices(self) -> dict[str, list[str]]:
        """Return the values that the filters offer, by filter."""
        models = self.rows
        return {
            "provider": sorted({model.provider for model in models if model.provider}),
            "region": sorted({name for model in models for region in model.regions for name in _with_area(region)}),
            "capability": sorted({each for model in models for each in model.capabilities}),
        }


def _with_area(region: str) -> set[str]:
    """Return a region and the area that contains it, which the filter also offers: ``eu`` of ``eu-west-1``."""
    return {region, region.partition("-")[0]}


class DefaultChange(NamedTuple):
    """The defaults of a feature from a day on, as ids with shares in percent; empty without a default."""

    day: date
    shares: Mapping[str, int]


class Catalogue:
    """The whole content: environments in promotion order, features in the registry's order, and models by id."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self.on, self.published, self.committed = source.on, source.published, source.committed
        self.features = tuple(each._replace(title=shown(each.title)) for each in source.registries.features.values())
        self.environments = tuple(self._environment(name) for name in source.registries.environments)
        self.history = build_history(source, self.features)
        self.base = None if source.base is None else self._base(source.base)

    @property
    def main(self) -> EnvironmentView:
        """The environment on the first page: the last one on the promotion path, which customers use."""
        return self.environments[-1]

    @property
    def shown(self) -> tuple[EnvironmentView, ...]:
        """The environments with models to show."""
        return tuple(each for each in self.environments if not each.problem)

    @cached_property
    def models(self) -> dict[str, dict[str, PublicModel]]:
        """The models by id and environment; those of the last environment first."""
        models: dict[str, dict[str, PublicModel]] = {}
        for environment in reversed(self.shown):
            for model in environment.models:
                models.setdefault(model.id, {}).setdefault(environment.name, model)
        return models

    @cached_property
    def shared_names(self) -> set[tuple[str, str]]:
        """The names with providers that several models have, which pages tell apart by id."""
        names = Counter((model.name, model.provider) for model in map(self.latest, self.models) if model)
        return {name for name, number in names.items() if number > 1}

    def latest(self, id_: str) -> PublicModel | None:
        """Return the model with an id in the last environment that has it, if any."""
        return next(iter(self.models.get(id_, {}).values()), None)

    def base_offer(self, environment: str, id_: str, feature: str) -> Offer | None:
        """Return how a model served a feature before the change; None if it did not."""
        model = self.base[environment].get(id_) if self.base else None
        return model.offers.get(feature) if model else None

    def change(self) -> dict[str, list[Change]]:
        """Return what customers notice of the change, by environment; the last one first."""
        base = self.base or {}
        pairs = ((each, base[each.name]) for each in reversed(self.shown))
        found = {each.name: changes(before.values(), each.models, self.features) for each, before in pairs}
        return {name: rows for name, rows in found.items() if rows}

    def default_changes(self, environment: str, feature: str) -> list[DefaultChange]:
        """Return when the defaults of a feature change in an environment, as far as its roster announces it."""
        return list(_default_changes(self._source.rosters[environment], feature, self.on))

    def served(self, id_: str) -> list[Feature]:
        """Return the features that a model serves in any environment."""
        names = {feature for model in self.models[id_].values() for feature in model.offers}
        return [feature for feature in self.features if feature.name in names]

    def _base(self, rosters: Mapping[str, Roster]) -> dict[str, dict[str, PublicModel]]:
        """Return the models before the change, by environment and id."""
        found = {each.name: rosters.get(each.name) for each in self.shown}
        return {
            name: {model.id: model for model in public_models(roster, self.on, self._source.registries)}
            if roster
            else {}
            for name, roster in found.items()
        }

    def _environment(self, name: str) -> EnvironmentView:
        roster = self._source.rosters.get(name)
        if not roster:
            return EnvironmentView(name, self._source.problems.get(name, "is missing"), (), (), ())
        models = public_models(roster, self.on, self._source.registries)
        served = {feature for model in models for feature in model.offers}
        columns = tuple(feature for feature in self.features if feature.name in served)
        artifacts = tuple(path for path in sorted(self._source.artifacts) if path.startswith(f"{name}/"))
        return EnvironmentView(name, "", models, columns, artifacts)


def by_category(features: Iterable[Feature]) -> dict[str, list[Feature]]:
    """Return features by category, in the order of the registry; those without one last."""
    groups: dict[str, list[Feature]] = {}
    for feature in features:
        groups.setdefault(feature.category, []).append(feature)
    return {category: groups[category] for category in sorted(groups, key=lambda category: not category)}


def _default_changes(roster: Roster, feature: str, on: date) -> Iterator[DefaultChange]:
    defaults = roster.defaults.get(feature, [])
    retirements = (model.retirement_of(feature) for model in defaults)
    days = {
        each.last_day + timedelta(days=1) for each in retirements if each and each.last_day and each.last_day < date.max
    }
    days |= {model.suspended.since for model in defaults if model.suspended and model.suspended.since}
    before = roster.default_shares(feature, on)
    for start in sorted(start for start in days if start > on):
        after = roster.announced_shares(feature, start)
        if after != before:
            total = sum(after.values()) or 1
            yield DefaultChange(start, {shown(id_): round(100 * share / total) for id_, share in after.items()})
        before = after


def state_choices() -> list[str]:
    """Return the release states, in the order of the filter."""
    return [state.value for state in ReleaseState]
