"""Resolution: which model serves a feature, by the namespace's selection, the instance's, or the roster's default.

The levels are tried in this order, and the first one with a result decides:

1. **namespace**, if the caller is in one: its selection, if the instance allows it. If that model no longer serves the
   feature, its replacement, if the instance allows that.
2. **instance**: the admin's default. If that no longer serves the feature, its replacement, allowed or not: the roster
   defines replacements, and a feature should not stop working because of one.
3. **roster**: the default in the list.

Without a selection of the instance, or if it allows all models, namespaces may select every model that serves the
feature. A selection that has no effect at the moment is kept: the next list, or the admin, can make it effective again.
So a suspended model serves again when its suspension ends.
"""

from enum import StrEnum
from typing import NamedTuple

from roster.accept.accepted_list import SuspendedModel
from roster.instance.selection.offered_list import OfferedList
from roster.instance.selection.selections import Selection
from roster.naming import quote


class SelectionLevel(StrEnum):
    """The levels at which a model can be selected."""

    NAMESPACE = "namespace"
    INSTANCE = "instance"
    ROSTER = "roster"


class StepOutcome(StrEnum):
    """The result of trying a level."""

    SERVES = "serves"
    REPLACED = "replaced"
    UNAVAILABLE = "unavailable"
    NOT_ALLOWED = "not_allowed"
    NOTHING_CHOSEN = "nothing_chosen"


class ResolutionStep(NamedTuple):
    """The result at one level.

    Attributes:
        model: the model selected at this level, if any.
        serving: the selected model or its replacement, whichever serves; None if the next level is tried.
        alias: the earlier id by which the model was selected, if any.
        suspension: why the model is unavailable, if it is suspended.
        is_unreplaced: whether the model was retired without a replacement that is available now.
    """

    level: SelectionLevel
    outcome: StepOutcome
    model: str | None
    serving: str | None
    alias: str | None = None
    suspension: SuspendedModel | None = None
    is_unreplaced: bool = False

    def describe(self) -> str:
        """Return a sentence for people."""
        is_roster = self.level is SelectionLevel.ROSTER
        if self.model is None:
            return f"the {self.level} has no {'default' if is_roster else 'selection'}"
        text = f"the {self.level} {'defaults to' if is_roster else 'selected'} {quote(self.alias or self.model)}"
        text += f", an earlier id of {quote(self.model)}" if self.alias else ""
        match self.outcome:
            case StepOutcome.REPLACED:
                return f"{text}, which is not available and was replaced by {quote(self.serving or '')}"
            case StepOutcome.UNAVAILABLE if self.suspension:
                return f"{text}, which has been suspended since {self.suspension.since}: {self.suspension.reason}"
            case StepOutcome.UNAVAILABLE if self.is_unreplaced:
                return f"{text}, which was retired, and nothing replaces it now"
            case StepOutcome.UNAVAILABLE:
                return f"{text}, which is not available"
            case StepOutcome.NOT_ALLOWED:
                return f"{text}, which the instance does not allow"
        return text


class Resolution(NamedTuple):
    """The model that serves a feature, the level that decided, and the steps; None if no model serves it."""

    model: str | None
    level: SelectionLevel | None
    steps: tuple[ResolutionStep, ...]

    def describe(self) -> str:
        """Return the steps as a sentence for people."""
        return "; ".join(step.describe() for step in self.steps)


def resolve(
    offered: OfferedList,
    feature: str,
    instance: Selection | None,
    namespace: Selection | None = None,
    start: SelectionLevel = SelectionLevel.INSTANCE,
) -> Resolution:
    """Return which model serves a feature.

    Args:
        instance: the instance's selection for the feature.
        namespace: the namespace's selection; it only counts if ``start`` is the namespace.
        start: the first level to try.
    """
    offered_feature = offered.features.get(feature)
    selected = {
        SelectionLevel.NAMESPACE: namespace and namespace.default_model,
        SelectionLevel.INSTANCE: instance and instance.default_model,
        SelectionLevel.ROSTER: offered_feature and offered_feature.default,
    }
    if start is SelectionLevel.INSTANCE:
        del selected[SelectionLevel.NAMESPACE]
    steps: list[ResolutionStep] = []
    selections = {SelectionLevel.NAMESPACE: namespace, SelectionLevel.INSTANCE: instance}
    for level, model in selected.items():
        allowed = instance.allowed if instance and level is SelectionLevel.NAMESPACE else None
        selection = selections.get(level)
        alias = selection.renamed.get(selection.default_model) if selection else None
        steps.append(step := _try_level(offered, feature, level, model, allowed)._replace(alias=alias))
        if step.serving is not None:
            return Resolution(step.serving, level, tuple(steps))
    return Resolution(None, None, tuple(steps))


def allowed_models(offered: OfferedList, feature: str, instance: Selection | None) -> tuple[str, ...]:
    """Return the models that namespaces may currently select, in roster order."""
    offered_feature = offered.features.get(feature)
    serving = offered_feature.models if offered_feature else ()
    allowed = frozenset(serving if instance is None or instance.allowed is None else instance.allowed)
    return tuple(model for model in serving if model in allowed)


def _try_level(
    offered: OfferedList, feature: str, level: SelectionLevel, model: str | None, allowed: tuple[str, ...] | None
) -> ResolutionStep:
    """Return the result at one level; ``allowed`` is None if every model is allowed."""
    if model is None:
        return ResolutionStep(level, StepOutcome.NOTHING_CHOSEN, None, None)
    if allowed is not None and model not in allowed:
        return ResolutionStep(level, StepOutcome.NOT_ALLOWED, model, None)
    if offered.serves(model, feature):
        return ResolutionStep(level, StepOutcome.SERVES, model, model)
    replacement = None if level is SelectionLevel.ROSTER else offered.replacement_for(model, feature)
    if replacement and (allowed is None or replacement in allowed):
        return ResolutionStep(level, StepOutcome.REPLACED, model, replacement)
    suspension, tombstone = offered.suspension(model, feature), offered.tombstone(model, feature)
    is_unreplaced = tombstone is not None and tombstone.replacement is None
    step = ResolutionStep(level, StepOutcome.UNAVAILABLE, model, None)
    return step._replace(suspension=suspension, is_unreplaced=is_unreplaced)
