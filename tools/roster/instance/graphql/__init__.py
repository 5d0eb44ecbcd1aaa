"""The API: what admins may choose from and what they chose, as GraphQL."""

from roster.instance.graphql.endpoint import router

__all__ = ["router"]
