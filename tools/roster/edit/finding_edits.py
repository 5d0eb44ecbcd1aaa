"""The edits of a finding's fix, as splices of the file's text."""

import re
from collections.abc import Collection, Iterator

from roster.edit import quoting
from roster.edit.ranges import Ranges, line_break
from roster.edit.removal import remove_item
from roster.edit.splice import Splice
from roster.findings import Edit, Pointer, Remove, Replace
from roster.yaml.document import Document, parse
from roster.yaml.line_index import LineIndex

_BLOCK_HEADER = re.compile(r"([|>])[-+]?([1-9]?)[-+]?")


def edit_splices(document: Document, lines: LineIndex, edits: Collection[Edit]) -> dict[Edit, tuple[Splice, ...]]:
    """Return the splices of each edit; an edit that would affect something else has none."""
    ranges = Ranges(document, {pointer for edit in edits for pointer in _pointers(edit)})
    splices: dict[Edit, tuple[Splice, ...]] = {}
    for edit in edits:
        if isinstance(edit, Remove):
            splices[edit] = _remove(edit, document, ranges)
        elif edit.place.span:
            text = edit.value.replace("\n", line_break(document.text))
            splices[edit] = (Splice(*lines.offsets(edit.place.span), text),)
        else:
            splices[edit] = _replace(edit, ranges)
    return splices


def _pointers(edit: Edit) -> Iterator[Pointer]:
    """Yield the pointers whose ranges an edit needs."""
    if edit.place.span:
        return
    *parent, last = edit.place.pointer
    yield from ((*parent, last), tuple(parent))
    if isinstance(edit, Remove):
        yield from ((*parent, int(last) - 1), (*parent, int(last) + 1))


def _remove(edit: Remove, document: Document, ranges: Ranges) -> tuple[Splice, ...]:
    items = document.value
    for key in edit.place.pointer[:-1]:
        items = items[key]
    return remove_item(ranges, items, edit.place.pointer)


def _replace(edit: Replace, ranges: Ranges) -> tuple[Splice, ...]:
    text, pointer = ranges.text, edit.place.pointer
    start, end = ranges.key(*pointer) if edit.place.at_key else ranges.value(*pointer)
    if text.startswith("*", start):
        return ()  # the value is at the anchor of this YAML alias, and other aliases may refer to it
    if header := _BLOCK_HEADER.match(text, start):
        return _fold_block(header, text[header.end() : end], edit.value)
    in_flow = ranges.starts_with(("[", "{"), *pointer[:-1])
    return (Splice(start, end, quoting.format_scalar(edit.value, quoting.quotes_at(text, start), in_flow=in_flow)),)


def _fold_block(header: re.Match[str], lines: str, value: str) -> tuple[Splice, ...]:
    """Fold a block scalar and strip its final line break if that gives the value."""
    for style in (header[1], ">"):
        new_header = f"{style}{header[2]}-"
        if parse("", (new_header + lines).encode()).value == value:
            return (Splice(*header.span(), new_header),)
    return ()
