"""A second pass over a file that has findings: the exact ranges of some of its keys and values.

It builds no values and finds nothing wrong; it stops where the file cannot be read.
"""

from collections.abc import Callable, Set
from contextlib import suppress
from typing import Any

import yaml

from roster.findings import Pointer
from roster.yaml import event_ranges
from roster.yaml.event_ranges import Range
from roster.yaml.libyaml import UNREADABLE, CParser

_STARTS = (yaml.SequenceStartEvent, yaml.MappingStartEvent)
_ENDS = (yaml.SequenceEndEvent, yaml.MappingEndEvent)


def find_ranges(text: str, wanted: Set[Pointer]) -> dict[Pointer, tuple[Range, Range]]:
    """Return the ranges of the key (or list item) and of the value of each wanted pointer that exists.

    ``wanted`` holds, with each pointer, those of all its parents.
    """
    return _Search(text, wanted).found


def plain_ends(text: str) -> Set[int]:
    """Return the offsets at which a key or a value without quotes ends."""
    ends = set()
    next_event: Callable[[], Any] = CParser(event_ranges.without_directives(text)).get_event
    scalar, stream_end = yaml.ScalarEvent, yaml.StreamEndEvent
    with suppress(*UNREADABLE):
        while (kind := type(event := next_event())) is not stream_end:
            if kind is scalar and not event.style:
                ends.add(event.end_mark.index)
    return ends


class _Search:
    def __init__(self, text: str, wanted: Set[Pointer]) -> None:
        self.found: dict[Pointer, tuple[Range, Range]] = {}
        self._text, self._wanted = text, wanted
        self._next: Callable[[], Any] = CParser(event_ranges.without_directives(text)).get_event
        with suppress(*UNREADABLE):
            self._document()

    def _document(self) -> None:
        self._next()
        if isinstance(self._next(), yaml.StreamEndEvent):
            self._keep((), (0, 0), (0, 0))
        else:
            found = self._node(self._next(), ())
            self._keep((), found, found)

    def _node(self, event: Any, pointer: Pointer) -> Range:
        if pointer not in self._wanted or not isinstance(event, _STARTS):
            return self._passed(event)
        start = event_ranges.start_of(event, self._text)
        if isinstance(event, yaml.SequenceStartEvent):
            last, end = self._items(pointer)
        else:
            last, end = self._entries(pointer)
        return start, max(start, last, event_ranges.end_of_flow(end))

    def _items(self, pointer: Pointer) -> tuple[int, Any]:
        index = last = 0
        while not isinstance(event := self._next(), yaml.SequenceEndEvent):
            here = (*pointer, index)
            found = self._node(event, here)
            self._keep(here, found, found)
            index, last = index + 1, found[1]
        return last, event

    def _entries(self, pointer: Pointer) -> tuple[int, Any]:
        last = 0
        while not isinstance(event := self._next(), yaml.MappingEndEvent):
            key = self._passed(event)
            here = (*pointer, getattr(event, "value", ""))
            event = self._next()
            value = self._node(event, here)
            if event_ranges.is_empty(event):
                value = event_ranges.of_empty_value(key, self._text)
            self._keep(here, key, value)
            last = value[1]
        return last, event

    def _keep(self, pointer: Pointer, key: Range, value: Range) -> None:
        if pointer in self._wanted:
            self.found.setdefault(pointer, (key, value))  # of two equal keys the first one counts

    def _passed(self, event: Any) -> Range:
        """Return the range of a value that is not looked into, and leave it behind."""
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
        """Return where a block ends whose last two leaves are these."""
        if isinstance(last, yaml.ScalarEvent):
            end = event_ranges.of_scalar(last, self._text)[1]
            if event_ranges.is_empty(last) and self._text[end - 1 : end] not in (":", "-"):
                return self._end(before, before)  # a key without a colon: its missing value stands nowhere
            return end
        return event_ranges.of(last)[1]
