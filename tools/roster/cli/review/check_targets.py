"""The paths of ``roster check``: what is checked, in which repositories."""

from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from roster.check.find_repository import repositories_at
from roster.findings import ConfigurationError
from roster.repository import Repository, real_path

DASH = Path("-")
"""The path that stands for standard input."""


class Target(NamedTuple):
    """A repository to check, and the paths in it to report findings for; none of them stands for all files."""

    repository: Repository
    paths: list[str]


def check_targets(paths: tuple[Path, ...], stdin_filename: Path | None) -> list[Target]:
    """Return the repositories that contain the paths, or the current folder without paths.

    Raises:
        ConfigurationError: a path does not exist, or is in no repository and above none.
        UsageError: the path ``-`` and ``stdin_filename`` do not go together.
    """
    for path in paths:
        if path != DASH and not path.exists():
            raise ConfigurationError(f"there is no file or folder {path}")
    if stdin_filename or DASH in paths:
        from roster.cli.review.check_stdin import repository_with_input

        repository, paths = repository_with_input(paths, stdin_filename)
        return [Target(repository, [repository.relative(path) for path in paths])]
    return list(_targets(paths).values()) if paths else [Target(each, []) for each in repositories_at(Path())]


def _targets(paths: Iterable[Path]) -> dict[Path, Target]:
    targets: dict[Path, Target] = {}
    for path in paths:
        for repository in repositories_at(path):
            target = targets.setdefault(real_path(repository.root), Target(repository, []))
            is_above = real_path(repository.root).is_relative_to(real_path(path))
            target.paths.append("." if is_above else repository.relative(path))
    return targets
