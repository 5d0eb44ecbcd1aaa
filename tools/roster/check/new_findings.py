"""Which findings are new after a change, and near what."""

from bisect import bisect
from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence

from roster.findings import Diagnostic

_NEAR = 20
"""How many lines lie at most between two things of one model."""


def newcomers(known: Iterable[Diagnostic], found: Iterable[Diagnostic]) -> Iterator[Diagnostic]:
    """Yield the findings that are not among the known ones: not at the same place, and nowhere in the same words."""
    known, found = tuple(known), tuple(found)
    stayed = Counter(map(_place, known)) & Counter(map(_place, found))
    gone = Counter(map(_words, _beyond(stayed, _place, known)))
    return _beyond(gone, _words, _beyond(stayed, _place, found))


def nearest(findings: Iterable[Diagnostic], places: Sequence[Diagnostic]) -> set[int]:
    """Return the indexes of those places that are nearest to one of the findings, and near it."""
    lines = defaultdict(list)
    for index, place in enumerate(places):
        lines[place.path].append((place.span.line, index))
    for here in lines.values():
        here.sort()
    found = set[int]()
    for finding in findings:
        line, here = finding.span.line, lines[finding.path]
        at = bisect(here, (line,))
        distances = [(abs(there - line), index) for there, index in here[max(at - 1, 0) : at + 1]]
        found.update(index for distance, index in sorted(distances)[:1] if distance <= _NEAR)
    return found


def _beyond(
    counted: Counter[Hashable], key: Callable[[Diagnostic], Hashable], found: Iterable[Diagnostic]
) -> Iterator[Diagnostic]:
    """Yield the findings that are left when so many of each key are taken away."""
    left = Counter(counted)
    for finding in found:
        if left[key(finding)]:
            left[key(finding)] -= 1
        else:
            yield finding


def _place(finding: Diagnostic) -> Hashable:
    return finding.path, finding.rule, finding.span.line, finding.span.column


def _words(finding: Diagnostic) -> Hashable:
    return finding.path, finding.rule, finding.message
