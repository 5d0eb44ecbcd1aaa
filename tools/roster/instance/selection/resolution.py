"""Resolution: which model serves a feature, by the namespace's selection, the instance's, or the roster's default.

The levels are tried in this order, and the first one with a result decides:

1. **namespace**, if the caller is in one: its selection, if the instance allows it. If that model no longer serves the
   feature, its replacement, if the instance allows that.
2. **instance**: the admin's default. If that no longer serves the feature, its replacement, allowed or not: the roster
   defines replacements, and a feature should not stop working because of one.
3. **roster**: the default in the list.

Without a selection of the instance, namespaces may select every model that serves the feature. A selection that has no
effect at the moment is kept: the next list, or the admin, can make it effective again.
"""

from collections.abc import Iterator
from enum import StrEnum
from typing import NamedTuple

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
        serving: the model that serves as a result: the selected one or its replacement; None if the next level is
            tried.
    """

    level: SelectionLevel
    outcome: StepOutcome
    model: str | None
    serving: str | None

    def describe(self) -> str:
        """Return a sentence for people."""
        is_roster = self.level is SelectionLevel.ROSTER
        if self.model is None:
            return f"the {self.level} has no {'default' if is_roster else 'selection'}"
        text = f"the {self.level} {'defaults to' if is_roster else 'selected'} {quote(self.model)}"
        match self.outcome:
            case StepOutcome.REPLACED:
                return f"{text}, which is not available and was replaced by {quote(self.serving or '')}"
            case StepOutcome.UNAVAILABLE:
                return f"{text}, which is not available"
            case StepOutcome.NOT_ALLOWED:
                return f"{text}, which the instance does not allow"
        return text


class Resolution(NamedTuple):
    """The model that serves a feature, the level that decided, and the steps; None if no model serves it."""

    feature: str
    model: str | None
    level: SelectionLevel | None
    steps: tuple[ResolutionStep, ...]


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
    steps: list[ResolutionStep] = []
    for step in _steps(offered, feature, instance, namespace, start):
        steps.append(step)
        if step.serving is not None:
            return Resolution(feature, step.serving, step.level, tuple(steps))
    return Resolution(feature, None, None, tuple(steps))


def allowed_models(offered: OfferedList, feature: str, instance: Selection | None) -> tuple[str, ...]:
    """Return the models that namespaces may currently select, in roster order."""
    offered_feature = offered.features.get(feature)
    serving = offered_feature.models if offered_feature else ()
    return tuple(model for model in serving if not instance or model in instance.models)


def _steps(
    offered: OfferedList,
    feature: str,
    instance: Selection | None,
    namespace: Selection | None,
    start: SelectionLevel,
) -> Iterator[ResolutionStep]:
    if start is SelectionLevel.NAMESPACE:
        allowed = instance.models if instance else None
        yield _selection_step(offered, feature, SelectionLevel.NAMESPACE, namespace, allowed)
    yield _selection_step(offered, feature, SelectionLevel.INSTANCE, instance, None)
    yield _roster_step(offered, feature)


def _selection_step(
    offered: OfferedList,
    feature: str,
    level: SelectionLevel,
    selection: Selection | None,
    allowed: tuple[str, ...] | None,
) -> ResolutionStep:
    """Return the result of a selection; ``allowed`` is None if every model is allowed."""
    if selection is None:
        return ResolutionStep(level, StepOutcome.NOTHING_CHOSEN, None, None)
    model = selection.default_model
    if allowed is not None and model not in allowed:
        return ResolutionStep(level, StepOutcome.NOT_ALLOWED, model, None)
    if offered.serves(model, feature):
        return ResolutionStep(level, StepOutcome.SERVES, model, model)
    replacement = offered.replacement_for(model, feature)
    if replacement and (allowed is None or replacement in allowed):
        return ResolutionStep(level, StepOutcome.REPLACED, model, replacement)
    return ResolutionStep(level, StepOutcome.UNAVAILABLE, model, None)


def _roster_step(offered: OfferedList, feature: str) -> ResolutionStep:
    offered_feature = offered.features.get(feature)
    default = offered_feature.default if offered_feature else None
    if default is None:
        return ResolutionStep(SelectionLevel.ROSTER, StepOutcome.NOTHING_CHOSEN, None, None)
    if offered.serves(default, feature):
        return ResolutionStep(SelectionLevel.ROSTER, StepOutcome.SERVES, default, default)
    return ResolutionStep(SelectionLevel.ROSTER, StepOutcome.UNAVAILABLE, default, None)
