"""``roster explain`` of an id: where it leads in each environment, and since which commit."""

from collections.abc import Iterator
from datetime import date

from roster.check.id_history import IdHistory, trace_id
from roster.check.line_numbers import find_lines
from roster.check.pipeline import check
from roster.check.result import CheckResult
from roster.cli.review.explain_facts import facts_lines
from roster.findings import ConfigurationError
from roster.git.file_history import FileVersion, file_versions
from roster.model import Model
from roster.naming import join_names
from roster.provider_facts import ProviderFacts
from roster.report.report_paths import paths_from_here
from roster.repository import Repository
from roster.roster import Roster, roster_path


def id_lines(id_: str, repository: Repository, today: date) -> list[str]:
    """Return the explanation of an id; empty if no roster has or had it."""
    result = check(repository, today)
    answers = {name: _Answer(id_, name, result, repository, today) for name in result.registries.environments}
    if not any(answer.exists for answer in answers.values()):
        return []
    lines = [f"{id_} (id)"]
    for environment, answer in answers.items():
        lines += [f"\n{environment}:", *(f"  {line}" for line in answer.lines())]
    for facts in dict.fromkeys(filter(None, (answer.facts for answer in answers.values()))):
        lines += ["", *facts_lines(facts, today)]
    return lines


class _Answer:
    """What became of an id in one environment."""

    def __init__(self, id_: str, environment: str, result: CheckResult, repository: Repository, today: date) -> None:
        self._id, self._result, self._repository, self._today = id_, result, repository, today
        self._roster = result.rosters.get(environment) or Roster(roster_path(environment), environment, ())
        self._model, self._error = self._roster.find(id_), ""
        self._history = self._trace(id_)

    @property
    def exists(self) -> bool:
        """Whether the roster has or had the id."""
        return self._model is not None or self._history is not None

    @property
    def facts(self) -> ProviderFacts | None:
        """What sources say about the model at its provider."""
        return self._result.registries.facts_of(self._model) if self._model else None

    def lines(self) -> Iterator[str]:
        """Yield what became of the id."""
        if self._model:
            yield from self._current(self._model)
        elif self._history:
            yield from self._removed(self._history)
        else:
            yield "no model has or had this id"
        if self._error:
            yield f"history unknown: {self._error}"

    def _current(self, model: Model) -> Iterator[str]:
        is_alias = self._id != model.id
        index = model.aliases.index(self._id) if is_alias else 0
        place = self._roster.at(model, *(("aliases", index) if is_alias else ("name",)))
        line = find_lines(self._result, [place])[place]
        what = f"alias of {model.id}" if is_alias else "id of a model"
        since = f" since {_commit(self._history.since)}" if self._history and self._history.since else ""
        yield f"{what}{since}: {paths_from_here(self._repository.root)(place.path)}:{line}"
        if model.suspended and model.is_suspended(self._today):
            reason = f": {model.suspended.reason}" if model.suspended.reason else ""
            yield f"suspended since {model.suspended.since}{reason}"
        yield from self._ends(model)

    def _removed(self, history: IdHistory) -> Iterator[str]:
        what = f"alias of {history.id}" if history.id != self._id else "id of a model"
        removed = f"removed {_commit(history.removed)}" if history.removed else "removed in an uncommitted change"
        yield f"{what} since {_commit(history.since)}, {removed}"
        yield from self._ends(history.model)
        if not history.model.retirements:
            yield "it was not retired: its features fall back to their defaults"

    def _ends(self, model: Model) -> Iterator[str]:
        """Yield the announced ends of a model, with the models that they lead to."""
        for retirement in model.retirements:
            features = f" for {join_names(retirement.features)}" if retirement.features else ""
            verb = "retired after" if retirement.is_over(self._today) else "retires after"
            default = f"the default of {'the' if len(retirement.features) == 1 else 'each'} feature"
            chain = " → ".join(self._replacements(retirement.replacement)) or default
            forced = ", as the provider forces" if retirement.forced_by else ""
            yield f"{verb} {retirement.last_day}{features}{forced}: leads to {chain}"

    def _replacements(self, id_: str | None) -> list[str]:
        """Return the replacement and those that replaced it, up to a model that is offered."""
        chain: list[str] = []
        while id_ and id_ not in chain:
            chain.append(id_)
            model = self._roster.find(id_)
            if model is None and (history := self._trace(id_)):
                model = history.model
            over = [each for each in model.retirements if each.is_over(self._today)] if model else []
            id_ = over[0].replacement if over else None
        return chain

    def _trace(self, id_: str) -> IdHistory | None:
        try:
            versions = file_versions(self._repository.root, self._roster.path)
            return trace_id(versions, id_, is_current=self._roster.find(id_) is not None)
        except ConfigurationError as error:
            self._error = str(error)
            return None


def _commit(version: FileVersion | None) -> str:
    return f"{version.day} (commit {version.commit[:12]})" if version else "an uncommitted change"
