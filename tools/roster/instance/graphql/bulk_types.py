"""The GraphQL types of changes of many selections: their inputs and payloads, their effect, bulk rules and restores."""

from enum import Enum

import strawberry
from strawberry import ID

from roster.instance.graphql.schema_members import CLIENT_MUTATION_ID, VERSION, enum_member, field, optional_field
from roster.instance.graphql.types import (
    AiFeatureSetting,
    AiModelSelectionConflict,
    AiModelSelectionMode,
    AiModelSelectionModelReference,
    AiModelSelectionProblem,
    AiModelSelectionReleaseState,
)
from roster.instance.selection.bulk_rules import AllowRule, DefaultRule
from roster.instance.selection.effect import MoveReason

_TITLE = "The feature's display name."
_FEATURE = "The feature's name."


@strawberry.input(description="A change of the instance's selection for a feature.")
class AiModelSelectionChangeInput:
    feature: str = field(_FEATURE)
    mode: AiModelSelectionMode = strawberry.field(default=AiModelSelectionMode.CHOSEN_MODELS, description="The mode.")
    models: list[ID] | None = optional_field(
        "The IDs of the models that namespaces can select; only with the mode CHOSEN_MODELS."
    )
    default_model: ID | None = optional_field("The ID of the default model; null with the mode ROSTER.")
    version: int | None = optional_field(VERSION)


@strawberry.input(description="Changes of the instance's selections for several features.")
class AiFeatureSettingsUpdateInput:
    changes: list[AiModelSelectionChangeInput] = field("The changes, at most one for each feature.")
    client_mutation_id: str | None = optional_field(CLIENT_MUTATION_ID)


@strawberry.input(description="An audit event whose old value is to be restored.")
class AiFeatureSettingRestoreInput:
    audit_event_id: ID = field(
        "The global ID of the audit event, or its number. The selection from before this event is restored."
    )
    version: int | None = optional_field(VERSION)
    client_mutation_id: str | None = optional_field(CLIENT_MUTATION_ID)


@strawberry.input(description="The changes to undo.")
class AiModelSelectionUndoInput:
    batch: ID = field("The batch of the changes.")
    client_mutation_id: str | None = optional_field(CLIENT_MUTATION_ID)


@strawberry.type(description="The result of a mutation that changes the selections for several features.")
class AiFeatureSettingsUpdatePayload:
    ai_feature_settings: list[AiFeatureSetting] = field(
        "The features of the changes after the mutation, unchanged if there are errors; without unknown features."
    )
    errors: list[str] = field("Error messages; empty on success. If there are any, nothing was changed.")
    conflicts: list[AiModelSelectionConflict] = field(
        "The conflicts with changes made since the version in the input; each is also one of the errors."
    )
    problems: list[AiModelSelectionProblem] = field("The errors, with the names of features and models.")
    batch: ID | None = field(
        "The batch, with which the changes can be undone; null if nothing had to be changed, or there are errors."
    )
    client_mutation_id: str | None = field("The clientMutationId of the input.")


@strawberry.type(description="The result of restoring a selection.")
class AiFeatureSettingRestorePayload(AiFeatureSettingsUpdatePayload):
    pass


@strawberry.type(description="The result of undoing changes.")
class AiModelSelectionUndoPayload(AiFeatureSettingsUpdatePayload):
    pass


@strawberry.enum(description="Why namespaces get another model.")
class AiModelSelectionMoveReason(Enum):
    NO_LONGER_ALLOWED = enum_member(MoveReason.NO_LONGER_ALLOWED, "The model that they selected is no longer allowed.")
    ALLOWED_AGAIN = enum_member(MoveReason.ALLOWED_AGAIN, "The model that they selected is allowed again.")
    FOLLOWS_INSTANCE = enum_member(
        MoveReason.FOLLOWS_INSTANCE, "Their selection has no effect, so that they get the instance's model."
    )
    MODEL_RETIRES = enum_member(MoveReason.MODEL_RETIRES, "The model that they get by their selection retires.")


@strawberry.type(description="Namespaces with a selection that get another model, all for the same reason.")
class AiModelSelectionNamespaceMove:
    before: AiModelSelectionModelReference | None = field("The model that serves them now; null if there is none.")
    after: AiModelSelectionModelReference | None = field("The model afterwards; null if there is none.")
    namespaces: int = field("The number of namespaces.")
    reason: AiModelSelectionMoveReason = field("The reason.")


@strawberry.type(description="The effect of a change on one feature.")
class AiModelSelectionFeatureEffect:
    feature: str = field(_FEATURE)
    title: str = field(_TITLE)
    sentence: str = field("The effect as a sentence.")
    served_before: AiModelSelectionModelReference | None = field(
        "The model that serves users without a selected model now; null if there is none."
    )
    served_after: AiModelSelectionModelReference | None = field(
        "The model that serves them afterwards; null if there is none."
    )
    namespace_moves: list[AiModelSelectionNamespaceMove] = field("The namespaces that get another model.")
    no_longer_selectable: list[AiModelSelectionModelReference] = field(
        "The models that namespaces can select now, but not afterwards."
    )
    newly_selectable: list[AiModelSelectionModelReference] = field(
        "The models that namespaces can select only afterwards."
    )


@strawberry.type(description="The effect of changes. Nothing is saved.")
class AiModelSelectionEffect:
    summary: str = field("The effect on all features as a sentence.")
    features: list[AiModelSelectionFeatureEffect] = field(
        "The effect by feature, in the order of the changes; without unknown features."
    )
    errors: list[str] = field("The errors with which the changes would be refused.")
    conflicts: list[AiModelSelectionConflict] = field(
        "The conflicts with changes made since the version in the input; each is also one of the errors."
    )


@strawberry.enum(description="Which models a bulk rule allows.")
class AiModelSelectionAllowRule(Enum):
    KEEP = enum_member(AllowRule.KEEP, "The models that are allowed now.")
    ALL = enum_member(AllowRule.ALL, "All models, also those offered later.")
    MATCHING = enum_member(AllowRule.MATCHING, "The models that meet the conditions.")


@strawberry.enum(description="Which default a bulk rule sets.")
class AiModelSelectionDefaultRule(Enum):
    KEEP = enum_member(
        DefaultRule.KEEP,
        "The present default. If it is not allowed, the roster's default or else the first allowed model is proposed.",
    )
    ROSTER = enum_member(
        DefaultRule.ROSTER, "The roster's default; if all models are allowed, it follows the roster later, too."
    )
    MODEL = enum_member(DefaultRule.MODEL, "The named model.")


@strawberry.input(description="Conditions on models. A model must meet all that are given.")
class AiModelSelectionConditionsInput:
    providers: list[str] | None = optional_field("The model has one of these providers.")
    release_states: list[AiModelSelectionReleaseState] | None = optional_field(
        "The model has one of these release states for the feature."
    )
    regions: list[str] | None = optional_field(
        "Prompts are processed in these regions, or parts of them, and in no others."
    )
    capabilities: list[str] | None = optional_field("The model has all these capabilities.")
    models: list[ID] | None = optional_field("The model is one of these.")


@strawberry.input(description="A rule for the selections of many features.")
class AiModelSelectionBulkRuleInput:
    features: list[str] | None = optional_field("Only these features; null for all.")
    category: str | None = optional_field(
        "Only features of this category, which is empty for those without one; null for all."
    )
    allow: AiModelSelectionAllowRule = field("Which models are allowed.")
    conditions: AiModelSelectionConditionsInput | None = optional_field(
        "The conditions, if the rule allows the models that meet them."
    )
    default: AiModelSelectionDefaultRule = field("Which model is the default.")
    default_model: ID | None = optional_field("The ID of the default model, if the rule names one.")


@strawberry.type(description="A change that a bulk rule proposes.")
class AiModelSelectionProposedChange:
    feature: str = field(_FEATURE)
    title: str = field(_TITLE)
    mode: AiModelSelectionMode = field("The mode.")
    models: list[AiModelSelectionModelReference] = field("The allowed models; empty if the mode allows all.")
    default_model: AiModelSelectionModelReference | None = field("The default; null with the mode ROSTER.")
    version: int = field("The version that the change is based on.")
    note: str | None = field("How the change differs from the rule; null if it does not.")


@strawberry.type(description="Why a feature cannot follow a bulk rule.")
class AiModelSelectionRefusal:
    feature: str = field(_FEATURE)
    title: str = field(_TITLE)
    reason: str = field("The reason, as the rest of a sentence after the title and a colon.")


@strawberry.type(description="The changes that a bulk rule proposes. Nothing is saved.")
class AiModelSelectionBulkChanges:
    changes: list[AiModelSelectionProposedChange] = field("The proposed changes, in list order.")
    refusals: list[AiModelSelectionRefusal] = field("The features that cannot follow the rule.")
    complying: int = field("The number of features that need no change.")
    effect: AiModelSelectionEffect | None = field("The effect of the changes; null if the rule is invalid.")
    errors: list[str] = field("The errors of the rule; empty if it is valid.")
