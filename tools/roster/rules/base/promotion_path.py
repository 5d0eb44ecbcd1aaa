"""The promotion path: which models a change offers in an environment too early.

A model enters an environment if its id was not offered there before the change, or if it becomes a different model: one
with another identifier or family. Endpoint and API key belong to the environment, and features do not make a model a
different one. A model that only changes its id does not enter; other rules report that. A new environment may offer any
models.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date, timedelta
from itertools import pairwise
from typing import NamedTuple

from roster.model import Model, days_after
from roster.naming import counted
from roster.registries import Environment, Registries
from roster.roster import Roster
from roster.rules.base.identity import Identity, identity_values


class TrialPeriod(NamedTuple):
    """The days that an environment must offer a model before the next one does.

    Attributes:
        since: the day since which it offers the model; None if it does not, or not before the change.
    """

    days: int
    since: date | None = None

    @property
    def end(self) -> date | None:
        """The first day on which the next environment may offer the model."""
        return self.since and days_after(self.since, self.days)

    def is_over(self, today: date) -> bool:
        """Return whether the next environment may offer the model."""
        return not self.days or (self.end is not None and self.end <= today)

    @staticmethod
    def latest_start(days: int, today: date) -> date:
        """Return the latest day on which a trial period that is over on a day may have started."""
        return today - timedelta(min(days, (today - date.min).days))


class Entry(NamedTuple):
    """A model that enters an environment.

    Attributes:
        roster: the environment's roster after the change.
        previous: the roster of the previous environment on the path.
        other: the model with the same id that the previous environment offers; None if it offers none.
        trial_days: the days for which the previous environment must have offered the model.
        identity: what may not differ between the two.
        key: the key that makes it a different model; empty for a new id.
    """

    roster: Roster
    model: Model
    previous: Roster
    other: Model | None
    trial_days: int
    identity: Identity
    key: str = ""

    @property
    def is_skipping(self) -> bool:
        """Whether the previous environment does not offer a model with this id."""
        return self.other is None and self.previous.complete

    @property
    def differing_key(self) -> str:
        """The key in which the previous environment's model differs; empty if it does not."""
        return (self.other and self.difference(self.other)) or ""

    def difference(self, other: Model) -> str | None:
        """Return the key that shows that another model with the same id is a different one; None if it is the same."""
        return self.identity.differing_key(identity_values(self.model), identity_values(other))

    def may_be_in(self, rosters: Mapping[str, Roster]) -> bool:
        """Return whether the previous environment may have offered the same model in some rosters, by environment."""
        roster = rosters.get(self.previous.environment)
        if roster is None or not roster.complete:
            return True
        other = roster.by_id.get(self.model.id)
        return other is not None and self.difference(other) is None

    @property
    def requirement(self) -> str:
        """What the policy requires, for a message."""
        return f"{self.roster.environment} requires {counted(self.trial_days, 'day')} there"

    def state(self, trial: TrialPeriod) -> str:
        """Return how long the previous environment has had the model, for a message: a predicate."""
        if trial.since:
            return f"entered {self.previous.environment} on {trial.since}"
        return f"is {'not' if self.differing_key else 'new'} in {self.previous.environment}"

    def trial(self, trial_start: "TrialStart") -> TrialPeriod:
        """Return its trial period in the previous environment; one without days if none is required."""
        if self.is_skipping or not self.trial_days:
            return TrialPeriod(0)
        return TrialPeriod(self.trial_days, None if self.differing_key else trial_start(self))


class Violation(NamedTuple):
    """A model that enters an environment too early, and its trial period; without days if it skips an environment."""

    entry: Entry
    trial: TrialPeriod


TrialStart = Callable[[Entry], date | None]
"""Returns since when the previous environment has offered a model, before the change; None if it did not."""


def enforced_policies(base: Mapping[str, Environment], head: Mapping[str, Environment]) -> dict[str, Environment]:
    """Return the promotion path before a change, with the longer trial periods of the two versions.

    A change cannot shorten the path that it has to follow.
    """
    return {
        name: policy._replace(trial_days=max(policy.trial_days, head.get(name, policy).trial_days))
        for name, policy in base.items()
    }


def entries(
    before: Mapping[str, Roster],
    after: Mapping[str, Roster],
    path: Mapping[str, Environment],
    registries: Registries,
    today: date,
) -> Iterator[Entry]:
    """Yield the models that a change adds to environments that have a previous one.

    Args:
        before, after: the rosters by environment; an environment without a roster before the change is new.
        path: the policies in the order of the promotion path.
        registries: those after the change.
    """
    for source, target in pairwise(path):
        previous = after.get(source) or before.get(source)
        if previous is None or target not in before or target not in after:
            continue
        policy, identity = path[target], Identity.of(path[target], registries)
        removed = [model for id_, model in before[target].by_id.items() if id_ not in after[target].by_id]
        renamed = {_values(model) for model in removed if model.offered_features(today)}
        for model in after[target].by_id.values():
            old, other = (_offered(roster, model.id, today) for roster in (before[target], previous))
            entry = Entry(after[target], model, previous, other, policy.trial_days, identity)
            key = entry.difference(old) if old else ""
            if key is None or not model.offered_features(today) or (not old and _values(model) in renamed):
                continue
            yield entry._replace(key=key)


def violations(entering: Iterable[Entry], trial_start: TrialStart, today: date) -> Iterator[Violation]:
    """Yield the models that enter an environment too early."""
    for entry in entering:
        trial = entry.trial(trial_start)
        if entry.is_skipping or not trial.is_over(today):
            yield Violation(entry, trial)


def _values(model: Model) -> tuple[object, ...]:
    return tuple(identity_values(model).values())


def _offered(roster: Roster, id_: str, today: date) -> Model | None:
    model = roster.by_id.get(id_)
    return model if model and model.offered_features(today) else None
