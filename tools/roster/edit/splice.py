"""Splices: stretches of a text that give way to others."""

from bisect import bisect_right
from collections.abc import Callable, Iterable
from itertools import accumulate
from typing import NamedTuple


class Splice(NamedTuple):
    """A text that takes the place of the characters from ``start`` to ``end``."""

    start: int
    end: int
    text: str = ""

    @property
    def taken(self) -> range:
        """The characters that no other splice may have; of one that only inserts, the character behind it."""
        return range(self.start, max(self.end, self.start + 1))


def apart(splices: Iterable[Splice]) -> bool:
    """Say whether no two splices are about the same characters."""
    taken = [offset for splice in splices for offset in splice.taken]
    return len(taken) == len(set(taken))


def spliced(text: str, splices: Iterable[Splice]) -> str:
    """Return a text with some stretches replaced; they are apart."""
    pieces: list[str] = []
    done = 0
    for start, end, new in sorted(splices):
        pieces += text[done:start], new
        done = end
    return "".join(pieces) + text[done:]


def mover(splices: Iterable[Splice]) -> Callable[[int], int]:
    """Return what says of an offset where it is after the splices: for a character that is gone, where it was."""
    ordered = sorted(splices)
    ends = [splice.end for splice in ordered]
    shifts = list(accumulate((len(new) - (end - start) for start, end, new in ordered), initial=0))

    def moved(offset: int) -> int:
        before = bisect_right(ends, offset)
        return (min(offset, ordered[before].start) if before < len(ordered) else offset) + shifts[before]

    return moved
