"""The careful way through a file: values, the exact spans of keys and values, and what is wrong."""

import re
from collections.abc import Set
from typing import Any, NoReturn

import yaml

from roster.diagnostic import Finding, Place, Pointer, Problem, Span
from roster.naming import quote
from roster.source import limits
from roster.source.libyaml import CParser
from roster.source.lines import Lines
from roster.source.scalar import AmbiguousScalarError, resolve
from roster.source.syntax import CONTROL, explain

Range = tuple[int, int]
"""A stretch of the text: the offsets of its start and its end."""

_PROPERTIES = re.compile(r"(?:[&!][^\s,\[\]{}]*(?:\s|#[^\n]*)*)+")


class _Unreadable(Exception):
    """Nothing after this point can be understood."""


class Composition:
    """What the careful way found: ``value`` (None when ``readable`` is false), ``problems`` and ``spans``.

    ``spans`` holds, for each wanted pointer that exists, the spans of its key (or list item) and of its value;
    ``plain_ends`` the offsets at which a scalar without quotes ends.
    """

    def __init__(self, path: str, text: str, dates: frozenset[str], wanted: Set[Pointer] = frozenset()) -> None:
        self.value: Any = None
        self.readable = True
        self.problems: list[Problem] = []
        self.spans: dict[Pointer, tuple[Span, Span]] = {}
        self.plain_ends: set[int] = set()
        self._path, self._text, self._dates, self._wanted = path, text, dates, wanted
        self._lines = Lines(text)
        self._anchors: dict[str, tuple[Any, int] | None] = {}
        self._nodes = self._aliased = 0
        try:
            self._read()
        except _Unreadable:
            self.value, self.readable = None, False

    def _read(self) -> None:
        try:
            self._next = CParser(self._text).get_event
            self._document()
        except yaml.reader.ReaderError:  # libyaml refuses control characters and tells only of the first
            for found in CONTROL.finditer(self._text):
                message = f"a control character (U+{ord(found.group()):04X}) stands here"
                self._report("yaml-encoding", found.span(), message, "remove it")
            raise _Unreadable from None
        except yaml.MarkedYAMLError as error:
            self._stop("yaml-syntax", *explain(error, self._text))

    def _document(self) -> None:
        self._next()
        start: Any = self._next()
        if isinstance(start, yaml.DocumentStartEvent):
            if start.version or start.tags:
                self._report(
                    "yaml-forbidden-construct", _range(start), "a roster takes no YAML directive", "remove this line"
                )
            self.value, found = self._node(self._next(), (), None)
            self._keep((), found, found)
            self._next()
            self._only_one_document()
        else:
            self._keep((), (0, 0), (0, 0))

    def _only_one_document(self) -> None:
        more: Any = self._next()
        if isinstance(more, yaml.DocumentStartEvent):
            start, _ = _range(more)
            message = "a second document starts here, and nobody would read it"
            self._report(
                "yaml-forbidden-construct", (start, start + 3), message, "remove this line, or what follows it"
            )

    def _node(self, event: Any, pointer: Pointer, key: str | None) -> tuple[Any, Range]:
        """Return the value that starts with ``event`` and its range; ``key`` is the nearest key that leads to it."""
        self._nodes += 1
        if self._nodes > limits.NODES:
            self._stop("yaml-forbidden-construct", _range(event), f"the file holds more than {limits.NODES:,} values")
        if isinstance(event, yaml.AliasEvent):
            return self._alias(event)
        size_before, anchor = self._nodes, event.anchor
        if anchor is not None:
            self._anchors[anchor] = None  # open: an alias in here would hold itself
        self._refuse_tag(event)
        if isinstance(event, yaml.ScalarEvent):
            value, found = self._scalar(event, pointer, key), self._scalar_range(event)
        else:
            value, found = self._collection(event, pointer, key)
        if anchor is not None:
            self._anchors[anchor] = (value, self._nodes - size_before + 1)
        return value, found

    def _alias(self, event: Any) -> tuple[Any, Range]:
        found = _range(event)
        known = self._anchors.get(event.anchor, ...)
        if known is ...:
            self._stop("yaml-syntax", found, f"there is no anchor {quote('&' + event.anchor)} above this alias")
        if known is None:
            self._stop("yaml-forbidden-construct", found, "this alias stands inside the value that it repeats")
        value, size = known
        self._aliased += size
        self._nodes += size - 1  # an anchor around this alias repeats all of it
        if self._aliased > limits.ALIASED_NODES:
            message = f"aliases repeat more than {limits.ALIASED_NODES:,} values in this file"
            self._stop("yaml-forbidden-construct", found, message, "write the value out")
        return value, found

    def _refuse_tag(self, event: Any) -> None:
        if event.tag is not None:
            start = event.start_mark.index
            properties = _PROPERTIES.match(self._text, start)
            tag = re.search(r"!\S*", properties.group()) if properties else None
            where = (start + tag.start(), start + tag.end()) if tag else _range(event)
            self._report("yaml-forbidden-construct", where, "a roster takes no tags", "remove the tag")

    def _scalar(self, event: Any, pointer: Pointer, key: str | None) -> Any:
        if not event.implicit[0] or event.tag is not None:
            return event.value
        try:
            return resolve(event.value, date_expected=key in self._dates)
        except AmbiguousScalarError as reason:
            message = f"{quote(event.value)} means different things to different readers: {reason}"
            self._report("yaml-ambiguous-scalar", self._scalar_range(event), message, "put it in quotes", pointer)
            return event.value

    def _scalar_range(self, event: Any) -> Range:
        start, end = self._after_properties(event), event.end_mark.index
        if not event.style:
            self.plain_ends.add(end)
        if event.style in ("|", ">"):  # libyaml ends a block scalar where the next token starts
            end = start + len(self._text[start:end].rstrip())
        return start, max(start, end)

    def _after_properties(self, event: Any) -> int:
        start: int = event.start_mark.index
        if event.anchor is None and event.tag is None:
            return start
        properties = _PROPERTIES.match(self._text, start)
        return properties.end() if properties else start

    def _collection(self, event: Any, pointer: Pointer, key: str | None) -> tuple[Any, Range]:
        if len(pointer) >= limits.DEPTH:
            message = f"lists and mappings nest more than {limits.DEPTH} deep here"
            self._stop("yaml-forbidden-construct", _range(event), message)
        start = self._after_properties(event)
        if isinstance(event, yaml.SequenceStartEvent):
            value, last, end = self._sequence(pointer, key)
        else:
            value, last, end = self._mapping(pointer)
        # libyaml ends a block collection where the next token starts: its last value says better where it ends
        return value, (start, end.end_mark.index if event.flow_style else max(start, last))

    def _sequence(self, pointer: Pointer, key: str | None) -> tuple[Any, int, Any]:
        items: list[Any] = []
        last = 0
        while not isinstance(event := self._next(), yaml.SequenceEndEvent):
            here = (*pointer, len(items))
            item, found = self._node(event, here, key)
            items.append(item)
            self._keep(here, found, found)
            last = found[1]
        return items, last, event

    def _mapping(self, pointer: Pointer) -> tuple[Any, int, Any]:
        entries: dict[str, Any] = {}
        last, repeated = 0, False
        first_at: dict[str, Range] = {}
        while not isinstance(event := self._next(), yaml.MappingEndEvent):
            name, at = self._key(event, pointer)
            here = (*pointer, name)
            value, found = self._node(self._next(), here, name)
            last = max(at[1], found[1])
            if name not in first_at:
                entries[name], first_at[name], repeated = value, at, False
                self._keep(here, at, found)
            elif not repeated:  # a run of repeated keys has one cause: a missing dash, or a pasted block
                self._report_repeated(name, first_at[name], at, pointer)
                repeated = True
        return entries, last, event

    def _key(self, event: Any, pointer: Pointer) -> tuple[str, Range]:
        self._nodes += 1
        if not isinstance(event, yaml.ScalarEvent):
            self._stop("yaml-forbidden-construct", _range(event), "a key must be plain text", "write the key out")
        self._refuse_tag(event)
        at = self._scalar_range(event)
        if event.anchor is not None:
            self._anchors[event.anchor] = (event.value, 1)
        if event.implicit[0] and event.value == "<<":
            self._report("yaml-forbidden-construct", at, "a roster takes no merge keys", "write the keys out", pointer)
        elif event.implicit[0]:
            try:
                resolve(event.value)
            except AmbiguousScalarError as reason:
                message = f"the key {quote(event.value)} means different things to different readers: {reason}"
                self._report("yaml-ambiguous-scalar", at, message, "put it in quotes", (*pointer, event.value))
        return event.value, at

    def _report_repeated(self, name: str, first: Range, again: Range, pointer: Pointer) -> None:
        line = self._lines.span(*first).line
        message = f"the key {quote(name)} is given twice: the first is on line {line}"
        self._report("yaml-duplicate-key", again, message, 'remove one, or start a new model with "- "', pointer)

    def _keep(self, pointer: Pointer, key: Range, value: Range) -> None:
        if pointer in self._wanted:
            self.spans[pointer] = self._lines.span(*key), self._lines.span(*value)

    def _report(self, rule: str, where: Range, message: str, hint: str = "", pointer: Pointer = ()) -> None:
        """Report a problem; whatever else is wrong at or below ``pointer`` has the same cause."""
        if len(self.problems) < limits.FINDINGS:
            place = Place(self._path, pointer, span=self._lines.span(*where))
            self.problems.append((rule, Finding(place, message, hint)))

    def _stop(self, rule: str, where: Range, message: str, hint: str = "") -> NoReturn:
        self._report(rule, where, message, hint)
        raise _Unreadable


def _range(event: Any) -> Range:
    start, end = event.start_mark.index, event.end_mark.index
    return start, max(end, start + 1)
