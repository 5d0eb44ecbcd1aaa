"""Promotion of a model to the next environment.

What describes the model is copied; what belongs to the environment remains.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import date
from types import MappingProxyType
from typing import Any, NamedTuple

from roster.edit.editor import Editor
from roster.edit.model_edits import ModelChanges, same_value
from roster.edit.style import Value, WrittenValue
from roster.edit.verbatim import Verbatim, verbatim_values
from roster.findings import ConfigurationError
from roster.model import DATE_KEYS, Model
from roster.naming import counted, derive_id, join_names, quote
from roster.registries import Environment
from roster.roster import Roster
from roster.rules.base.identity import Identity
from roster.rules.base.promotion_path import TrialPeriod
from roster.schema.model_keys import model_keys
from roster.yaml.document import parse

ENVIRONMENT_KEYS = ("endpoint", "api-key", "default_for", "retirement", "suspended")
"""The keys of a model that belong to its environment."""


class Promotion(NamedTuple):
    """The promotion of a model from one environment to the next.

    Attributes:
        id: the model's id.
        source_environment: the environment that the model comes from.
        policy: the policy of the environment that it is promoted to.
        source: its values in the source environment, as in the file.
        target: its values in the target environment; None if it is not offered there yet.
        overrides: values chosen for the target; ``default_for`` adds to the features that it is the default of.
        own_values: the source's values that are copied as they are written: those that are neither texts nor lists of
            texts, and those of keys that only the repository's schema has.
    """

    id: str
    source_environment: str
    policy: Environment
    source: Mapping[str, Any]
    target: Mapping[str, Any] | None
    overrides: Mapping[str, Value]
    own_values: Mapping[str, Verbatim] = MappingProxyType({})

    @property
    def preserved_keys(self) -> Collection[str]:
        """The keys that the target preserves unless they are overridden."""
        keys = ENVIRONMENT_KEYS if self.target is None else {*ENVIRONMENT_KEYS, *self.policy.may_differ_in}
        return [key for key in keys if key not in self.overrides]

    def new_model(self) -> dict[str, WrittenValue]:
        """Return the model to add to the target."""
        return {key: value for key, value in self._promoted_values().items() if value is not None}

    def changes(self) -> ModelChanges:
        """Return the changes to the model that the target already has."""
        target, values = self.target or {}, self._promoted_values()
        if "default_for" in values:
            values["default_for"] = _with_defaults(target.get("default_for"), self.overrides["default_for"])
        if "id" in target or derive_id(str(values.get("name", target.get("name", "")))) == self.id:
            values.pop("id", None)  # the id is the same without being pinned, or is pinned already
        return {key: value for key, value in values.items() if not same_value(target.get(key), value)}

    def differing_keys(self) -> list[str]:
        """Return the keys whose values remain different in the target."""
        target, preserved = self.target or {}, self.preserved_keys
        return [
            key
            for key in self._keys()
            if key in preserved and not same_value(target.get(key), self.own_values.get(key, self.source.get(key)))
        ]

    def lost_defaults(self) -> list[str]:
        """Return the features that the model is the default of in the source, but will not be in the target."""
        in_target = {*_defaults(self.target or {}), *self.overrides.get("default_for", ())}
        return [feature for feature in _defaults(self.source) if feature not in in_target]

    def policy_violation(self) -> str:
        """Return why the target's policy does not allow the promotion, and what to do; empty if it does."""
        name = quote(self.id)
        if self.target is None and (retirement := self.source.get("retirement")):
            replacements = dict.fromkeys(_replacements(retirement))
            advice = f"promote its replacement {join_names(map(quote, replacements))}, or " if replacements else ""
            return f"cannot promote {name}: it retires in {self.source_environment}; {advice}cancel its retirement"
        if self.target is None and self.source.get("suspended"):
            return f"cannot promote {name}: it is suspended in {self.source_environment}; end its suspension first"
        values, allowed = self._promoted_values(), self.policy.release_states
        allows = f"{self.policy.name} allows {join_names(allowed)}"
        if (state := values.get("release_state")) and state not in allowed:
            options = join_names((f"--release-state {other}" for other in allowed), word="or")
            return f"cannot promote {name} as {state}: {allows}; add {options}"
        for feature, feature_state in _states(values.get("release_state_for")).items():
            if feature_state not in allowed:
                advice = f"change its state in {self.source_environment} first"
                return f"cannot promote {name} as {feature_state} for {feature}: {allows}; {advice}"
        return ""

    def required_trial(self, identity: Identity) -> TrialPeriod:
        """Return the trial period that the target requires, not started; one without days for the same model."""
        entering = self.target is None or identity.differing_key(self.source, self.target) is not None
        return TrialPeriod(self.policy.trial_days if entering else 0)

    def trial_violation(self, trial: TrialPeriod, today: date) -> str:
        """Return why a trial period is not over, and when it will be; empty if it is."""
        if trial.is_over(today):
            return ""
        source, name = self.source_environment, quote(self.id)
        period = f"its trial period of {counted(trial.days, 'day')} in {source}"
        promote = f"cannot promote {name} to {self.policy.name}"
        if trial.since is None:
            return f"{promote}: it is in no commit of {source}'s roster, and {period} starts with its first commit"
        return f"{promote} before {trial.end}: {period} started on {trial.since}"

    def _keys(self) -> Iterable[str]:
        return dict.fromkeys((*model_keys(), *self.source, *(self.target or ())))

    def _promoted_values(self) -> dict[str, WrittenValue | None]:
        """Return the target's values by key, without the keys that it preserves; None for keys to remove."""
        preserved = self.preserved_keys
        return {
            key: self.overrides[key] if key in self.overrides else self._copy(key)
            for key in self._keys()
            if key not in preserved
        }

    def _copy(self, key: str) -> WrittenValue | None:
        if key in self.own_values:
            return self.own_values[key]
        value = self.source.get(key)
        if value is None or _is_simple(value):
            return tuple(value) if isinstance(value, list) else value
        raise ConfigurationError(
            f"cannot copy {key} of {quote(self.id)} from {self.source_environment}: its value is invalid; "
            "roster check shows why"
        )


def find_model(roster: Roster, id_: str) -> Model | None:
    """Return a roster's model with an id, if there is one.

    Raises:
        ConfigurationError: several models have the id.
    """
    models = [model for model in roster if model.id == id_]
    if len(models) > 1:
        raise ConfigurationError(f"{roster.path} has several models with the id {quote(id_)}: roster check lists them")
    return models[0] if models else None


def model_values(roster: Roster, data: bytes, id_: str) -> Mapping[str, Any] | None:
    """Return the values of the model with an id by key, as in the roster's file; None if there is no such model."""
    model = find_model(roster, id_)
    return parse(roster.path, data, dates=DATE_KEYS).value[model.position] if model else None


def own_values(roster: Roster, data: bytes, id_: str) -> dict[str, Verbatim]:
    """Return the values of the model with an id that the toolkit copies as they are written."""
    model = find_model(roster, id_)
    values = verbatim_values(parse(roster.path, data, dates=DATE_KEYS), model.position) if model else {}
    return {key: value for key, value in values.items() if key not in model_keys() or not _is_simple(value.value)}


def promote(promotion: Promotion, data: bytes, roster: Roster) -> bytes:
    """Return the target's roster with the model promoted; it replaces other models as a default.

    Raises:
        ConfigurationError: the roster must be changed by hand.
    """
    promoted, defaults = find_model(roster, promotion.id), promotion.overrides.get("default_for", ())
    for other in roster:
        rest = tuple(feature for feature in other.default_for if feature not in defaults)
        if other is not promoted and rest != other.default_for:
            shares = other.entry["default_for"]
            remaining = Verbatim({feature: shares[feature] for feature in rest}) if isinstance(shares, dict) else rest
            data = Editor(roster.path, data).update_model(other.position, {"default_for": remaining if rest else None})
    editor = Editor(roster.path, data)
    if promoted is None:
        return editor.insert_model(promotion.new_model())
    return editor.update_model(promoted.position, promotion.changes())


def _is_simple(value: Any) -> bool:
    """Return whether a value is a text or a list of texts."""
    return isinstance(value, str) or (isinstance(value, list) and all(isinstance(item, str) for item in value))


def _with_defaults(current: Any, features: Iterable[str]) -> WrittenValue:
    """Return a model's ``default_for`` with more features, for which it is the only default."""
    if isinstance(current, dict):
        return Verbatim(current | dict.fromkeys(features, 100))
    return tuple(dict.fromkeys((*(current or ()), *features)))


def _replacements(retirement: Any) -> Iterator[str]:
    for each in retirement if isinstance(retirement, list) else [retirement]:
        if isinstance(each, dict) and isinstance(replacement := each.get("replacement"), str):
            yield replacement


def _states(value: Any) -> Mapping[str, Any]:
    states = value.value if isinstance(value, Verbatim) else None
    return states if isinstance(states, dict) else {}


def _defaults(values: Mapping[str, Any]) -> list[str]:
    features = values.get("default_for")
    return list(features) if isinstance(features, list | dict) else []
