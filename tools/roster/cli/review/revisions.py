"""What ``roster diff`` compares: revisions of git, folders and single files, and what it takes without any."""

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import click

from roster.diff.versions import Side, SingleRoster
from roster.findings import ConfigurationError
from roster.git import history
from roster.git.commit_tree import Commit
from roster.naming import quote
from roster.repository import ENVIRONMENTS, Repository, Tree
from roster.yaml import limits

_BASE_COMMIT = ("CI_MERGE_REQUEST_TARGET_BRANCH_SHA", "CI_MERGE_REQUEST_DIFF_BASE_SHA")
"""Where GitLab says what a merge request is compared with; the first one only where it tests what merging gives.

https://docs.gitlab.com/ci/variables/predefined_variables/
"""
_DEFAULT_BRANCH = "CI_DEFAULT_BRANCH"


class _File(NamedTuple):
    """A file that is to be a roster, and the environment whose folder it is in; empty where it is in none."""

    path: Path
    environment: str

    def around(self) -> Tree | None:
        """Return the repository that it is in; None where it is in none."""
        try:
            return Repository.around(self.path.parent)
        except ConfigurationError:
            return None

    def side(self, environment: str, around: Tree) -> Side:
        """Return it as one side of a comparison; its registries are those of its own repository, if it is in one."""
        with self.path.open("rb") as file:
            data = file.read(limits.BYTES + 1)  # one more than a file may have is enough to refuse it
        single = SingleRoster(environment, data, self.around() or around)
        return Side(str(self.path), single, environment, str(self.path))


def sides(
    base: str | None, head: str | None, environments: tuple[str, ...], variables: Mapping[str, str]
) -> tuple[Side, Side]:
    """Return what is compared with what.

    ``environments``: those that are asked for. ``variables``: those of the process.

    Raises:
        ConfigurationError: one of the two is missing, or is no repository; git cannot tell it or does not have it.
        UsageError: nothing says which environment a single file is of.
    """
    before, after = _base(base, variables), _side(head) if head is not None else _working_tree()
    if isinstance(before, Side) and isinstance(after, Side):
        return before, after
    files = [each for each in (after, before) if isinstance(each, _File)]
    whole = [each.tree for each in (before, after) if isinstance(each, Side)]
    environment = _environment(files, environments, alone=not whole)
    around = next(filter(None, [*whole, *(file.around() for file in files)]), None) or Repository.around(Path())
    return (
        before if isinstance(before, Side) else before.side(environment, around),
        after if isinstance(after, Side) else after.side(environment, around),
    )


def _environment(files: list[_File], asked_for: tuple[str, ...], *, alone: bool) -> str:
    """Return the one environment that is compared where a side is a single file; head's file comes first."""
    if len(asked_for) > 1:
        raise click.UsageError("a single file is of one environment: give one --environment")
    named = [*asked_for, *(file.environment for file in files if file.environment)]
    if not named and not alone:
        raise click.UsageError(
            f"{files[0].path} is in no folder env/<environment>: say with --environment which one it is of"
        )
    return named[0] if named else files[0].path.stem


def _base(name: str | None, variables: Mapping[str, str]) -> Side | _File:
    if name is not None:
        return _side(name)
    root = Repository.around(Path()).root
    ref = next(filter(None, map(variables.get, _BASE_COMMIT)), "")
    ref = ref or history.default_branch(root, variables.get(_DEFAULT_BRANCH, ""))
    commit = history.merge_base(root, ref)
    return _revision(root, commit[:12], commit)


def _side(name: str) -> Side | _File:
    """Return a folder or a file where there is one, else a commit."""
    path = Path(name)
    if name and path.is_dir():
        if not (path / ENVIRONMENTS).is_file():
            raise ConfigurationError(f"{name} is no folder of rosters: it has no {ENVIRONMENTS}")
        return Side(name, Repository(path.absolute()))
    if name and path.exists():
        folder = path.absolute().parent
        return _File(path, folder.name if folder.parent.name == "env" else "")
    if name.startswith((".", "/", "~")) or path.suffix in (".yaml", ".yml"):
        raise ConfigurationError(f"there is no file or folder {quote(name)}")
    root = Repository.around(Path()).root
    commit = history.commit(root, name)
    return _revision(root, name if commit.startswith(name) else f"{name} ({commit[:12]})", commit)


def _revision(root: Path, name: str, commit: str) -> Side:
    tree = Commit(root, commit)
    if not tree.has(ENVIRONMENTS):
        raise ConfigurationError(f"the commit {name} holds no rosters: it has no {ENVIRONMENTS}")
    return Side(name, tree)


def _working_tree() -> Side:
    return Side("the working tree", Repository.around(Path()))
