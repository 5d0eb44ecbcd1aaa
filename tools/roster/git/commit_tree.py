"""Files as commits have them, read from git's objects by one process, without a checkout."""

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from types import TracebackType
from typing import NamedTuple

from roster.findings import ConfigurationError
from roster.git import git_command, history
from roster.repository import toolkit_file


class CommitTree:
    """A roster repository at a commit, without links and nested folders; read at once.

    Attributes:
        name: the commit's full hash.

    Raises:
        ConfigurationError: git cannot be run or cannot read the commit.
    """

    def __init__(self, root: Path, name: str) -> None:
        self.name, self._root = name, root
        self._files: dict[str, bytes] = {}
        self._folders: list[str] = []
        with ObjectReader(root, name) as reader:
            for folder in ("env", "schemas"):
                self._load(reader, folder)

    def environment_folders(self) -> list[str]:
        """Return the names of the folders under ``env/``, sorted."""
        return self._folders

    def has(self, path: str) -> bool:
        """Return whether the commit has a file at a path."""
        return path in self._files

    def read(self, path: str) -> bytes:
        """Return a file's bytes; the toolkit's own if it is in ``schemas/`` and the commit has no such folder.

        Raises:
            ConfigurationError: the file is missing.
        """
        if path in self._files:
            return self._files[path]
        if path.startswith("schemas/") and not any(file.startswith("schemas/") for file in self._files):
            return toolkit_file(path.removeprefix("schemas/")).read_bytes()
        raise ConfigurationError(f"it has no {path}")

    def versions(self, path: str) -> "Iterator[FileVersion]":
        """Yield the versions of a file up to this commit, as ``file_versions`` does."""
        return file_versions(self._root, path, self.name)

    def _load(self, reader: "ObjectReader", folder: str) -> None:
        for entry in reader.folder(f"{self.name}:./{folder}"):
            path = f"{folder}/{entry.name}"
            if entry.is_file:
                self._files[path] = reader.content(entry.object)
            elif entry.is_folder and folder == "env":
                self._folders.append(entry.name)
                for file in reader.folder(entry.object):
                    if file.is_file:
                        self._files[f"{path}/{file.name}"] = reader.content(file.object)
        self._folders.sort()


class FileVersion(NamedTuple):
    """A file's content after a commit, empty if it was deleted, and the commit's day in UTC."""

    day: date
    content: bytes


def file_versions(root: Path, path: str, commit: str = "HEAD") -> Iterator[FileVersion]:
    """Yield the versions of a file along a commit's first parents, newest first, as far as the caller reads.

    The days are those of the commits on the branch itself: a merge counts from its own day.

    Raises:
        ConfigurationError: there is no history, or this clone is too shallow to have the file's first commit.
    """
    with ObjectReader(root) as reader:
        for revision in history.first_parent_revisions(root, path, commit):
            yield FileVersion(revision.day, reader.find(revision.content, "blob") or b"")


class _TreeEntry(NamedTuple):
    """An entry of a folder: its name, its mode, and the name of its object."""

    name: str
    mode: str
    object: str

    @property
    def is_file(self) -> bool:
        return self.mode.startswith("100")

    @property
    def is_folder(self) -> bool:
        return self.mode == "40000"


class ObjectReader:
    """Reads git's objects one after another through ``git cat-file --batch``."""

    def __init__(self, root: Path, commit: str = "") -> None:
        self._commit = commit
        self._process = git_command.start(root, "cat-file", "--batch")

    def __enter__(self) -> "ObjectReader":
        return self

    def __exit__(self, kind: type[BaseException] | None, _: BaseException | None, __: TracebackType | None) -> None:
        self._process.communicate()

    def content(self, name: str) -> bytes:
        """Return the content of a file's object.

        Raises:
            ConfigurationError: this clone does not have it.
        """
        content = self.find(name, "blob")
        if content is None:
            raise ConfigurationError(f"git cannot read {name}: fetch the whole history (git fetch --unshallow)")
        return content

    def folder(self, name: str) -> Iterator[_TreeEntry]:
        """Yield the entries of a folder; none if it does not exist."""
        content = self.find(name, "tree") or b""
        length = len(self._commit) // 2  # a hash in bytes: 20 of them, or 32
        # each entry is its mode, a space, its name, a NUL and its hash (git help ls-tree, gitformat-pack)
        for match in re.finditer(rb"(\d+) ([^\0]+)\0(.{%d})" % length, content, re.DOTALL):
            yield _TreeEntry(match[2].decode(errors="surrogateescape"), match[1].decode(), match[3].hex())

    def find(self, name: str, kind: str) -> bytes | None:
        """Return the content of an object; None if it does not exist or is not of the kind.

        Raises:
            ConfigurationError: git failed.
        """
        process = self._process
        assert process.stdin is not None  # both are pipes
        assert process.stdout is not None
        try:
            process.stdin.write(f"{name}\n".encode())
            process.stdin.flush()
            header = process.stdout.readline().decode().split()
        except OSError:
            header = []
        if not header:
            _, stderr = process.communicate()
            raise git_command.failure("cat-file", stderr)
        if header[-1] == "missing":
            return None
        content = process.stdout.read(int(header[-1]))
        process.stdout.read(1)  # the line break after it
        return content if header[-2] == kind else None
