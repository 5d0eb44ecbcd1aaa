"""The findings that a change introduces (``--changed-since``), without those that existed before.

The change is everything that HEAD and the files on disk have and the merge base does not. A finding belongs to it if
its model is new or has another value, on whatever line, or if a check of the merge base does not report it. What cannot
be compared counts as new.
"""

from collections.abc import Iterable
from datetime import date
from functools import partial
from typing import NamedTuple

from roster.check.compared_version import ComparedVersion, findings_of_change
from roster.check.earlier_roster import last_complete_roster
from roster.check.loading import load_schema
from roster.check.pipeline import check
from roster.check.result import Base, CheckResult
from roster.check.trial_period import base_version
from roster.findings import ConfigurationError
from roster.git import history
from roster.git.commit_tree import CommitTree
from roster.git.file_history import FileHistory, file_versions
from roster.naming import counted
from roster.repository import Repository, Tree
from roster.roster import ROSTER_FILE, ROSTER_SCHEMA, Roster, roster_path


class MergeBase:
    """The last common commit of HEAD and another commit, and its findings.

    Attributes:
        result: the result of its check, for the rules on changes: with the rosters that consumers have. Instead of a
            roster that cannot be read, or is missing, it has the last version that can be read.

    Raises:
        ConfigurationError: git finds no merge base of HEAD and ``ref``, or this clone does not have all of it, or it
            cannot be checked. Removed models could not be found then.
    """

    def __init__(self, repository: Repository, ref: str, today: date) -> None:
        self._root, self._ref = repository.root, ref
        self._tree = tree = CommitTree(repository.root, history.merge_base(repository.root, ref))
        folder = f" (in {tree.prefix or 'the top folder'})" if tree.is_moved else ""
        self._name = f"{tree.name[:12]}{folder}"
        self._error = ""
        try:
            result = check(tree, today)
            self._base = ComparedVersion(tree, result)
        except Exception as error:  # earlier schemas may be incompatible with this version of the toolkit
            result, reason = self._check_with_registries_of(repository, tree, today), type(error).__name__
            reason = str(error) if isinstance(error, ConfigurationError) else reason
            self._error = f"cannot be checked: {reason}" if tree.has_rosters else "has no rosters"
        rosters = _last_complete_rosters(repository, tree, result)
        files = dict.fromkeys([*map(roster_path, rosters), *result.files])
        self.result = result._replace(rosters={**result.rosters, **rosters}, files=tuple(files))

    def as_base(self, on: date) -> Base:
        """Return the version before the change.

        Trial periods count on the branch or commit that the change is compared with, which others can see.

        Args:
            on: the day to judge the change for.
        """
        prefix = self._tree.prefix if self._tree.is_moved else None
        return base_version(self.result, partial(file_versions, self._root, commit=self._ref, prefix=prefix), on)

    def only_new(self, repository: Repository, result: CheckResult) -> tuple[CheckResult, str]:
        """Return the result with its new findings only, and one sentence about the comparison."""
        if self._error:
            return result, f"everything counts as new: {self._name} {self._error}"
        after = ComparedVersion(repository, result)
        new = findings_of_change(self._base, after)
        older = len(result.diagnostics) - len(new)
        left_out = f": {counted(older, 'older finding')} left out" if older else ""
        return result._replace(diagnostics=new), f"compared with {self._name}{left_out}"

    def _check_with_registries_of(self, repository: Repository, tree: CommitTree, today: date) -> CheckResult:
        """Check the merge base's rosters with the current registries, schemas and policies.

        Raises:
            ConfigurationError: these are broken as well, or lack the policy of an environment that was removed.
        """
        result = check(_WithRegistries(tree, repository), today)
        now = {*result.registries.environments, *repository.environment_folders()}
        for path in (roster_path(name) for name in tree.environment_folders() if name not in now):
            if tree.has(path):
                raise ConfigurationError(
                    f"cannot compare: {path} was removed, and its policy in {self._name} cannot be read"
                )
        return result


class _WithRegistries(NamedTuple):
    """The rosters of one tree with the registries and schemas of another one."""

    rosters: Tree
    registries: Tree

    def environment_folders(self) -> Iterable[str]:
        return self.rosters.environment_folders()

    def has(self, path: str) -> bool:
        return (self.rosters if path.endswith(ROSTER_FILE) else self.registries).has(path)

    def read(self, path: str) -> bytes:
        return (self.rosters if path.endswith(ROSTER_FILE) else self.registries).read(path)


def _last_complete_rosters(repository: Repository, tree: CommitTree, result: CheckResult) -> dict[str, Roster]:
    """Return the last complete versions of rosters that are not complete in the merge base, by environment."""
    names = dict.fromkeys([*result.registries.environments, *tree.environment_folders()])
    incomplete = [name for name in names if not _is_complete(result.rosters.get(name))]
    incomplete = [name for name in incomplete if tree.has(roster_path(name)) or repository.has(roster_path(name))]
    if not incomplete:
        return {}
    schema = load_schema(repository, ROSTER_SCHEMA)
    with FileHistory(repository.root, tree.name, tree.prefix) as versions:
        rosters = {
            name: last_complete_roster(versions, roster_path(name), name, schema, result.registries)
            for name in incomplete
        }
    return {name: roster for name, roster in rosters.items() if roster}


def _is_complete(roster: Roster | None) -> bool:
    return roster is not None and roster.complete and bool(roster.models)
