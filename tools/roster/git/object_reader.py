"""Git's objects, read one after another by one process, with the links within a commit followed."""

import re
from pathlib import Path
from typing import Any, NamedTuple

from roster.findings import ConfigurationError
from roster.git.git_command import GitProcess
from roster.naming import quote

_LINK, _SUBMODULE = "120000", "160000"
_SHORT_COMMIT = 12


class GitObject(NamedTuple):
    """An object of git: its name (a hash), its kind (``blob``, ``tree`` or ``commit``) and its content."""

    name: str
    kind: str
    content: bytes


class UnreadablePath(ConfigurationError):
    """A path of a commit that is not in this repository: it leads through a submodule or a link."""


class ObjectReader:
    """Reads objects through ``git cat-file --batch``.

    Raises:
        ConfigurationError: git cannot be run. Every method raises it if git fails or does not answer.
    """

    def __init__(self, root: Path) -> None:
        self._process = GitProcess(root, "cat-file", "--batch", "--follow-symlinks")

    def __enter__(self) -> "ObjectReader":
        return self

    def __exit__(self, *exception: Any) -> None:
        self._process.__exit__(*exception)

    def at(self, commit: str, path: str) -> GitObject | None:
        """Return the file or folder at a path from the top of a commit; None if the commit has none there.

        Raises:
            UnreadablePath: the path leads through a submodule or a link out of the repository.
            ConfigurationError: this clone does not have the object.
        """
        found = self._find(f"{commit}:{path}", f"{path} of {commit[:_SHORT_COMMIT]}")
        if found is None and path:
            self._require_absent(commit, path)
        return found

    def file(self, commit: str, path: str) -> GitObject | None:
        """Return the file at a path from the top of a commit; None if the commit has no file there."""
        found = self.at(commit, path)
        return found if found and found.kind == "blob" else None

    def blob(self, name: str, path: str) -> bytes:
        """Return the content of a file by the name of its object.

        Raises:
            ConfigurationError: this clone does not have it.
        """
        found = self._find(name, path)
        if found is None:
            raise _incomplete(path)
        return found.content

    def folder(self, commit: str, path: str) -> dict[str, str]:
        """Return the modes of a folder's entries by name; empty if the commit has no folder at the path."""
        found = self.at(commit, path)
        return _entries(found) if found and found.kind == "tree" else {}

    def _require_absent(self, commit: str, path: str) -> None:
        """Reject a path whose object is missing although the commit has an entry for it."""
        parent, _, name = path.rpartition("/")
        folder = self.at(commit, parent)
        if folder is None and not parent:
            raise _incomplete(f"the files of {commit[:_SHORT_COMMIT]}")
        mode = _entries(folder).get(name) if folder and folder.kind == "tree" else None
        if mode == _SUBMODULE:
            raise UnreadablePath(
                f"{path} of {commit[:_SHORT_COMMIT]} is a submodule, whose files are in its own history"
            )
        if mode and mode != _LINK:
            raise _incomplete(f"{path} of {commit[:_SHORT_COMMIT]}")

    def _find(self, name: str, description: str) -> GitObject | None:
        if "\n" in name:
            raise UnreadablePath(f"{quote(description)} cannot be read: rename the folder")
        self._process.request(name.encode(errors="surrogateescape") + b"\n")
        header = self._process.line()
        if header.endswith(b" missing"):
            return None
        if not re.fullmatch(rb"\S+ \S+ \d+|[a-z]+ \d+", header):
            raise self._process.failure()
        content = self._process.read(int(header.rpartition(b" ")[2]))
        self._process.read(1)  # the line break after it
        return _object(header.decode().split(), content, description)


def _object(header: list[str], content: bytes, description: str) -> GitObject | None:
    if len(header) == 3:
        return GitObject(header[0], header[1], content)
    if header[0] == "notdir":
        return None
    where = f" to {quote(content.decode(errors='replace'))}" if header[0] == "symlink" else ""
    raise UnreadablePath(f"{description} is a symbolic link{where}, which the commit does not contain")


def _entries(folder: GitObject) -> dict[str, str]:
    """Return the modes of a folder's entries by name.

    Each entry is its mode, a space, its name, a NUL and its hash (git help ls-tree, gitformat-pack).
    """
    length = len(folder.name) // 2  # a hash in bytes: 20 of them, or 32
    entries = re.finditer(rb"(\d+) ([^\0]+)\0.{%d}" % length, folder.content, re.DOTALL)
    return {match[2].decode(errors="surrogateescape"): match[1].decode() for match in entries}


def _incomplete(what: str) -> ConfigurationError:
    return ConfigurationError(
        f"git cannot read {what}: this clone is incomplete or damaged; clone again, without --filter"
    )
