"""The careful way through a file that is not plain and clean: its value, and everything that is wrong with its YAML."""

from functools import cached_property
from typing import Any, NoReturn

import yaml

from roster.findings import Finding, Place, Pointer
from roster.naming import quote
from roster.yaml import event_ranges, limits
from roster.yaml.event_ranges import Range
from roster.yaml.libyaml import UNREADABLE, CParser
from roster.yaml.line_index import LineIndex
from roster.yaml.plain_scalars import AmbiguousScalarError, resolve
from roster.yaml.syntax_errors import CONTROL, explain, strange_tag

_TYPE_OF_A_KEY = {bool: "true or false", int: "a number", float: "a number", type(None): "nothing"}

_TAG = ("a roster takes no tags", "remove the tag")


class _Unreadable(Exception):
    """Nothing after this point can be understood, or needs to be."""


class Composition:
    """What the careful way found: ``value`` (None when ``readable`` is false) and ``findings``."""

    def __init__(self, path: str, text: str, dates: frozenset[str]) -> None:
        self.value: Any = None
        self.readable = True
        self.findings: list[Finding] = []
        self._path, self._text, self._dates = path, text, dates
        self._has_tabs = "\t" in text
        self._left_behind = self._brackets = 0
        self._anchors: dict[str, tuple[Any, int] | None] = {}
        self._nodes = self._aliased = 0
        try:
            self._read()
        except _Unreadable:
            self.value, self.readable = None, False

    def _read(self) -> None:
        try:
            for directive in event_ranges.of_directives(self._text):
                self._report(
                    "yaml-forbidden-construct", directive, "a roster takes no YAML directive", "remove this line"
                )
            self._next = CParser(event_ranges.without_directives(self._text)).get_event
            self._document()
        except yaml.reader.ReaderError:  # libyaml refuses control characters and tells only of the first
            for found in CONTROL.finditer(self._text):
                self._report_control(found.group(), found.span())
            raise _Unreadable from None
        except yaml.MarkedYAMLError as error:
            tag = strange_tag(error, self._text)
            if tag:
                self._stop("yaml-forbidden-construct", tag, *_TAG)
            self._stop("yaml-syntax", *explain(error, self._text))
        except UNREADABLE:
            self._stop("yaml-forbidden-construct", event_ranges.of_escaped_tag(self._text), *_TAG)

    def _document(self) -> None:
        self._next()
        if isinstance(self._next(), yaml.DocumentStartEvent):
            self.value = self._node(self._next(), (), None)
            end: Any = self._next()
            self._only_one_document(end.end_mark.index)
        if self._has_tabs:
            self._refuse_tab(event_ranges.tab_outside_comments(self._text, self._left_behind, len(self._text)))

    def _only_one_document(self, end: int) -> None:
        directives = event_ranges.of_directives(self._text, end)
        if directives:
            self._report_document(directives[0])
            return
        more: Any = self._next()
        if isinstance(more, yaml.DocumentStartEvent):
            start, _ = event_ranges.of(more)
            self._report_document((start, start + 3))

    def _report_document(self, where: Range) -> None:
        message = "a second document starts here, and nobody would read it"
        self._report("yaml-forbidden-construct", where, message, "remove this line, or what follows it")

    def _node(self, event: Any, pointer: Pointer, key: str | None) -> Any:
        """Return the value that starts with ``event``; ``key`` is the nearest key that leads to it."""
        self._count(event)
        if self._has_tabs:
            self._look_for_tabs(event, pointer)
        if isinstance(event, yaml.AliasEvent):
            return self._alias(event)
        self._refuse_tag(event)
        size_before, anchor = self._nodes, event.anchor
        if anchor is not None:
            self._refuse_repeated_anchor(event)
            self._anchors[anchor] = None  # open: an alias in here would hold itself
        if isinstance(event, yaml.ScalarEvent):
            value = self._scalar(event, pointer, key)
        else:
            value = self._collection(event, pointer, key)
        if anchor is not None:
            self._anchors[anchor] = (value, self._nodes - size_before + 1)
        return value

    def _count(self, event: Any) -> None:
        self._nodes += 1
        if self._nodes <= limits.NODES_WITH_PROBLEMS:
            return
        if self.findings:
            raise _Unreadable
        if self._anchors or event.anchor is not None:
            message = f"a file with anchors holds more than {limits.NODES_WITH_PROBLEMS:,} values"
            self._stop("yaml-forbidden-construct", event_ranges.of(event), message, "write the values out")
        if self._nodes > limits.NODES:
            message = f"the file holds more than {limits.NODES:,} values"
            self._stop("yaml-forbidden-construct", event_ranges.of(event), message)

    def _alias(self, event: Any) -> Any:
        found = event_ranges.of(event)
        known = self._anchors.get(event.anchor, ...)
        if known is ...:
            self._stop(
                "yaml-syntax",
                found,
                f"there is no anchor {quote('&' + event.anchor)} above this alias",
                "put it in quotes",
            )
        if known is None:
            self._stop("yaml-forbidden-construct", found, "this alias stands inside the value that it repeats")
        value, size = known
        self._aliased += size
        self._nodes += size - 1  # an anchor around this alias repeats all of it
        if self._aliased > limits.ALIASED_NODES:
            message = f"aliases repeat more than {limits.ALIASED_NODES:,} values in this file"
            self._stop("yaml-forbidden-construct", found, message, "write the value out")
        return value

    def _refuse_tag(self, event: Any) -> None:
        if event.tag is not None:
            self._report("yaml-forbidden-construct", event_ranges.of_tag(event, self._text), *_TAG)

    def _refuse_repeated_anchor(self, event: Any) -> None:
        if event.anchor in self._anchors:  # fine in YAML, but not for PyYAML
            message = f"the anchor {quote('&' + event.anchor)} is given twice"
            self._report("yaml-forbidden-construct", event_ranges.of_anchor(event, self._text), message, "rename one")

    def _look_for_tabs(self, event: Any, pointer: Pointer) -> None:
        """Refuse a tab outside quotes, brackets, blocks and comments: YAML takes it, but ruamel.yaml does not."""
        start, end = event_ranges.of_content(event, self._text)
        if not self._brackets:
            self._refuse_tab(event_ranges.tab_outside_comments(self._text, self._left_behind, start))
        if isinstance(event, yaml.ScalarEvent) and not event.style:
            self._refuse_tab(self._text.find("\t", start, end), pointer)
        self._left_behind = end

    def _refuse_tab(self, at: int, pointer: Pointer = ()) -> None:
        if at >= 0:
            self._report("yaml-syntax", (at, at + 1), "some readers refuse a tab here", "use spaces", pointer)

    def _scalar(self, event: Any, pointer: Pointer, key: str | None) -> Any:
        if not event.implicit[0] or event.tag is not None:
            return event.value
        try:
            return resolve(event.value, date_expected=key in self._dates)
        except AmbiguousScalarError as reason:
            at = event_ranges.of_scalar(event, self._text)
            message = f"{quote(event.value)} means different things to different readers: {reason}"
            self._report("yaml-ambiguous-scalar", at, message, "put it in quotes", pointer)
            return event.value

    def _collection(self, event: Any, pointer: Pointer, key: str | None) -> Any:
        if len(pointer) >= limits.DEPTH:
            message = f"lists and mappings nest more than {limits.DEPTH} deep here"
            self._stop("yaml-forbidden-construct", event_ranges.of(event), message)
        self._brackets += event.flow_style
        value = self._sequence(pointer, key) if isinstance(event, yaml.SequenceStartEvent) else self._mapping(pointer)
        self._brackets -= event.flow_style
        return value

    def _sequence(self, pointer: Pointer, key: str | None) -> list[Any]:
        items: list[Any] = []
        while not isinstance(event := self._next(), yaml.SequenceEndEvent):
            items.append(self._node(event, (*pointer, len(items)), key))
        self._left_behind = max(self._left_behind, event_ranges.end_of_flow(event))
        return items

    def _mapping(self, pointer: Pointer) -> dict[str, Any]:
        entries: dict[str, Any] = {}
        first_at: dict[str, Range] = {}
        repeated = False
        while not isinstance(event := self._next(), yaml.MappingEndEvent):
            name, at = self._key(event, pointer)
            value = self._node(self._next(), (*pointer, name), name)
            if name not in first_at:
                entries[name], first_at[name], repeated = value, at, False
            elif not repeated:  # a run of repeated keys has one cause: a missing dash, or a pasted block
                self._report_repeated(name, first_at[name], at, pointer)
                repeated = True
        self._left_behind = max(self._left_behind, event_ranges.end_of_flow(event))
        return entries

    def _key(self, event: Any, pointer: Pointer) -> tuple[str, Range]:
        self._count(event)
        if self._has_tabs:
            self._look_for_tabs(event, pointer)
        if not isinstance(event, yaml.ScalarEvent):
            message = "a key must be plain text"
            self._stop("yaml-forbidden-construct", event_ranges.of(event), message, "write the key out")
        self._refuse_tag(event)
        name, at = event.value, event_ranges.of_scalar(event, self._text)
        if event.anchor is not None:
            self._refuse_repeated_anchor(event)
            self._anchors[event.anchor] = (name, 1)
        if event.implicit[0]:
            self._refuse_misleading_key(name, at, pointer)
        return name, at

    def _refuse_misleading_key(self, name: str, at: Range, pointer: Pointer) -> None:
        if name == "<<":
            self._report("yaml-forbidden-construct", at, "a roster takes no merge keys", "write the keys out", pointer)
            return
        try:
            meaning = resolve(name)
        except AmbiguousScalarError as reason:
            message = f"the key {quote(name)} means different things to different readers: {reason}"
            self._report("yaml-ambiguous-scalar", at, message, "put it in quotes", (*pointer, name))
            return
        if not isinstance(meaning, str):
            message = f"the key {quote(name)} is {_TYPE_OF_A_KEY[type(meaning)]}, and a key must be text"
            self._report("yaml-forbidden-construct", at, message, "put it in quotes", (*pointer, name))

    def _report_repeated(self, name: str, first: Range, again: Range, pointer: Pointer) -> None:
        line = self._lines.span(*first).line
        message = f"the key {quote(name)} is given twice: the first is on line {line}"
        self._report("yaml-duplicate-key", again, message, 'remove one, or start a new model with "- "', pointer)

    def _report_control(self, characters: str, where: Range) -> None:
        code = f"U+{ord(characters[0]):04X}"
        message = f"a control character ({code}) stands here"
        if len(characters) > 1:
            message = f"{len(characters):,} control characters stand here, the first is {code}"
        self._report("yaml-encoding", where, message, "remove it" if len(characters) == 1 else "remove them")

    @cached_property
    def _lines(self) -> LineIndex:
        return LineIndex(self._text)

    def _report(self, rule: str, where: Range, message: str, hint: str = "", pointer: Pointer = ()) -> None:
        """Report a finding; whatever else is wrong at or below ``pointer`` has the same cause."""
        place = Place(self._path, pointer, span=self._lines.span(*where))
        self.findings.append(Finding(place, message, hint, rule=rule))
        if len(self.findings) == limits.FINDINGS:
            raise _Unreadable

    def _stop(self, rule: str, where: Range, message: str, hint: str = "") -> NoReturn:
        self._report(rule, where, message, hint)
        raise _Unreadable
