"""The repository around a folder, with the files that a sparse checkout leaves out: git has them, the disk does not."""

from collections.abc import Mapping
from pathlib import Path

from roster.registries import ENVIRONMENTS
from roster.repository import Repository, working_tree_root
from roster.roster import ROSTER_FILE


def find_repository(start: Path) -> Repository:
    """Return the repository that contains a path: the nearest folder upwards with ``env/environments.yaml``.

    Git is started for a sparse checkout only.

    Raises:
        ConfigurationError: there is none, or git fails or lacks a file that the sparse checkout leaves out.
    """
    top = working_tree_root(start)
    if top is None or not _is_sparse(top):
        return Repository.containing(start)
    excluded = excluded_paths(top)
    start = start.resolve()
    for folder in (start, *start.parents):
        if (folder / ENVIRONMENTS).is_file() or _below(top, folder / ENVIRONMENTS) in excluded:
            return Repository(folder, excluded=_contents(top, _below(top, folder), excluded))
    return Repository.containing(start)


def excluded_paths(top: Path) -> Mapping[str, str]:
    """Return the hashes of the files that a sparse checkout leaves out, by path from the top of the working tree."""
    if not _is_sparse(top):
        return {}
    from roster.git import git_command

    lines = git_command.output(top, "ls-files", "-t", "--stage", "-z").split("\0")
    # S <mode> <hash> <stage><tab><path>; S is for skip-worktree
    entries = (line.partition("\t") for line in lines if line.startswith("S 100"))
    return {path: fields.split()[2] for fields, _, path in entries if not (top / path).exists()}


def _contents(top: Path, prefix: str, excluded: Mapping[str, str]) -> dict[str, bytes]:
    """Return the contents of excluded rosters, registries and schemas, by path in the repository."""
    from roster.git.object_reader import ObjectReader

    prefix = f"{prefix}/" if prefix else ""
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


def _is_sparse(top: Path) -> bool:
    """Return whether a working tree may be sparse; a file says so, and remains when it no longer is."""
    git = top / ".git"
    if git.is_file():  # a linked worktree or a submodule
        git = top / git.read_text(errors="surrogateescape").strip().removeprefix("gitdir: ")
    return (git / "info" / "sparse-checkout").exists()


def _below(top: Path, path: Path) -> str:
    """Return a path from the top of a working tree; empty for the top and for paths elsewhere."""
    return path.relative_to(top).as_posix().removeprefix(".") if path.is_relative_to(top) else ""
