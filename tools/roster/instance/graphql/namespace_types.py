"""The GraphQL types of namespaces' selections."""

from collections.abc import Callable
from datetime import datetime

import strawberry
from strawberry import ID

from roster.instance.graphql.connections import PageInfo
from roster.instance.graphql.schema_members import resolver_field
from roster.instance.graphql.types import AiModelSelectionOfferedModel, AiModelSelectionResolution


@strawberry.type(description="The model that a namespace selected for a feature, and what serves the namespace.")
class AiModelSelectionNamespaceSelection:
    id: ID = strawberry.field(description="The selection's global ID, unchanged until the selection is deleted.")
    namespace_id: ID = strawberry.field(description="The namespace's numeric ID.")
    feature: str = strawberry.field(description="The feature's name, as in the roster.")
    title: str = strawberry.field(description="The feature's display name.")
    model: AiModelSelectionOfferedModel = strawberry.field(description="The selected model.")
    effective: bool = strawberry.field(description="Whether the selected model serves the namespace.")
    resolution: AiModelSelectionResolution = strawberry.field(
        description="The model that serves the feature for the namespace."
    )
    explanation: str = strawberry.field(description="The steps of the resolution, as a sentence.")
    version: int = strawberry.field(description="The version, which a change of the selection can be based on.")
    changed_by: str | None = strawberry.field(description="Who made the latest change; null if it was not recorded.")
    changed_at: datetime = strawberry.field(description="When the latest change was made.")


@strawberry.type(description="A selection of a namespace in a connection.")
class AiModelSelectionNamespaceSelectionEdge:
    node: AiModelSelectionNamespaceSelection = strawberry.field(description="The selection.")
    cursor: str = strawberry.field(description="The position of the selection in the connection.")


@strawberry.type(description="A page of the selections of namespaces.")
class AiModelSelectionNamespaceSelectionConnection:
    nodes: list[AiModelSelectionNamespaceSelection] = strawberry.field(description="The selections.")
    edges: list[AiModelSelectionNamespaceSelectionEdge] = strawberry.field(
        description="The selections with their cursors."
    )
    page_info: PageInfo = strawberry.field(description="The position of the page.")
    total: strawberry.Private[Callable[[], int]]

    @resolver_field("The number of selections on all pages.")
    def count(self) -> int:
        return self.total()
