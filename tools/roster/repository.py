"""Where a repository keeps its files, and their bytes."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple, Protocol

from roster.findings import ConfigurationError

ROSTER_FILE = "offered_models_metadata.yaml"
ENVIRONMENTS = "env/environments.yaml"
FEATURES = "schemas/features.yaml"
FAMILIES = "schemas/families.yaml"
ROSTER_SCHEMA = "schemas/offered_models_metadata.schema.json"


class Tree(Protocol):
    """The files that a check reads: those of a Repository, or what a commit holds of one."""

    def environment_folders(self) -> Iterable[str]:
        """Return the names of the folders under ``env/``, sorted."""

    def has(self, path: str) -> bool:
        """Say whether there is a file at a path."""

    def read(self, path: str) -> bytes:
        """Return a file's bytes; of ``schemas/``, the toolkit's own where there is no such folder.

        Raises:
            ConfigurationError: the file is missing or cannot be read.
        """


class Repository(NamedTuple):
    """A folder with ``env/`` and, unless it uses those that come with the toolkit, ``schemas/``.

    Paths in and out are relative to ``root`` and written with slashes.

    Attributes:
        overlay: bytes that are read in the place of a file's own, by its path: a change that is not written yet.
    """

    root: Path
    overlay: Mapping[str, bytes] = MappingProxyType({})

    @classmethod
    def containing(cls, start: Path) -> "Repository":
        """Return the repository that a path lies in: the nearest folder above it that has ``env/environments.yaml``.

        Raises:
            ConfigurationError: there is none.
        """
        start = start.absolute()
        for folder in (start, *start.parents):
            if (folder / ENVIRONMENTS).is_file():
                return cls(folder)
        raise ConfigurationError(
            f"{start} is not in a roster repository: no folder above it has {ENVIRONMENTS}, the list of environments"
        )

    def environment_folders(self) -> Iterator[str]:
        """Return the names of the folders under ``env/``, sorted."""
        written = {entry.name for entry in (self.root / "env").iterdir() if entry.is_dir()}
        unwritten = {path.split("/")[1] for path in self.overlay if path.startswith("env/") and path.count("/") > 1}
        return iter(sorted(written | unwritten))

    def has(self, path: str) -> bool:
        """Say whether the repository has a file at a path."""
        return path in self.overlay or (self.root / path).is_file()

    def read(self, path: str) -> bytes:
        """Return a file's bytes; of ``schemas/``, the toolkit's own where the repository has no such folder.

        Raises:
            ConfigurationError: the file is missing or cannot be read.
        """
        if path in self.overlay:
            return self.overlay[path]
        try:
            return self._locate(path).read_bytes()
        except OSError as error:
            raise ConfigurationError(f"{path} cannot be read: {(error.strerror or str(error)).lower()}") from None

    def relative(self, path: Path) -> str:
        """Return a path as the repository's files are named, whatever links lead to it."""
        try:
            return path.resolve().relative_to(self.root.resolve()).as_posix()
        except ValueError:
            raise ConfigurationError(f"{path} lies outside the repository at {self.root}") from None

    def _locate(self, path: str) -> Path:
        if path.startswith("schemas/") and not (self.root / "schemas").is_dir():
            return toolkit_file(path.removeprefix("schemas/"))
        return self.root / path


def roster_path(environment: str) -> str:
    """Return the path of an environment's roster."""
    return f"env/{environment}/{ROSTER_FILE}"


def toolkit_file(name: str) -> Path:
    """Return the path of a file of ``schemas/`` as it comes with the toolkit, installed or in a checkout."""
    package = Path(__file__).parent
    installed = package / "schemas" / name
    return installed if installed.is_file() else package.parents[1] / "schemas" / name


def toolkit_repository() -> Repository:
    """Return what has the toolkit's own ``schemas/``, for those who have no repository."""
    return Repository(toolkit_file("features.yaml").parents[1])
