"""Paths and bytes of the files in a roster repository."""

import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple, Protocol

from roster.findings import ConfigurationError
from roster.registries import ENVIRONMENTS, comes_from_toolkit
from roster.roster import roster_path


class Tree(Protocol):
    """The files that a check reads: a Repository, or a commit of one."""

    def environment_folders(self) -> Iterable[str]:
        """Return the names of the folders under ``env/``, sorted."""

    def has(self, path: str) -> bool:
        """Return whether a file exists."""

    def read(self, path: str) -> bytes:
        """Return a file's bytes; the toolkit's own as ``comes_from_toolkit`` decides.

        Raises:
            ConfigurationError: the file is missing or cannot be read.
        """


class Repository(NamedTuple):
    """A folder with ``env/`` and optionally ``schemas/``; what it lacks of the latter comes from the toolkit.

    Paths are relative to ``root``, with slashes.

    Attributes:
        overlay: bytes that replace a file's own, by path: a change that is not written yet.
        excluded: the bytes of files that git has and a sparse checkout left out, by path.
    """

    root: Path
    overlay: Mapping[str, bytes] = MappingProxyType({})
    excluded: Mapping[str, bytes] = MappingProxyType({})

    @classmethod
    def containing(cls, start: Path) -> "Repository":
        """Return the repository that contains a path: the nearest folder upwards with ``env/environments.yaml``.

        Raises:
            ConfigurationError: there is none.
        """
        start = start.absolute()
        for folder in (start, *start.parents):
            if (folder / ENVIRONMENTS).exists():  # a folder in its place is reported when it is read
                return cls(folder)
        raise ConfigurationError(
            f"{start} is not in a roster repository: no folder above it has {ENVIRONMENTS}, the list of environments"
        )

    def environment_folders(self) -> Iterator[str]:
        """Return the names of the folders under ``env/``, sorted."""
        folder = self.root / "env"
        written = {entry.name for entry in folder.iterdir() if entry.is_dir()} if folder.is_dir() else set()
        others = (*self.overlay, *self.excluded)
        unwritten = {path.split("/")[1] for path in others if path.startswith("env/") and path.count("/") > 1}
        return iter(sorted(written | unwritten))

    def paths(self) -> list[str]:
        """Return the paths of the rosters, registries and schemas."""
        schemas = {f"schemas/{file.name}" for file in (self.root / "schemas").glob("*") if file.is_file()}
        schemas |= {path for path in self.excluded if path.startswith("schemas/")}
        rosters = (roster_path(name) for name in self.environment_folders())
        return [path for path in (ENVIRONMENTS, *rosters, *sorted(schemas)) if self.has(path)]

    def has(self, path: str) -> bool:
        """Return whether the repository has something at a path; ``read`` reports it if that is no file."""
        return path in self.overlay or (self.root / path).exists() or path in self.excluded

    def read(self, path: str) -> bytes:
        """Return a file's bytes; the toolkit's own as ``comes_from_toolkit`` decides.

        Raises:
            ConfigurationError: the file is missing or cannot be read.
        """
        if path in self.overlay:
            return self.overlay[path]
        if path in self.excluded and not (self.root / path).is_file():
            return self.excluded[path]
        try:
            return _read(self._locate(path))
        except FileNotFoundError:
            toolkit_path = toolkit_file(path.rpartition("/")[2])
            advice = f", or copy the toolkit's: {toolkit_path}" if toolkit_path.is_file() else ""
            raise ConfigurationError(f"{path} is missing: restore it{advice}") from None
        except OSError as error:
            raise ConfigurationError(f"{path} cannot be read: {(error.strerror or str(error)).lower()}") from None

    def relative(self, path: Path) -> str:
        """Return a path relative to the repository; links are resolved, except those of rosters and their folders.

        Raises:
            ConfigurationError: the path is outside the repository.
        """
        absolute = Path(os.path.abspath(path))
        if any(absolute.is_relative_to(self.root / folder) for folder in ("env", "schemas")):
            return absolute.relative_to(self.root).as_posix()
        try:
            return real_path(path).relative_to(real_path(self.root)).as_posix()
        except ValueError:
            raise ConfigurationError(f"{path} is outside the repository at {self.root}") from None

    def _locate(self, path: str) -> Path:
        file = self.root / path
        if os.path.lexists(file):  # a broken link is a missing file
            return file
        own_paths = (f"schemas/{each.name}" for each in (self.root / "schemas").glob("*"))
        if comes_from_toolkit(path, (*own_paths, *self.excluded)):
            return toolkit_file(path.removeprefix("schemas/"))
        return file


def _read(file: Path) -> bytes:
    """Return a file's bytes; of one that is too large, so many that the reader notices."""
    if file.exists() and not (file.is_file() or file.is_dir()):
        raise OSError(None, "not a regular file")  # reading a pipe or a device might never end
    from roster.yaml.parser import MAX_BYTES

    with file.open("rb") as stream:
        return stream.read(MAX_BYTES + 1)


def real_path(path: Path) -> Path:
    """Return an absolute path with links resolved, also if these form a loop, which Path.resolve rejects."""
    return Path(os.path.realpath(path))


def working_tree_root(path: Path) -> Path | None:
    """Return the top folder of the git working tree that contains a path; None outside git.

    Links are resolved, as git does. Git itself is not started, which would delay every check.
    """
    path = real_path(path)
    for folder in (path, *path.parents):
        git = folder / ".git"
        if git.is_file() or (git / "HEAD").exists():  # a file in linked worktrees and submodules
            return folder
    return None


def may_be_sparse(top: Path) -> bool:
    """Return whether a working tree may be a sparse checkout; the file that says so remains when it no longer is."""
    git = top / ".git"
    if git.is_file():  # in a linked worktree or a submodule
        git = top / git.read_text(errors="surrogateescape").strip().removeprefix("gitdir: ")
    return (git / "info" / "sparse-checkout").exists()


def toolkit_file(name: str) -> Path:
    """Return the path of the toolkit's own file in ``schemas/``, installed or in a checkout."""
    package = Path(__file__).parent
    installed = package / "schemas" / name
    return installed if installed.is_file() else package.parents[1] / "schemas" / name


def copied_registry(path: str) -> bytes:
    """Return a registry of the toolkit as a repository's own, without the line that names its JSON Schema for editors.

    Repositories with registries of their own need no JSON Schemas, so the line would lead nowhere.
    """
    data = toolkit_file(path.removeprefix("schemas/")).read_bytes()
    if data.startswith(b"# yaml-language-server:"):
        data = data.partition(b"\n")[2].removeprefix(b"#\n")
    return data


def toolkit_repository() -> Repository:
    """Return a repository with the toolkit's own ``schemas/``, for callers without one."""
    return Repository(toolkit_file("features.yaml").parents[1])
