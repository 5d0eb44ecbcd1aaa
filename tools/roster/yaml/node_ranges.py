"""Ranges of selected keys and values: a second pass over a file that has findings.

It builds no values, reports nothing, and stops where the file cannot be parsed.
"""

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


def find_ranges(text: str, pointers: Iterable[Pointer]) -> dict[Pointer, tuple[Range, Range]]:
    """Return the ranges of the key (or list item) and of the value for each pointer and its parents that exist."""
    return _Search(text, {pointer[:length] for pointer in pointers for length in range(len(pointer) + 1)}).ranges


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
    def __init__(self, text: str, wanted: Set[Pointer]) -> None:
        self.ranges: dict[Pointer, tuple[Range, Range]] = {}
        self._text, self._wanted = text, wanted
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
        if pointer not in self._wanted or not isinstance(event, _STARTS):
            return self._skip(event)
        start = event_ranges.start_of(event, self._text)
        if isinstance(event, yaml.SequenceStartEvent):
            last, end = self._items(pointer)
        else:
            last, end = self._entries(pointer)
        return start, max(start, last, event_ranges.end_of_flow(end))

    def _items(self, pointer: Pointer) -> tuple[int, Any]:
        index = last = 0
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
