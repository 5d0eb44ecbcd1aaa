"""Queries and mutations of attention entries, of the preview of a future day, and of a requested sync."""

from datetime import UTC, date, datetime
from typing import Annotated, TypeAlias

import strawberry
from graphql import GraphQLError
from strawberry import ID, Info

from roster.instance.graphql import attention_types, types
from roster.instance.graphql.bulk_conversion import from_move
from roster.instance.graphql.global_ids import global_id
from roster.instance.graphql.request_context import RequestContext
from roster.instance.graphql.schema_members import given, resolver_field
from roster.instance.selection.attention import Attention, Snooze
from roster.instance.selection.attention_entry import AttentionAction, AttentionEntry
from roster.instance.selection.attention_storage import hide_entry, load_attention, show_entry
from roster.instance.selection.effect_wording import describe_moves
from roster.instance.selection.offered_list import OfferedList
from roster.instance.selection.preview import FutureChange, FutureMoves, preview, preview_problem
from roster.instance.selection.resolution import SelectionLevel
from roster.instance.selection.words import sentence
from roster.instance.sync.sync import SyncResult

_Info: TypeAlias = Info[RequestContext, None]
_HIDDEN = strawberry.argument(description="Return hidden entries, too.")
_AT = strawberry.argument(description="The day.")
_HIDE = strawberry.argument(description="The entry to hide.")
_SHOW = strawberry.argument(description="The entry to show again.")
_SYNC = strawberry.argument(description="The request.")


@strawberry.type
class AttentionQuery:
    @resolver_field("The attention entries: what an admin should know about the instance's selections.")
    def ai_model_selection_attention(
        self, info: _Info, include_hidden: Annotated[bool, _HIDDEN] = False
    ) -> attention_types.AiModelSelectionAttentionConnection | None:
        context = info.context
        state, today = context.state(None), context.now().date()
        attention = load_attention(context.connection, state, today, context.namespace_counts())
        return _connection(attention, include_hidden=include_hidden)

    @resolver_field("The models that serve on a future day, based on announced retirements and today's selections.")
    def ai_model_selection_preview(
        self, info: _Info, at: Annotated[date, _AT]
    ) -> attention_types.AiModelSelectionPreview | None:
        context = info.context
        state, today = context.state(None), context.now().date()
        if problem := preview_problem(at, today):
            raise GraphQLError(problem)
        found = preview(state.offered, state.instance, today, at, namespaces=context.namespace_counts())
        features = [
            attention_types.AiModelSelectionPreviewFeature(
                feature=each.feature,
                title=each.title,
                now=_reference(state.offered, each.now),
                model=_reference(state.offered, each.model),
                source=_source(each.level),
                moved_namespaces=each.moved_namespaces,
            )
            for each in found.features
        ]
        changes = [_change(state.offered, each) for each in found.changes]
        moves = [_moves(state.offered, each) for each in found.moves]
        return attention_types.AiModelSelectionPreview(at=at, changes=changes, namespace_moves=moves, features=features)


@strawberry.type
class AttentionMutation:
    @resolver_field("Hide an entry until a day, or until it changes.")
    def ai_model_selection_attention_hide(
        self, info: _Info, input: Annotated[attention_types.AiModelSelectionAttentionHideInput, _HIDE]
    ) -> attention_types.AiModelSelectionAttentionHidePayload | None:
        today = datetime.now(UTC).date()
        with info.context.writing() as (connection, status):
            state = info.context.current_state(connection, status)
            before = load_attention(connection, state, today)
            errors = list(
                hide_entry(connection, before, input.key, given(input.until), today, info.context.caller.actor)
            )
            connection_ = _connection(load_attention(connection, state, today), include_hidden=True)
        return attention_types.AiModelSelectionAttentionHidePayload(
            attention=connection_, errors=errors, client_mutation_id=given(input.client_mutation_id)
        )

    @resolver_field("Show a hidden entry again.")
    def ai_model_selection_attention_show(
        self, info: _Info, input: Annotated[attention_types.AiModelSelectionAttentionShowInput, _SHOW]
    ) -> attention_types.AiModelSelectionAttentionShowPayload | None:
        with info.context.writing() as (connection, status):
            show_entry(connection, input.key)
            state = info.context.current_state(connection, status)
            shown = load_attention(connection, state, datetime.now(UTC).date())
        return attention_types.AiModelSelectionAttentionShowPayload(
            attention=_connection(shown, include_hidden=True),
            errors=[],
            client_mutation_id=given(input.client_mutation_id),
        )

    @resolver_field("Sync the list of offered models with the gateway now, at most once in 10 seconds.")
    def ai_model_selection_sync_now(
        self, info: _Info, input: Annotated[attention_types.AiModelSelectionSyncNowInput, _SYNC]
    ) -> attention_types.AiModelSelectionSyncNowPayload | None:
        context = info.context
        if context.sync_now is None:
            raise GraphQLError("this server cannot sync")
        with context.writing() as (connection, _):  # the token may have been revoked while the claim waited
            error = context.sync_now.claim(connection)
        result = None if error else context.sync_now.start()
        outcome = None if error else _sync_outcome(result)
        return attention_types.AiModelSelectionSyncNowPayload(
            outcome=outcome,
            sentence=None if error else _sync_sentence(result),
            errors=[error] if error else [],
            client_mutation_id=given(input.client_mutation_id),
        )


def _connection(attention: Attention, *, include_hidden: bool) -> attention_types.AiModelSelectionAttentionConnection:
    nodes = [_entry(entry, None) for entry in attention.entries]
    if include_hidden:
        nodes += [_entry(entry, snooze) for entry, snooze in attention.hidden]
    return attention_types.AiModelSelectionAttentionConnection(count=len(attention.entries), nodes=nodes)


def _entry(entry: AttentionEntry, snooze: Snooze | None) -> attention_types.AiModelSelectionAttentionEntry:
    return attention_types.AiModelSelectionAttentionEntry(
        id=global_id("AiModelSelectionAttentionEntry", entry.key),
        key=ID(entry.key),
        kind=attention_types.AiModelSelectionAttentionKind(entry.kind),
        feature=entry.feature,
        title=entry.title,
        since=entry.since,
        sentence=entry.text,
        actions=list(map(_action, entry.actions)),
        hidden=snooze is not None,
        hidden_until=snooze and snooze.until,
        hidden_by=snooze and snooze.actor,
    )


def _action(action: AttentionAction) -> attention_types.AiModelSelectionAttentionAction:
    change = action.change
    return attention_types.AiModelSelectionAttentionAction(
        kind=attention_types.AiModelSelectionAttentionActionKind(action.kind),
        label=sentence(action.label),
        change=change
        and attention_types.AiModelSelectionAttentionChange(
            mode=types.AiModelSelectionMode(change.mode),
            models=[ID(model) for model in change.models],
            default_model=ID(change.default_model) if change.default_model else None,
            version=change.version or 0,
        ),
    )


def _change(offered: OfferedList, change: FutureChange) -> attention_types.AiModelSelectionPreviewChange:
    end = change.end
    return attention_types.AiModelSelectionPreviewChange(
        on=change.day,
        feature=change.feature,
        title=change.title,
        before=_reference(offered, change.before),
        after=_reference(offered, change.after),
        source=_source(change.level),
        last_day=end and end.last_day,
        replacement=_reference(offered, end.replacement if end else None),
        sentence=sentence(change.words),
    )


def _moves(offered: OfferedList, moves: FutureMoves) -> attention_types.AiModelSelectionPreviewNamespaceMoves:
    return attention_types.AiModelSelectionPreviewNamespaceMoves(
        on=moves.day,
        feature=moves.feature,
        title=moves.title,
        namespaces=moves.namespaces,
        moves=[from_move(offered, each) for each in moves.moves],
        sentence=describe_moves(offered, moves.moves),
    )


def _reference(offered: OfferedList, model: str | None) -> types.AiModelSelectionModelReference | None:
    if model is None:
        return None
    return types.AiModelSelectionModelReference(ref=ID(model), name=offered.display_name(model))


def _source(level: SelectionLevel | None) -> types.AiModelSelectionSource | None:
    return types.AiModelSelectionSource(level) if level else None


def _sync_outcome(result: SyncResult | None) -> attention_types.AiModelSelectionSyncNowOutcome:
    outcomes = attention_types.AiModelSelectionSyncNowOutcome
    if result is None:
        return outcomes.STARTED
    if result.outcome in ("replaced", "superseded"):
        return outcomes.REPLACED
    return outcomes.FAILED if result.outcome in ("failed", "off") else outcomes.UNCHANGED


def _sync_sentence(result: SyncResult | None) -> str:
    match result and result.outcome:
        case None:
            return "The sync is running. Its result will be on this page."
        case "replaced":
            return f"The list was replaced: {result and result.difference}."
        case "superseded":
            return "Another process replaced the list meanwhile."
        case "failed":
            return f"The sync failed: {result and result.message}. The current list remains in use."
        case "off":
            return "The feature was turned off meanwhile."
    return "The list is up to date."
