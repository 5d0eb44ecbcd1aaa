"""The findings that a change introduces (``--changed-since``), without those that existed before.

The change is everything that HEAD and the files on disk have and the merge base does not. A finding belongs to it if
its model is new or has another value, on whatever line, or if a check of the merge base does not report it. What cannot
be compared counts as new.
"""

import json
from collections import defaultdict
from datetime import date
from functools import cached_property, partial

from roster.check.finding_identity import new_findings
from roster.check.pipeline import check
from roster.check.result import Base, CheckResult
from roster.check.trial_period import base_version
from roster.findings import ConfigurationError, Diagnostic, Place, Span
from roster.git import history
from roster.git.commit_tree import CommitTree, file_versions
from roster.naming import counted
from roster.repository import Repository, Tree
from roster.roster import DATE_KEYS, ROSTER_FILE, Roster
from roster.yaml.document import Document, parse
from roster.yaml.line_index import LineIndex


class MergeBase:
    """The last common commit of HEAD and another commit, and its findings.

    Attributes:
        result: the result of its check; None if it cannot be checked.

    Raises:
        ConfigurationError: git finds no merge base of HEAD and ``ref``, or does not have it.
    """

    def __init__(self, repository: Repository, ref: str, today: date) -> None:
        self._root, self._commit = repository.root, history.resolve_commit(repository.root, ref)
        tree = CommitTree(repository.root, history.merge_base(repository.root, ref))
        self._name, self._error = tree.name[:12], ""
        self.result: CheckResult | None = None
        if not tree.environment_folders():
            self._error = "has no rosters"
            return
        try:
            self.result = check(tree, today)
            self._snapshot = _Snapshot(tree, self.result)
        except ConfigurationError as error:
            self._error = f"cannot be checked: {error}"
        except Exception as error:  # earlier schemas may be incompatible with this version of the toolkit
            self._error = f"cannot be checked: {type(error).__name__}"

    def as_base(self, on: date) -> Base | None:
        """Return the version before the change; None if it cannot be checked.

        Trial periods count on the branch or commit that the change is compared with, which others can see.

        Args:
            on: the day to judge the change for.
        """
        history = partial(file_versions, self._root, commit=self._commit)
        return base_version(self.result, history, on) if self.result else None

    def only_new(self, repository: Repository, result: CheckResult) -> tuple[CheckResult, str]:
        """Return the result with its new findings only, and one sentence about the comparison."""
        if self._error:
            return result, f"everything counts as new: {self._name} {self._error}"
        new = _new_findings(self._snapshot, _Snapshot(repository, result))
        older = len(result.diagnostics) - len(new)
        left_out = f": {counted(older, 'older finding')} left out" if older else ""
        return result._replace(diagnostics=new), f"compared with {self._name}{left_out}"


def _new_findings(before: "_Snapshot", after: "_Snapshot") -> tuple[Diagnostic, ...]:
    """Return the findings that are on something new, or that were not there before."""
    rosters = [path for path in after.result.files if path.endswith(ROSTER_FILE)]
    incomparable = {path for path in rosters if not _is_comparable(path, before, after)}
    changed = {(path, id_) for path in rosters for id_ in _changed_models(path, before, after)}
    new = set(new_findings(before.result.diagnostics, after.result.diagnostics, before.marked_text, after.marked_text))
    return tuple(
        finding
        for finding in after.result.diagnostics
        if finding in new or finding.path in incomparable or (finding.path, finding.model) in changed
    )


def _is_comparable(path: str, before: "_Snapshot", after: "_Snapshot") -> bool:
    """Return whether a roster could be read in both snapshots, or has the same bytes in both."""
    if path in before.rosters and path in after.rosters:
        return True
    return before.tree.has(path) and before.tree.read(path) == after.tree.read(path)


def _changed_models(path: str, before: "_Snapshot", after: "_Snapshot") -> set[str]:
    """Return the ids of the models with another value; all models without an id count as one."""
    if path not in before.rosters or path not in after.rosters:
        return set()
    old, new = before.models(path), after.models(path)
    return {id_ for id_ in new if new[id_] != old.get(id_)}


class _Snapshot:
    """The files of one version of the repository, and the result of their check."""

    def __init__(self, tree: Tree, result: CheckResult) -> None:
        self.tree, self.result = tree, result
        self._files: dict[str, tuple[Document, LineIndex, Span]] = {}

    @cached_property
    def rosters(self) -> dict[str, Roster]:
        """The rosters that could be read, by path."""
        return {roster.path: roster for roster in self.result.rosters.values()}

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
            document, place = parse(path, self.tree.read(path), dates=DATE_KEYS), Place(path)
            self._files[path] = document, LineIndex(document.text), document.spans([place])[place]
        return self._files[path]
