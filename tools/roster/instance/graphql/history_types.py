"""The types of the history: audit events of selections, and syncs of the list, in connections."""

from datetime import datetime
from enum import Enum

import strawberry
from strawberry import ID

from roster.instance.graphql.connections import PageInfo
from roster.instance.graphql.schema_members import field
from roster.instance.graphql.types import AiModelSelectionMode, AiModelSelectionModelReference


@strawberry.type(description="A selection before or after a change.")
class AiModelSelectionAuditValue:
    mode: AiModelSelectionMode = field("The mode; ROSTER if there was no selection.")
    models: list[AiModelSelectionModelReference] = field(
        "The allowed models, with the IDs that they had then; for a namespace, its model. Empty if all were allowed."
    )
    default_model: AiModelSelectionModelReference | None = field("The default; null if there was no selection.")


@strawberry.type(description="A change of the selection of one feature.")
class AiModelSelectionAuditEvent:
    id: ID = field("The event's global ID.")
    created_at: datetime = field("When the selection was changed.")
    actor: str = field("Who changed the selection: the name of the token, or part of its hash if it has no name.")
    action: str = field("The kind of change: upsert, or delete if the selection was reset.")
    feature: str = field("The feature's name, as in the roster.")
    title: str = field("The feature's display name, or its name if no list contained it.")
    namespace_id: ID | None = field("The namespace's numeric ID; null for the instance's selection.")
    batch: str | None = field("The same for all selections that were changed together; null in older events.")
    old: AiModelSelectionAuditValue = field("The selection before the change.")
    new: AiModelSelectionAuditValue = field("The selection after the change.")
    summary: str = field("The change as a sentence.")


@strawberry.type(description="An audit event in a connection.")
class AiModelSelectionAuditEventEdge:
    node: AiModelSelectionAuditEvent = field("The event.")
    cursor: str = field("The position of the event.")


@strawberry.type(description="A page of audit events, the newest first.")
class AiModelSelectionAuditEventConnection:
    nodes: list[AiModelSelectionAuditEvent] = field("The events.")
    edges: list[AiModelSelectionAuditEventEdge] = field("The events with their cursors.")
    page_info: PageInfo = field("The position of the page.")


@strawberry.enum(description="The outcome of a recorded sync.")
class AiModelSelectionSyncOutcome(Enum):
    REPLACED = strawberry.enum_value("replaced", description="The list was replaced.")
    RECOVERED = strawberry.enum_value("recovered", description="The list is unchanged, after a sync that failed.")
    FAILED = strawberry.enum_value("failed", description="The sync failed; the list before it remains in use.")


@strawberry.type(description="A sync that replaced the list, failed in a new way, or succeeded again.")
class AiModelSelectionSyncRun:
    id: ID = field("The sync's global ID.")
    started_at: datetime = field("When the sync started.")
    finished_at: datetime = field("When the sync ended.")
    outcome: AiModelSelectionSyncOutcome = field("The outcome.")
    reason: str | None = field("The reason code of a failure.")
    message: str | None = field("The error message of a failure.")
    version: int | None = field("The version of the list after the sync; null before the first list.")
    changes: list[str] = field("What the new list changed, as sentences; of many, the first 100 and a number.")
    added: list[ID] = field("The IDs of models that only the new list offers.")
    changed: list[ID] = field("The IDs of models that both lists offer and that differ.")
    removed: list[ID] = field("The IDs of models that only the old list offers.")
    left_out: list[str] = field(
        "A sentence for each model or feature of the new list that is left out because it is invalid."
    )


@strawberry.type(description="A sync in a connection.")
class AiModelSelectionSyncRunEdge:
    node: AiModelSelectionSyncRun = field("The sync.")
    cursor: str = field("The position of the sync.")


@strawberry.type(description="A page of syncs, the newest first.")
class AiModelSelectionSyncRunConnection:
    nodes: list[AiModelSelectionSyncRun] = field("The syncs.")
    edges: list[AiModelSelectionSyncRunEdge] = field("The syncs with their cursors.")
    page_info: PageInfo = field("The position of the page.")
