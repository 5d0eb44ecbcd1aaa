"""The arguments of ``roster diff``: git revisions, folders and single files, and the defaults."""

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import click

from roster.check.find_repository import find_repository
from roster.check.single_roster import SingleRoster
from roster.findings import ConfigurationError
from roster.git import history
from roster.git.commit_tree import CommitTree
from roster.naming import quote
from roster.registries import ENVIRONMENTS
from roster.repository import Repository, Tree
from roster.yaml.parser import MAX_BYTES

_BASE_COMMIT = ("CI_MERGE_REQUEST_TARGET_BRANCH_SHA", "CI_MERGE_REQUEST_DIFF_BASE_SHA")
"""GitLab's variables with the base of a merge request. The first is set only in a merged results pipeline.

https://docs.gitlab.com/ci/variables/predefined_variables/
"""
_DEFAULT_BRANCH = "CI_DEFAULT_BRANCH"


class NamedTree(NamedTuple):
    """Files to compare, and their display name."""

    name: str
    tree: Tree


def resolve(
    base: str | None, head: str | None, environments: tuple[str, ...], variables: Mapping[str, str]
) -> list[NamedTree]:
    """Resolve the arguments into the two trees to compare.

    Args:
        environments: the selected environments.
        variables: the environment variables.

    Raises:
        ConfigurationError: base or head does not exist, is not a repository, or is missing from the clone.
        UsageError: the environment of a single file is unknown.
    """
    old, new = _base(base, variables), _resolved(head)
    files = [each for each in (new, old) if isinstance(each, Path)]
    trees = [each.tree for each in (old, new) if isinstance(each, NamedTree)]
    environment = _environment(files, environments, only_files=not trees) if files else ""
    registries = next(filter(None, [*trees, *map(_repository, files)]), None) or find_repository(Path())
    return [_single(each, environment, registries) if isinstance(each, Path) else each for each in (old, new)]


def _single(file: Path, environment: str, registries: Tree) -> NamedTree:
    """Return a single file as a tree, with the registries of its own repository or else with ``registries``."""
    with file.open("rb") as stream:
        data = stream.read(MAX_BYTES + 1)  # one byte over the limit is enough to reject it
    return NamedTree(str(file), SingleRoster(environment, str(file), data, _repository(file) or registries))


def _repository(file: Path) -> Repository | None:
    try:
        return find_repository(file.parent)
    except ConfigurationError:
        return None


def _environment(files: list[Path], selected: tuple[str, ...], *, only_files: bool) -> str:
    """Return the environment that is compared when there is a single file; head's file comes first."""
    if len(selected) > 1:
        raise click.UsageError("a single file belongs to one environment: pass --environment once")
    folders = [file.absolute().parent for file in files]
    names = [*selected, *(folder.name for folder in folders if folder.parent.name == "env")]
    if not names and not only_files:
        raise click.UsageError(
            f"{files[0]} is not in a folder env/<environment>: pass its environment with --environment"
        )
    return names[0] if names else files[0].stem


def _base(name: str | None, variables: Mapping[str, str]) -> NamedTree | Path:
    if name is not None:
        return _resolved(name)
    root = find_repository(Path()).root
    ref = next(filter(None, map(variables.get, _BASE_COMMIT)), "")
    ref = ref or history.default_branch(root, variables.get(_DEFAULT_BRANCH, ""))
    commit = history.merge_base(root, ref)
    return _commit(root, commit[:12], commit)


def _resolved(name: str | None) -> NamedTree | Path:
    """Return the folder or file with a name, or else the commit; without a name, the working tree."""
    if name is None:
        return NamedTree("the working tree", find_repository(Path()))
    path = Path(name)
    if name and path.is_dir():
        if not (path / ENVIRONMENTS).is_file():
            raise ConfigurationError(f"{name} is not a roster repository: {ENVIRONMENTS} is missing")
        return NamedTree(name, find_repository(path))
    if name and path.exists():
        return path
    if name.startswith((".", "/", "~")) or path.suffix in (".yaml", ".yml"):
        raise ConfigurationError(f"there is no file or folder {quote(name)}")
    root = find_repository(Path()).root
    commit = history.resolve_commit(root, name)
    return _commit(root, name if commit.startswith(name) else f"{name} ({commit[:12]})", commit)


def _commit(root: Path, name: str, commit: str) -> NamedTree:
    tree = CommitTree(root, commit)
    if not tree.has(ENVIRONMENTS):
        raise ConfigurationError(f"the commit {name} has no rosters: {ENVIRONMENTS} is missing")
    return NamedTree(name, tree)
