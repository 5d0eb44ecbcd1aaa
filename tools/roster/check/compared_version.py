"""The findings that are new in one version of a repository compared with another, whatever their lines."""

import json
import re
from collections import defaultdict
from collections.abc import Mapping
from functools import cached_property
from types import MappingProxyType

from roster.check.finding_identity import new_findings
from roster.check.result import CheckResult
from roster.findings import Diagnostic, Place, Span
from roster.model import DATE_KEYS
from roster.repository import Tree
from roster.roster import ROSTER_FILE, Roster, roster_path
from roster.schema.violations import is_truncated
from roster.yaml.document import Document, parse
from roster.yaml.line_index import LineIndex


class ComparedVersion:
    """The files of one version of the repository, and the result of their check.

    ``names`` has the names of environments in this version, by the names that it shows them under.
    """

    def __init__(self, tree: Tree, result: CheckResult, names: Mapping[str, str] = MappingProxyType({})) -> None:
        self.result = result
        self._tree, self._names = tree, names
        self._files: dict[str, tuple[Document, LineIndex, Span]] = {}

    def renamed(self, names: Mapping[str, str]) -> "ComparedVersion":
        """Return the version as if its environments had always had their new names, which ``names`` starts with."""
        if not names:
            return self
        findings, rosters = list(self.result.diagnostics), dict(self.result.rosters)
        for new, old in names.items():
            path, word = roster_path(old), re.compile(rf"(?<![\w-]){re.escape(old)}(?![\w-])")
            findings = [
                finding._replace(
                    path=roster_path(new) if finding.path == path else finding.path,
                    message=word.sub(new, finding.message),
                )
                for finding in findings
            ]
            if roster := rosters.pop(old, None):
                rosters[new] = roster
        return ComparedVersion(self._tree, self.result._replace(diagnostics=tuple(findings), rosters=rosters), names)

    def has(self, path: str) -> bool:
        """Return whether there is a file at a path."""
        return self._tree.has(self._source(path))

    def read(self, path: str) -> bytes:
        """Return a file's bytes."""
        return self._tree.read(self._source(path))

    def _source(self, path: str) -> str:
        folder, _, file = path.rpartition("/")
        name = self._names.get(folder.removeprefix("env/"))
        return roster_path(name) if name and file == ROSTER_FILE else path

    @cached_property
    def rosters(self) -> dict[str, Roster]:
        """The rosters that could be read, by path."""
        return {roster_path(name): roster for name, roster in self.result.rosters.items()}

    def models(self, path: str) -> dict[str, list[str]]:
        """Return the values of a roster's models by id, as text that is equal for equal values only."""
        ids = {model.position: model.id for model in self.rosters[path]}
        models = defaultdict(list)
        value = self._read(path)[0].value
        for position, entry in enumerate(value if isinstance(value, list) else [value]):
            models[ids.get(position, "")].append(json.dumps(entry, sort_keys=True))
        return models

    def marked_text(self, finding: Diagnostic) -> str:
        """Return the text that a finding outside all models marks; empty if it marks the whole file."""
        if finding.model:
            return ""
        document, lines, whole_file = self._read(finding.path)
        if finding.span == whole_file or not document.readable:
            return ""
        start, end = lines.offsets(finding.span)
        return document.text[start:end]

    def _read(self, path: str) -> tuple[Document, LineIndex, Span]:
        """Return a file, its lines and the span of all of it."""
        if path not in self._files:
            document, place = parse(path, self.read(path), dates=DATE_KEYS), Place(path)
            self._files[path] = document, LineIndex(document.text), document.spans([place])[place]
        return self._files[path]


def findings_of_change(before: ComparedVersion, after: ComparedVersion) -> tuple[Diagnostic, ...]:
    """Return the findings that are on something new, or that were not there before."""
    before = before.renamed(_renames(before, after))
    rosters = [path for path in after.result.files if path.endswith(ROSTER_FILE)]
    incomparable = {path for path in rosters if not _is_comparable(path, before, after)}
    changed = {(path, id_) for path in rosters for id_ in _changed_models(path, before, after)}
    new = set(new_findings(before.result.diagnostics, after.result.diagnostics, before.marked_text, after.marked_text))
    return tuple(
        finding
        for finding in after.result.diagnostics
        if finding in new or finding.path in incomparable or (finding.path, finding.model) in changed
    )


def _is_comparable(path: str, before: ComparedVersion, after: ComparedVersion) -> bool:
    """Return whether a roster could be read in both versions, or has the same bytes in both.

    A roster that lost a model, and has one whose id cannot be read, is not: they may be the same. One with unreported
    findings is not, either: these may be new.
    """
    if path in before.rosters and path in after.rosters and not is_truncated(path, after.result.diagnostics):
        lost = before.rosters[path].by_id.keys() - after.rosters[path].by_id.keys()
        return after.rosters[path].complete or not lost
    return before.has(path) and before.read(path) == after.read(path)


def _renames(before: ComparedVersion, after: ComparedVersion) -> dict[str, str]:
    """Return the environments that were renamed, new name to old: at least half of the models are the same."""
    lost = [path for path in before.result.files if path.endswith(ROSTER_FILE) and not after.has(path)]
    renames: dict[str, str] = {}
    for path in after.result.files:
        if path.endswith(ROSTER_FILE) and not before.has(path) and lost:
            source = max(lost, key=lambda old: _similarity(before, old, after, path))
            if _similarity(before, source, after, path) >= 0.5:
                lost.remove(source)
                renames[path.split("/")[1]] = source.split("/")[1]
    return renames


def _similarity(before: ComparedVersion, old: str, after: ComparedVersion, new: str) -> float:
    """Return the share of models with the same id in two rosters."""
    if before.read(old) == after.read(new):
        return 1
    if old not in before.rosters or new not in after.rosters:
        return 0
    ids, others = before.rosters[old].by_id.keys(), after.rosters[new].by_id.keys()
    return len(ids & others) / max(len(ids), len(others), 1)


def _changed_models(path: str, before: ComparedVersion, after: ComparedVersion) -> set[str]:
    """Return the ids of the models with another value; all models without an id count as one."""
    if path not in before.rosters or path not in after.rosters:
        return set()
    old, new = before.models(path), after.models(path)
    return {id_ for id_ in new if new[id_] != old.get(id_)}
