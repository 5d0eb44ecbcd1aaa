"""How much one document may ask for. Fragments are measured once each: a small document can name them very often."""

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

TOKENS = 1000
"""The query that clients read the schema with has about 250."""


class Size(NamedTuple):
    """How much is asked for: fields within fields, fields at the root, and aliases anywhere."""

    depth: int
    fields: int
    aliases: int


MOST = Size(depth=15, fields=10, aliases=20)
"""The query that clients read the schema with has a depth of 15; the schema's own fields need half of it."""
_NOTHING = Size(0, 0, 0)
_WORDS = Size("fields within each other", "fields at the root", "aliases")  # type: ignore[arg-type]  # one for each


class Limits(ValidationRule):
    """Refuses a document before anything else looks at it.

    Raises:
        GraphQLError: it asks for too much.
    """

    def __init__(self, context: ValidationContext) -> None:
        super().__init__(context)
        definitions = context.document.definitions
        measured = _Measure({each.name.value: each for each in definitions if isinstance(each, FragmentDefinitionNode)})
        for operation in definitions:
            if isinstance(operation, OperationDefinitionNode):
                for words, most, found in zip(_WORDS, MOST, measured.size(operation.selection_set), strict=True):
                    if found > most:
                        raise GraphQLError(f"the document has more than {most} {words}")


class _Measure:
    def __init__(self, fragments: dict[str, FragmentDefinitionNode]) -> None:
        self._fragments = fragments
        self._measured: dict[str, Size] = {}

    def size(self, selected: SelectionSetNode | None) -> Size:
        total = _NOTHING
        for node in selected.selections if selected else ():
            if isinstance(node, FieldNode):
                below = self.size(node.selection_set)
                size = Size(below.depth + 1, 1, below.aliases + (node.alias is not None))
            elif isinstance(node, FragmentSpreadNode):
                size = self._fragment(node.name.value)
            else:
                assert isinstance(node, InlineFragmentNode)
                size = self.size(node.selection_set)
            total = Size(max(total.depth, size.depth), total.fields + size.fields, total.aliases + size.aliases)
        return total

    def _fragment(self, name: str) -> Size:
        if name not in self._measured:
            self._measured[name] = _NOTHING  # a fragment within itself is what validation refuses
            self._measured[name] = (
                self.size(self._fragments[name].selection_set) if name in self._fragments else _NOTHING
            )
        return self._measured[name]
