"""The GraphQL types of attention entries, of the preview of a future day, and of a requested sync."""

from datetime import date, datetime
from enum import Enum

import strawberry
from strawberry import ID, enum_value

from roster.instance.graphql import types
from roster.instance.graphql.bulk_types import AiModelSelectionNamespaceMove
from roster.instance.graphql.connections import PageInfo, only_page, with_cursors
from roster.instance.graphql.schema_members import (
    CLIENT_MUTATION_ID,
    enum_member,
    field,
    optional_field,
    resolver_field,
)
from roster.instance.selection.attention_entry import ActionKind, AttentionKind


@strawberry.enum(description="What an attention entry reports. Current problems come first.")
class AiModelSelectionAttentionKind(Enum):
    NOTHING_SERVES = enum_member(AttentionKind.NOTHING_SERVES, "No model serves the feature.")
    DEFAULT_UNAVAILABLE = enum_member(
        AttentionKind.DEFAULT_UNAVAILABLE, "The selected default is unavailable; another model serves the feature."
    )
    MODELS_UNAVAILABLE = enum_member(AttentionKind.MODELS_UNAVAILABLE, "Other allowed models are unavailable.")
    NAMESPACES_INEFFECTIVE = enum_member(
        AttentionKind.NAMESPACES_INEFFECTIVE, "Namespaces selected models that do not serve them."
    )
    DEFAULT_RETIRING = enum_member(
        AttentionKind.DEFAULT_RETIRING, "The retirement of the selected default is announced."
    )
    ROSTER_DEFAULT_RETIRING = enum_member(
        AttentionKind.ROSTER_DEFAULT_RETIRING,
        "The roster's default, which serves the feature, will move, because its retirement is announced.",
    )
    ROSTER_DEFAULT_MOVED = enum_member(AttentionKind.ROSTER_DEFAULT_MOVED, "The roster's default moved.")
    NEW_MODELS = enum_member(
        AttentionKind.NEW_MODELS, "Models were added after the selection, which does not allow them."
    )


@strawberry.enum(description="How an entry is settled.")
class AiModelSelectionAttentionActionKind(Enum):
    MAKE_DEFAULT = enum_member(ActionKind.MAKE_DEFAULT, "Select a model as the default.")
    ALLOW = enum_member(ActionKind.ALLOW, "Allow models.")
    REMOVE_UNAVAILABLE = enum_member(ActionKind.REMOVE_UNAVAILABLE, "Remove the unavailable models from the selection.")
    FOLLOW_ROSTER = enum_member(ActionKind.FOLLOW_ROSTER, "Delete the selection; the roster's default applies.")
    KEEP = enum_member(ActionKind.KEEP, "Change nothing, and hide the entry until it changes.")


@strawberry.type(description="A selection for the instance, as the input of aiFeatureSettingUpdate.")
class AiModelSelectionAttentionChange:
    mode: types.AiModelSelectionMode = field("The mode.")
    models: list[ID] = field("The IDs of the allowed models; empty with a mode that allows all models.")
    default_model: ID | None = field("The ID of the default model; null with the mode ROSTER.")
    version: int = field("The version that the change is based on.")


@strawberry.type(description="An action that settles an entry.")
class AiModelSelectionAttentionAction:
    kind: AiModelSelectionAttentionActionKind = field("The kind.")
    label: str = field("The action in words.")
    change: AiModelSelectionAttentionChange | None = field("The selection to save; null for KEEP.")


@strawberry.type(description="An attention entry: something that an admin should know about a feature.")
class AiModelSelectionAttentionEntry:
    id: ID = field("The global ID, which contains the key.")
    key: ID = field("The key, which differs when the entry changes.")
    kind: AiModelSelectionAttentionKind = field("The kind.")
    feature: str = field("The feature's name.")
    title: str = field("The feature's display name.")
    since: datetime | None = field("Since when the entry applies; null if that is unknown, because it was long ago.")
    sentence: str = field("The entry in words.")
    actions: list[AiModelSelectionAttentionAction] = field("The actions that settle the entry.")
    hidden: bool = field("Whether an admin hid the entry.")
    hidden_until: date | None = field("The day on which a hidden entry comes back; null if only when it changes.")
    hidden_by: str | None = field("Who hid the entry; null if it is not hidden.")


@strawberry.type(description="An attention entry in a connection.")
class AiModelSelectionAttentionEdge:
    node: AiModelSelectionAttentionEntry = field("The entry.")
    cursor: str = field("The position of the entry.")


@strawberry.type(description="The attention entries. They are not paginated: all nodes are returned at once.")
class AiModelSelectionAttentionConnection:
    count: int = field("The number of entries that are not hidden.")
    nodes: list[AiModelSelectionAttentionEntry] = field("The entries, the most urgent kinds first.")

    @resolver_field("The entries with their cursors.")
    def edges(self) -> list[AiModelSelectionAttentionEdge]:
        return [AiModelSelectionAttentionEdge(node=node, cursor=cursor) for node, cursor in with_cursors(self.nodes)]

    @resolver_field("The position of the page, which is the only one.")
    def page_info(self) -> PageInfo:
        return only_page(self.nodes)


@strawberry.input(description="An entry to hide.")
class AiModelSelectionAttentionHideInput:
    key: ID = field("The entry's key.")
    until: date | None = optional_field("The day on which the entry comes back; null if only when it changes.")
    client_mutation_id: str | None = optional_field(CLIENT_MUTATION_ID)


@strawberry.input(description="A hidden entry to show again.")
class AiModelSelectionAttentionShowInput:
    key: ID = field("The entry's key.")
    client_mutation_id: str | None = optional_field(CLIENT_MUTATION_ID)


@strawberry.type(description="The result of a mutation.")
class AiModelSelectionAttentionHidePayload:
    attention: AiModelSelectionAttentionConnection = field("All entries after the mutation.")
    errors: list[str] = field("Error messages; empty on success. If there are any, nothing was changed.")
    client_mutation_id: str | None = field("The clientMutationId of the input.")


@strawberry.type(description="The result of a mutation.")
class AiModelSelectionAttentionShowPayload(AiModelSelectionAttentionHidePayload):
    pass


@strawberry.type(description="A feature that another model serves from a day on.")
class AiModelSelectionPreviewChange:
    on: date = field("The first day on which the other model serves.")
    feature: str = field("The feature's name.")
    title: str = field("The feature's display name.")
    before: types.AiModelSelectionModelReference | None = field("The model before that day; null if there is none.")
    after: types.AiModelSelectionModelReference | None = field("The model from that day on; null if none is known.")
    source: types.AiModelSelectionSource | None = field("The level that decides from that day on.")
    last_day: date | None = field("The last day of the retirement that causes the change.")
    replacement: types.AiModelSelectionModelReference | None = field("The announced replacement; null if none is.")
    sentence: str = field("The change in words.")


@strawberry.type(description="Namespaces with a selection for a feature that get another model on a day.")
class AiModelSelectionPreviewNamespaceMoves:
    on: date = field("The first day on which the other model serves.")
    feature: str = field("The feature's name.")
    title: str = field("The feature's display name.")
    namespaces: int = field("The number of namespaces.")
    moves: list[AiModelSelectionNamespaceMove] = field("The namespaces, those with the same models together.")
    sentence: str = field("The moves in words.")


@strawberry.type(description="A feature on the day of a preview.")
class AiModelSelectionPreviewFeature:
    feature: str = field("The feature's name.")
    title: str = field("The feature's display name.")
    now: types.AiModelSelectionModelReference | None = field("The model that serves now; null if there is none.")
    model: types.AiModelSelectionModelReference | None = field("The model on the day; null if none is known.")
    source: types.AiModelSelectionSource | None = field("The level that decides on the day.")
    moved_namespaces: int = field("The number of namespaces that have another model on the day than now.")


@strawberry.type(
    description="The models that serve on a future day, based on announced retirements and today's selections."
)
class AiModelSelectionPreview:
    at: date = field("The day.")
    changes: list[AiModelSelectionPreviewChange] = field(
        "The changes until the day for users without a selected model, in their order."
    )
    namespace_moves: list[AiModelSelectionPreviewNamespaceMoves] = field(
        "The changes until the day for namespaces with a selection, in their order."
    )
    features: list[AiModelSelectionPreviewFeature] = field("The offered features on the day.")


@strawberry.enum(description="The outcome of a requested sync.")
class AiModelSelectionSyncNowOutcome(Enum):
    STARTED = enum_value("started", description="The sync is still running; see aiModelSelectionSync.")
    REPLACED = enum_value("replaced", description="The list was replaced.")
    UNCHANGED = enum_value("unchanged", description="The gateway confirmed the list.")
    FAILED = enum_value("failed", description="The sync failed; the list remains in use.")


@strawberry.input(description="A request to sync now.")
class AiModelSelectionSyncNowInput:
    client_mutation_id: str | None = optional_field(CLIENT_MUTATION_ID)


@strawberry.type(description="The result of a mutation.")
class AiModelSelectionSyncNowPayload:
    outcome: AiModelSelectionSyncNowOutcome | None = field("The outcome of the sync; null if it was not started.")
    sentence: str | None = field("The outcome in words; null if the sync was not started.")
    errors: list[str] = field("Why the sync was not started; empty if it was.")
    client_mutation_id: str | None = field("The clientMutationId of the input.")
