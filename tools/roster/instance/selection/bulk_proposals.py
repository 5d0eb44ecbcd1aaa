"""Changes that follow from a bulk rule, to be saved like any others. Features that comply already are left out."""

from collections.abc import Mapping
from typing import NamedTuple

from roster.instance.selection.bulk_rules import AllowRule, BulkRule, DefaultRule
from roster.instance.selection.offered_list import OfferedFeature, OfferedList
from roster.instance.selection.requested_selection import RequestedSelection, follow_roster
from roster.instance.selection.selections import Selection, SelectionKey, SelectionMode, SelectionVersion
from roster.naming import printable


class ProposedChange(NamedTuple):
    """A change that follows from a rule; the note says where it differs from the rule."""

    requested: RequestedSelection
    note: str | None


class Proposal(NamedTuple):
    """What follows from a rule, with features in the order of the list.

    Attributes:
        refusals: why a feature cannot follow the rule, by feature.
        complying: how many features need no change.
    """

    changes: tuple[ProposedChange, ...]
    refusals: Mapping[str, str]
    complying: int


class _CannotFollowError(Exception):
    """A feature cannot follow the rule, for the reason in the message."""


class _Choice(NamedTuple):
    """What is allowed for a feature, and its default; None for every model, or the roster's default."""

    models: tuple[str, ...] | None = None
    default: str | None = None


def propose_changes(
    offered: OfferedList,
    instance: Mapping[str, Selection],
    versions: Mapping[SelectionKey, SelectionVersion],
    rule: BulkRule,
) -> Proposal:
    """Return the changes that make each feature in a valid rule's scope follow it.

    Args:
        instance: the instance's selections, by feature.
        versions: those of the instance's selections, which the changes are based on.
    """
    rule = rule.with_current_ids(offered)
    changes: list[ProposedChange] = []
    refusals: dict[str, str] = {}
    scope = [feature for feature in offered.features.values() if rule.applies_to(feature)]
    for feature in scope:
        follower = _Follower(offered, feature, instance.get(feature.name), rule)
        try:
            choice = follower.choice()
        except _CannotFollowError as reason:
            refusals[feature.name] = str(reason)
            continue
        if not follower.complies_with(choice):
            version = versions.get((None, feature.name))
            requested = _request(feature.name, choice)._replace(version=version.number if version else 0)
            changes.append(ProposedChange(requested, follower.note))
    return Proposal(tuple(changes), refusals, len(scope) - len(changes) - len(refusals))


def _request(feature: str, choice: _Choice) -> RequestedSelection:
    if choice.default is None:
        return follow_roster(feature)
    if choice.models is None:
        return RequestedSelection(feature, (), choice.default, mode=SelectionMode.OWN_DEFAULT)
    return RequestedSelection(feature, choice.models, choice.default)


class _Follower:
    """A feature that follows a rule, with its choice until now."""

    note: str | None = None

    def __init__(
        self, offered: OfferedList, feature: OfferedFeature, selection: Selection | None, rule: BulkRule
    ) -> None:
        self._offered, self._feature, self._rule = offered, feature, rule
        self._selected = selection.models if selection else ()
        is_chosen = selection is not None and selection.mode is SelectionMode.CHOSEN_MODELS
        self._current = _Choice(self._selected if is_chosen else None, selection and selection.default_model)

    def choice(self) -> _Choice:
        """Return what the rule makes of the choice until now."""
        models = self._allowed_models()
        default = self._default()
        if models is None or default in models:
            return _Choice(models, default)
        return _Choice(models, self._default_among(models, default))

    def complies_with(self, choice: _Choice) -> bool:
        """Return whether a choice is the one until now; the order of the models does not count."""
        current = self._current
        same_models = (current.models and set(current.models)) == (choice.models and set(choice.models))
        return same_models and current.default == choice.default

    def _allowed_models(self) -> tuple[str, ...] | None:
        match self._rule.allow:
            case AllowRule.KEEP:
                return self._current.models
            case AllowRule.ALL:
                return None
        # A selected model that is not available now is kept: it serves again when it returns.
        candidates = dict.fromkeys([*self._feature.models, *self._selected])
        conditions = self._rule.conditions
        models = tuple(each for each in candidates if conditions.match(self._offered, self._feature.name, each))
        if not any(model in self._feature.models for model in models):
            raise _CannotFollowError("no model that serves it meets the conditions, so nothing is changed")
        return models

    def _default(self) -> str | None:
        match self._rule.default:
            case DefaultRule.KEEP:
                return self._current.default
            case DefaultRule.ROSTER:
                return None
        model = self._rule.default_model
        if model not in self._feature.models:
            raise _CannotFollowError(f"{self._name(model)} does not serve it, so nothing is changed")
        return model

    def _default_among(self, models: tuple[str, ...], default: str | None) -> str:
        """Return the default if not every model is allowed, and the rule's is not: the roster's, or the first one."""
        if self._rule.default is DefaultRule.MODEL:
            raise _CannotFollowError(f"{self._name(default)} is not one of its allowed models, so nothing is changed")
        roster_default = self._feature.default
        if default is None and roster_default in models and roster_default in self._feature.models:
            return roster_default
        available = [model for model in models if model in self._feature.models]
        if not available:
            raise _CannotFollowError("none of its allowed models is available now, so nothing is changed")
        proposed = roster_default if roster_default in available else available[0]
        self.note = self._reason_for(proposed, default or roster_default)
        return proposed

    def _reason_for(self, proposed: str, default: str | None) -> str:
        if default is None:
            return f"the roster has no default: {self._name(proposed)} becomes the default"
        return f"its default, {self._name(default)}, is not allowed then: {self._name(proposed)} becomes the default"

    def _name(self, model: str | None) -> str:
        return printable(self._offered.display_name(model or ""))
