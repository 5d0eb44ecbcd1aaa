"""YAML with positions: from a file's bytes to a value, the exact span of every key and value, and what is wrong.

Nothing here knows what a roster is. A tag is never executed, an alias never expands without bound, and what YAML 1.1
and 1.2 read differently is a finding, so that every later reader of the file sees what was checked.
"""

from collections.abc import Iterable, Set
from typing import Any, NamedTuple

from roster.findings import Finding, Place, Span
from roster.yaml import limits, quick_loader


class Document(NamedTuple):
    """A file as it was read.

    Attributes:
        text: the file as text; only its start when it is too large, empty when its bytes are no text.
        value: what it says, in lists, dicts, str, int, float, bool and None; meaningless unless ``readable``.
        findings: what is wrong with its YAML, each with the name of its rule.
    """

    path: str
    text: str
    value: Any
    readable: bool
    findings: tuple[Finding, ...] = ()
    dates: frozenset[str] = frozenset()

    def spans(self, places: Iterable[Place]) -> dict[Place, Span]:
        """Return the span of each place: of its key where it points ``at_key``, else of its value.

        A place inside an alias has the alias's span; one that the file does not have has its nearest parent's.
        """
        from roster.yaml import node_ranges
        from roster.yaml.line_index import LineIndex

        found = {place: place.span for place in places if place.span}
        pointers = {place: place.pointer for place in places if not place.span}
        if not pointers:
            return found
        ranges = node_ranges.find_ranges(
            self.text, {pointer[:length] for pointer in pointers.values() for length in range(len(pointer) + 1)}
        )
        lines = LineIndex(self.text)
        for place, pointer in pointers.items():
            while pointer and pointer not in ranges:
                pointer = pointer[:-1]
            at_key, at_value = ranges.get(pointer, ((0, 0), (0, 0)))
            found[place] = lines.span(*(at_key if place.at_key else at_value))
        return found

    def plain_scalar_ends(self) -> Set[int]:
        """Return the offsets in the text at which a key or a value without quotes ends."""
        from roster.yaml import node_ranges

        return node_ranges.plain_ends(self.text)


def parse(path: str, data: bytes, *, dates: frozenset[str] = frozenset()) -> Document:
    """Read a file's bytes. Any bytes give a document: what is wrong with them is among its findings.

    ``dates``: the keys whose value may be a plain date, which stays text.
    """
    if len(data) > limits.BYTES:
        return _too_large(path, data, f"the file is larger than {limits.BYTES // 1024**2} MiB")
    if data.count(b"\n") > limits.LINES or data.count(b"\r") > limits.LINES:
        return _too_large(path, data, f"the file has more than {limits.LINES:,} lines")
    if data[:2].count(0) == 1:  # UTF-16 without its mark: every other byte of plain text is 0
        return _not_text(path, data, 0)
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        return _not_text(path, data, error.start)
    findings: tuple[Finding, ...] = ()
    if text.startswith("\ufeff"):
        text, findings = text[1:], (_byte_order_mark(path),)
    complete, value = quick_loader.values(text, dates)
    if complete:
        return Document(path, text, value, True, findings, dates)
    return _read_carefully(path, text, findings, dates)


def _read_carefully(path: str, text: str, findings: tuple[Finding, ...], dates: frozenset[str]) -> Document:
    from roster.yaml.careful_loader import Composition

    composed = Composition(path, text, dates)
    return Document(path, text, composed.value, composed.readable, (*findings, *composed.findings), dates)


def _byte_order_mark(path: str) -> Finding:
    message = "the file starts with a byte order mark, which some readers take for a part of the first key"
    place = Place(path, span=Span(1, 1, 1, 2))
    return Finding(place, message, "save it as UTF-8 without a byte order mark", rule="yaml-encoding")


def _too_large(path: str, data: bytes, message: str) -> Document:
    start = data[: limits.BYTES_SHOWN].decode("utf-8", "replace")
    return _refused(path, "yaml-forbidden-construct", message, Span(1, 1, 1, 1))._replace(text=start)


def _not_text(path: str, data: bytes, at: int) -> Document:
    before = data[:at].decode("utf-8", "replace").replace("\r\n", "\n").replace("\r", "\n")
    line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
    utf_16 = data.startswith((b"\xff\xfe", b"\xfe\xff")) or data[at] == 0
    message = "the file is UTF-16, not UTF-8" if utf_16 else f"the byte 0x{data[at]:02X} here is not UTF-8"
    return _refused(path, "yaml-encoding", message, Span(line, column, line, column + 1), "save the file as UTF-8")


def _refused(path: str, rule: str, message: str, span: Span, hint: str = "") -> Document:
    return Document(path, "", None, False, (Finding(Place(path, span=span), message, hint, rule=rule),))
