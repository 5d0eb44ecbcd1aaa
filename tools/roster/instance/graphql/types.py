"""The GraphQL types, named as GitLab's clients expect. They are plain data, except what is only read when requested."""

from datetime import date, datetime
from enum import Enum
from typing import TypeVar

import strawberry
from strawberry import ID, Info

from roster.instance.graphql.connections import PageInfo, only_page, with_cursors
from roster.instance.graphql.global_ids import global_id
from roster.instance.graphql.request_context import RequestContext
from roster.instance.graphql.schema_members import (
    enum_member,
    field,
    resolver_field,
)
from roster.instance.selection.resolution import SelectionLevel, StepOutcome
from roster.instance.selection.selections import SelectionMode
from roster.model import ReleaseState

_T = TypeVar("_T")


@strawberry.enum(description="The release state of a model.")
class AiModelSelectionReleaseState(Enum):
    EXPERIMENT = enum_member(ReleaseState.EXPERIMENT, "Experimental; may change or end without notice.")
    BETA = enum_member(ReleaseState.BETA, "Almost ready for production.")
    GA = enum_member(ReleaseState.GA, "Generally available.")


@strawberry.enum(description="What is selected for a feature, and what the roster decides.")
class AiModelSelectionMode(Enum):
    ROSTER = enum_member(SelectionMode.ROSTER, "The roster's default applies, and all models are allowed.")
    OWN_DEFAULT = enum_member(
        SelectionMode.OWN_DEFAULT, "A default is selected; all models are allowed, also those offered later."
    )
    CHOSEN_MODELS = enum_member(SelectionMode.CHOSEN_MODELS, "A default and the allowed models are selected.")


@strawberry.enum(description="The level that decides which model serves a feature.")
class AiModelSelectionSource(Enum):
    NAMESPACE = enum_member(SelectionLevel.NAMESPACE, "The namespace's selection.")
    INSTANCE = enum_member(SelectionLevel.INSTANCE, "The instance's selection, made by its admin.")
    ROSTER = enum_member(SelectionLevel.ROSTER, "The roster's default.")


@strawberry.enum(description="The outcome of one step of a resolution.")
class AiModelSelectionOutcome(Enum):
    SERVES = enum_member(StepOutcome.SERVES, "The selected model serves the feature.")
    REPLACED = enum_member(
        StepOutcome.REPLACED, "The selected model is unavailable; its replacement serves the feature."
    )
    UNAVAILABLE = enum_member(StepOutcome.UNAVAILABLE, "The selected model is unavailable; the next level decides.")
    NOT_ALLOWED = enum_member(
        StepOutcome.NOT_ALLOWED, "The instance does not allow the selected model; the next level decides."
    )
    NOTHING_CHOSEN = enum_member(
        StepOutcome.NOTHING_CHOSEN, "Nothing is selected at this level; the next level decides."
    )


@strawberry.type(description="A reference to a model, with its name.")
class AiModelSelectionModelReference:
    ref: ID = field("The model's ID in the list of offered models.")
    name: str = field("The display name, or the ID of a model that no list has named.")


@strawberry.type(description="The retirement of a model for one feature.")
class AiModelSelectionRetirement:
    notice: date | None = field("The day from which admins are notified.")
    last_day: date | None = field("The last day on which the model is offered.")
    replacement: AiModelSelectionModelReference | None = field("The model that replaces it.")


@strawberry.type(description="A suspension: the model is not offered now, but selections of it are kept.")
class AiModelSelectionSuspension:
    since: date = field("The first day of the suspension.")
    reason: str = field("The reason, as the roster gives it.")


@strawberry.type(description="A model, as offered for one feature.")
class AiModelSelectionOfferedModel:
    ref: ID = field("The model's ID in the list of offered models.")
    name: str = field("The display name, or the ID of a model that no list has named.")
    release_state: AiModelSelectionReleaseState | None = field(
        "The release state for the feature, in the latest list with this model."
    )
    provider: str | None = field("The provider that runs the model.")
    description: str | None = field("A short description of the model's strengths.")
    cost_indicator: str | None = field("The relative cost, from $ to $$$$.")
    context_window: int | None = field("The tokens of a request and its answer together; null if unknown.")
    max_output_tokens: int | None = field("The tokens that an answer may have; null if unknown.")
    capabilities: list[str] = field("What the model can do, such as tools; empty if unknown.")
    processed_in: list[str] = field("The regions in which the provider processes prompts; empty if unknown.")
    data_retention_days: int | None = field("The days for which the provider stores prompts; null if unknown.")
    documentation: str | None = field("The address of a page about the model.")
    aliases: list[ID] = field("Earlier IDs of the model, which are accepted in its place.")
    available: bool = field("Whether the model can serve the feature now.")
    suspension: AiModelSelectionSuspension | None = field("Why the model is not offered now; null if it is.")
    retirement: AiModelSelectionRetirement | None = field("The announced or past retirement; null if there is none.")
    feature: strawberry.Private[str]
    setting: strawberry.Private[tuple[str | int, ...]]

    @resolver_field("The global ID, which differs by feature, and by namespace if namespaceId is given.")
    def id(self) -> ID:
        return global_id("AiModelSelectionOfferedModel", *self.setting, self.ref)

    @resolver_field("How many namespaces selected the model for the feature.")
    def namespace_count(self, info: Info[RequestContext, None]) -> int:
        return info.context.namespace_counts().get(self.feature, {}).get(self.ref, 0)


@strawberry.type(description="One of the roster's defaults of a feature.")
class AiModelSelectionDefaultModel:
    model: AiModelSelectionOfferedModel = field("The model.")
    share: int = field("Its share of the users without a selected model, relative to those of the other defaults.")


@strawberry.type(description="The selection for one feature, made for the instance or for a namespace.")
class AiModelSelection:
    id: ID = field("The selection's global ID, unchanged until the selection is deleted.")
    namespace_id: ID | None = field("The namespace's numeric ID; null for the instance's selection.")
    models: list[AiModelSelectionOfferedModel] = field(
        "The allowed models, including unavailable ones; only the default if the mode allows all models. A namespace's "
        "selection has exactly one model."
    )
    default_model: AiModelSelectionOfferedModel = field("The default model, one of the allowed models.")
    created_at: datetime = field("When the selection was created.")
    updated_at: datetime = field("When the selection was last changed.")


@strawberry.type(description="One step of a resolution: what one level selects, and the outcome.")
class AiModelSelectionResolutionStep:
    source: AiModelSelectionSource = field("The level.")
    outcome: AiModelSelectionOutcome = field("The outcome.")
    model: AiModelSelectionOfferedModel | None = field("The model selected at this level; null if there is none.")
    explanation: str = field("The step as a sentence.")


@strawberry.type(description="The model that serves a feature, and the steps that led to it.")
class AiModelSelectionResolution:
    model: AiModelSelectionOfferedModel | None = field("The model that serves the feature; null if there is none.")
    source: AiModelSelectionSource | None = field("The level that decided; null if no model serves the feature.")
    steps: list[AiModelSelectionResolutionStep] = field("The levels in the order tried, up to the one that decided.")


@strawberry.type(description="A feature: its offered models, its selection, and the model that serves it.")
class AiFeatureSetting:
    id: ID = field("The global ID, which differs by namespace if namespaceId is given.")
    feature: str = field("The feature's name, as in the roster.")
    title: str = field("The display name.")
    category: str = field("The feature's category; empty if it has none.")
    offered: bool = field("Whether any model serves the feature now.")
    default_model: AiModelSelectionOfferedModel | None = field(
        "The roster's default, which serves users without a selected model: of several, the one with the largest "
        "share; null if there is none."
    )
    default_models: list[AiModelSelectionDefaultModel] = field(
        "All defaults of the roster, the one with the largest share first."
    )
    selection: AiModelSelection | None = field(
        "The selection of the instance, or of the namespace if namespaceId is given; null if there is none."
    )
    mode: AiModelSelectionMode = field("What is selected; ROSTER without a selection.")
    version: int = field(
        "The version, which every change of the selection increases, also its deletion; 0 if nothing was ever selected."
    )
    changed_by: str | None = field("Who made the latest change; null if nothing was ever selected.")
    changed_at: datetime | None = field("When the latest change was made; null if nothing was ever selected.")
    allowed_models: list[AiModelSelectionOfferedModel] = field("The models that namespaces can select now.")
    offered_models: list[AiModelSelectionOfferedModel] = field("The models that can serve the feature, in list order.")
    resolution: AiModelSelectionResolution = field("The model that serves the feature, and why.")


@strawberry.type(description="A feature in a connection.")
class AiFeatureSettingEdge:
    node: AiFeatureSetting = field("The feature.")
    cursor: str = field("The position of the feature.")


@strawberry.type(description="A list of features. It is not paginated: all nodes are returned at once.")
class AiFeatureSettingConnection:
    nodes: list[AiFeatureSetting] = field("The features in list order, followed by those no longer offered.")

    @resolver_field("The features with their cursors.")
    def edges(self) -> list[AiFeatureSettingEdge]:
        return [AiFeatureSettingEdge(node=node, cursor=cursor) for node, cursor in with_cursors(self.nodes)]

    @resolver_field("The position of the page, which is the only one.")
    def page_info(self) -> PageInfo:
        return only_page(self.nodes)


@strawberry.type(description="The failure of the latest sync.")
class AiModelSelectionSyncFailure:
    reason: str = field("The reason code.")
    message: str | None = field("The error message.")
    at: datetime = field("When syncs started to fail for this reason.")


@strawberry.type(description="The sync state of the list of offered models. A failed sync keeps the current list.")
class AiModelSelectionSync:
    version: int | None = field("The list's version, which grows with each replacement; null before the first sync.")
    replaced_at: datetime | None = field("When the list was last replaced.")
    checked_at: datetime | None = field("When the gateway last confirmed the list or sent a new one.")
    age_seconds: int | None = field("Seconds since the list was last known to be current; null without a list.")
    last_failure: AiModelSelectionSyncFailure | None = field("The failure of the latest sync; null if it succeeded.")
    left_out: list[str] = field(
        "A sentence for each model or feature of the list that is left out because it is invalid."
    )


@strawberry.type(description="A change that was refused because it is based on another version of the selection.")
class AiModelSelectionConflict:
    feature: str = field("The feature's name.")
    version: int = field("The current version.")
    changed_by: str = field("Who made the latest change.")
    changed_at: datetime = field("When the latest change was made.")


@strawberry.type(description="An error of a mutation, with the names of features and models instead of their IDs.")
class AiModelSelectionProblem:
    feature: str | None = field("The name of the feature that it is about; null if it is about none.")
    message: str = field("The error message.")


@strawberry.type(description="The result of a mutation.")
class AiFeatureSettingUpdatePayload:
    ai_feature_setting: AiFeatureSetting | None = field(
        "The feature after the mutation, unchanged if there are errors; null if the feature is unknown."
    )
    errors: list[str] = field("Error messages; empty on success. If there are any, nothing was changed.")
    conflicts: list[AiModelSelectionConflict] = field(
        "The conflicts with changes made since the version in the input; each is also one of the errors."
    )
    batch: ID | None = field(
        "The batch, with which the change can be undone; null if nothing had to be changed, or there are errors."
    )
    client_mutation_id: str | None = field("The clientMutationId of the input.")


@strawberry.type(description="The result of a mutation.")
class AiFeatureSettingDeletePayload(AiFeatureSettingUpdatePayload):
    pass


@strawberry.type(description="The result of a mutation.")
class AiModelSelectionNamespaceUpdatePayload(AiFeatureSettingUpdatePayload):
    pass


@strawberry.type(description="The result of a mutation.")
class AiModelSelectionNamespaceDeletePayload(AiFeatureSettingUpdatePayload):
    pass
