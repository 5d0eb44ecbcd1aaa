"""The models that ``roster retire`` retires: found by id or alias in every environment, or by their provider's end."""

from collections.abc import Collection, Iterator
from datetime import date
from typing import NamedTuple

import click

from roster.authoring.promotion import find_model
from roster.authoring.retirement import Request, RetiringModel
from roster.check.line_numbers import find_lines
from roster.check.result import CheckResult
from roster.check.suppressions import suppressed_rules
from roster.findings import ConfigurationError
from roster.model import DATE_KEYS, Model, days_after
from roster.naming import did_you_mean, join_names, list_names, quote
from roster.registries import require_environment
from roster.roster import Roster, roster_path
from roster.rules.provider_ends import is_due
from roster.yaml.document import parse

_PROVIDER_END_RULES = {"offered-after-provider-end", "unannounced-provider-end"}


class Rosters(NamedTuple):
    """The rosters to retire models in: those of the selected environments, or of all."""

    result: CheckResult
    selected: Collection[str]
    today: date

    @property
    def environments(self) -> list[str]:
        """The environments to look at, in the order of the promotion path."""
        names = self.result.registries.environments
        for name in self.selected:
            require_environment(name, names)
        return [name for name in names if name in (self.selected or names)]

    def readable(self) -> list[Roster]:
        """Return the rosters.

        Raises:
            ConfigurationError: one cannot be read, or a selected environment has none.
        """
        rosters = []
        for name in self.environments:
            if name in self.result.rosters:
                rosters.append(self.result.rosters[name])
            elif name in self.result.environments:
                raise _unreadable(roster_path(name))
            elif self.selected:
                raise ConfigurationError(f"{name} has no roster: {roster_path(name)} is missing")
        return rosters

    def ids(self) -> list[str]:
        """Return the ids and aliases of all models."""
        return list(dict.fromkeys(id_ for roster in self.readable() for id_ in (*roster.by_id, *roster.by_alias)))

    def find(self, id_: str) -> list[RetiringModel]:
        """Return the model with an id or alias in each environment that offers it.

        Raises:
            UsageError: no environment, or a selected one not, has such a model.
        """
        rosters = self.readable()
        found = [(roster, model) for roster in rosters if (model := _find(roster, id_))]
        if len(found) < (len(rosters) if self.selected else 1):
            missing = [roster.environment for roster in rosters if roster not in dict(found)]
            incomplete = next((roster for roster in rosters if not roster.complete), None)
            if incomplete:
                raise _unreadable(incomplete.path)
            where = join_names(missing, word="or") if self.selected else "any environment"
            hint = did_you_mean(id_, self.ids()) or f"the ids are {join_names(self.ids())}"
            raise click.UsageError(f"no model of {where} has the id {quote(id_)}: {hint}")
        days = max(self._notice_days(roster) for roster, _ in found)
        targets = [self.retiring(roster, model, days) for roster, model in found]
        for target in targets:
            if not target.is_readable:
                raise _unreadable(target.roster.path)
        return targets

    def due(self, days: int | None) -> Iterator[RetiringModel]:
        """Yield the models whose provider ends them within some days, or as soon as unannounced-provider-end reports.

        A model that is due in one environment is due in all that offer it at the provider, because it ends on the same
        day in all. Those that end first are first.
        """
        retiring = [self.retiring(roster, model) for roster in self.readable() for model in roster.by_id.values()]
        if unreadable := next((each for each in retiring if each.is_ending and not each.is_readable), None):
            raise _unreadable(unreadable.roster.path)
        ending = [each for each in retiring if each.is_ending and each.outlives_provider()]
        due = {each.model.identifier for each in ending if _is_due(each, days)}
        yield from sorted((each for each in ending if each.model.identifier in due), key=RetiringModel.days_left)

    def may_end(self, days: int | None) -> Iterator[RetiringModel]:
        """Yield the unannounced models of which only the earliest possible end is known, if that is as close."""
        for target in (self.retiring(roster, model) for roster in self.readable() for model in roster.by_id.values()):
            if target.facts and target.facts.ends_earliest and target.unannounced(Request()) and _is_due(target, days):
                yield target

    def retiring(self, roster: Roster, model: Model, notice_days: int = 0) -> RetiringModel:
        """Return a model that is to be retired."""
        policy, facts = self.result.registries.environments[roster.environment], self.result.registries.facts_of(model)
        notice_days = notice_days or policy.retirement_notice_days
        return RetiringModel(roster, model, policy, facts, notice_days, self.today)

    def _notice_days(self, roster: Roster) -> int:
        return self.result.registries.environments[roster.environment].retirement_notice_days


def _is_due(target: RetiringModel, days: int | None) -> bool:
    if days is not None:
        return target.days_left() <= days
    return bool(target.facts and target.facts.ends and is_due(target.facts.ends, target.policy, target.today))


def suppressed_ends(result: CheckResult, target: RetiringModel) -> list[str]:
    """Return the rules on the model's end at its provider that a comment suppresses: people decided to keep it."""
    place = target.roster.at(target.model, "identifier")
    document = parse(place.path, result.texts[place.path].encode(), dates=DATE_KEYS)
    return sorted(_PROVIDER_END_RULES & suppressed_rules(document, find_lines(result, [place])[place]))


def replacement_id(target: RetiringModel, id_: str) -> str:
    """Return the id of the model that an id or alias leads to in the same roster.

    Raises:
        UsageError: there is no such model, or it is the retiring one.
    """
    roster, model = target.roster, target.roster.find(id_)
    if model is None:
        hint = did_you_mean(id_, replacements(target, Request())) or candidates_hint(target, Request())
        raise click.UsageError(f"{roster.environment} has no model with the id {quote(id_)}: {hint}")
    if model.id == target.model.id:
        raise click.UsageError(f"{quote(id_)} cannot replace itself: {candidates_hint(target, Request())}")
    return model.id


def resolved(request: Request, target: RetiringModel) -> Request:
    """Return a request whose replacement is an id of the model's roster."""
    return request._replace(replacement=request.replacement and replacement_id(target, request.replacement))


def replacements(target: RetiringModel, request: Request) -> list[str]:
    """Return the ids of the models that serve all retiring features beyond the last day."""
    day_after, features = days_after(target.last_day(request), 1), set(target.features(request))
    return [
        model.id
        for model in target.roster
        if model.id != target.model.id and features <= set(model.offered_features(day_after))
    ]


def candidates_hint(target: RetiringModel, request: Request) -> str:
    """Return which models can replace one."""
    if ids := replacements(target, request):
        return f"choose from {list_names(ids)}"
    features = target.features(request)
    return f"no other model of {target.roster.environment} serves {join_names(features)}, so add or promote one first"


def _find(roster: Roster, id_: str) -> Model | None:
    model = find_model(roster, id_)
    return model or roster.by_alias.get(id_)


def _unreadable(path: str) -> ConfigurationError:
    return ConfigurationError(f"cannot read {path}: roster check shows what is wrong")
