"""What is compared: a whole repository, or a single roster in the place of one."""

from collections.abc import Iterator
from typing import NamedTuple

from roster.repository import ROSTER_FILE, Tree, roster_path


class Side(NamedTuple):
    """One of two versions.

    Attributes:
        name: what people call it.
        environment: the only environment that it tells of, where it is a single roster; else empty.
        file: where that roster is; else empty.
    """

    name: str
    tree: Tree
    environment: str = ""
    file: str = ""

    def shown(self, path: str) -> str:
        """Return the path of a file as people find it."""
        return self.file if self.file and path == roster_path(self.environment) else path


class SingleRoster:
    """A repository with one roster; its registries and schemas are those of another."""

    def __init__(self, environment: str, data: bytes, around: Tree) -> None:
        self._environment, self._data, self._around = environment, data, around

    def environment_folders(self) -> Iterator[str]:
        """Return the name of the roster's environment."""
        return iter((self._environment,))

    def has(self, path: str) -> bool:
        """Say whether there is a file at a path."""
        if path.endswith(f"/{ROSTER_FILE}"):
            return path == roster_path(self._environment)
        return self._around.has(path)

    def read(self, path: str) -> bytes:
        """Return a file's bytes.

        Raises:
            ConfigurationError: the file is missing or cannot be read.
        """
        return self._data if path == roster_path(self._environment) else self._around.read(path)
