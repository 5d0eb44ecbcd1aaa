"""The connections of the history: audit events of selections, and syncs of the list."""

from datetime import datetime
from typing import Annotated

import strawberry
from graphql import GraphQLError
from strawberry import ID, UNSET, Info

from roster.instance.auth.actor_names import ActorNames, load_actor_names
from roster.instance.graphql import history_types as types
from roster.instance.graphql.connections import After, Before, First, Last, page_request, paginated
from roster.instance.graphql.global_ids import global_id
from roster.instance.graphql.request_context import RequestContext, parse_namespace_id
from roster.instance.graphql.schema_members import argument, given, resolver_field
from roster.instance.graphql.types import AiModelSelectionMode, AiModelSelectionModelReference
from roster.instance.history.audit_log import AuditEvent, AuditValue, EventFilter, load_events
from roster.instance.history.event_words import compare, summarize
from roster.instance.history.sync_log import RecordedSync, SyncFilter, load_syncs
from roster.instance.selection.offered_list import OfferedList

_SINCE = argument("Return only what happened at this time or later.")
_UNTIL = argument("Return only what happened before this time.")
Since = Annotated[datetime | None, _SINCE]
Until = Annotated[datetime | None, _UNTIL]


@strawberry.type
class HistoryQuery:
    """The fields of the history."""

    @resolver_field("The changes of selections, the newest first.")
    def ai_model_selection_audit_events(
        self,
        info: Info[RequestContext, None],
        feature: Annotated[str | None, argument("Return only changes of this feature.")] = UNSET,
        namespace_id: Annotated[
            ID | None,
            argument("Return only changes of this namespace: a numeric ID, or a global ID."),
        ] = UNSET,
        instance_only: Annotated[bool, argument("Return only changes of the instance's selections.")] = False,
        actor: Annotated[str | None, argument("Return only changes by this actor, given the name.")] = UNSET,
        batch: Annotated[str | None, argument("Return only changes that were made together.")] = UNSET,
        since: Since = UNSET,
        until: Until = UNSET,
        first: First = UNSET,
        after: After = UNSET,
        last: Last = UNSET,
        before: Before = UNSET,
    ) -> types.AiModelSelectionAuditEventConnection | None:
        context = info.context
        context.cacheable = False  # the state does not change with every event
        namespace_id, actor = given(namespace_id), given(actor)
        if instance_only and namespace_id is not None:
            raise GraphQLError("namespaceId and instanceOnly cannot be used together")
        namespace = None if namespace_id is None else parse_namespace_id(namespace_id)
        names = load_actor_names(context.connection)
        actors = None if actor is None else tuple(names.actors_named(actor))
        period = given(since), given(until)
        selected = EventFilter(given(feature), namespace, instance_only, actors, *period, given(batch))
        request = page_request(given(first), given(after), given(last), given(before))
        page = load_events(context.connection, selected, request)
        nodes = [_event(event, context.offered, names) for event in page.items]
        connection, edge = types.AiModelSelectionAuditEventConnection, types.AiModelSelectionAuditEventEdge
        return paginated(connection, edge, nodes, page, lambda event: (event.id,))

    @resolver_field("The syncs of the list of models, the newest first. Those that found nothing new are not recorded.")
    def ai_model_selection_sync_runs(
        self,
        info: Info[RequestContext, None],
        outcome: Annotated[
            types.AiModelSelectionSyncOutcome | None, argument("Return only syncs with this outcome.")
        ] = UNSET,
        since: Since = UNSET,
        until: Until = UNSET,
        first: First = UNSET,
        after: After = UNSET,
        last: Last = UNSET,
        before: Before = UNSET,
    ) -> types.AiModelSelectionSyncRunConnection | None:
        context = info.context
        context.cacheable = False
        wanted = given(outcome)
        selected = SyncFilter(None if wanted is None else str(wanted.value), given(since), given(until))
        request = page_request(given(first), given(after), given(last), given(before))
        page = load_syncs(context.connection, selected, request)
        nodes = [_sync(sync, context.offered) for sync in page.items]
        connection, edge = types.AiModelSelectionSyncRunConnection, types.AiModelSelectionSyncRunEdge
        return paginated(connection, edge, nodes, page, lambda sync: (sync.id,))


def _event(event: AuditEvent, offered: OfferedList, names: ActorNames) -> types.AiModelSelectionAuditEvent:
    difference, actor = compare(event, offered), names.display_name(event.actor)
    return types.AiModelSelectionAuditEvent(
        id=global_id("AiModelSelectionAuditEvent", event.id),
        created_at=event.created_at,
        actor=actor,
        action=event.action,
        feature=event.feature,
        title=difference.title,
        namespace_id=None if event.namespace_id is None else ID(str(event.namespace_id)),
        batch=event.batch,
        old=_value(event.old, offered),
        new=_value(event.new, offered),
        summary=summarize(actor, difference),
    )


def _value(value: AuditValue, offered: OfferedList) -> types.AiModelSelectionAuditValue:
    def reference(id_: str) -> AiModelSelectionModelReference:
        return AiModelSelectionModelReference(ref=ID(id_), name=offered.display_name(offered.current_id(id_)))

    default = value.default_model
    return types.AiModelSelectionAuditValue(
        mode=AiModelSelectionMode(value.mode),
        models=[reference(id_) for id_ in value.models],
        default_model=None if default is None else reference(default),
    )


def _sync(sync: RecordedSync, offered: OfferedList) -> types.AiModelSelectionSyncRun:
    is_failure = sync.outcome == "failed"
    return types.AiModelSelectionSyncRun(
        id=global_id("AiModelSelectionSyncRun", sync.id),
        started_at=sync.started_at,
        finished_at=sync.finished_at,
        outcome=types.AiModelSelectionSyncOutcome(sync.outcome),
        reason=sync.reason,
        message=sync.message if is_failure else None,
        version=sync.version,
        changes=list(sync.sentences(offered)),
        added=[ID(id_) for id_ in sync.added],
        changed=[ID(id_) for id_ in sync.changed],
        removed=[ID(id_) for id_ in sync.removed],
        left_out=[] if is_failure else (sync.message or "").splitlines(),
    )
