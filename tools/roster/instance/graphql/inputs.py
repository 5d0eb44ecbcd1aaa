"""The inputs of mutations that change one selection."""

import strawberry
from strawberry import ID

from roster.instance.graphql.schema_members import CLIENT_MUTATION_ID, VERSION, field, optional_field
from roster.instance.graphql.types import AiModelSelectionMode

_NAMESPACE_ID = "The namespace: a numeric ID, or a global ID such as gid://gitlab/Group/7."


@strawberry.input(description="A selection for the instance.")
class AiFeatureSettingUpdateInput:
    feature: str = field("The feature's name.")
    models: list[ID] = field(
        "The IDs of the models that namespaces can select: at least one, or none with a mode that allows all models."
    )
    default_model: ID | None = optional_field(
        "The ID of the default model, one of the models; null with the mode ROSTER."
    )
    mode: AiModelSelectionMode = strawberry.field(default=AiModelSelectionMode.CHOSEN_MODELS, description="The mode.")
    version: int | None = optional_field(VERSION)
    client_mutation_id: str | None = optional_field(CLIENT_MUTATION_ID)


@strawberry.input(description="The instance's selection to delete.")
class AiFeatureSettingDeleteInput:
    feature: str = field("The feature's name.")
    version: int | None = optional_field(VERSION)
    client_mutation_id: str | None = optional_field(CLIENT_MUTATION_ID)


@strawberry.input(description="A selection for a namespace.")
class AiModelSelectionNamespaceUpdateInput:
    namespace_id: ID = field(_NAMESPACE_ID)
    feature: str = field("The feature's name.")
    model: ID = field("The ID of a model that the instance allows for the feature.")
    version: int | None = optional_field(VERSION)
    client_mutation_id: str | None = optional_field(CLIENT_MUTATION_ID)


@strawberry.input(description="A namespace's selection to delete.")
class AiModelSelectionNamespaceDeleteInput:
    namespace_id: ID = field(_NAMESPACE_ID)
    feature: str = field("The feature's name.")
    version: int | None = optional_field(VERSION)
    client_mutation_id: str | None = optional_field(CLIENT_MUTATION_ID)
