"""The edits of a finding's fix in a file's text, each as splices."""

import re
from collections.abc import Iterable, Iterator

from roster.edit import quoting
from roster.edit.ranges import Ranges, line_break
from roster.edit.removal import remove_item
from roster.edit.splice import Splice
from roster.findings import Edit, Pointer, Remove
from roster.yaml.document import Document, parse
from roster.yaml.line_index import LineIndex

_BLOCK_HEADER = re.compile(r"([|>])[-+]?([1-9]?)[-+]?")


class FindingEdits:
    """The splices of some edits of one file."""

    def __init__(self, document: Document, lines: LineIndex, edits: Iterable[Edit]) -> None:
        self._document, self._text, self._lines = document, document.text, lines
        self._ranges = Ranges(document, {pointer for edit in edits for pointer in _pointers(edit)})

    def splices(self, edit: Edit) -> tuple[Splice, ...]:
        """Return the splices of an edit; none if it would affect something else."""
        place = edit.place
        if isinstance(edit, Remove):
            container = self._document.value
            for key in place.pointer[:-1]:
                container = container[key]
            return remove_item(self._ranges, container, place.pointer)
        if place.span:
            return (Splice(*self._lines.offsets(place.span), edit.value.replace("\n", line_break(self._text))),)
        start, end = (self._ranges.key if place.at_key else self._ranges.value)(*place.pointer)
        if self._text.startswith("*", start):
            return ()  # the value is at the alias's anchor, which others may refer to
        if header := _BLOCK_HEADER.match(self._text, start):
            return self._fold_block(header, end, edit.value)
        quotes, in_flow = (
            quoting.quotes_at(self._text, start),
            self._ranges.starts_with(("[", "{"), *place.pointer[:-1]),
        )
        return (Splice(start, end, quoting.format_scalar(edit.value, quotes, in_flow=in_flow)),)

    def _fold_block(self, header: re.Match[str], end: int, value: str) -> tuple[Splice, ...]:
        """Fold a block scalar and strip its final line break if that gives the value."""
        for style in (header[1], ">"):
            new_header = f"{style}{header[2]}-"
            if parse("", (new_header + self._text[header.end() : end]).encode()).value == value:
                return (Splice(*header.span(), new_header),)
        return ()


def _pointers(edit: Edit) -> Iterator[Pointer]:
    """Yield the pointers whose ranges an edit needs."""
    pointer = edit.place.pointer
    if edit.place.span:
        return
    yield pointer
    yield pointer[:-1]
    if isinstance(edit, Remove):
        index = int(pointer[-1])
        yield from ((*pointer[:-1], neighbor) for neighbor in (index - 1, index + 1))
