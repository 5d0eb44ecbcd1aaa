"""Findings that have one right answer, mended: rosters in, rosters out, and nothing else about them is new.

A fix is only a proposal. It counts when the changed files, checked as they would be, have its finding no more and no
finding that was not there before. What a fix brings to light may be mended with it.
"""

from bisect import bisect
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain
from typing import NamedTuple

from roster.check.finding_identity import new_findings_after_edit
from roster.check.result import CheckResult
from roster.edit.splice import Splice, apart, mover
from roster.edit.text_edits import Text
from roster.findings import Diagnostic, Edit
from roster.repository import Repository
from roster.yaml.line_index import Lines

_ROUNDS = 10
"""How often what a round left is tried again, because another fix was in its way."""
_FOLLOW_UPS = 5
"""How often what a fix brought to light is mended in turn."""
_TRIALS = 40
"""How many combinations of fixes are checked in one round."""
_NEAR = 20
"""How many lines at most are between a fix and a finding that it causes."""


class CheckedRepository(NamedTuple):
    """A repository with changes that are not written yet, and what a check finds in it."""

    repository: Repository
    result: CheckResult


class _Fix(NamedTuple):
    """What mends a finding: its edits, and what they do to the text of its file."""

    finding: Diagnostic
    edits: tuple[Edit, ...]
    splices: tuple[Splice, ...]
    text: Text


Check = Callable[[Repository], CheckResult]


def apply_fixes(
    state: CheckedRepository, check: Check, chosen: Callable[[CheckedRepository], Iterable[Diagnostic]]
) -> CheckedRepository:
    """Return a state with as many of the ``chosen`` findings mended as can be."""
    for _ in range(_ROUNDS):
        better = _round(state, _fixes(state, chosen(state)), check)
        if better is state:
            break
        state = better
    return state


def _round(state: CheckedRepository, fixes: list[_Fix], check: Check) -> CheckedRepository:
    """Apply all fixes at once; where some do not work, try the others, and the two halves of those apart."""
    best, kept, groups = state, list[_Fix](), [fixes] if fixes else []
    for _ in range(_TRIALS):
        if not groups:
            break
        group = groups.pop()
        trial, suspects = _trial(state, [*kept, *group], check)
        if trial:
            best = trial
            kept += group
        else:
            groups += _parts(group, suspects)
    return best


def _parts(group: list[_Fix], suspects: set[Diagnostic]) -> list[list[_Fix]]:
    """Return the parts of a group that did not work: the last one is to be tried first."""
    parts = [fix for fix in group if fix.finding in suspects], [fix for fix in group if fix.finding not in suspects]
    if not all(parts):
        middle = len(group) // 2
        parts = group[middle:], group[:middle]
    return list(parts) if all(parts) else []


def _trial(
    state: CheckedRepository, fixes: list[_Fix], check: Check
) -> tuple[CheckedRepository | None, set[Diagnostic]]:
    """Return the state with some fixes and what they take; where findings are new, None and whose fault it may be."""
    mending = [fix.finding for fix in fixes]
    applied = list(_apart(fixes))
    known: Iterable[Diagnostic] = set(state.result.diagnostics) - {fix.finding for fix in applied}
    places, paths, new = mending, {finding.path for finding in mending}, list[Diagnostic]()
    for _ in range(_FOLLOW_UPS):
        repository = _changed(state.repository, applied)
        if repository is None:
            return None, set()
        state = CheckedRepository(repository, check(repository))
        known, places = _moved(known, applied, repository), _moved(places, applied, repository)
        new = list(new_findings_after_edit(known, state.result.diagnostics))
        if not new:
            return state, set()
        applied = list(_apart(_fixes(state, (finding for finding in new if finding.path in paths))))
        if not applied:
            break
    return None, {mending[index] for index in _nearest(new, places)}


def _nearest(findings: Iterable[Diagnostic], fixed: Sequence[Diagnostic]) -> set[int]:
    """Return the indexes of those fixed findings that are nearest to one of the findings, and near it."""
    lines = defaultdict(list)
    for index, diagnostic in enumerate(fixed):
        lines[diagnostic.path].append((diagnostic.span.line, index))
    for positions in lines.values():
        positions.sort()
    nearest = set[int]()
    for finding in findings:
        line, positions = finding.span.line, lines[finding.path]
        at = bisect(positions, (line,))
        distances = [(abs(other - line), index) for other, index in positions[max(at - 1, 0) : at + 1]]
        nearest.update(index for distance, index in sorted(distances)[:1] if distance <= _NEAR)
    return nearest


def _fixes(state: CheckedRepository, found: Iterable[Diagnostic]) -> list[_Fix]:
    """Return what mends each finding that has a fix which can be made."""
    by_path = defaultdict(list)
    for finding in found:
        if edits := state.result.fixes.get(finding):
            by_path[finding.path].append((finding, tuple(dict.fromkeys(edits))))
    fixes = []
    for path, here in by_path.items():
        text = Text(path, state.repository.read(path), {edit for _, edits in here for edit in edits})
        for finding, edits in here:
            splices = [text.splices(edit) for edit in edits]
            if all(splices) and apart(chain(*splices)):
                fixes.append(_Fix(finding, edits, tuple(chain(*splices)), text))
    return fixes


def _apart(fixes: Iterable[_Fix]) -> Iterator[_Fix]:
    """Yield the fixes that none before them is in the way of; the next round has the others."""
    taken = set[tuple[str, int]]()
    for fix in fixes:
        places = {(fix.finding.path, offset) for splice in fix.splices for offset in splice.taken}
        if taken.isdisjoint(places):
            taken |= places
            yield fix


def _changed(repository: Repository, fixes: Iterable[_Fix]) -> Repository | None:
    """Return the repository with its files mended; None where that would change what else they say."""
    overlay = dict(repository.overlay)
    for path, here in _by_path(fixes).items():
        data = here[0].text.changed(chain(*(fix.splices for fix in here)), chain(*(fix.edits for fix in here)))
        if data is None:
            return None
        overlay[path] = data
    return repository._replace(overlay=overlay)


def _moved(findings: Iterable[Diagnostic], fixes: Iterable[_Fix], after: Repository) -> list[Diagnostic]:
    """Return findings as they would be where the fixes put them."""
    by_path = _by_path(fixes)
    lines = {path: Lines(after.read(path).decode("utf-8-sig")) for path in by_path}
    moved = {path: mover(chain(*(fix.splices for fix in here))) for path, here in by_path.items()}

    def at_its_place(finding: Diagnostic) -> Diagnostic:
        if finding.path not in by_path:
            return finding
        start, _ = by_path[finding.path][0].text.lines.offsets(finding.span)
        at = moved[finding.path](start)
        return finding._replace(span=lines[finding.path].span(at, at))

    return [at_its_place(finding) for finding in findings]


def _by_path(fixes: Iterable[_Fix]) -> dict[str, list[_Fix]]:
    by_path = defaultdict(list)
    for fix in fixes:
        by_path[fix.finding.path].append(fix)
    return by_path
