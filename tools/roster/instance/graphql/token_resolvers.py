"""The query and the mutation of access tokens, which only callers with write access may use."""

import logging
from typing import Annotated, TypeAlias

import strawberry
from graphql import GraphQLError
from strawberry import UNSET, Info

from roster.instance.auth.actor_names import ActorNames, load_actor_names
from roster.instance.auth.token_events import TokenChange
from roster.instance.auth.token_names import TokenError
from roster.instance.auth.token_revocation import LastWriteToken, revoke_by_id
from roster.instance.auth.tokens import Access, Token, load_tokens
from roster.instance.graphql import token_types as types
from roster.instance.graphql.connections import After, Before, First, Last, page_request, paginated
from roster.instance.graphql.global_ids import global_id, stored_id
from roster.instance.graphql.history_resolvers import Since, Until
from roster.instance.graphql.request_context import RequestContext
from roster.instance.graphql.schema_members import given, resolver_field
from roster.instance.history.audit_log import AuditEvent, EventFilter, Tokens, load_events
from roster.instance.history.event_words import summarize_token
from roster.naming import quote

_Info: TypeAlias = Info[RequestContext, None]
_ACTOR = strawberry.argument(description="Return only changes by this actor, given the name.")
_REVOKE = strawberry.argument(description="The token to revoke.")

log = logging.getLogger("roster.instance")


@strawberry.type
class TokenQuery:
    """The fields of tokens."""

    @resolver_field("The named access tokens; null without write access.")
    def ai_model_selection_tokens(self, info: _Info) -> types.AiModelSelectionTokenConnection | None:
        context = info.context
        _require_write_access(context)
        stored = load_tokens(context.connection)
        names = {token.actor: token.name for token in stored}
        return types.AiModelSelectionTokenConnection(
            nodes=[_token(token, names.get(token.revoked_by or ""), context) for token in stored]
        )

    @resolver_field("Who added, renamed and revoked access tokens, the newest first; null without write access.")
    def ai_model_selection_token_events(
        self,
        info: _Info,
        actor: Annotated[str | None, _ACTOR] = UNSET,
        since: Since = UNSET,
        until: Until = UNSET,
        first: First = UNSET,
        after: After = UNSET,
        last: Last = UNSET,
        before: Before = UNSET,
    ) -> types.AiModelSelectionTokenEventConnection | None:
        context = info.context
        _require_write_access(context)
        names, actor = load_actor_names(context.connection), given(actor)
        actors = None if actor is None else tuple(names.actors_named(actor))
        selected = EventFilter(actors=actors, since=given(since), until=given(until), tokens=Tokens.ONLY)
        request = page_request(given(first), given(after), given(last), given(before))
        page = load_events(context.connection, selected, request)
        nodes = [_event(event, event.token, names) for event in page.items if event.token]
        connection, edge = types.AiModelSelectionTokenEventConnection, types.AiModelSelectionTokenEventEdge
        return paginated(connection, edge, nodes, page, lambda event: (event.id,))


@strawberry.type
class TokenMutation:
    """The mutation of tokens."""

    @resolver_field(
        "Revoke an access token: all requests and sessions with it are rejected from then on. The last token with "
        "write access is revoked only if the input confirms it. To create tokens, run roster instance token."
    )
    def ai_model_selection_token_revoke(
        self, info: _Info, input: Annotated[types.AiModelSelectionTokenRevokeInput, _REVOKE]
    ) -> types.AiModelSelectionTokenRevokePayload | None:
        context = info.context
        number = stored_id("AiModelSelectionToken", input.id)
        id_ = int(number) if number.isdecimal() and len(number) < 20 else 0
        payload = types.AiModelSelectionTokenRevokePayload(
            token=None, needs_confirmation=False, errors=[], client_mutation_id=given(input.client_mutation_id)
        )
        try:
            with context.writing() as (connection, _):
                confirmed = input.confirm_last_write_token
                token = revoke_by_id(
                    connection, id_, context.caller.actor, context.configured_tokens, confirmed=confirmed
                )
        except TokenError as error:
            payload.errors, payload.needs_confirmation = [str(error)], isinstance(error, LastWriteToken)
            return payload
        log.info("%s revoked the token %s", context.caller.display_name, quote(token.name))
        payload.token = _token(token, context.caller.display_name, context)
        return payload


def _require_write_access(context: RequestContext) -> None:
    if context.caller.access is not Access.WRITE:
        raise GraphQLError("you don't have permission to see the tokens: your token is read-only")
    context.cacheable = False  # the state does not change with every token


def _event(event: AuditEvent, change: TokenChange, names: ActorNames) -> types.AiModelSelectionTokenEvent:
    actor, (old, new) = names.display_name(event.actor), change
    actions = types.AiModelSelectionTokenAction
    token = new or old
    assert token
    return types.AiModelSelectionTokenEvent(
        id=global_id("AiModelSelectionTokenEvent", event.id),
        created_at=event.created_at,
        actor=actor,
        action=actions.ADDED if old is None else actions.RENAMED if new else actions.REVOKED,
        name=token.name,
        previous_name=old.name if old and new else None,
        access=types.AiModelSelectionTokenAccess(token.access),
        summary=summarize_token(actor, change),
    )


def _token(token: Token, revoked_by: str | None, context: RequestContext) -> types.AiModelSelectionToken:
    return types.AiModelSelectionToken(
        id=global_id("AiModelSelectionToken", token.id),
        name=token.name,
        access=types.AiModelSelectionTokenAccess(token.access),
        current=token.actor == context.caller.actor,
        created_at=token.created_at,
        last_used_at=token.last_used_at,
        revoked_at=token.revoked_at,
        revoked_by=revoked_by or token.revoked_by,
    )
