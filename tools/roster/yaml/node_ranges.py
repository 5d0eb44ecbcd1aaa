"""Ranges of selected keys and values: a second pass over the items of a file that has findings.

It builds no values, reports nothing, and stops where the file cannot be parsed.
"""

import re
from collections.abc import Callable, Iterable, Set
from contextlib import suppress
from typing import Any

import yaml

from roster.findings import Pointer
from roster.yaml import event_ranges
from roster.yaml.line_index import Range
from roster.yaml.parser import PARSE_ERRORS, CParser

_STARTS = (yaml.SequenceStartEvent, yaml.MappingStartEvent)
_ENDS = (yaml.SequenceEndEvent, yaml.MappingEndEvent)


_BEFORE_LIST = r"(?:[ \t]*+(?:#[^\n]*+)?\r?\n|---[ \t]*+\r?\n)*+"
_ITEM = r"\n-(?=[ \t\r\n]|\Z)"


def find_ranges(text: str, value: object, pointers: Iterable[Pointer]) -> dict[Pointer, tuple[Range, Range]]:
    """Return the ranges of the key (or list item) and of the value for each pointer and its parents that exist.

    ``value``: the value of the text.
    """
    wanted = {pointer[:length] for pointer in pointers for length in range(len(pointer) + 1)}
    starts = item_starts(text, value) if wanted else []
    parents = {pointer[:-1] for pointer in wanted if pointer}
    return _ranges_in_items(text, starts, wanted, parents) if starts else _Search(text, wanted, parents).ranges


def item_starts(text: str, value: object) -> list[int]:
    """Return the offsets of a list's items if each starts a line, and the length of the text; empty otherwise."""
    if not isinstance(value, list) or not value or text.count("\r") != text.count("\r\n"):
        return []
    starts = [match.start() for match in re.finditer(_ITEM, f"\n{text}")]
    # A quoted value may contain such a line, too: only if there are as many lines as items, each starts an item.
    if len(starts) != len(value) or not re.fullmatch(_BEFORE_LIST, text[: starts[0]]):
        return []
    return [*starts, len(text)]


def _ranges_in_items(
    text: str, starts: list[int], wanted: Set[Pointer], parents: Set[Pointer]
) -> dict[Pointer, tuple[Range, Range]]:
    """Parse only the items of a list that contain a wanted pointer: a large file may have a single finding."""
    last = len(starts) - 2  # the list ends in it
    indexes = {index for index, *_ in filter(None, wanted) if isinstance(index, int) and index < last}
    ranges: dict[Pointer, tuple[Range, Range]] = {}
    for index in [*indexes, last]:
        start = starts[index]
        item = text[start : starts[index + 1]]
        for pointer, (key, value) in _Search(item, wanted, parents, index).ranges.items():
            ranges[pointer] = (key[0] + start, key[1] + start), (value[0] + start, value[1] + start)
    whole = starts[0], ranges[()][1][1]
    return {**ranges, (): (whole, whole)}


def plain_ends(text: str) -> Set[int]:
    """Return the offsets at which unquoted keys and values end."""
    ends = set()
    next_event: Callable[[], Any] = CParser(event_ranges.without_directives(text)).get_event
    scalar, stream_end = yaml.ScalarEvent, yaml.StreamEndEvent
    with suppress(*PARSE_ERRORS):
        while (kind := type(event := next_event())) is not stream_end:
            if kind is scalar and not event.style:
                ends.add(event.end_mark.index)
    return ends


class _Search:
    """A pass over a text, or over one item of its list: that with the index ``first_item``."""

    def __init__(self, text: str, wanted: Set[Pointer], parents: Set[Pointer], first_item: int = 0) -> None:
        self.ranges: dict[Pointer, tuple[Range, Range]] = {}
        self._text, self._wanted, self._first_item = text, wanted, first_item
        self._parents = parents
        self._next: Callable[[], Any] = CParser(event_ranges.without_directives(text)).get_event
        with suppress(*PARSE_ERRORS):
            self._document()

    def _document(self) -> None:
        self._next()
        if isinstance(self._next(), yaml.StreamEndEvent):
            self._record((), (0, 0), (0, 0))
        else:
            root = self._node(self._next(), ())
            self._record((), root, root)

    def _node(self, event: Any, pointer: Pointer) -> Range:
        if pointer not in self._parents or not isinstance(event, _STARTS):
            return self._skip(event)
        start = event_ranges.start_of(event, self._text)
        if isinstance(event, yaml.SequenceStartEvent):
            last, end = self._items(pointer)
        else:
            last, end = self._entries(pointer)
        return start, max(start, last, event_ranges.end_of_flow(end))

    def _items(self, pointer: Pointer) -> tuple[int, Any]:
        index, last = 0 if pointer else self._first_item, 0
        while not isinstance(event := self._next(), yaml.SequenceEndEvent):
            item_pointer = (*pointer, index)
            item = self._node(event, item_pointer)
            self._record(item_pointer, item, item)
            index, last = index + 1, item[1]
        return last, event

    def _entries(self, pointer: Pointer) -> tuple[int, Any]:
        last = 0
        while not isinstance(event := self._next(), yaml.MappingEndEvent):
            key = self._skip(event)
            value_pointer = (*pointer, getattr(event, "value", ""))
            event = self._next()
            value = self._node(event, value_pointer)
            if event_ranges.is_empty(event):
                value = event_ranges.of_empty_value(key, self._text)
            self._record(value_pointer, key, value)
            last = value[1]
        return last, event

    def _record(self, pointer: Pointer, key: Range, value: Range) -> None:
        if pointer in self._wanted:
            self.ranges.setdefault(pointer, (key, value))  # the first of duplicate keys counts

    def _skip(self, event: Any) -> Range:
        """Skip a value, and return its range."""
        if isinstance(event, yaml.AliasEvent):
            return event_ranges.of(event)
        if isinstance(event, yaml.ScalarEvent):
            return event_ranges.of_scalar(event, self._text)
        start = event_ranges.start_of(event, self._text)
        next_event, depth, before, last = self._next, 1, event, event
        while depth:
            event = next_event()
            kind = type(event)
            if kind in _STARTS:
                depth += 1
                continue
            depth -= kind in _ENDS
            if kind not in _ENDS or event_ranges.end_of_flow(event):
                before, last = last, event
        return start, self._end(last, before)

    def _end(self, last: Any, before: Any) -> int:
        """Return the end of a block with these last two leaves."""
        if isinstance(last, yaml.ScalarEvent):
            end = event_ranges.of_scalar(last, self._text)[1]
            if event_ranges.is_empty(last) and self._text[end - 1 : end] not in (":", "-"):
                return self._end(before, before)  # a key without a colon: its missing value has no position
            return end
        return event_ranges.of(last)[1]
