"""The files of a roster repository as a commit has them, read from git's objects without a checkout."""

from collections.abc import Collection, Iterator
from pathlib import Path

from roster.findings import ConfigurationError
from roster.git import git_command
from roster.git.file_history import FileVersion, file_versions
from roster.git.object_reader import ObjectReader, UnreadablePath
from roster.git.roster_folders import roster_folders_of
from roster.git.sparse_checkout import excluded_paths
from roster.naming import join_names
from roster.registries import ENVIRONMENTS, comes_from_toolkit
from roster.repository import toolkit_file, working_tree_root
from roster.roster import roster_path


class CommitTree:
    """A roster repository at a commit: its rosters, registries and schemas; read at once.

    If the folder of the repository was moved since the commit, its files at that time are read.

    Attributes:
        name: the commit's full hash.
        prefix: the path of the repository from the top of the commit, with a slash at its end; empty at the top.
        is_moved: whether the repository was moved since.
        root: the folder of the repository, or the one that it had.

    Raises:
        ConfigurationError: git cannot be run, or the clone does not have a file that the commit has.
    """

    def __init__(self, root: Path, name: str) -> None:
        self.name, self._repository = name, root
        self._files: dict[str, bytes] = {}
        self._folders: list[str] = []
        self._unreadable: dict[str, UnreadablePath] = {}
        with ObjectReader(root) as reader:
            self.prefix = prefix = git_command.prefix(root)
            self._load(reader)
            if not self.has_rosters:
                self.prefix = _earlier_prefix(root, name, prefix)
                self._load(reader)
        self.is_moved = self.prefix != prefix
        self.root = (working_tree_root(root) or root) / self.prefix if self.is_moved else root

    @property
    def has_rosters(self) -> bool:
        """Whether the commit has a roster or a list of environments."""
        return any(path.startswith("env/") for path in (*self._files, *self._unreadable))

    def environment_folders(self) -> list[str]:
        """Return the names of the folders under ``env/``, sorted."""
        return self._folders

    def paths(self) -> Collection[str]:
        """Return the paths of the rosters, registries and schemas."""
        return self._files.keys()

    def has(self, path: str) -> bool:
        """Return whether the commit has a file at a path.

        Raises:
            UnreadablePath: that is unknown.
        """
        if path in self._unreadable:
            raise self._unreadable[path]
        return path in self._files

    def read(self, path: str) -> bytes:
        """Return a file's bytes; the toolkit's own as ``comes_from_toolkit`` decides.

        Raises:
            ConfigurationError: the file is missing, or not in this repository.
        """
        if self.has(path):
            return self._files[path]
        if comes_from_toolkit(path, self._files):
            return toolkit_file(path.removeprefix("schemas/")).read_bytes()
        raise ConfigurationError(f"it has no {path}")

    def versions(self, path: str) -> Iterator[FileVersion]:
        """Yield the versions of a file up to this commit, as ``file_versions`` does."""
        return file_versions(self._repository, path, self.name, self.prefix)

    def _load(self, reader: ObjectReader) -> None:
        self._folders = [
            name for name in sorted(reader.folder(self.name, f"{self.prefix}env")) if self._is_environment(reader, name)
        ]
        schemas = [f"schemas/{name}" for name in reader.folder(self.name, f"{self.prefix}schemas")]
        for path in (ENVIRONMENTS, *map(roster_path, self._folders), *schemas):
            try:
                if file := reader.file(self.name, f"{self.prefix}{path}"):
                    self._files[path] = file.content
            except UnreadablePath as error:
                self._unreadable[path] = error

    def _is_environment(self, reader: ObjectReader, name: str) -> bool:
        """Return whether an entry of ``env/`` is a folder; of a link that leads elsewhere, record that."""
        try:
            return bool(reader.folder(self.name, f"{self.prefix}env/{name}"))
        except UnreadablePath as error:
            self._unreadable[roster_path(name)] = error
            return False


def _earlier_prefix(root: Path, commit: str, prefix: str) -> str:
    """Return where a commit without rosters at ``prefix`` has those that were moved since.

    Raises:
        ConfigurationError: there are several such folders.
    """
    folders = roster_folders_of(root, commit)
    top = working_tree_root(root) or root
    excluded = excluded_paths(top) if folders else ()
    moved = [
        folder
        for folder in sorted(folders)
        if not (top / folder / ENVIRONMENTS).exists() and f"{folder}{ENVIRONMENTS}" not in excluded
    ]
    if len(moved) > 1:
        raise ConfigurationError(
            f"cannot compare: {commit[:12]} has no rosters in {prefix or 'the top folder'}, and several folders with "
            f"rosters were moved or removed since: {join_names(folder or 'env/' for folder in moved)}; "
            "move one in each change"
        )
    return moved[0] if moved else prefix
