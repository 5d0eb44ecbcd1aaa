"""Fixes of findings that have exactly one correction.

A fix is a proposal. It is applied if a check of the changed files no longer has its finding and has no new one; new
findings in the same files that have a fix themselves are fixed with it.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import NamedTuple

from roster.check.finding_identity import new_findings_after_edit
from roster.check.result import CheckResult
from roster.edit.editor import Editor
from roster.edit.splice import Splice, disjoint, offset_map
from roster.findings import Diagnostic, Edit
from roster.repository import Repository
from roster.yaml.line_index import LineIndex

_MAX_ROUNDS = 10
"""How often the fixes that overlap others are repeated."""
_MAX_FOLLOW_UPS = 5
"""How many times in a row the new findings of a fix are fixed."""
_MAX_TRIALS = 40
"""How many combinations of fixes are checked in one round."""
_ORDINARY_SIZE = 500_000
"""The size in bytes of rosters up to which all rounds and trials are made; of larger ones, fewer."""
_SIZE_OF_FINDING = 400
"""A finding takes as much time in a check as this many bytes of a roster without findings."""
_MAX_DISTANCE = 20
"""How many lines at most are between a fix and a finding that it causes."""


class CheckedRepository(NamedTuple):
    """A repository, with changes that are not written yet, and the result of its check."""

    repository: Repository
    result: CheckResult


class _Fix(NamedTuple):
    """The edits that fix a finding, with their splices in the file."""

    finding: Diagnostic
    edits: Mapping[Edit, tuple[Splice, ...]]
    editor: Editor

    @property
    def splices(self) -> Iterator[Splice]:
        return chain(*self.edits.values())


CheckFunction = Callable[[Repository], CheckResult]


def apply_fixes(
    state: CheckedRepository, check: CheckFunction, select: Callable[[CheckedRepository], Iterable[Diagnostic]]
) -> CheckedRepository:
    """Return a repository in which as many of the selected findings as possible are fixed."""
    for _ in range(_scaled(_MAX_ROUNDS, state)):
        after = _fix_once(state, _fixes(state, select(state)), check)
        if after is state:
            break
        state = after
    return state


def _scaled(number: int, state: CheckedRepository) -> int:
    """Return how often to repeat something, so that it takes a bounded time for many models or findings, too."""
    size = sum(map(len, state.result.texts.values())) + _SIZE_OF_FINDING * len(state.result.diagnostics)
    return max(2, min(number, number * _ORDINARY_SIZE // max(size, 1)))


def _fix_once(state: CheckedRepository, fixes: list[_Fix], check: CheckFunction) -> CheckedRepository:
    """Apply all fixes at once; if that fails, search for those that can be applied by bisection."""
    best, accepted, groups = state, list[_Fix](), [fixes] if fixes else []
    for _ in range(_scaled(_MAX_TRIALS, state)):
        if not groups:
            break
        group = groups.pop()
        after, suspects = _try([*accepted, *group], state, check)
        if after:
            best = after
            accepted += group
        else:
            groups += _split(group, suspects)
    return best


def _split(group: list[_Fix], suspects: set[Diagnostic]) -> list[list[_Fix]]:
    """Split a group of fixes that failed into suspects and others, or into halves; the last part is tried first."""
    parts = [fix for fix in group if fix.finding in suspects], [fix for fix in group if fix.finding not in suspects]
    if not all(parts):
        middle = len(group) // 2
        parts = group[middle:], group[:middle]
    return list(parts) if all(parts) else []


def _try(
    fixes: list[_Fix], state: CheckedRepository, check: CheckFunction
) -> tuple[CheckedRepository | None, set[Diagnostic]]:
    """Apply fixes, and fix the new findings that they cause.

    Returns:
        the repository after that; None if new findings remain, with the findings whose fixes probably cause them.
    """
    findings = [fix.finding for fix in fixes]
    applied = _without_overlaps(fixes)
    expected: Iterable[Diagnostic] = set(state.result.diagnostics) - {fix.finding for fix in chain(*applied.values())}
    moved, paths, new = findings, {finding.path for finding in findings}, list[Diagnostic]()
    for _ in range(_MAX_FOLLOW_UPS):
        repository = _apply(applied, state.repository)
        if repository is None:
            return None, set()
        state = CheckedRepository(repository, check(repository))
        expected, moved = _moved(expected, applied, repository), _moved(moved, applied, repository)
        new = list(new_findings_after_edit(expected, state.result.diagnostics))
        if not new:
            return state, set()
        applied = _without_overlaps(_fixes(state, (finding for finding in new if finding.path in paths)))
        if not applied:
            break
    return None, {findings[index] for index in _nearest(new, moved)}


def _nearest(findings: Iterable[Diagnostic], fixed: Sequence[Diagnostic]) -> set[int]:
    """Return the index of the fixed finding nearest to each of some findings, unless it is far away."""
    indexes = {(diagnostic.path, diagnostic.span.line): index for index, diagnostic in enumerate(fixed)}
    nearest = set[int]()
    for finding in findings:
        lines = (finding.span.line + sign * distance for distance in range(_MAX_DISTANCE + 1) for sign in (-1, 1))
        nearest.update([indexes[finding.path, line] for line in lines if (finding.path, line) in indexes][:1])
    return nearest


def _fixes(state: CheckedRepository, findings: Iterable[Diagnostic]) -> list[_Fix]:
    """Return the fix of each finding that has one whose edits can be made."""
    by_path = defaultdict(list)
    for finding in findings:
        if edits := state.result.fixes.get(finding):
            by_path[finding.path].append((finding, edits))
    fixes = []
    for path, edits_of_findings in by_path.items():
        editor = Editor(path, state.repository.read(path))
        splices = editor.splices(chain(*(edits for _, edits in edits_of_findings)))
        for finding, edits in edits_of_findings:
            fix = _Fix(finding, {edit: splices[edit] for edit in edits}, editor)
            if all(fix.edits.values()) and disjoint(fix.splices):
                fixes.append(fix)
    return fixes


def _without_overlaps(fixes: Iterable[_Fix]) -> Mapping[str, list[_Fix]]:
    """Return, by path, the fixes that touch no character that a previous one touches; the next round has the others."""
    by_path, claimed = defaultdict(list), set[tuple[str, int]]()
    for fix in fixes:
        offsets = {(fix.finding.path, offset) for splice in fix.splices for offset in splice.claimed}
        if claimed.isdisjoint(offsets):
            claimed |= offsets
            by_path[fix.finding.path].append(fix)
    return by_path


def _apply(by_path: Mapping[str, list[_Fix]], repository: Repository) -> Repository | None:
    """Return the repository with fixes applied; None if that would change the meaning of a file otherwise."""
    overlay = dict(repository.overlay)
    for path, fixes in by_path.items():
        edits = {edit: splices for fix in fixes for edit, splices in fix.edits.items()}
        data = fixes[0].editor.apply_edits(edits)
        if data is None:
            return None
        overlay[path] = data
    return repository._replace(overlay=overlay)


def _moved(findings: Iterable[Diagnostic], by_path: Mapping[str, list[_Fix]], after: Repository) -> list[Diagnostic]:
    """Return findings at the positions that they have after the fixes."""
    lines = {path: LineIndex(after.read(path).decode("utf-8-sig")) for path in by_path}
    offset_maps = {path: offset_map(chain(*(fix.splices for fix in fixes))) for path, fixes in by_path.items()}

    def moved(finding: Diagnostic) -> Diagnostic:
        path = finding.path
        if path not in by_path:
            return finding
        start, _ = by_path[path][0].editor.lines.offsets(finding.span)
        offset = offset_maps[path](start)
        return finding._replace(span=lines[path].span(offset, offset))

    return [moved(finding) for finding in findings]
