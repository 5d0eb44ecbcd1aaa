"""A model brought to the next environment: what describes it is copied, what belongs to the environment stays there."""

from collections.abc import Collection, Mapping
from datetime import date, timedelta
from typing import Any, NamedTuple

from roster.edit.insert import insert
from roster.edit.style import Value
from roster.edit.update import Changes, same, update
from roster.findings import ConfigurationError
from roster.naming import derive_id, listed, quote
from roster.registries import Environment
from roster.roster import DATE_KEYS, Model, Roster
from roster.schema.model_keys import model_keys
from roster.yaml.document import read

OWN = ("endpoint", "api-key", "default_for", "retirement")
"""The keys of a model that belong to its environment."""


class Promotion(NamedTuple):
    """A model on its way from one environment to the next.

    Attributes:
        id: the model's id.
        before: the environment that it comes from.
        policy: of the environment that it goes to.
        source: its values where it comes from, as the file has them.
        target: its values where it goes to; None where it is not offered yet.
        given: what somebody said that it is to have there; ``default_for`` is added to what it is the default of.
    """

    id: str
    before: str
    policy: Environment
    source: Mapping[str, Any]
    target: Mapping[str, Any] | None
    given: Mapping[str, Value]

    @property
    def kept(self) -> Collection[str]:
        """The keys that stay as they are in the target unless somebody said otherwise."""
        kept = OWN if self.target is None else {*OWN, *self.policy.may_differ_in}
        return [key for key in kept if key not in self.given]

    def model(self) -> dict[str, Value]:
        """Return the target's new model."""
        return {key: value for key, value in self._wanted().items() if value is not None}

    def changes(self) -> Changes:
        """Return what changes in the model that the target has."""
        target, wanted = self.target or {}, self._wanted()
        if "default_for" in wanted:
            wanted["default_for"] = tuple(dict.fromkeys((*_defaults(target), *self.given["default_for"])))
        if "id" in target or derive_id(str(wanted.get("name", target.get("name", "")))) == self.id:
            wanted.pop("id", None)  # it is the same without being pinned, or pinned already
        return {key: value for key, value in wanted.items() if not same(target.get(key), value)}

    def left(self) -> list[str]:
        """Return the keys in which the target's model stays different."""
        target = self.target or {}
        return [key for key in model_keys() if key in self.kept and not same(target.get(key), self.source.get(key))]

    def lost_defaults(self) -> list[str]:
        """Return the features that it is the default of where it comes from, and will not be in the target."""
        there = {*_defaults(self.target or {}), *self.given.get("default_for", ())}
        return [feature for feature in _defaults(self.source) if feature not in there]

    def refusal(self) -> str:
        """Return why the policy of the target does not allow it, and what to do; nothing where it does."""
        wanted, name = self._wanted(), quote(self.id)
        if self.target is None and (retirement := self.source.get("retirement")):
            replacement = retirement.get("replacement") if isinstance(retirement, dict) else None
            instead = f"promote its replacement {quote(replacement)}, or " if replacement else ""
            return f"{name} retires in {self.before}, so it is offered nowhere anew: {instead}cancel its retirement"
        state, allowed = wanted.get("release_state"), self.policy.release_states
        if state and state not in allowed:
            options = listed((f"--release-state {other}" for other in allowed), word="or")
            return f"{self.policy.name} does not offer {state} models, as which it would get {name}: give {options}"
        return ""

    def enough(self, today: date) -> date:
        """Return the day since which the model has to be offered where it comes from, to be promoted today."""
        return today - timedelta(min(self.policy.trial_days, (today - date.min).days))

    def untried(self, since: date | None, today: date) -> str:
        """Return why the model has to be tried longer, and how long; nothing where it was tried for long enough.

        ``since``: the day since which it is offered where it comes from; None where no commit offers it.
        """
        days, to = self.policy.trial_days, self.policy.name
        trial = f"{days} day{'' if days == 1 else 's'} of trial"
        if since is None:
            return (
                f"{quote(self.id)} is in no commit of {self.before}'s roster: {to} asks for {trial}, which start when "
                "it is committed"
            )
        if since <= self.enough(today):
            return ""
        first = since + timedelta(min(days, (date.max - since).days))
        return (
            f"{quote(self.id)} is offered in {self.before} since {since}: it can be promoted to {to} from {first} on, "
            f"after {trial}"
        )

    def _wanted(self) -> dict[str, Value | None]:
        """Return what the target's model is to have, by key; None for what it is not to have."""
        kept = self.kept
        return {
            key: self.given[key] if key in self.given else self._copied(key)
            for key in dict.fromkeys((*model_keys(), *self.source))
            if key not in kept
        }

    def _copied(self, key: str) -> Value | None:
        value = self.source.get(key)
        if isinstance(value, list) and all(isinstance(item, str) for item in value):
            return tuple(value)
        if value is None or isinstance(value, str):
            return value
        raise ConfigurationError(
            f"{key} of {quote(self.id)} in {self.before} cannot be copied: roster check says what is wrong with it"
        )


def found(roster: Roster, id_: str) -> Model | None:
    """Return a roster's model with an id; None without one.

    Raises:
        ConfigurationError: there are several.
    """
    models = [model for model in roster if model.id == id_]
    if len(models) > 1:
        raise ConfigurationError(f"{roster.path} has several models with the id {quote(id_)}: roster check shows them")
    return models[0] if models else None


def values(path: str, text: str, model: Model) -> Mapping[str, Any]:
    """Return what a roster's text says of one of its models, by key."""
    said: Mapping[str, Any] = read(path, text.encode(), dates=DATE_KEYS).value[model.position]
    return said


def _defaults(said: Mapping[str, Any]) -> list[str]:
    listed_there = said.get("default_for")
    return listed_there if isinstance(listed_there, list) else []


def promoted(promotion: Promotion, text: str, roster: Roster) -> str:
    """Return the text of the target's roster with a model promoted; no other model stays a default that it becomes.

    Raises:
        ConfigurationError: the roster is written in such a way that it has to be changed by hand.
    """
    mine = found(roster, promotion.id)
    for other in roster:
        rest = tuple(feature for feature in other.default_for if feature not in promotion.given.get("default_for", ()))
        if other is not mine and rest != other.default_for:
            text = update(roster.path, text, other.position, {"default_for": rest or None})
    if mine is None:
        return insert(roster.path, text, promotion.model())
    return update(roster.path, text, mine.position, promotion.changes())
