"""The names of files in reports. In a monorepo, they differ from the paths in the roster repository."""

import os
from collections.abc import Callable
from pathlib import Path

from roster.report.output_formats import OutputFormat
from roster.repository import real_path, working_tree_root

PathNames = Callable[[str], str]
"""Returns the name in a report of the file at a path of a repository."""


def report_paths(root: Path, output: OutputFormat) -> PathNames:
    """Return the names of a repository's files in an output format."""
    return paths_from_here(root) if output.styled else paths_from_top(root)


def paths_from_here(root: Path) -> PathNames:
    """Return names for people: from the current folder, so that a terminal or an editor can open them."""
    here = os.getcwd()
    return lambda path: os.path.relpath(root / path, here)


def paths_from_top(root: Path) -> PathNames:
    """Return names for programs: from the top of the git working tree, as in merge requests and CI; else from root.

    Links within the working tree are resolved: git has the file under the path that they lead to.
    """
    top = working_tree_root(root)
    if top is None:
        return str

    def name(path: str) -> str:
        file, folder = real_path(root / path), real_path(root)
        return (file if file.is_relative_to(top) else folder / path).relative_to(top).as_posix()

    return name
