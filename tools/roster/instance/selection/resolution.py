"""Which model serves a feature, and why: the namespace's choice, else the instance's, else the roster's default.

Each level is asked in that order, and the first one with an answer decides:

1. **namespace**, where one asks: its choice, if the instance allows it. If the model is not offered for the feature any
   more, its replacement, if the instance allows that.
2. **instance**: the admin's default. If that is not offered any more, its replacement, allowed or not: the roster says
   what takes over from a model, and a feature is not to fail for it.
3. **roster**: the default that the list names.

Without a choice of the instance's, namespaces may choose every model that serves the feature. A choice that does not
count at the moment stays what it is: the next list, or the admin, can make it count again.
"""

from collections.abc import Iterator
from enum import StrEnum
from typing import NamedTuple

from roster.instance.selection.offered_list import OfferedList
from roster.instance.selection.selections import Selection
from roster.naming import quote


class SelectionLevel(StrEnum):
    """Who has a say in which model serves a feature."""

    NAMESPACE = "namespace"
    INSTANCE = "instance"
    ROSTER = "roster"


class StepOutcome(StrEnum):
    """What came of asking a level."""

    SERVES = "serves"
    REPLACED = "replaced"
    UNAVAILABLE = "unavailable"
    NOT_ALLOWED = "not_allowed"
    NOTHING_CHOSEN = "nothing_chosen"


class ResolutionStep(NamedTuple):
    """One level's answer.

    Attributes:
        model: what was chosen there; None where nothing was.
        serving: what serves by that, which differs where the choice is replaced; None where the next level is asked.
    """

    level: SelectionLevel
    outcome: StepOutcome
    model: str | None
    serving: str | None

    def describe(self) -> str:
        """Return what happened at this level, for people."""
        names = "names as its default" if self.level is SelectionLevel.ROSTER else "chose"
        if self.model is None:
            return f"the {self.level} {names} nothing"
        chose = f"the {self.level} {names} {quote(self.model)}"
        match self.outcome:
            case StepOutcome.REPLACED:
                return f"{chose}, which is not available; {quote(self.serving or '')} took over"
            case StepOutcome.UNAVAILABLE:
                return f"{chose}, which is not available"
            case StepOutcome.NOT_ALLOWED:
                return f"{chose}, which the instance does not allow"
        return chose


class Resolution(NamedTuple):
    """What serves a feature, by which level, and each step that led there; None where nothing serves it."""

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
    """Return which model serves a feature for who asks.

    Args:
        instance: the instance's choice for the feature; None without one.
        namespace: the namespace's, likewise; it only counts where ``start`` is the namespace.
    """
    steps: list[ResolutionStep] = []
    for step in _steps(offered, feature, instance, namespace, start):
        steps.append(step)
        if step.serving is not None:
            return Resolution(feature, step.serving, step.level, tuple(steps))
    return Resolution(feature, None, None, tuple(steps))


def allowed_models(offered: OfferedList, feature: str, instance: Selection | None) -> tuple[str, ...]:
    """Return the models that namespaces may choose from now, in roster order."""
    known = offered.features.get(feature)
    return tuple(model for model in (known.models if known else ()) if not instance or model in instance.models)


def _steps(
    offered: OfferedList, feature: str, instance: Selection | None, namespace: Selection | None, start: SelectionLevel
) -> Iterator[ResolutionStep]:
    if start is SelectionLevel.NAMESPACE:
        yield _chosen(offered, feature, SelectionLevel.NAMESPACE, namespace, instance.models if instance else None)
    yield _chosen(offered, feature, SelectionLevel.INSTANCE, instance, None)
    known = offered.features.get(feature)
    default = known.default if known else None
    if default is None:
        yield ResolutionStep(SelectionLevel.ROSTER, StepOutcome.NOTHING_CHOSEN, None, None)
    elif offered.serves(default, feature):
        yield ResolutionStep(SelectionLevel.ROSTER, StepOutcome.SERVES, default, default)
    else:
        yield ResolutionStep(SelectionLevel.ROSTER, StepOutcome.UNAVAILABLE, default, None)


def _chosen(
    offered: OfferedList,
    feature: str,
    level: SelectionLevel,
    selection: Selection | None,
    among: tuple[str, ...] | None,
) -> ResolutionStep:
    """Return what a level's choice comes to; ``among`` are the models that count there, None for any."""
    if selection is None:
        return ResolutionStep(level, StepOutcome.NOTHING_CHOSEN, None, None)
    model = selection.default_model
    if among is not None and model not in among:
        return ResolutionStep(level, StepOutcome.NOT_ALLOWED, model, None)
    if offered.serves(model, feature):
        return ResolutionStep(level, StepOutcome.SERVES, model, model)
    heir = offered.replacement_for(model, feature)
    if heir and (among is None or heir in among):
        return ResolutionStep(level, StepOutcome.REPLACED, model, heir)
    return ResolutionStep(level, StepOutcome.UNAVAILABLE, model, None)
