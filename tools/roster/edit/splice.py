"""Splices: replacements of character ranges in a text."""

from bisect import bisect_right
from collections.abc import Callable, Iterable
from itertools import accumulate
from typing import NamedTuple


class Splice(NamedTuple):
    """A replacement of the characters from ``start`` to ``end`` with ``text``."""

    start: int
    end: int
    text: str = ""

    @property
    def claimed(self) -> range:
        """The offsets that no other splice may touch; for an insertion, that of the character after it."""
        return range(self.start, max(self.end, self.start + 1))


def disjoint(splices: Iterable[Splice]) -> bool:
    """Return whether no two splices touch the same characters."""
    claimed = [offset for splice in splices for offset in splice.claimed]
    return len(claimed) == len(set(claimed))


def apply_splices(text: str, splices: Iterable[Splice]) -> str:
    """Return a text with disjoint splices applied."""
    pieces: list[str] = []
    position = 0
    for start, end, new in sorted(splices):
        pieces += text[position:start], new
        position = end
    return "".join(pieces) + text[position:]


def offset_map(splices: Iterable[Splice]) -> Callable[[int], int]:
    """Return a function from an offset before the splices to the one after; a removed character maps to its gap."""
    ordered = sorted(splices)
    ends = [splice.end for splice in ordered]
    shifts = list(accumulate((len(new) - (end - start) for start, end, new in ordered), initial=0))

    def new_offset(offset: int) -> int:
        before = bisect_right(ends, offset)
        return (min(offset, ordered[before].start) if before < len(ordered) else offset) + shifts[before]

    return new_offset
