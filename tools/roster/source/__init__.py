"""YAML with positions: from a file's bytes to a value, the exact span of every key and value, and what is wrong.

Nothing here knows what a roster is. A tag is never executed, an alias never expands without bound, and what YAML 1.1
and 1.2 read differently is a finding, so that every later reader of the file sees what was checked.
"""

from collections.abc import Iterable, Set
from typing import Any, NamedTuple

from roster.diagnostic import Finding, Place, Problem, Span
from roster.source import limits, quick


class Document(NamedTuple):
    """A file as it was read.

    Attributes:
        text: the file as text; empty when its bytes are no text.
        value: what it says, in lists, dicts, str, int, float, bool and None; meaningless unless ``readable``.
        problems: what is wrong with its YAML, each with the name of its rule.
    """

    path: str
    text: str
    value: Any
    readable: bool
    problems: tuple[Problem, ...] = ()
    dates: frozenset[str] = frozenset()

    def spans(self, places: Iterable[Place]) -> dict[Place, Span]:
        """Return the span of each place: of its key where it points ``at_key``, else of its value.

        A place inside an alias has the alias's span; one that the file does not have has its nearest parent's.
        """
        from roster.source.careful import Composition

        found = {place: place.span for place in places if place.span}
        pointers = {place: place.pointer for place in places if not place.span}
        wanted = {pointer[:length] for pointer in pointers.values() for length in range(len(pointer) + 1)}
        spans = Composition(self.path, self.text, self.dates, wanted).spans if wanted else {}
        for place, pointer in pointers.items():
            while pointer and pointer not in spans:
                pointer = pointer[:-1]
            at_key, at_value = spans.get(pointer, (Span(1, 1, 1, 1),) * 2)
            found[place] = at_key if place.at_key else at_value
        return found

    def plain_scalar_ends(self) -> Set[int]:
        """Return the offsets in the text at which a value without quotes ends."""
        from roster.source.careful import Composition

        return Composition(self.path, self.text, self.dates).plain_ends


def read(path: str, data: bytes, *, dates: frozenset[str] = frozenset()) -> Document:
    """Read a file's bytes. Any bytes give a document: what is wrong with them is among its problems.

    ``dates``: the keys whose value may be a plain date, which stays text.
    """
    if len(data) > limits.BYTES:
        size = f"the file is larger than {limits.BYTES // 1024**2} MiB"
        return _refused(path, "yaml-forbidden-construct", size, Span(1, 1, 1, 1))
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        return _not_text(path, data, error.start)
    if not text.startswith("\ufeff"):
        complete, value = quick.values(text, dates)
        if complete:
            return Document(path, text, value, True, (), dates)
    return _read_carefully(path, text, dates)


def _read_carefully(path: str, text: str, dates: frozenset[str]) -> Document:
    from roster.source.careful import Composition

    problems: list[Problem] = []
    if text.startswith("\ufeff"):
        message = "the file starts with a byte order mark, which some readers take for a part of the first key"
        place = Place(path, span=Span(1, 1, 1, 2))
        problems.append(("yaml-encoding", Finding(place, message, "save it as UTF-8 without a byte order mark")))
        text = text[1:]
    composed = Composition(path, text, dates)
    problems += composed.problems
    return Document(path, text, composed.value, composed.readable, tuple(problems), dates)


def _not_text(path: str, data: bytes, at: int) -> Document:
    before = data[:at].decode("utf-8", "replace").replace("\r\n", "\n").replace("\r", "\n")
    line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
    utf_16 = data.startswith((b"\xff\xfe", b"\xfe\xff"))
    message = "the file is UTF-16, not UTF-8" if utf_16 else f"the byte 0x{data[at]:02X} here is not UTF-8"
    return _refused(path, "yaml-encoding", message, Span(line, column, line, column + 1), "save the file as UTF-8")


def _refused(path: str, rule: str, message: str, span: Span, hint: str = "") -> Document:
    return Document(path, "", None, False, ((rule, Finding(Place(path, span=span), message, hint)),))
