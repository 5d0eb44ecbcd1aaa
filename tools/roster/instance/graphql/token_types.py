"""The GraphQL types of access tokens."""

from datetime import datetime
from enum import Enum

import strawberry
from strawberry import ID, enum_value

from roster.instance.auth.tokens import Access
from roster.instance.graphql.connections import PageInfo, only_page, with_cursors
from roster.instance.graphql.schema_members import (
    CLIENT_MUTATION_ID,
    enum_member,
    field,
    optional_field,
    resolver_field,
)


@strawberry.enum(description="The access that a token grants.")
class AiModelSelectionTokenAccess(Enum):
    READ = enum_member(Access.READ, "Queries.")
    WRITE = enum_member(Access.WRITE, "Queries and mutations.")


@strawberry.type(description="A named access token. Neither the token nor its hash is shown.")
class AiModelSelectionToken:
    id: ID = field("The token's global ID.")
    name: str = field("The name, unique among the tokens that are not revoked.")
    access: AiModelSelectionTokenAccess = field("The access that the token grants.")
    current: bool = field("Whether the request was made with this token.")
    created_at: datetime = field("When the token was created or named.")
    last_used_at: datetime | None = field(
        "When the token was last used, accurate to five minutes; null if it was never used."
    )
    revoked_at: datetime | None = field("When the token was revoked; null if it is valid.")
    revoked_by: str | None = field("Who revoked the token; null if it is valid or a command revoked it.")


@strawberry.type(description="A token in a connection.")
class AiModelSelectionTokenEdge:
    node: AiModelSelectionToken = field("The token.")
    cursor: str = field("The position of the token.")


@strawberry.type(description="A list of tokens. It is not paginated: all nodes are returned at once.")
class AiModelSelectionTokenConnection:
    nodes: list[AiModelSelectionToken] = field("The valid tokens by name, then the revoked ones, the latest first.")

    @resolver_field("The tokens with their cursors.")
    def edges(self) -> list[AiModelSelectionTokenEdge]:
        return [AiModelSelectionTokenEdge(node=node, cursor=cursor) for node, cursor in with_cursors(self.nodes)]

    @resolver_field("The position of the page, which is the only one.")
    def page_info(self) -> PageInfo:
        return only_page(self.nodes)


@strawberry.enum(description="What an event did to an access token.")
class AiModelSelectionTokenAction(Enum):
    ADDED = enum_value("added", description="The token was created, or a configured token was named.")
    RENAMED = enum_value("renamed", description="The token got another name.")
    REVOKED = enum_value("revoked", description="The token was revoked.")


@strawberry.type(description="A change of an access token. Neither the token nor its hash is shown.")
class AiModelSelectionTokenEvent:
    id: ID = field("The event's global ID.")
    created_at: datetime = field("When the token was changed.")
    actor: str = field("Who changed the token: the name of a token, or the user who ran the command.")
    action: AiModelSelectionTokenAction = field("The kind of change.")
    name: str = field("The name of the token after the event or, if it was revoked, before it.")
    previous_name: str | None = field("The name before a token was renamed; otherwise null.")
    access: AiModelSelectionTokenAccess = field("The access that the token grants or granted.")
    summary: str = field("The change as a sentence.")


@strawberry.type(description="An event of an access token in a connection.")
class AiModelSelectionTokenEventEdge:
    node: AiModelSelectionTokenEvent = field("The event.")
    cursor: str = field("The position of the event.")


@strawberry.type(description="A page of events of access tokens, the newest first.")
class AiModelSelectionTokenEventConnection:
    nodes: list[AiModelSelectionTokenEvent] = field("The events.")
    edges: list[AiModelSelectionTokenEventEdge] = field("The events with their cursors.")
    page_info: PageInfo = field("The position of the page.")


@strawberry.type(description="The result of a mutation.")
class AiModelSelectionTokenRevokePayload:
    token: AiModelSelectionToken | None = field("The revoked token; null if there are errors.")
    needs_confirmation: bool = field("Whether the only error is that confirmLastWriteToken is missing.")
    errors: list[str] = field("Error messages; empty on success. If there are any, nothing was changed.")
    client_mutation_id: str | None = field("The clientMutationId of the input.")


@strawberry.input(description="The token to revoke.")
class AiModelSelectionTokenRevokeInput:
    id: ID = field("The token's global ID, or its number.")
    confirm_last_write_token: bool = strawberry.field(
        default=False, description="Revoke the token even if nobody can make changes afterwards."
    )
    client_mutation_id: str | None = optional_field(CLIENT_MUTATION_ID)
