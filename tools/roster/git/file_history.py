"""The versions of a file along the first parents of a commit, also where its folder had another path."""

import re
from collections.abc import Iterable, Iterator
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

from roster.findings import ConfigurationError
from roster.git import git_command
from roster.git.history import commit_time
from roster.git.object_reader import GitObject, ObjectReader, UnreadablePath
from roster.repository import real_path, working_tree_root


class FileVersion(NamedTuple):
    """A file's content after a commit, empty if it was deleted, and the commit's day in UTC and hash."""

    day: date
    content: bytes
    commit: str = ""


class _Commit(NamedTuple):
    name: str
    day: date
    has_parent: bool


def file_versions(root: Path, path: str, commit: str = "HEAD", prefix: str | None = None) -> Iterator[FileVersion]:
    """Yield the versions of a file as ``FileHistory.newest_first`` does, as far as the caller reads."""
    with FileHistory(root, commit, prefix) as history:
        yield from history.newest_first(path)


class FileHistory:
    """The versions of files along the first parents of a commit; a context manager.

    The days are those of the commits on the branch itself: a merge counts from its own day. A version that is no file
    of this repository, such as a link out of it, is left out.

    Args:
        root: the roster repository that the files' paths are in.
        prefix: the path of the repository in the commit, if it was moved since; otherwise that in the working tree.

    Raises:
        ConfigurationError: there is no such commit, or git cannot be run. Methods also raise it if this clone is too
            shallow to have a file's first commit.
    """

    def __init__(self, root: Path, commit: str = "HEAD", prefix: str | None = None) -> None:
        top = working_tree_root(root)
        if not top or not git_command.find_commit(root, commit, "read the history"):
            remedy = "commit the rosters, or clone the repository with git"
            raise ConfigurationError(f"cannot read the history of rosters: there is no commit: {remedy}")
        self._top, self._commit = top, commit
        self._prefix = git_command.prefix(root) if prefix is None else prefix
        self._reader = ObjectReader(top)

    def __enter__(self) -> "FileHistory":
        return self

    def __exit__(self, *exception: Any) -> None:
        self._reader.__exit__(*exception)

    def newest_first(self, path: str) -> Iterator[FileVersion]:
        """Yield the versions of a file, as far as the caller reads."""
        for commit, file in self._versions(self._commit, f"{self._prefix}{path}"):
            yield FileVersion(commit.day, file.content if file else b"", commit.name)

    def oldest_first(self, path: str) -> Iterator[FileVersion]:
        """Yield the versions of a file. Each is read twice, because all contents together could be large."""
        versions = self._versions(self._commit, f"{self._prefix}{path}")
        names = [(commit.day, commit.name, file.name if file else "") for commit, file in versions]
        for day, commit_name, name in reversed(names):
            yield FileVersion(day, self._reader.blob(name, path) if name else b"", commit_name)

    @cached_property
    def _is_shallow(self) -> bool:
        return git_command.is_shallow(self._top)

    def _versions(self, revision: str, path: str) -> Iterator[tuple[_Commit, GitObject | None]]:
        oldest: _Commit | None = None
        for commit in _commits(self._top, revision, path):
            try:
                file = self._reader.file(commit.name, path)
            except UnreadablePath:
                continue
            if file is None and oldest and (earlier := _path_before(self._top, oldest, path)):
                yield from self._versions(f"{oldest.name}^", earlier)
                return
            yield commit, file
            oldest = commit if file else None
        if oldest and (earlier := _path_before(self._top, oldest, path)):
            yield from self._versions(f"{oldest.name}^", earlier)
        elif oldest and not oldest.has_parent and self._is_shallow:  # it only seems to add all files
            raise ConfigurationError(
                f"this clone is too shallow for the history of {path}: run git fetch --unshallow, "
                "or set GIT_DEPTH to 0 in GitLab CI"
            )


def _commits(top: Path, revision: str, path: str) -> Iterator[_Commit]:
    """Yield the commits that changed a file, or a link that leads to it, newest first."""
    arguments = ("--first-parent", "--encoding=UTF-8", "--format=%ct %P", revision, "--", *_paths(top, path))
    with git_command.GitProcess(top, "rev-list", *arguments) as process:
        while header := process.line():  # the first of two lines: commit <hash>
            seconds, _, parents = process.line().decode().partition(" ")
            yield _Commit(header.decode().split()[1], commit_time(seconds).date(), bool(parents))
        result = process.finish()
        if result.returncode:
            raise git_command.failure("rev-list", result.stderr)


def _paths(top: Path, path: str) -> list[str]:
    """Return a path from the top of the working tree, the links in it today, and where they lead."""
    file = top / path
    links = [each for each in (file, *file.parents) if each.is_symlink() and top in each.parents]
    target = real_path(file)
    files = [file, *links, target] if links and target.is_relative_to(top) else [file, *links]
    return [each.relative_to(top).as_posix() for each in files]


def _path_before(top: Path, commit: _Commit, path: str) -> str:
    """Return where the parent of a commit that added a file has it; empty if it is new.

    A roster that was moved with its environment's folder, or to another folder with the same environments, is the same.
    """
    if not commit.has_parent:
        return ""
    removed = _changed(top, commit, ("--no-renames", "--diff-filter=D", "--name-only"), ".")
    folder, environment, file = path.rsplit("/", 2)
    end = f"/env/{environment}/{file}"
    same = [old for old in removed if f"/{old}".endswith(end)]
    candidates = same or [old for old in removed if re.fullmatch(rf"{re.escape(folder)}/[^/]+/{re.escape(file)}", old)]
    if len(same) == 1 or not candidates:
        return "".join(same)
    options = ("--find-renames=50%", "-l0", "--diff-filter=R", "--name-status")
    _, *names = _changed(top, commit, options, path, *candidates)  # R<percent>, the old path, the new path
    return names[0] if names else ""


def _changed(top: Path, commit: _Commit, options: Iterable[str], *paths: str) -> list[str]:
    """Return the fields of a comparison with the first parent, of some files or folders."""
    arguments = ("-r", "-z", *options, f"{commit.name}^", commit.name, "--", *paths)
    return git_command.output(top, "diff-tree", *arguments).removesuffix("\0").split("\0")
