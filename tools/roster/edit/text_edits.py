"""What mends a finding, as splices of its file's text: comments, quotes, order, indentation and line breaks stay."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from roster.edit import quoting
from roster.edit.list_item import Item
from roster.edit.splice import Splice, spliced
from roster.findings import Edit, Place, Pointer, Remove, Replace
from roster.roster import DATE_KEYS
from roster.yaml.document import Document, read
from roster.yaml.line_index import Lines

_BLOCK_HEADER = re.compile(r"([|>])[-+]?([1-9]?)[-+]?")
_Edits = Mapping[tuple[Pointer, bool], Edit]
"""Edits by the pointer of their place, and whether they are of its key."""


class Text:
    """A file's text, with the ranges of all that some edits look at."""

    def __init__(self, path: str, data: bytes, edits: Iterable[Edit]) -> None:
        self._document = read(path, data, dates=DATE_KEYS)
        self._text = self._document.text
        self._before_text = data[: len(data) - len(self._text.encode())]  # a byte order mark, if there is one
        self.lines = Lines(self._text)
        spans = self._document.spans({place for edit in edits for place in self._looked_at(edit)})
        self._ranges = {place: self.lines.offsets(span) for place, span in spans.items()}
        line_break = re.search(r"\r\n|\n|\r", self._text)
        self._line_break = line_break[0] if line_break else "\n"

    def splices(self, edit: Edit) -> tuple[Splice, ...]:
        """Return what an edit does to the text; nothing where it cannot be done without touching something else."""
        if isinstance(edit, Remove):
            return self._item(edit.place).removed()
        start, end = self._ranges[edit.place]
        if edit.place.span:
            return (Splice(start, end, edit.value.replace("\n", self._line_break)),)
        if self._text.startswith("*", start):
            return ()  # the value stands at the alias's anchor
        if header := _BLOCK_HEADER.match(self._text, start):
            return self._on_one_line(header, end, edit.value)
        return (Splice(start, end, self._written(edit, self._text[start : start + 1])),)

    def changed(self, splices: Iterable[Splice], edits: Iterable[Edit]) -> bytes | None:
        """Return the file with the splices of some edits; None where it would not say what it says, but for these."""
        data = self._before_text + spliced(self._text, splices).encode()
        return data if self._is_kept(read(self._document.path, data, dates=DATE_KEYS), edits) else None

    def _is_kept(self, after: Document, edits: Iterable[Edit]) -> bool:
        before = self._document
        if not before.readable or not after.readable:
            return not before.readable  # nobody knows what it says: its findings decide
        characters: set[str] = set()
        known: dict[tuple[Pointer, bool], Edit] = {}
        for edit in edits:
            if edit.place.span:
                characters.update(self._text[slice(*self._ranges[edit.place])])
            else:
                known[edit.place.pointer, edit.place.at_key] = edit
        touched = {pointer[:length] for pointer, _ in known for length in range(len(pointer) + 1)}
        expected = _edited(before.value, (), known, touched)
        return bool(_without(characters, expected) == _without(characters, after.value))

    def _looked_at(self, edit: Edit) -> Iterator[Place]:
        yield edit.place
        if not edit.place.span:
            around = _parent(edit.place)
            yield around
            if isinstance(edit, Remove):
                yield around._replace(at_key=True)
                yield from filter(None, self._neighbours(edit.place))

    def _neighbours(self, item: Place) -> tuple[Place | None, Place | None]:
        """Return the places of the items before and after an item; None where it is the first or the last one."""
        *parents, index = item.pointer
        items = self._document.value
        for key in parents:
            items = items[key]
        before, after = int(index) - 1, int(index) + 1
        return (
            item._replace(pointer=(*parents, before)) if before >= 0 else None,
            item._replace(pointer=(*parents, after)) if after < len(items) else None,
        )

    def _item(self, place: Place) -> Item:
        around, at = _parent(place), self._ranges
        before, after = (near and at[near] for near in self._neighbours(place))
        return Item(self._text, at[place], before, after, at[around], at[around._replace(at_key=True)])

    def _written(self, edit: Replace, first: str) -> str:
        mark = first if first in (quoting.SINGLE, quoting.DOUBLE) else quoting.PLAIN
        around, _ = self._ranges[_parent(edit.place)]
        return quoting.written(edit.value, mark, in_brackets=self._text.startswith(("[", "{"), around))

    def _on_one_line(self, header: re.Match[str], end: int, value: str) -> tuple[Splice, ...]:
        """Fold a block scalar and take the line break from its end, where that gives the value."""
        for style in (header[1], ">"):
            new = f"{style}{header[2]}-"
            if read("", (new + self._text[header.end() : end]).encode()).value == value:
                return (Splice(*header.span(), new),)
        return ()


def _parent(place: Place) -> Place:
    return Place(place.path, place.pointer[:-1])


def _edited(value: Any, pointer: Pointer, edits: _Edits, touched: set[Pointer]) -> Any:
    """Return what a value is after the edits."""
    if pointer not in touched:
        return value
    if isinstance(value, dict):
        return {
            _replaced(key, edits.get(((*pointer, key), True))): _edited(item, (*pointer, key), edits, touched)
            for key, item in value.items()
        }
    if isinstance(value, list):
        return [
            _edited(item, (*pointer, index), edits, touched)
            for index, item in enumerate(value)
            if not isinstance(edits.get(((*pointer, index), False)), Remove)
        ]
    return _replaced(value, edits.get((pointer, False)))


def _replaced(value: Any, edit: Edit | None) -> Any:
    return edit.value if isinstance(edit, Replace) and not edit.place.span else value


def _without(characters: set[str], value: Any) -> Any:
    """Return a value without some characters, and then without any space, in its keys and texts."""
    if not characters:
        return value
    if isinstance(value, dict):
        return {_without(characters, key): _without(characters, item) for key, item in value.items()}
    if isinstance(value, list):
        return [_without(characters, item) for item in value]
    if isinstance(value, str):
        return "".join(char for char in value if char not in characters and not char.isspace())
    return value
