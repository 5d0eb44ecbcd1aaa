"""The edits of a finding's fix, as splices of the file's text, and the verification of their effect."""

import json
import re
from collections.abc import Collection, Iterable, Iterator, Set
from typing import Any

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
    ranges = Ranges(document, (pointer for edit in edits for pointer in _pointers(edit)))
    return {edit: _splices(edit, lines, ranges) for edit in edits}


def has_edits(before: Document, after: Document, edits: Iterable[Edit], replaced: Set[str]) -> bool:
    """Return whether a file differs only in edits, white space, and the characters ``replaced`` by edits of spans."""
    if not before.readable or not after.readable:
        return not before.readable  # the meaning of an invalid file is unknown; the findings after the edit decide
    expected = _edited(before.value, (edit for edit in edits if not edit.place.span))
    return bool(_without(replaced, expected) == _without(replaced, after.value))


def _pointers(edit: Edit) -> Iterator[Pointer]:
    """Yield the pointers whose ranges an edit needs."""
    if not edit.place.span:
        yield edit.place.pointer
    if isinstance(edit, Remove):
        *parent, index = edit.place.pointer
        yield from ((*parent, int(index) - 1), (*parent, int(index) + 1))


def _splices(edit: Edit, lines: LineIndex, ranges: Ranges) -> tuple[Splice, ...]:
    if isinstance(edit, Replace) and edit.place.span and isinstance(edit.value, str):
        return (Splice(*lines.offsets(edit.place.span), edit.value.replace("\n", line_break(ranges.text))),)
    if edit.place.pointer not in ranges:
        return ()
    return _replace(edit, ranges) if isinstance(edit, Replace) else _remove(edit, ranges)


def _remove(edit: Remove, ranges: Ranges) -> tuple[Splice, ...]:
    return remove_item(ranges, edit.place.pointer, keeps_comment=True)  # nobody reads what a fix removes


def _replace(edit: Replace, ranges: Ranges) -> tuple[Splice, ...]:
    text, pointer = ranges.text, edit.place.pointer
    start, end = ranges.key(*pointer) if edit.place.at_key else ranges.value(*pointer)
    if text.startswith("*", start):
        return ()  # the value is at the anchor of this YAML alias, and other aliases may refer to it
    if isinstance(edit.value, tuple):
        items = (quoting.format_scalar(item, quoting.PLAIN, in_flow=True) for item in edit.value)
        return (Splice(start, end, f"[{', '.join(items)}]"),)
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


def _edited(value: Any, edits: Iterable[Edit]) -> Any:
    """Return a copy of a file's value with the edits."""
    copy = json.loads(json.dumps(value))  # not deepcopy: what YAML aliases share is edited in one place
    # from the end, so that an edit moves nothing that another one refers to
    for edit in sorted(edits, key=lambda edit: (edit.place.pointer, not edit.place.at_key), reverse=True):
        *parent, last = edit.place.pointer
        container = copy
        for key in parent:
            container = container[key]
        if isinstance(edit, Remove):
            del container[last]
        elif edit.place.at_key:
            container[edit.value] = container.pop(last)
        else:
            container[last] = list(edit.value) if isinstance(edit.value, tuple) else edit.value
    return copy


def _without(characters: Set[str], value: Any) -> Any:
    """Return a value without some characters, and without space if there are any, in its keys and texts."""
    if not characters:
        return value
    if isinstance(value, dict):
        return {_without(characters, key): _without(characters, item) for key, item in value.items()}
    if isinstance(value, list):
        return [_without(characters, item) for item in value]
    if isinstance(value, str):
        return "".join(char for char in value if char not in characters and not char.isspace())
    return value
