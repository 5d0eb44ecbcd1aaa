"""Queries and mutations of many selections: convert the input, call ``selection/``, and build the result."""

from collections.abc import Sequence
from functools import partial
from typing import Annotated, Any, TypeAlias, TypeVar

import strawberry
from sqlalchemy import Connection
from strawberry import ID, Info

from roster.instance.graphql import bulk_types as types
from roster.instance.graphql.bulk_conversion import from_effect, from_proposed_change, to_request, to_rule
from roster.instance.graphql.global_ids import stored_id
from roster.instance.graphql.payloads import changed_settings, conflicts_of, problems_of
from roster.instance.graphql.request_context import RequestContext, SelectionWrite
from roster.instance.graphql.schema_members import given, resolver_field
from roster.instance.graphql.setting_builder import is_known_feature
from roster.instance.selection.bulk_proposals import propose_changes
from roster.instance.selection.bulk_rules import validate_rule
from roster.instance.selection.effect import effect_of
from roster.instance.selection.effect_wording import summarize
from roster.instance.selection.offered_list import OfferedList
from roster.instance.selection.requested_selection import RequestedSelection
from roster.instance.selection.restoring import restore_selection, undo_batch
from roster.instance.selection.selection_changes import (
    ChangeOutcome,
    SelectionError,
    change_selections,
    review_changes,
)
from roster.instance.selection.selections import Selection, SelectionKey

MAX_CHANGES = 200
"""How many selections one mutation can change."""
_Info: TypeAlias = Info[RequestContext, None]
_Payload = TypeVar("_Payload", bound=types.AiFeatureSettingsUpdatePayload)
_CHANGES = strawberry.argument(description="The changes, at most one for each feature.")
_RULE = strawberry.argument(description="The rule.")
_UPDATE = strawberry.argument(description="The changes.")
_RESTORE = strawberry.argument(description="The audit event.")
_UNDO = strawberry.argument(description="The changes to undo.")


@strawberry.type(description="The queries of changes before they are saved.")
class BulkQuery:
    @resolver_field("The effect of changes of the instance's selections. Nothing is saved.")
    def ai_model_selection_effect(
        self, info: _Info, changes: Annotated[list[types.AiModelSelectionChangeInput], _CHANGES]
    ) -> types.AiModelSelectionEffect | None:
        if len(changes) > MAX_CHANGES:
            return types.AiModelSelectionEffect(summary="", features=[], errors=[_too_many(changes)], conflicts=[])
        return _effect(info.context, [to_request(each) for each in changes])

    @resolver_field("The changes of many features that a bulk rule proposes. Nothing is saved.")
    def ai_model_selection_bulk_changes(
        self, info: _Info, rule: Annotated[types.AiModelSelectionBulkRuleInput, _RULE]
    ) -> types.AiModelSelectionBulkChanges | None:
        state, bulk_rule = info.context.state(None), to_rule(rule)
        if errors := list(validate_rule(state.offered, bulk_rule)):
            return types.AiModelSelectionBulkChanges(changes=[], refusals=[], complying=0, effect=None, errors=errors)
        proposal = propose_changes(state.offered, state.instance, state.versions, bulk_rule)
        return types.AiModelSelectionBulkChanges(
            changes=[from_proposed_change(state.offered, each) for each in proposal.changes],
            refusals=[
                types.AiModelSelectionRefusal(feature=name, title=state.offered.features[name].title, reason=reason)
                for name, reason in proposal.refusals.items()
            ],
            complying=proposal.complying,
            effect=_effect(info.context, [each.requested for each in proposal.changes]),
            errors=[],
        )


@strawberry.type(description="The mutations of several selections at once, and of earlier ones.")
class BulkMutation:
    @resolver_field("Change the instance's selections for several features, all of them or, if there are errors, none.")
    def ai_feature_settings_update(
        self, info: _Info, input: Annotated[types.AiFeatureSettingsUpdateInput, _UPDATE]
    ) -> types.AiFeatureSettingsUpdatePayload | None:
        write = partial(_change_all, requested=[to_request(each) for each in input.changes])
        return _write(info, write, input, types.AiFeatureSettingsUpdatePayload)

    @resolver_field("Restore the selection from before an audit event, as a change of its own.")
    def ai_feature_setting_restore(
        self, info: _Info, input: Annotated[types.AiFeatureSettingRestoreInput, _RESTORE]
    ) -> types.AiFeatureSettingRestorePayload | None:
        event_id = stored_id("AiModelSelectionAuditEvent", input.audit_event_id)
        write = partial(restore_selection, event_id=event_id, version=given(input.version))
        return _write(info, write, input, types.AiFeatureSettingRestorePayload)

    @resolver_field(
        "Restore the selections from before a batch of changes, all of them, or none if one was changed since, or "
        "there are other errors. This is a batch of its own, which can be undone."
    )
    def ai_model_selection_undo(
        self, info: _Info, input: Annotated[types.AiModelSelectionUndoInput, _UNDO]
    ) -> types.AiModelSelectionUndoPayload | None:
        return _write(info, partial(undo_batch, batch=input.batch), input, types.AiModelSelectionUndoPayload)


def _effect(context: RequestContext, requested: Sequence[RequestedSelection]) -> types.AiModelSelectionEffect:
    context.cacheable = False  # the selections of namespaces are not part of the state
    state = context.state(None)
    # Once for each feature: a second change is an error, and many of them would take seconds.
    known = {each.feature: each for each in requested if is_known_feature(state, each.feature)}
    effects = effect_of(state.offered, state.instance, context.namespace_counts(), list(known.values()))
    selections: dict[SelectionKey, Selection] = {
        (None, feature): selection for feature, selection in state.instance.items()
    }
    _, errors = review_changes(state.offered, requested, selections, state.versions)
    return types.AiModelSelectionEffect(
        summary=summarize(effects),
        features=[from_effect(state.offered, each) for each in effects],
        errors=[error.message for error in errors],
        conflicts=list(conflicts_of(errors)),
    )


def _write(info: _Info, write: SelectionWrite, input: Any, payload: type[_Payload]) -> _Payload:
    outcome, state = info.context.write(write)
    return payload(
        ai_feature_settings=list(changed_settings(state, outcome)),
        errors=[error.message for error in outcome.errors],
        conflicts=list(conflicts_of(outcome.errors)),
        problems=list(problems_of(outcome.errors)),
        batch=ID(outcome.batch) if outcome.batch else None,
        client_mutation_id=given(input.client_mutation_id),
    )


def _change_all(
    connection: Connection, offered: OfferedList, requested: Sequence[RequestedSelection], *, actor: str
) -> ChangeOutcome:
    if len(requested) > MAX_CHANGES:
        return ChangeOutcome((SelectionError("", _too_many(requested)),))
    return change_selections(connection, offered, requested, actor)


def _too_many(changes: Sequence[object]) -> str:
    return f"at most {MAX_CHANGES} selections can be changed at once, not {len(changes):,}"
