"""Careful loader: reads files that the quick loader cannot, and reports everything wrong with their YAML."""

import re
from functools import cached_property
from typing import Any, NoReturn

import yaml

from roster.findings import Finding, Place, Pointer
from roster.naming import quote
from roster.yaml import event_ranges, parser
from roster.yaml.date_hints import date_hint
from roster.yaml.line_index import LineIndex, Range
from roster.yaml.plain_scalars import QUOTE_IT, AmbiguousScalarError, resolve_scalar
from roster.yaml.syntax_errors import CONTROL, NOT_REPLACED, WRITE_THE_VALUE, explain, invalid_tag

_KEY_TYPES = {bool: "true or false", int: "a number", float: "a number", type(None): "nothing"}

_FORBIDDEN, _SYNTAX, _AMBIGUOUS = "yaml-forbidden-construct", "yaml-syntax", "yaml-ambiguous-scalar"
_TEMPLATE = re.compile(r"\{\{[^\r\n]*?\}\}")
_REFERENCE_TAG = re.compile(r"(?i)![\w:./-]*(?:env|secret|vault|ref|sub|var|file|include|param|output|config)")
_TAG = ("tags are not allowed", "remove the tag")


class _Unreadable(Exception):
    """The rest of the file cannot be parsed, or need not be."""


class CarefulLoader:
    """Loads a text at once into ``value`` (None unless ``readable``) and ``findings``.

    A list's items and a mapping's values are read recursively from libyaml's events.
    """

    def __init__(self, path: str, text: str, dates: frozenset[str]) -> None:
        self.value: Any = None
        self.readable = True
        self.findings: list[Finding] = []
        self._path, self._text, self._dates = path, text, dates
        self._has_tabs = "\t" in text
        self._last_end = self._brackets = 0
        self._anchors: dict[str, tuple[Any, int] | None] = {}
        self._nodes = self._aliased = 0
        try:
            self._read()
        except _Unreadable:
            self.value, self.readable = None, False

    def _read(self) -> None:
        try:
            for directive in event_ranges.of_directives(self._text):
                self._report(_FORBIDDEN, directive, "YAML directives are not allowed", "remove this line")
            self._next = parser.CParser(event_ranges.without_directives(self._text)).get_event
            self._document()
        except yaml.reader.ReaderError:  # control characters: libyaml reports only the first
            for match in CONTROL.finditer(self._text):
                self._report_control(match.group(), match.span())
            raise _Unreadable from None
        except yaml.MarkedYAMLError as error:
            if tag := invalid_tag(error, self._text):
                self._stop(_FORBIDDEN, tag, *_TAG)
            self._stop(_SYNTAX, *explain(error, self._text))
        except parser.PARSE_ERRORS:
            self._stop(_FORBIDDEN, event_ranges.of_escaped_tag(self._text), *_TAG)

    def _document(self) -> None:
        self._next()
        if isinstance(self._next(), yaml.DocumentStartEvent):
            self.value = self._node(self._next(), (), None)
            end: Any = self._next()
            self._reject_second_document(end.end_mark.index)
        if self._has_tabs:
            self._reject_tab(event_ranges.tab_outside_comments(self._text, self._last_end, len(self._text)))

    def _reject_second_document(self, end: int) -> None:
        positions = event_ranges.of_directives(self._text, end)[:1]
        if not positions and isinstance(more := self._next(), yaml.DocumentStartEvent):
            start, _ = event_ranges.of(more)
            positions = [(start, start + 3)]
        for position in positions:
            message = "a second document starts here; only the first one is read"
            self._report(_FORBIDDEN, position, message, "remove this line, or what follows it")

    def _node(self, event: Any, pointer: Pointer, key: str | None) -> Any:
        """Return the value that starts with ``event``; ``key`` is the nearest key above it."""
        self._count(event)
        if self._has_tabs:
            self._look_for_tabs(event, pointer)
        if isinstance(event, yaml.AliasEvent):
            return self._alias(event)
        self._reject_tag(event, pointer)
        size_before, anchor = self._nodes, event.anchor
        if anchor is not None:
            self._reject_repeated_anchor(event)
            self._anchors[anchor] = None  # still open: an alias in here would contain itself
        if isinstance(event, yaml.ScalarEvent):
            value = self._scalar(event, pointer, key)
        else:
            value = self._collection(event, pointer, key)
        if anchor is not None:
            self._anchors[anchor] = (value, self._nodes - size_before + 1)
        return value

    def _count(self, event: Any) -> None:
        self._nodes += 1
        if self._nodes <= parser.MAX_NODES_WITH_FINDINGS:
            return
        if self.findings:
            raise _Unreadable
        if self._anchors or event.anchor is not None:
            message = f"a file with anchors has more than {parser.MAX_NODES_WITH_FINDINGS:,} values"
            self._stop(_FORBIDDEN, event_ranges.of(event), message, "write the values out")
        if self._nodes > parser.MAX_NODES:
            self._stop(_FORBIDDEN, event_ranges.of(event), parser.TOO_MANY_NODES)

    def _alias(self, event: Any) -> Any:
        position = event_ranges.of(event)
        anchored = self._anchors.get(event.anchor, ...)
        if anchored is ...:
            message = f"there is no anchor {quote('&' + event.anchor)} above this alias"
            self._stop(_SYNTAX, position, message, QUOTE_IT)
        if anchored is None:
            self._stop(_FORBIDDEN, position, "this alias is inside the value that it repeats")
        value, size = anchored
        self._aliased += size
        self._nodes += size - 1  # an anchor around this alias repeats all of it
        if self._aliased > parser.MAX_ALIASED_NODES:
            message = f"aliases repeat more than {parser.MAX_ALIASED_NODES:,} values in this file"
            self._stop(_FORBIDDEN, position, message, "write the value out")
        return value

    def _reject_tag(self, event: Any, pointer: Pointer = ()) -> None:
        if event.tag is None:
            return
        position = event_ranges.of_tag(event.start_mark.index, self._text)
        if _REFERENCE_TAG.match(self._text, position[0]):
            self._report(_FORBIDDEN, position, NOT_REPLACED, WRITE_THE_VALUE, pointer)
        else:
            self._report(_FORBIDDEN, position, *_TAG)

    def _reject_repeated_anchor(self, event: Any) -> None:
        if event.anchor in self._anchors:  # valid YAML, but PyYAML rejects it
            message = f"the anchor {quote('&' + event.anchor)} is defined twice"
            self._report(_FORBIDDEN, event_ranges.of_anchor(event, self._text), message, "rename one")

    def _look_for_tabs(self, event: Any, pointer: Pointer) -> None:
        """Report tabs outside quotes, brackets, blocks and comments: valid YAML, but ruamel.yaml rejects them."""
        start, end = event_ranges.of_content(event, self._text)
        if not self._brackets:
            self._reject_tab(event_ranges.tab_outside_comments(self._text, self._last_end, start))
        if isinstance(event, yaml.ScalarEvent) and not event.style:
            self._reject_tab(self._text.find("\t", start, end), pointer)
        self._last_end = end

    def _reject_tab(self, at: int, pointer: Pointer = ()) -> None:
        if at >= 0:
            self._report(_SYNTAX, (at, at + 1), "some YAML parsers reject a tab here", "use spaces", pointer)

    def _scalar(self, event: Any, pointer: Pointer, key: str | None) -> Any:
        if not event.implicit[0] or event.tag is not None:
            return event.value
        try:
            return resolve_scalar(event.value, date_expected=key in self._dates)
        except AmbiguousScalarError as reason:
            position = event_ranges.of_scalar(event, self._text)
            message = f"{quote(event.value)} is ambiguous: {reason}"
            hint = date_hint(event.value) if key in self._dates else QUOTE_IT
            self._report(_AMBIGUOUS, position, message, hint, pointer)
            return event.value

    def _collection(self, event: Any, pointer: Pointer, key: str | None) -> Any:
        if len(pointer) >= parser.MAX_DEPTH:
            message = f"lists and mappings are nested more than {parser.MAX_DEPTH} levels deep here"
            self._stop(_FORBIDDEN, event_ranges.of(event), message)
        self._brackets += event.flow_style
        value = self._sequence(pointer, key) if isinstance(event, yaml.SequenceStartEvent) else self._mapping(pointer)
        self._brackets -= event.flow_style
        return value

    def _sequence(self, pointer: Pointer, key: str | None) -> list[Any]:
        items: list[Any] = []
        while not isinstance(event := self._next(), yaml.SequenceEndEvent):
            items.append(self._node(event, (*pointer, len(items)), key))
        self._last_end = max(self._last_end, event_ranges.end_of_flow(event))
        return items

    def _mapping(self, pointer: Pointer) -> dict[str, Any]:
        entries: dict[str, Any] = {}
        first_at: dict[str, Range] = {}
        repeated = missing_dash = False
        while not isinstance(event := self._next(), yaml.MappingEndEvent):
            name, at = self._key(event, pointer)
            value = self._node(self._next(), (*pointer, name), name)
            if len(entries) == parser.MAX_KEYS:
                self._stop(_FORBIDDEN, at, f"a mapping has more than {parser.MAX_KEYS:,} keys")
            if name not in first_at:
                entries[name], first_at[name], repeated = value, at, False
            elif (starts_entry := name in ("name", next(iter(entries)))) or not (repeated or missing_dash):
                # a run of duplicate keys has one cause: a pasted block, or a missing dash before an entry's first key
                self._report_duplicate(name, first_at[name], at, pointer, starts_entry)
                repeated, missing_dash = True, missing_dash or starts_entry
        self._last_end = max(self._last_end, event_ranges.end_of_flow(event))
        return entries

    def _key(self, event: Any, pointer: Pointer) -> tuple[str, Range]:
        self._count(event)
        if self._has_tabs:
            self._look_for_tabs(event, pointer)
        if not isinstance(event, yaml.ScalarEvent):
            start, end = event_ranges.of(event)
            if template := _TEMPLATE.match(self._text, start - 1):
                self._stop(_FORBIDDEN, template.span(), NOT_REPLACED, WRITE_THE_VALUE)
            self._stop(_FORBIDDEN, (start, end), "a key must be plain text", "write the key out")
        self._reject_tag(event)
        name, at = event.value, event_ranges.of_scalar(event, self._text)
        if event.anchor is not None:
            self._reject_repeated_anchor(event)
            self._anchors[event.anchor] = (name, 1)
        if event.implicit[0]:
            self._reject_misleading_key(name, at, pointer)
        return name, at

    def _reject_misleading_key(self, name: str, at: Range, pointer: Pointer) -> None:
        if name == "<<":
            self._report(_FORBIDDEN, at, "merge keys are not allowed", "write the keys out", pointer)
            return
        try:
            meaning = resolve_scalar(name)
        except AmbiguousScalarError as reason:
            message = f"the key {quote(name)} is ambiguous: {reason}"
            self._report(_AMBIGUOUS, at, message, QUOTE_IT, (*pointer, name))
            return
        if not isinstance(meaning, str):
            message = f"the key {quote(name)} is {_KEY_TYPES[type(meaning)]}, but a key must be text"
            self._report(_FORBIDDEN, at, message, QUOTE_IT, (*pointer, name))

    def _report_duplicate(self, name: str, first: Range, again: Range, pointer: Pointer, starts_entry: bool) -> None:
        line = self._lines.span(*first).line
        message = f"the key {quote(name)} is duplicated: first defined on line {line}"
        hint = remove = "remove one of the two"
        if pointer and isinstance(pointer[-1], int) and not self._brackets:
            start = 'start a new entry with "- "'
            hint = f"{start}, or {remove}" if starts_entry else f"{remove}, or {start}"
        self._report("yaml-duplicate-key", again, message, hint, pointer)

    def _report_control(self, characters: str, position: Range) -> None:
        code = f"U+{ord(characters[0]):04X}"
        message = f"control character {code}"
        if len(characters) > 1:
            message = f"{len(characters):,} control characters, the first is {code}"
        self._report("yaml-encoding", position, message, "remove it" if len(characters) == 1 else "remove them")

    @cached_property
    def _lines(self) -> LineIndex:
        return LineIndex(self._text)

    def _report(self, rule: str, position: Range, message: str, hint: str = "", pointer: Pointer = ()) -> None:
        """Report a finding; other findings at or below ``pointer`` have the same cause."""
        place = Place(self._path, pointer, span=self._lines.span(*position))
        self.findings.append(Finding(place, message, hint, rule=rule))
        if len(self.findings) == parser.MAX_FINDINGS:
            raise _Unreadable

    def _stop(self, rule: str, position: Range, message: str, hint: str = "") -> NoReturn:
        self._report(rule, position, message, hint)
        raise _Unreadable
