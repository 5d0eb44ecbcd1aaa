"""Conversion of inputs to requests and rules, and of effects and proposals to GraphQL types."""

from collections.abc import Iterable

from strawberry import ID

from roster.instance.graphql import bulk_types as types
from roster.instance.graphql.schema_members import given
from roster.instance.graphql.types import AiModelSelectionMode, AiModelSelectionModelReference
from roster.instance.selection.bulk_proposals import ProposedChange
from roster.instance.selection.bulk_rules import AllowRule, BulkRule, DefaultRule, ModelConditions
from roster.instance.selection.effect import FeatureEffect, NamespaceMove
from roster.instance.selection.effect_wording import describe
from roster.instance.selection.offered_list import OfferedList
from roster.instance.selection.requested_selection import RequestedSelection
from roster.instance.selection.selections import SelectionMode


def to_request(change: types.AiModelSelectionChangeInput) -> RequestedSelection:
    """Return the request that an input makes."""
    return RequestedSelection(
        change.feature,
        tuple(given(change.models) or ()),
        given(change.default_model) or "",
        mode=SelectionMode(change.mode.value),
        version=given(change.version),
    )


def to_rule(rule: types.AiModelSelectionBulkRuleInput) -> BulkRule:
    """Return the rule that an input states."""
    features, conditions = given(rule.features), given(rule.conditions)
    return BulkRule(
        AllowRule(rule.allow.value),
        DefaultRule(rule.default.value),
        None if features is None else _unique(features),
        given(rule.category),
        _conditions(conditions) if conditions else ModelConditions(),
        given(rule.default_model),
    )


def _conditions(conditions: types.AiModelSelectionConditionsInput) -> ModelConditions:
    return ModelConditions(
        _unique(given(conditions.providers) or ()),
        _unique(state.value for state in given(conditions.release_states) or ()),
        _unique(given(conditions.regions) or ()),
        _unique(given(conditions.capabilities) or ()),
        _unique(given(conditions.models) or ()),
    )


def _unique(values: Iterable[str]) -> tuple[str, ...]:
    """Return values without duplicates: a request can have very many."""
    return tuple(dict.fromkeys(values))


def from_effect(offered: OfferedList, effect: FeatureEffect) -> types.AiModelSelectionFeatureEffect:
    """Return an effect with the names of its models."""
    feature = offered.features.get(effect.feature)
    return types.AiModelSelectionFeatureEffect(
        feature=effect.feature,
        title=feature.title if feature else effect.feature,
        sentence=describe(offered, effect),
        served_before=_reference(offered, effect.served_before),
        served_after=_reference(offered, effect.served_after),
        namespace_moves=[from_move(offered, each) for each in effect.moves],
        no_longer_selectable=_references(offered, effect.no_longer_selectable),
        newly_selectable=_references(offered, effect.newly_selectable),
    )


def from_move(offered: OfferedList, move: NamespaceMove) -> types.AiModelSelectionNamespaceMove:
    """Return a move of namespaces with the names of its models."""
    return types.AiModelSelectionNamespaceMove(
        before=_reference(offered, move.before),
        after=_reference(offered, move.after),
        namespaces=move.namespaces,
        reason=types.AiModelSelectionMoveReason(move.reason),
    )


def from_proposed_change(offered: OfferedList, change: ProposedChange) -> types.AiModelSelectionProposedChange:
    """Return a proposed change with the names of its models."""
    requested = change.requested
    return types.AiModelSelectionProposedChange(
        feature=requested.feature,
        title=offered.features[requested.feature].title,
        mode=AiModelSelectionMode(requested.mode),
        models=_references(offered, requested.models),
        default_model=_reference(offered, requested.default_model or None),
        version=requested.version or 0,
        note=change.note,
    )


def _references(offered: OfferedList, models: Iterable[str]) -> list[AiModelSelectionModelReference]:
    return [AiModelSelectionModelReference(ref=ID(model), name=offered.display_name(model)) for model in models]


def _reference(offered: OfferedList, model: str | None) -> AiModelSelectionModelReference | None:
    return next(iter(_references(offered, () if model is None else (model,))), None)
