"""What a change brought in, without what was there before it.

The change is all that HEAD and the files on the disk have and the merge base does not: the last commit that HEAD and
another have in common. A finding belongs to it when it is about a model that is new or has another value, on whatever
line; or when a check of the merge base does not find it. What cannot be compared counts as new.
"""

import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import date
from functools import cached_property

from roster.check.pipeline import check
from roster.check.result import CheckResult
from roster.findings import ConfigurationError, Diagnostic, Place, Span
from roster.git import history
from roster.git.commit_tree import Commit
from roster.repository import ROSTER_FILE, Repository, Tree
from roster.roster import DATES, Roster
from roster.yaml.document import Document, read
from roster.yaml.line_index import Lines

Identity = tuple[object, ...]
"""What an old finding still has in common with itself after its lines have moved."""
_LINE_NUMBER = r"\bline \d+"


class Base:
    """The merge base of HEAD and another commit, and what a check finds in it.

    Attributes:
        result: what a check of it found; None where it cannot be checked.

    Raises:
        ConfigurationError: git cannot tell the merge base of HEAD and ``ref``, or does not have it.
    """

    def __init__(self, repository: Repository, ref: str, today: date) -> None:
        tree = Commit(repository.root, history.merge_base(repository.root, ref))
        self._name, self._useless = tree.name[:12], ""
        self.result: CheckResult | None = None
        if not tree.environment_folders():
            self._useless = "has no rosters, so everything counts as new"
            return
        try:
            self.result = check(tree, today)
            self._side = _Side(tree, self.result)
        except ConfigurationError as error:
            self._useless = f"cannot be checked, so everything counts as new: {error}"
        except Exception as error:  # this toolkit need not get along with the schemas of another time
            self._useless = f"cannot be checked, so everything counts as new: {type(error).__name__}"

    def brought_in(self, repository: Repository, result: CheckResult) -> tuple[CheckResult, str]:
        """Return what is new in a check's result, and one sentence that says what it was compared with."""
        if self._useless:
            return result, f"{self._name} {self._useless}"
        told = tuple(_new(_Side(repository, result), self._side))
        left_out = len(result.diagnostics) - len(told)
        count = f": {left_out} older finding{'' if left_out == 1 else 's'} left out" if left_out else ""
        return result._replace(diagnostics=told), f"compared with {self._name}{count}"


def _new(now: "_Side", before: "_Side") -> Iterator[Diagnostic]:
    """Yield the findings that are about something new, or that were not there before."""
    old = {identity for _, identity in before.identified()}
    rosters = [path for path in now.result.files if path.endswith(ROSTER_FILE)]
    files = {path for path in rosters if not _can_be_compared(path, now, before)}
    models = {(path, id_) for path in rosters for id_ in _changed_models(path, now, before)}
    for found, identity in now.identified():
        if identity not in old or found.path in files or (found.path, found.model) in models:
            yield found


def _can_be_compared(path: str, now: "_Side", before: "_Side") -> bool:
    """Say whether a roster could be read on both sides, or is the same on both."""
    if path in now.rosters and path in before.rosters:
        return True
    return before.tree.has(path) and now.tree.read(path) == before.tree.read(path)


def _changed_models(path: str, now: "_Side", before: "_Side") -> set[str]:
    """Return the ids of the models that have another value; those without an id count as one."""
    if path not in now.rosters or path not in before.rosters:
        return set()
    here, there = now.models(path), before.models(path)
    return {id_ for id_ in here if here[id_] != there.get(id_)}


class _Side:
    """What was checked, with what was found."""

    def __init__(self, tree: Tree, result: CheckResult) -> None:
        self.tree, self.result = tree, result
        self._files: dict[str, tuple[Document, Lines, Span]] = {}

    @cached_property
    def rosters(self) -> dict[str, Roster]:
        """The rosters that could be read, by path."""
        return {roster.path: roster for roster in self.result.rosters.values()}

    def models(self, path: str) -> dict[str, list[str]]:
        """Return the values of a roster's models by their id, as text that is the same for the same value only."""
        ids = {model.position: model.id for model in self.rosters[path]}
        models = defaultdict(list)
        value = self._read(path)[0].value
        for position, entry in enumerate(value if isinstance(value, list) else [value]):
            models[ids.get(position, "")].append(json.dumps(entry, sort_keys=True))
        return models

    def identified(self) -> Iterator[tuple[Diagnostic, Identity]]:
        """Yield each finding with what it has in common with itself in another version of its file."""
        seen: Counter[Identity] = Counter()
        for found in self.result.diagnostics:
            # two findings of one rule on one key differ in what they say: which feature has no default
            message = re.sub(_LINE_NUMBER, "line", found.message)
            what = (found.rule, found.path, found.model, found.key, message, self._text(found))
            seen[what] += 1
            yield found, (*what, seen[what])

    def _text(self, found: Diagnostic) -> str:
        """Return the text of what is found in no model, unless that is a whole file.

        Nothing else tells one secret in a comment from the next.
        """
        if found.model:
            return ""
        document, lines, whole = self._read(found.path)
        if found.span == whole or not document.readable:
            return ""
        start, end = lines.offsets(found.span)
        return document.text[start:end]

    def _read(self, path: str) -> tuple[Document, Lines, Span]:
        """Return a file, its lines and its whole extent."""
        if path not in self._files:
            document, place = read(path, self.tree.read(path), dates=DATES), Place(path)
            self._files[path] = document, Lines(document.text), document.spans([place])[place]
        return self._files[path]
