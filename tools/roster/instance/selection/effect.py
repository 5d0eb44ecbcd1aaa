"""Effect of requested selections of the instance: what will be different, for whom, if they are saved.

A namespace is affected if it has a selection: one that is not allowed any more gives way to the instance's, one that is
allowed again applies again, and one that has no effect moves with the instance. The number of namespaces is enough for
that: it does not matter which ones they are.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from roster.instance.selection.namespace_selections import NamespaceCounts
from roster.instance.selection.offered_list import OfferedList
from roster.instance.selection.requested_selection import RequestedSelection
from roster.instance.selection.resolution import SelectionLevel, allowed_models, resolve
from roster.instance.selection.selections import Selection, SelectionMode

_NEVER = datetime.min
"""The times of a selection that is not stored."""


class MoveReason(StrEnum):
    """Why namespaces get another model."""

    NO_LONGER_ALLOWED = "no_longer_allowed"
    ALLOWED_AGAIN = "allowed_again"
    FOLLOWS_INSTANCE = "follows_instance"
    MODEL_RETIRES = "model_retires"


class NamespaceMove(NamedTuple):
    """Namespaces that get another model for the same reason; None stands for no model."""

    before: str | None
    after: str | None
    namespaces: int
    reason: MoveReason


class FeatureEffect(NamedTuple):
    """What will be different for one feature.

    Attributes:
        mode_before, mode_after: the mode of the instance's selection.
        served_before, served_after: the model for users without a selected model; None if no model serves them.
        moves: the namespaces that get another model.
        no_longer_selectable, newly_selectable: the models that namespaces can select only before, or only afterwards.
    """

    feature: str
    mode_before: SelectionMode
    mode_after: SelectionMode
    served_before: str | None
    served_after: str | None
    moves: tuple[NamespaceMove, ...]
    no_longer_selectable: tuple[str, ...]
    newly_selectable: tuple[str, ...]

    @property
    def moves_users(self) -> bool:
        """Whether users without a selected model get another model."""
        return self.served_before != self.served_after

    @property
    def moved_namespaces(self) -> int:
        """The number of namespaces that get another model."""
        return sum(move.namespaces for move in self.moves)


def effect_of(
    offered: OfferedList,
    instance: Mapping[str, Selection],
    namespaces: NamespaceCounts,
    requested: Sequence[RequestedSelection],
) -> tuple[FeatureEffect, ...]:
    """Return what is different if selections of the instance are saved as requested.

    Args:
        instance: the instance's selections now, by feature.
    """
    return tuple(
        _feature_effect(
            offered, each.feature, instance.get(each.feature), as_stored(each), namespaces.get(each.feature, {})
        )
        for each in (each.with_current_ids(offered.aliases) for each in requested)
    )


def as_stored(requested: RequestedSelection) -> Selection | None:
    """Return the selection that a request leads to."""
    if requested.mode is SelectionMode.ROSTER:
        return None
    models, default = requested.stored_models, requested.default_model
    return Selection(0, None, requested.feature, "", models, default, _NEVER, _NEVER, mode=requested.mode)


def _feature_effect(
    offered: OfferedList,
    feature: str,
    before: Selection | None,
    after: Selection | None,
    selecting: Mapping[str, int],
) -> FeatureEffect:
    selectable_before, selectable_after = (allowed_models(offered, feature, each) for each in (before, after))
    return FeatureEffect(
        feature,
        before.mode if before else SelectionMode.ROSTER,
        after.mode if after else SelectionMode.ROSTER,
        resolve(offered, feature, before).model,
        resolve(offered, feature, after).model,
        tuple(_moves(offered, feature, before, after, selecting)),
        tuple(model for model in selectable_before if model not in selectable_after),
        tuple(model for model in selectable_after if model not in selectable_before),
    )


def _moves(
    offered: OfferedList,
    feature: str,
    before: Selection | None,
    after: Selection | None,
    selecting: Mapping[str, int],
) -> Iterator[NamespaceMove]:
    """Yield the namespaces that get another model, those with the same models and reason together."""
    counts: dict[tuple[str | None, str | None, MoveReason], int] = {}
    for model, count in selecting.items():
        namespace = as_stored(RequestedSelection(feature, (offered.current_id(model),), offered.current_id(model)))
        was, will_be = (
            resolve(offered, feature, instance, namespace, SelectionLevel.NAMESPACE) for instance in (before, after)
        )
        if was.model != will_be.model:
            move = was.model, will_be.model, _reason(was.level, will_be.level)
            counts[move] = counts.get(move, 0) + count
    for (from_model, to_model, reason), count in counts.items():
        yield NamespaceMove(from_model, to_model, count, reason)


def _reason(before: SelectionLevel | None, after: SelectionLevel | None) -> MoveReason:
    if before is SelectionLevel.NAMESPACE:
        return MoveReason.NO_LONGER_ALLOWED
    return MoveReason.ALLOWED_AGAIN if after is SelectionLevel.NAMESPACE else MoveReason.FOLLOWS_INSTANCE
