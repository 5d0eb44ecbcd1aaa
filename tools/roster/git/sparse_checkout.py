"""The files that a sparse checkout leaves out: git has them, the disk does not."""

from collections.abc import Mapping
from pathlib import Path

from roster.git import git_command
from roster.git.object_reader import ObjectReader
from roster.registries import ENVIRONMENTS
from roster.repository import may_be_sparse
from roster.roster import ROSTER_FILE


def excluded_paths(top: Path) -> Mapping[str, str]:
    """Return the hashes of the excluded files, by path from the top of a working tree.

    Raises:
        ConfigurationError: git fails.
    """
    if not may_be_sparse(top):
        return {}
    lines = git_command.output(top, "ls-files", "-t", "--stage", "-z").split("\0")
    # S <mode> <hash> <stage><tab><path>; S is for skip-worktree
    entries = (line.partition("\t") for line in lines if line.startswith("S 100"))
    return {path: fields.split()[2] for fields, _, path in entries if not (top / path).exists()}


def excluded_contents(top: Path, prefix: str, excluded: Mapping[str, str]) -> dict[str, bytes]:
    """Return the contents of excluded rosters, registries and schemas, by path in the repository at ``prefix``.

    Raises:
        ConfigurationError: this clone does not have a file.
    """
    names = {path.removeprefix(prefix): name for path, name in excluded.items() if path.startswith(prefix)}
    with ObjectReader(top) as reader:
        return {path: reader.blob(name, path) for path, name in names.items() if _is_read(path)}


def _is_read(path: str) -> bool:
    """Return whether checks read the file at a path."""
    match path.split("/"):
        case ["schemas", _]:
            return True
        case ["env", _, name]:
            return name == ROSTER_FILE
    return path == ENVIRONMENTS
