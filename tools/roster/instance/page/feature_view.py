"""The view model of a feature on the page: its row, and the models of its form. The wording is in the templates."""

from datetime import date, datetime
from typing import NamedTuple

from roster.accept.accepted_list import SuspendedModel
from roster.instance.selection.attention import Attention, visible_features
from roster.instance.selection.attention_entry import PROBLEMS, AttentionEntry, AttentionKind
from roster.instance.selection.offered_list import ListedModel, OfferedFeature, OfferedList, OfferedRetirement
from roster.instance.selection.resolution import SelectionLevel, StepOutcome, resolve
from roster.instance.selection.selections import Selection, SelectionMode, SelectionVersion
from roster.instance.selection.state import InstanceState


class RetirementView(NamedTuple):
    """The announced retirement of a model for one feature.

    Attributes:
        replacement: a display name; None if no replacement is announced.
        days_left: days until the last day, negative if the list still has the model afterwards; None if no last day is
            announced.
    """

    last_day: date | None
    replacement: str | None
    days_left: int | None


class ModelOption(NamedTuple):
    """A model in a feature's form.

    Attributes:
        is_available: whether the model can serve the feature now; an unavailable one is shown because it is selected.
        release_state: the model's release state for the feature; empty if no list contained the model.
        suspension: why the model is unavailable, if it is suspended.
        share: its share of the users without a selected model, in percent, if it is one of several roster defaults.
        is_allowed, is_default: the state of the form's controls: the selection, or without one what applies instead.
        is_new: whether it began to serve the feature after the selection was made.
        namespace_count: how many namespaces selected it for the feature.
    """

    model: ListedModel
    release_state: str
    is_available: bool
    suspension: SuspendedModel | None
    is_allowed: bool
    is_default: bool
    is_roster_default: bool
    share: int | None
    retirement: RetirementView | None
    is_new: bool
    namespace_count: int = 0


class FeatureView(NamedTuple):
    """A feature: a row, and its form if it is open. Models outside of the form are display names.

    Attributes:
        name: the name in the API, unlike the ``title``.
        mode, version: of the instance's selection.
        changed_by, changed_at: the latest change of the selection; None if there was none.
        is_offered: whether any model serves the feature; otherwise it is shown because it has a selection.
        served_by: the model that serves the feature now; None if there is none.
        serving_id: the id of that model.
        level: the level that decided on ``served_by``.
        selected_default: the default model of the instance's selection; None without a selection.
        is_replaced: whether the replacement of ``selected_default`` serves instead.
        entries: what needs attention about the feature.
        hidden_entries: what an admin hid.
        options: the models of the form; None if only the row is shown, because forms are large.
        namespace_count: how many namespaces selected a model for the feature.
    """

    name: str
    title: str
    mode: SelectionMode
    version: int
    changed_by: str | None
    changed_at: datetime | None
    is_offered: bool
    served_by: str | None
    serving_id: str | None
    level: SelectionLevel | None
    roster_default: str | None
    selected_default: str | None
    is_replaced: bool
    entries: tuple[AttentionEntry, ...]
    hidden_entries: tuple[AttentionEntry, ...]
    options: tuple[ModelOption, ...] | None = None
    namespace_count: int = 0

    @property
    def has_problem(self) -> bool:
        """Whether part of the selection is unavailable, or no model serves the feature."""
        return any(entry.kind in PROBLEMS for entry in self.entries)

    @property
    def is_retiring(self) -> bool:
        """Whether the retirement of the selected default is announced."""
        return any(entry.kind is AttentionKind.DEFAULT_RETIRING for entry in self.entries)


def view_feature(
    offered: OfferedList,
    feature: OfferedFeature,
    selection: Selection | None,
    version: SelectionVersion | None,
    attention: Attention,
) -> FeatureView:
    resolution = resolve(offered, feature.name, selection)
    instance_outcome = resolution.steps[0].outcome
    default = selection.default_model if selection else None
    return FeatureView(
        name=feature.name,
        title=feature.title,
        mode=selection.mode if selection else SelectionMode.ROSTER,
        version=version.number if version else 0,
        changed_by=version.changed_by if version else None,
        changed_at=version.changed_at if version else None,
        is_offered=feature.offered,
        served_by=_name(offered, resolution.model),
        serving_id=resolution.model,
        level=resolution.level,
        roster_default=_name(offered, feature.default if feature.offered else None),
        selected_default=_name(offered, default),
        is_replaced=instance_outcome is StepOutcome.REPLACED,
        entries=tuple(each for each in attention.entries if each.feature == feature.name),
        hidden_entries=tuple(each.entry for each in attention.hidden if each.entry.feature == feature.name),
    )


def view_options(state: InstanceState, name: str, today: date) -> tuple[ModelOption, ...]:
    """Return the models that serve a feature, then the other selected ones."""
    feature = next(feature for feature in visible_features(state) if feature.name == name)
    selection = state.instance.get(name)
    refs = dict.fromkeys([*feature.models, *(selection.models if selection else ())])
    return tuple(_option(state.offered, feature, selection, ref, today) for ref in refs)


def _option(
    offered: OfferedList, feature: OfferedFeature, selection: Selection | None, ref: str, today: date
) -> ModelOption:
    unknown = ListedModel(ref, ref, "", None, None, None, offered=False)
    total, is_available = sum(feature.shares.values()), ref in feature.models
    return ModelOption(
        model=offered.models.get(ref, unknown),
        release_state=offered.release_state(ref, feature.name) or "",
        is_available=is_available,
        suspension=None if is_available else offered.suspension(ref, feature.name),
        is_allowed=selection is None or selection.allowed is None or ref in selection.allowed,
        is_default=ref == (selection.default_model if selection else feature.default),
        is_roster_default=ref == feature.default or ref in feature.shares,
        share=round(100 * feature.shares[ref] / total) if ref in feature.shares else None,
        retirement=view_retirement(offered, feature.models.get(ref), today),
        is_new=selection is not None and feature.arrived_after(ref, selection.updated_at),
    )


def view_retirement(offered: OfferedList, end: OfferedRetirement | None, today: date) -> RetirementView | None:
    if end is None or not end.is_announced(today):
        return None
    days_left = (end.last_day - today).days if end.last_day else None
    return RetirementView(end.last_day, _name(offered, end.replacement), days_left)


def _name(offered: OfferedList, ref: str | None) -> str | None:
    return ref and offered.display_name(ref)
