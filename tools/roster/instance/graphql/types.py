"""The types of the API, with the names that GitLab's clients know: plain data, of which no field looks anything up."""

from datetime import date, datetime
from enum import Enum
from typing import Any

import strawberry
from strawberry import ID, enum_value

from roster.instance.selection.resolution import Level, Outcome
from roster.roster import ReleaseState


def _told(description: str) -> Any:
    return strawberry.field(description=description)


@strawberry.enum(description="How finished the offer of a model is.")
class AiModelSelectionReleaseState(Enum):
    """How finished the offer of a model is."""

    EXPERIMENT = enum_value(
        ReleaseState.EXPERIMENT.value, description="An experiment, which may change or end without notice."
    )
    BETA = enum_value(ReleaseState.BETA.value, description="Almost ready.")
    GA = enum_value(ReleaseState.GA.value, description="Generally available.")


@strawberry.enum(description="Who has a say in which model serves a feature.")
class AiModelSelectionSource(Enum):
    """Who has a say in which model serves a feature; the values are those of ``Level``."""

    NAMESPACE = enum_value(Level.NAMESPACE.value, description="The namespace chose it.")
    INSTANCE = enum_value(Level.INSTANCE.value, description="The admin of the instance chose it.")
    ROSTER = enum_value(Level.ROSTER.value, description="It is the roster's default.")


@strawberry.enum(description="What came of asking who has a say.")
class AiModelSelectionOutcome(Enum):
    """What came of asking who has a say; the values are those of ``Outcome``."""

    SERVES = enum_value(Outcome.SERVES.value, description="What was chosen serves.")
    REPLACED = enum_value(Outcome.REPLACED.value, description="It is not available, and its replacement serves.")
    UNAVAILABLE = enum_value(Outcome.UNAVAILABLE.value, description="It is not available; the next one is asked.")
    NOT_ALLOWED = enum_value(
        Outcome.NOT_ALLOWED.value, description="The instance does not allow it; the next one is asked."
    )
    NOTHING_CHOSEN = enum_value(
        Outcome.NOTHING_CHOSEN.value, description="Nothing was chosen there; the next one is asked."
    )


@strawberry.type(description="A model by its id, with its name.")
class AiModelSelectionModelReference:
    """A model by its id, with its name."""

    ref: ID = _told("The model's id in the offered list.")
    name: str = _told("What people call it; the id where nothing is known of the model.")


@strawberry.type(description="The announced end of a model, for one feature.")
class AiModelSelectionRetirement:
    """The announced end of a model, for one feature."""

    notice: date | None = _told("From this day admins are told.")
    last_day: date | None = _told("The last day on which the model is offered.")
    replacement: AiModelSelectionModelReference | None = _told("The model that takes over.")


@strawberry.type(description="A model as it is offered for one feature.")
class AiModelSelectionOfferedModel:
    """A model as it is offered for one feature."""

    ref: ID = _told("The model's id in the offered list.")
    name: str = _told("What people call it; the id where nothing is known of the model.")
    release_state: AiModelSelectionReleaseState | None = _told("How finished its offer is, as last seen.")
    provider: str | None = _told("Who runs it.")
    description: str | None = _told("What it is good at.")
    cost_indicator: str | None = _told("What it costs compared with others: from $ to $$$$.")
    available: bool = _told("Whether it serves the feature now.")
    retirement: AiModelSelectionRetirement | None = _told("Its end, if that is announced or over.")


@strawberry.type(description="What an admin chose for a feature.")
class AiModelSelection:
    """What an admin chose for a feature."""

    id: ID = _told("Stays the same until the choice is taken back.")
    namespace_id: ID | None = _told("The number of the namespace whose choice it is; null for the instance's.")
    models: list[AiModelSelectionOfferedModel] = _told(
        "The allowed models, those that are unavailable included; of a namespace, the one that it chose."
    )
    default_model: AiModelSelectionOfferedModel = _told("The default, which is one of the models.")
    created_at: datetime = _told("When it was chosen first.")
    updated_at: datetime = _told("When it was changed last.")


@strawberry.type(description="What came of asking one of those who have a say.")
class AiModelSelectionResolutionStep:
    """What came of asking one of those who have a say."""

    source: AiModelSelectionSource = _told("Who was asked.")
    outcome: AiModelSelectionOutcome = _told("What came of it.")
    model: AiModelSelectionOfferedModel | None = _told("What was chosen there; null for nothing.")
    explanation: str = _told("The same in words.")


@strawberry.type(description="Which model serves a feature, and why.")
class AiModelSelectionResolution:
    """Which model serves a feature, and why."""

    model: AiModelSelectionOfferedModel | None = _told("What serves the feature; null where nothing does.")
    source: AiModelSelectionSource | None = _told("Who decided; null where nothing serves the feature.")
    steps: list[AiModelSelectionResolutionStep] = _told("Who was asked, in that order, up to whoever decided.")


@strawberry.type(description="A feature, with what may serve it, what was chosen and what serves it now.")
class AiFeatureSetting:
    """A feature, with what may serve it, what was chosen and what serves it now."""

    feature: str = _told("The feature's name, the same one as in the roster.")
    title: str = _told("What people call it.")
    category: str = _told("The category that it belongs to.")
    offered: bool = _told("Whether a model serves it; otherwise one did once.")
    default_model: AiModelSelectionOfferedModel | None = _told(
        "The roster's default, which serves where nobody chose another; null where it has none."
    )
    selection: AiModelSelection | None = _told(
        "What the admin chose for the instance, or, with namespaceId, for the namespace; null for nothing."
    )
    allowed_models: list[AiModelSelectionOfferedModel] = _told("What namespaces may choose from now.")
    offered_models: list[AiModelSelectionOfferedModel] = _told("What serves the feature now, in roster order.")
    resolution: AiModelSelectionResolution = _told("Which model serves the feature, and why.")


@strawberry.type(description="Features.")
class AiFeatureSettingConnection:
    """Features."""

    nodes: list[AiFeatureSetting] = _told("In roster order; those that are not offered any more come last.")


@strawberry.type(description="Why the last sync failed.")
class AiModelSelectionSyncFailure:
    """Why the last sync failed."""

    reason: str = _told("The kind of failure, in one word.")
    message: str | None = _told("What happened.")
    at: datetime = _told("When it failed like that for the first time in a row.")


@strawberry.type(description="How the copy of the offered list fares. The last good list stays whatever happens.")
class AiModelSelectionSync:
    """How the copy of the offered list fares."""

    version: int | None = _told("Grows whenever the list is replaced; null before the first one.")
    replaced_at: datetime | None = _told("When the list was replaced last.")
    checked_at: datetime | None = _told("When the gateway last confirmed the list, or answered with another one.")
    age_seconds: int | None = _told("How long ago the list was last known to be right; null without a list.")
    last_failure: AiModelSelectionSyncFailure | None = _told("Null unless the last sync failed.")


@strawberry.type(description="What came of a mutation.")
class AiFeatureSettingUpdatePayload:
    """What came of a mutation."""

    ai_feature_setting: AiFeatureSetting | None = _told(
        "The feature as it is afterwards; as it was, if there are errors. Null where no such feature is known."
    )
    errors: list[str] = _told("Why nothing was changed, in sentences for people. Empty if all went well.")
    client_mutation_id: str | None = _told("What the input said, so that a client can tell answers apart.")


@strawberry.type(description="What came of a mutation.")
class AiFeatureSettingDeletePayload(AiFeatureSettingUpdatePayload):
    """What came of a mutation."""


@strawberry.type(description="What came of a mutation.")
class AiModelSelectionNamespaceUpdatePayload(AiFeatureSettingUpdatePayload):
    """What came of a mutation."""


@strawberry.type(description="What came of a mutation.")
class AiModelSelectionNamespaceDeletePayload(AiFeatureSettingUpdatePayload):
    """What came of a mutation."""


_CLIENT_MUTATION_ID = "Comes back in the answer, so that a client can tell answers apart."
_NAMESPACE_ID = "The namespace: its number, or its global id such as gid://gitlab/Group/7."


@strawberry.input(description="What to choose for the instance.")
class AiFeatureSettingUpdateInput:
    """What to choose for the instance."""

    feature: str = _told("The feature's name.")
    models: list[ID] = _told("The ids of the models to allow, which namespaces may choose from then; at least one.")
    default_model: ID = _told("The id of the default, one of the models.")
    client_mutation_id: str | None = strawberry.field(default=None, description=_CLIENT_MUTATION_ID)


@strawberry.input(description="What to take back for the instance.")
class AiFeatureSettingDeleteInput:
    """What to take back for the instance."""

    feature: str = _told("The feature's name.")
    client_mutation_id: str | None = strawberry.field(default=None, description=_CLIENT_MUTATION_ID)


@strawberry.input(description="What to choose for a namespace.")
class AiModelSelectionNamespaceUpdateInput:
    """What to choose for a namespace."""

    namespace_id: ID = _told(_NAMESPACE_ID)
    feature: str = _told("The feature's name.")
    model: ID = _told("The id of a model that the instance allows for the feature.")
    client_mutation_id: str | None = strawberry.field(default=None, description=_CLIENT_MUTATION_ID)


@strawberry.input(description="What to take back for a namespace.")
class AiModelSelectionNamespaceDeleteInput:
    """What to take back for a namespace."""

    namespace_id: ID = _told(_NAMESPACE_ID)
    feature: str = _told("The feature's name.")
    client_mutation_id: str | None = strawberry.field(default=None, description=_CLIENT_MUTATION_ID)
