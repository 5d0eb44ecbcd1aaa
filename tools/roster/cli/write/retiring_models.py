"""Search for the models to retire: by id or alias in every environment, or by their provider's end."""

from collections.abc import Collection, Iterable, Iterator
from datetime import date
from typing import NamedTuple

import click

from roster.authoring.promotion import find_model
from roster.authoring.retirement import Request, RetiringModel
from roster.check.line_numbers import find_lines
from roster.check.result import CheckResult
from roster.check.suppressions import suppressed_rules
from roster.cli.terminal import file_changes
from roster.findings import ConfigurationError
from roster.model import DATE_KEYS, Model, days_after
from roster.naming import MAX_IN_PASSING, did_you_mean, join_names, list_names, quote
from roster.registries import require_environment
from roster.report.report_paths import paths_from_here
from roster.repository import Repository
from roster.roster import Roster, roster_path
from roster.rules.provider_ends import is_due
from roster.yaml.document import parse

_PROVIDER_END_RULES = {"offered-after-provider-end", "unannounced-provider-end"}


class Rosters(NamedTuple):
    """The rosters to retire models in: those of the selected environments, or of all."""

    result: CheckResult
    selected: Collection[str]
    today: date
    repository: Repository

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
                raise file_changes.unreadable(self.repository, roster_path(name))
            elif self.selected:
                path = paths_from_here(self.repository.root)(roster_path(name))
                raise ConfigurationError(f"{name} has no roster: {path} is missing")
        return rosters

    def ids(self) -> list[str]:
        """Return the ids and aliases of all models."""
        rosters = self.readable()
        ids = [model.id for roster in rosters for model in roster if model.id]
        return list(dict.fromkeys([*ids, *(alias for roster in rosters for alias in roster.by_alias)]))

    def find(self, id_: str) -> list[RetiringModel]:
        """Return the model with an id or alias in each environment that offers it.

        Raises:
            UsageError: no environment has such a model, or a selected one does not.
        """
        rosters = self.readable()
        found = [(roster, model) for roster in rosters if (model := _find(roster, id_))]
        if len(found) < (len(rosters) if self.selected else 1):
            missing = [roster.environment for roster in rosters if roster not in dict(found)]
            incomplete = next((roster for roster in rosters if not roster.complete), None)
            if incomplete:
                raise file_changes.unreadable(self.repository, incomplete.path)
            where = join_names(missing, word="or") if self.selected else "any environment"
            hint = did_you_mean(id_, self.ids()) or f"the ids are {join_names(self.ids())}"
            raise click.UsageError(f"no model of {where} has the id {quote(id_)}: {hint}")
        days = max(self._notice_days(roster) for roster, _ in found)
        targets = [target for roster, model in found for target in self._retiring(roster, [model], days)]
        for target in targets:
            if not target.is_readable:
                raise file_changes.unreadable(self.repository, target.roster.path)
        return targets

    def due(self, days: int | None) -> Iterator[RetiringModel]:
        """Yield the models whose provider ends them within some days, or as soon as unannounced-provider-end reports.

        A model that is due in one environment is due in all that offer it at the provider, because it ends on the same
        day in all. Those that end first are first.
        """
        retiring = list(self._models())
        if unreadable := next((each for each in retiring if each.is_ending and not each.is_readable), None):
            raise file_changes.unreadable(self.repository, unreadable.roster.path)
        ending = [each for each in retiring if each.is_ending and each.outlives_provider()]
        due = {each.model.identifier for each in ending if _is_due(each, days)}
        yield from sorted((each for each in ending if each.model.identifier in due), key=RetiringModel.days_left)

    def may_end(self, days: int | None) -> Iterator[RetiringModel]:
        """Yield the unannounced models of which only the earliest possible end is known, if that is as close."""
        for target in self._models():
            if target.facts and target.facts.ends_earliest and target.unannounced(Request()) and _is_due(target, days):
                yield target

    def _models(self) -> Iterator[RetiringModel]:
        for roster in self.readable():
            yield from self._retiring(roster, roster.by_id.values())

    def _retiring(self, roster: Roster, models: Iterable[Model], notice_days: int = 0) -> Iterator[RetiringModel]:
        """Yield models that are to be retired."""
        policy, facts_of = self.result.registries.environments[roster.environment], self.result.registries.facts_of
        facts = {id_: facts for id_, model in roster.by_id.items() if (facts := facts_of(model))}
        ends = {id_: each.ends for id_, each in facts.items() if each.ends and not each.ends_earliest}
        notice_days = notice_days or policy.retirement_notice_days
        for model in models:
            yield RetiringModel(roster, model, policy, facts.get(model.id), notice_days, self.today, ends)

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


def ended_replacement(result: CheckResult, target: RetiringModel, request: Request) -> str:
    """Return why the requested replacement cannot take over: it ends at its provider before, and no comment says why.

    Empty if it can.
    """
    id_, days = request.replacement, [target.last_day_of(feature, request) for feature in target.features(request)]
    last_day = max(days, default=target.today)
    if not id_ or not target.has_ended(id_, days_after(last_day, 1)):
        return ""
    if suppressed_ends(result, target._replace(model=target.roster.by_id[id_])):
        return ""
    end = target.provider_ends[id_]
    return (
        f"{quote(id_)} cannot replace {quote(target.model.id)} in {target.roster.environment} after {last_day}: its "
        f"provider {'ended' if end <= target.today else 'ends'} it on {end}; {candidates_hint(target, request)}"
    )


def resolved(request: Request, target: RetiringModel) -> Request:
    """Return a request whose replacement is an id of the model's roster."""
    return request._replace(replacement=request.replacement and replacement_id(target, request.replacement))


def replacements(target: RetiringModel, request: Request) -> list[str]:
    """Return the ids of the models that serve all retiring features beyond the last day."""
    day_after, features = days_after(target.last_day(request), 1), set(target.features(request))
    return [
        model.id
        for model in target.roster
        if model.id != target.model.id
        and features <= set(model.offered_features(day_after))
        and not target.has_ended(model.id, day_after)
    ]


def candidates_hint(target: RetiringModel, request: Request) -> str:
    """Return which models can replace one."""
    if ids := replacements(target, request):
        return f"choose from {list_names(ids)}"
    features = join_names(target.features(request), limit=MAX_IN_PASSING)
    return f"no other model of {target.roster.environment} serves {features}, so add or promote one first"


def _find(roster: Roster, id_: str) -> Model | None:
    model = find_model(roster, id_)
    return model or roster.by_alias.get(id_)
