"""Query limits: how deep and how costly a GraphQL document may be.

Each fragment is measured once, because a small document can spread the same fragment exponentially often.
"""

from typing import NamedTuple

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
    ValidationContext,
    ValidationRule,
)

MAX_TOKENS = 1000
"""The introspection query that clients send has about 250."""


class QuerySize(NamedTuple):
    """The size of an operation: nesting depth, fields at the root, and aliases anywhere."""

    depth: int
    root_fields: int
    aliases: int


MAX_SIZE = QuerySize(depth=15, root_fields=10, aliases=20)
"""The introspection query that clients send has a depth of 15; the schema's own fields need half of it."""
MAX_ALIAS_LENGTH = 100
"""An alias is repeated in the response for each item of a list."""
_UNITS = {"depth": "nested fields", "root_fields": "root fields", "aliases": "aliases"}
_EMPTY = QuerySize(0, 0, 0)


class QueryLimits(ValidationRule):
    """A validation rule that rejects an oversized document before any other rule runs.

    Raises:
        GraphQLError: an operation exceeds a limit.
    """

    def __init__(self, context: ValidationContext) -> None:
        super().__init__(context)
        definitions = context.document.definitions
        self._fragments = {each.name.value: each for each in definitions if isinstance(each, FragmentDefinitionNode)}
        self._sizes: dict[str, QuerySize] = {}
        for operation in definitions:
            if isinstance(operation, OperationDefinitionNode):
                _check_size(self._size(operation.selection_set))

    def _size(self, selection_set: SelectionSetNode | None) -> QuerySize:
        total = _EMPTY
        for node in selection_set.selections if selection_set else ():
            if isinstance(node, FieldNode):
                if node.alias and len(node.alias.value) > MAX_ALIAS_LENGTH:
                    raise GraphQLError(f"an alias exceeds the limit of {MAX_ALIAS_LENGTH} characters")
                nested = self._size(node.selection_set)
                size = QuerySize(nested.depth + 1, 1, nested.aliases + (node.alias is not None))
            elif isinstance(node, FragmentSpreadNode):
                size = self._fragment_size(node.name.value)
            else:
                assert isinstance(node, InlineFragmentNode)
                size = self._size(node.selection_set)
            total = QuerySize(
                max(total.depth, size.depth), total.root_fields + size.root_fields, total.aliases + size.aliases
            )
        return total

    def _fragment_size(self, name: str) -> QuerySize:
        if name not in self._sizes:
            self._sizes[name] = _EMPTY  # ends the recursion of a cyclic fragment, which validation rejects
            if name in self._fragments:
                self._sizes[name] = self._size(self._fragments[name].selection_set)
        return self._sizes[name]


def _check_size(size: QuerySize) -> None:
    for name, limit in MAX_SIZE._asdict().items():
        if getattr(size, name) > limit:
            raise GraphQLError(f"the query exceeds the limit of {limit} {_UNITS[name]}")
