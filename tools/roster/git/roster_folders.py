"""The folders of a git repository that have rosters. Each is a roster repository."""

import os
import re
from pathlib import Path

from roster.git import git_command
from roster.git.sparse_checkout import excluded_paths
from roster.registries import ENVIRONMENTS
from roster.repository import working_tree_root
from roster.roster import ROSTER_FILE

_ROSTERS = re.compile(rf"(.*/|)env/(?:environments\.yaml|[^/]+/{re.escape(ROSTER_FILE)})", re.DOTALL)
"""A file that makes a folder a roster repository."""


def roster_folders_below(folder: Path) -> list[Path]:
    """Return the folders below a folder that are roster repositories: their files are tracked and not removed.

    Raises:
        ConfigurationError: git fails.
    """
    top = working_tree_root(folder) or folder
    files = git_command.output(folder, "ls-files", "-z", "--full-name").split("\0")
    lists = [file for file in files if f"/{file}".endswith(f"/{ENVIRONMENTS}")]
    excluded = excluded_paths(top) if lists else ()
    roots = [(top / file.removesuffix(ENVIRONMENTS)) for file in lists if (top / file).is_file() or file in excluded]
    return [folder / os.path.relpath(root, folder.resolve()) for root in roots]


def roster_folders_of(root: Path, commit: str) -> set[str]:
    """Return the folders with rosters in a commit, from its top, each with a slash at its end; empty for the top.

    Raises:
        ConfigurationError: git fails.
    """
    files = git_command.output(root, "ls-tree", "-r", "-z", "--name-only", "--full-tree", commit).split("\0")
    return {match[1] for file in files if (match := _ROSTERS.fullmatch(file))}
