"""Edits of texts and lists of texts, at any depth of a model."""

from collections.abc import Iterator, Sequence

from roster.edit import quoting
from roster.edit.infer_style import infer_flow_style
from roster.edit.ranges import Ranges
from roster.edit.removal import remove_item
from roster.edit.splice import Splice
from roster.edit.style import Style
from roster.findings import Pointer
from roster.yaml.line_index import line_end


class ValueEdits:
    """The edits of a file's values, given its style; ``in_flow``: the model is in braces."""

    def __init__(self, ranges: Ranges, style: Style, *, in_flow: bool) -> None:
        self._ranges, self._style, self._in_flow, self._text = ranges, style, in_flow, ranges.text

    def replace(self, pointer: Pointer, value: str, *, in_flow: bool = False) -> tuple[Splice, ...]:
        """Return the replacement of a text, in the same quotes."""
        start, end = self._ranges.value(*pointer)
        quotes, key = quoting.quotes_at(self._text, start), str(pointer[-1])
        return (Splice(start, end, self._style.quoted(key, value, quotes, in_flow=in_flow or self._in_flow)),)

    def update_list(self, pointer: Pointer, old: Sequence[str], new: Sequence[str]) -> Iterator[tuple[Splice, ...]]:
        """Yield the replacement, removal or addition of items; other items keep their position and comment."""
        in_brackets = self._ranges.starts_with("[", *pointer)
        removed = [index for index, item in enumerate(old) if item not in new]
        added = [item for item in new if item not in old]
        for index, item in zip(removed, added, strict=False):
            yield self.replace((*pointer, index), item, in_flow=in_brackets)
        for index in removed[len(added) :]:
            yield remove_item(self._ranges, (*pointer, index))
        for item in added[len(removed) :][:1]:
            yield self._append(pointer, len(old), item, in_brackets=in_brackets)

    def _append(self, pointer: Pointer, size: int, item: str, *, in_brackets: bool) -> tuple[Splice, ...]:
        outer = self._ranges.value(*pointer)
        items = [self._ranges.value(*pointer, index) for index in range(size)]
        new = self._style.scalar(str(pointer[-1]), item, in_flow=in_brackets or self._in_flow)
        if in_brackets and not items:
            return insert(outer[0] + 1, new)
        if in_brackets:
            return insert(items[-1][1], infer_flow_style(self._ranges, outer, items).separator + new)
        margin, bullet = " " * self._ranges.column(outer[0]), self._text[outer[0] : items[0][0]]
        return insert(line_end(self._text, items[-1][1]), f"{self._style.line_break}{margin}{bullet}{new}")


def insert(offset: int, text: str) -> tuple[Splice, ...]:
    """Return the insertion of a text."""
    return (Splice(offset, offset, text),)
