"""A repository as a commit holds it, and the versions of a file: read from git's contents by one process, without a
checkout.
"""

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
    """A repository as a commit holds it; links and folders below those that a repository has are left out.

    Attributes:
        name: the commit's full hash.

    Raises:
        ConfigurationError: git cannot be run or cannot read the commit.
    """

    def __init__(self, root: Path, name: str) -> None:
        self.name = name
        self._files: dict[str, bytes] = {}
        self._folders: list[str] = []
        with ObjectReader(root, name) as contents:
            for folder in ("env", "schemas"):
                self._load(contents, folder)

    def environment_folders(self) -> list[str]:
        """Return the names of the folders under ``env/``, sorted."""
        return self._folders

    def has(self, path: str) -> bool:
        """Say whether the commit has a file at a path."""
        return path in self._files

    def read(self, path: str) -> bytes:
        """Return a file's bytes; of ``schemas/``, the toolkit's own where the commit has no such folder.

        Raises:
            ConfigurationError: the file is missing.
        """
        if path in self._files:
            return self._files[path]
        if path.startswith("schemas/") and not any(known.startswith("schemas/") for known in self._files):
            return toolkit_file(path.removeprefix("schemas/")).read_bytes()
        raise ConfigurationError(f"it has no {path}")

    def _load(self, contents: "ObjectReader", folder: str) -> None:
        for entry in contents.folder(f"{self.name}:./{folder}"):
            path = f"{folder}/{entry.name}"
            if entry.is_file:
                self._files[path] = contents.of(entry.object)
            elif entry.is_folder and folder == "env":
                self._folders.append(entry.name)
                for file in contents.folder(entry.object):
                    if file.is_file:
                        self._files[f"{path}/{file.name}"] = contents.of(file.object)
        self._folders.sort()


class FileVersion(NamedTuple):
    """What a file became; nothing where it was removed. The day is that of the commit, in UTC."""

    day: date
    content: bytes


def file_versions(root: Path, path: str) -> Iterator[FileVersion]:
    """Yield the versions of a file along HEAD's first-parent history, the last one first.

    What is not asked for is not read.

    Raises:
        ConfigurationError: there is no history, or this clone ends before the commit that brought the file.
    """
    with ObjectReader(root) as contents:
        for commit, day in history.commits_changing(root, path):
            yield FileVersion(day, contents.find(f"{commit}:./{path}", "blob") or b"")


class _Entry(NamedTuple):
    """An entry of a folder: its name, the mode that says what it is, and what git calls its content."""

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
    """A ``git cat-file --batch`` that answers what objects hold, one after the other."""

    def __init__(self, root: Path, commit: str = "") -> None:
        self._commit = commit
        self._process = git_command.start(root, "cat-file", "--batch")

    def __enter__(self) -> "ObjectReader":
        return self

    def __exit__(self, kind: type[BaseException] | None, _: BaseException | None, __: TracebackType | None) -> None:
        self._process.communicate()

    def of(self, name: str) -> bytes:
        """Return what an object holds."""
        content = self.find(name, "blob")
        if content is None:
            raise ConfigurationError(f"git cannot read {name}: fetch the whole history (git fetch --unshallow)")
        return content

    def folder(self, name: str) -> Iterator[_Entry]:
        """Yield the entries of a folder, none where there is no such folder."""
        content = self.find(name, "tree") or b""
        length = len(self._commit) // 2  # a hash in bytes: 20 of them, or 32
        # each entry is its mode, a space, its name, a NUL and its hash (git help ls-tree, gitformat-pack)
        for found in re.finditer(rb"(\d+) ([^\0]+)\0(.{%d})" % length, content, re.DOTALL):
            yield _Entry(found[2].decode(errors="surrogateescape"), found[1].decode(), found[3].hex())

    def find(self, name: str, kind: str) -> bytes | None:
        """Return what an object of a kind holds; None where there is none, or it is of another kind."""
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
            _, told = process.communicate()
            raise ConfigurationError(f"git cat-file failed: {git_command.error_message(told) or 'no reason given'}")
        if header[-1] == "missing":
            return None
        content = process.stdout.read(int(header[-1]))
        process.stdout.read(1)  # the line break after it
        return content if header[-2] == kind else None
