"""The repository around a folder, complete even in a sparse checkout."""

import os
from contextlib import suppress
from pathlib import Path

from roster.findings import ConfigurationError
from roster.naming import join_names, printable
from roster.registries import ENVIRONMENTS
from roster.repository import Repository, may_be_sparse, real_path, working_tree_root


def find_repository(start: Path) -> Repository:
    """Return the repository that contains a path: the nearest folder upwards with ``env/environments.yaml``.

    Git is started for a sparse checkout only.

    Raises:
        ConfigurationError: there is none, or git fails or lacks a file that the sparse checkout leaves out.
    """
    try:
        return _containing(start)
    except ConfigurationError as error:
        if folders := _folders_below(start):
            names = join_names((printable(os.path.relpath(folder)) for folder in folders), word="or")
            raise ConfigurationError(f"{error}; run roster in {names}") from None
        raise


def _containing(start: Path) -> Repository:
    top = working_tree_root(start)
    if top is None or not may_be_sparse(top):
        return Repository.containing(start)
    from roster.git.sparse_checkout import excluded_contents, excluded_paths

    excluded, start = excluded_paths(top), real_path(start)
    for folder in (start, *start.parents):
        prefix = f"{folder.relative_to(top).as_posix()}/".removeprefix("./") if folder.is_relative_to(top) else ""
        if (folder / ENVIRONMENTS).exists() or f"{prefix}{ENVIRONMENTS}" in excluded:
            return Repository(folder, excluded=excluded_contents(top, prefix, excluded))
    return Repository.containing(start)


def repositories_at(path: Path) -> list[Repository]:
    """Return the repository that contains a path, or else those below it: in a monorepo, there may be several.

    Raises:
        ConfigurationError: there is none.
    """
    try:
        return [_containing(path)]
    except ConfigurationError:
        repositories = [_containing(folder) for folder in _folders_below(path)]
        if not repositories:
            raise
        return repositories


def _folders_below(path: Path) -> list[Path]:
    """Return the folders with rosters below a path, as far as git can be asked."""
    if not working_tree_root(path) or not path.is_dir():
        return []
    from roster.git.roster_folders import roster_folders_below

    with suppress(ConfigurationError):
        return roster_folders_below(path)
    return []
