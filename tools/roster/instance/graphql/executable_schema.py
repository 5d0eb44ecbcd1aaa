"""The executable schema, and the reduced one that is served while the feature flag is off."""

import logging
import secrets
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, datetime

import strawberry
from graphql import GraphQLError, OperationDefinitionNode
from strawberry.extensions import AddValidationRules, MaxTokensLimiter, ParserCache, SchemaExtension, ValidationCache
from strawberry.schema.config import StrawberryConfig
from strawberry.schema.types.scalar import DEFAULT_SCALAR_REGISTRY
from strawberry.types import ExecutionContext

from roster.instance.database.errors import is_unavailable
from roster.instance.graphql.query_limits import MAX_TOKENS, QueryLimits
from roster.instance.graphql.resolvers import DisabledQuery, Mutation, Query

_CACHED_DOCUMENTS = 64
"""How many parsed and validated documents are cached."""

log = logging.getLogger("roster.instance")


class ErrorMaskingSchema(strawberry.Schema):
    """A schema that logs internal errors and shows callers only an error ID."""

    def process_errors(self, errors: list[GraphQLError], execution_context: ExecutionContext | None = None) -> None:
        """Mask the message of each internal error. The endpoint reports an unavailable database."""
        for error in errors:
            original = error.original_error
            if original and not isinstance(original, GraphQLError) and not is_unavailable(original):
                error.message = log_internal_error(original)


class RequireOperationName(SchemaExtension):
    """An extension that rejects several operations without an operation name; strawberry would run the first.

    Raises:
        GraphQLError: see https://spec.graphql.org/October2021/#GetOperation().
    """

    def on_parse(self) -> Iterator[None]:
        """Check the document after it is parsed."""
        yield
        context = self.execution_context
        definitions = context.graphql_document.definitions if context.graphql_document else ()
        operations = sum(isinstance(definition, OperationDefinitionNode) for definition in definitions)
        if operations > 1 and context.context.operation_name is None:
            raise GraphQLError("Must provide operation name if query contains multiple operations.")


class ReleaseTokens(SchemaExtension):
    """An extension that frees the tokens of a parsed document, comments included, which refer to each other.

    Otherwise they would remain until a garbage collection, and those of cached documents as long as these.
    """

    def on_parse(self) -> Iterator[None]:
        """Unlink the tokens after the document is parsed."""
        yield
        document = self.execution_context.graphql_document
        token = document.loc.start_token if document and document.loc else None
        while token:
            following, token.prev, token.next = token.next, None, None
            token = following


def log_internal_error(error: Exception) -> str:
    """Log an unexpected error; return the message for the caller, which carries the ID of the log record."""
    error_id = secrets.token_hex(8)
    log.error("internal error %s", error_id, exc_info=error)
    return f"internal error {error_id}: see the instance's log"


_EXTENSIONS: list[Callable[[], SchemaExtension]] = [
    lambda: RequireOperationName(),
    lambda: ReleaseTokens(),
    lambda: MaxTokensLimiter(MAX_TOKENS),
    lambda: AddValidationRules([QueryLimits]),
    lambda: ParserCache(_CACHED_DOCUMENTS),
    lambda: ValidationCache(_CACHED_DOCUMENTS),
]
_SPECIFICATIONS = {
    date: "https://scalars.graphql.org/chillicream/date.html",
    # Not andimarek/date-time, which requires exactly three digits of a second.
    datetime: "https://scalars.graphql.org/chillicream/date-time.html",
}
_CONFIG = StrawberryConfig(
    scalar_map={
        type_: replace(DEFAULT_SCALAR_REGISTRY[type_], specified_by_url=url) for type_, url in _SPECIFICATIONS.items()
    }
)
schema = ErrorMaskingSchema(Query, Mutation, extensions=_EXTENSIONS, config=_CONFIG)
disabled_schema = ErrorMaskingSchema(DisabledQuery, extensions=_EXTENSIONS, config=_CONFIG)
