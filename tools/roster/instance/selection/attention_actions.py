"""The changes of a feature's selection that settle what needs attention."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import NamedTuple

from roster.instance.selection import requested_selection
from roster.instance.selection.attention_entry import ActionKind, AttentionAction
from roster.instance.selection.namespace_selections import NamespaceResolver
from roster.instance.selection.offered_list import OfferedFeature, OfferedList
from roster.instance.selection.requested_selection import RequestedSelection
from roster.instance.selection.resolution import Resolution
from roster.instance.selection.selections import Selection, SelectionMode
from roster.instance.selection.words import model_name

_MAX_SINGLE = 3
"""How many models get an action of their own."""
KEEP = AttentionAction(ActionKind.KEEP, ("Keep it as it is",))


class Subject(NamedTuple):
    """A feature with everything that decides what needs attention.

    Attributes:
        selection: the instance's, with current ids.
        version: the version of the selection that a change is based on.
        namespaces: how many namespaces selected each model, by its current id.
        resolver: what serves these.
    """

    offered: OfferedList
    feature: OfferedFeature
    selection: Selection | None
    version: int
    resolution: Resolution
    namespaces: Mapping[str, int]
    resolver: NamespaceResolver
    today: date

    @property
    def unavailable(self) -> tuple[str, ...]:
        """The selected models that do not serve the feature now, without the default."""
        selection = self.selection
        models = selection.models if selection else ()
        return tuple(each for each in models if selection and each != selection.default_model and not self.serves(each))

    def serves(self, model: str | None) -> bool:
        """Return whether a model serves the feature now."""
        return model in self.feature.models


def make_default(subject: Subject, model: str | None) -> Iterator[AttentionAction]:
    """Yield the action that makes a model the default, if it serves the feature.

    Where only chosen models are allowed, it is allowed, too, and takes the place of a default that is gone for good.
    """
    selection, name = subject.selection, subject.feature.name
    if model is None or not subject.serves(model) or (selection and selection.default_model == model):
        return
    change = RequestedSelection(name, (), model, None, SelectionMode.OWN_DEFAULT, subject.version)
    if selection and selection.mode is SelectionMode.CHOSEN_MODELS:
        default = selection.default_model
        is_gone = not subject.serves(default) and not subject.offered.suspension(default, name)
        models = [each for each in selection.models if not (is_gone and each == default)]
        change = _chosen(subject, dict.fromkeys([*models, model]), model)
    yield AttentionAction(
        ActionKind.MAKE_DEFAULT, ("Make ", model_name(subject.offered, model), " the default"), change
    )


def allow(subject: Subject, models: tuple[str, ...]) -> Iterator[AttentionAction]:
    """Yield the actions that allow models: each of a few, and all of several."""
    selection = subject.selection
    if selection is None or selection.mode is not SelectionMode.CHOSEN_MODELS:
        return
    for model in models[:_MAX_SINGLE]:
        change = _chosen(subject, [*selection.models, model], selection.default_model)
        yield AttentionAction(ActionKind.ALLOW, ("Allow ", model_name(subject.offered, model)), change)
    if len(models) > 1:
        change = _chosen(subject, [*selection.models, *models], selection.default_model)
        yield AttentionAction(ActionKind.ALLOW, (f"Allow all {len(models)} models",), change)


def remove_unavailable(subject: Subject) -> Iterator[AttentionAction]:
    """Yield the action that removes the unavailable models, without the default."""
    selection, unavailable = subject.selection, subject.unavailable
    if selection and unavailable:
        models = [model for model in selection.models if model not in unavailable]
        label = "Remove the unavailable model" + ("s" if len(unavailable) > 1 else "")
        change = _chosen(subject, models, selection.default_model)
        yield AttentionAction(ActionKind.REMOVE_UNAVAILABLE, (label,), change)


def follow_roster(subject: Subject) -> Iterator[AttentionAction]:
    """Yield the action that deletes the selection."""
    if subject.selection:
        change = requested_selection.follow_roster(subject.feature.name, version=subject.version)
        yield AttentionAction(ActionKind.FOLLOW_ROSTER, ("Follow the roster",), change)


def _chosen(subject: Subject, models: Iterable[str], default: str) -> RequestedSelection:
    return RequestedSelection(
        subject.feature.name, tuple(models), default, None, SelectionMode.CHOSEN_MODELS, subject.version
    )
