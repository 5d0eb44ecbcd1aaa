"""YAML with positions: parses a file's bytes into a value, the exact span of every key and value, and findings.

This package knows nothing about rosters. Tags are never executed, aliases never expand without bound, and whatever
YAML 1.1 and 1.2 read differently is a finding, so that every parser of the file reads the value that was checked.
"""

from collections.abc import Iterable
from typing import Any, NamedTuple

from roster.findings import Finding, Place, Span
from roster.yaml import quick_loader
from roster.yaml.parser import EXCERPT_BYTES, MAX_BYTES, MAX_LINES, TOO_MANY_NODES


class Document(NamedTuple):
    """A parsed file.

    Attributes:
        text: the file as text; only its start if it is too large, empty if it is not text.
        value: lists, dicts, str, int, float, bool and None; undefined unless ``readable``.
        findings: what is wrong with its YAML.
        dates: the keys whose value may be a plain date.
    """

    path: str
    text: str
    value: Any
    readable: bool
    findings: tuple[Finding, ...] = ()
    dates: frozenset[str] = frozenset()

    def spans(self, places: Iterable[Place]) -> dict[Place, Span]:
        """Return the span of each place: that of its key for ``at_key``, else that of its value.

        A place inside an alias has the alias's span; a missing one has its nearest parent's. The key of the whole value
        is an empty span at its start.
        """
        from roster.yaml import node_ranges
        from roster.yaml.line_index import LineIndex

        spans = {place: place.span for place in places if place.span}
        pointers = {place: place.pointer for place in places if not place.span}
        if not pointers:
            return spans
        ranges = node_ranges.find_ranges(self.text, self.value, pointers.values())
        lines = LineIndex(self.text)
        for place, pointer in pointers.items():
            while pointer and pointer not in ranges:
                pointer = pointer[:-1]
            at_key, at_value = ranges.get(pointer, ((0, 0), (0, 0)))
            start, end = at_key if place.at_key else at_value
            spans[place] = lines.span(start, end if place.pointer or not place.at_key else start)
        return spans


def parse(path: str, data: bytes, *, dates: frozenset[str] = frozenset()) -> Document:
    """Parse a file's bytes. Never fails: whatever is wrong with them is among the document's findings.

    ``dates``: the keys whose value may be a plain date, which stays text.
    """
    if len(data) > MAX_BYTES:
        return _too_large(path, data, f"the file is larger than {MAX_BYTES // 1024**2} MiB")
    if data.count(b"\n") > MAX_LINES or data.count(b"\r") > MAX_LINES:
        return _too_large(path, data, f"the file has more than {MAX_LINES:,} lines")
    if data[:2].count(0) == 1:  # UTF-16 without a byte order mark: every other byte of ASCII text is 0
        return _undecodable(path, data, 0)
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        return _undecodable(path, data, error.start)
    findings: tuple[Finding, ...] = ()
    if text.startswith("\ufeff"):
        text, findings = text[1:], (_byte_order_mark(path),)
    try:
        complete, value = quick_loader.load(text, dates)
    except quick_loader.TooManyNodesError:
        return _too_large(path, data, TOO_MANY_NODES)
    if complete:
        return Document(path, text, value, True, findings, dates)
    return _load_carefully(path, text, findings, dates)


def _load_carefully(path: str, text: str, findings: tuple[Finding, ...], dates: frozenset[str]) -> Document:
    from roster.yaml.careful_loader import CarefulLoader

    loader = CarefulLoader(path, text, dates)
    return Document(path, text, loader.value, loader.readable, (*findings, *loader.findings), dates)


def _byte_order_mark(path: str) -> Finding:
    message = "the file starts with a byte order mark, which some parsers read as part of the first key"
    place = Place(path, span=Span(1, 1, 1, 2))
    return Finding(place, message, "save it as UTF-8 without a byte order mark", rule="yaml-encoding")


def _too_large(path: str, data: bytes, message: str) -> Document:
    start = data[:EXCERPT_BYTES].decode("utf-8", "replace")
    return _rejected(path, "yaml-forbidden-construct", message, Span(1, 1, 1, 1))._replace(text=start)


def _undecodable(path: str, data: bytes, at: int) -> Document:
    before = data[:at].decode("utf-8", "replace").replace("\r\n", "\n").replace("\r", "\n")
    line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
    utf_16 = data.startswith((b"\xff\xfe", b"\xfe\xff")) or data[at] == 0
    message = "the file is UTF-16, not UTF-8" if utf_16 else f"the byte 0x{data[at]:02X} here is not UTF-8"
    return _rejected(path, "yaml-encoding", message, Span(line, column, line, column + 1), "save the file as UTF-8")


def _rejected(path: str, rule: str, message: str, span: Span, hint: str = "") -> Document:
    return Document(path, "", None, False, (Finding(Place(path, span=span), message, hint, rule=rule),))
