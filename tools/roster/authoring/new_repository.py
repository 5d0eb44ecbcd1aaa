"""The files of a new roster repository."""

import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path, PurePosixPath
from typing import NamedTuple
from urllib.parse import urlsplit

from roster import __version__
from roster.atomic_write import write_files
from roster.check.loading import load_registry
from roster.edit.quoting import PLAIN, format_scalar
from roster.registries import ENVIRONMENTS, FAMILIES, FEATURES
from roster.repository import copied_registry, toolkit_repository
from roster.roster import roster_path

PIPELINE, HOOKS, IGNORED, OWNERS, README = (
    ".gitlab-ci.yml",
    ".pre-commit-config.yaml",
    ".gitignore",
    ".gitlab/CODEOWNERS",
    "README.md",
)
OPTIONAL_FILES = (PIPELINE, HOOKS, IGNORED, OWNERS, README)
ONLY_AT_THE_TOP = (PIPELINE, HOOKS, OWNERS)
"""The files that GitLab and pre-commit read only at the top of a git repository."""
REF = f"v{__version__}"
"""The tag of this version of the toolkit, which pipelines and hooks use."""
_TEMPLATES = {
    ENVIRONMENTS: "environments.yaml.j2",
    PIPELINE: "gitlab-ci.yml.j2",
    HOOKS: "pre-commit-config.yaml.j2",
    IGNORED: "gitignore.j2",
    OWNERS: "CODEOWNERS.j2",
    README: "README.md.j2",
}


class NewRepository(NamedTuple):
    """What a new repository is to contain.

    Attributes:
        environments: the names of the environments, in promotion order.
        owners: the owners in CODEOWNERS, such as ``@group/team``.
        toolkit: the URL of the toolkit's git repository; None as long as nobody named it.
        without: the optional files to leave out.
    """

    environments: tuple[str, ...]
    owners: tuple[str, ...]
    toolkit: str | None
    without: frozenset[str] = frozenset()

    def files(self) -> dict[str, bytes]:
        """Return the content of each file, by path."""
        from roster.templates import template_environment

        templates = template_environment("roster.authoring", scalar=lambda name: format_scalar(name, PLAIN))
        values = self._values()
        files = {path: copied_registry(path) for path in (FEATURES, FAMILIES)}
        for path, template in _TEMPLATES.items():
            if path not in self.without:
                files[path] = templates.get_template(template).render(values).encode()
        for name in self.environments:
            text = templates.get_template("roster.yaml.j2").render(values, environment=name)
            files[roster_path(name)] = text.encode()
        return dict(sorted(files.items()))

    def paths(self) -> list[str]:
        """Return the path of each file."""
        optional = [path for path in OPTIONAL_FILES if path not in self.without]
        return [ENVIRONMENTS, *map(roster_path, self.environments), FEATURES, FAMILIES, *optional]

    def described(self) -> dict[str, str]:
        """Return what the files contain, by path; the rosters together."""
        descriptions = {
            ENVIRONMENTS: "the promotion path, and each policy",
            roster_path("*"): "the rosters, each with an example model",
            FEATURES: "the features that models can serve",
            FAMILIES: "the prompt families of models",
            PIPELINE: "the pipeline: checks and renders rosters",
            HOOKS: "checks before each commit (pre-commit)",
            IGNORED: "keeps rendered artifacts out of git",
            OWNERS: "who approves changes",
            README: "how to work with these files",
        }
        return {path: text for path, text in descriptions.items() if path not in self.without}

    def _values(self) -> Mapping[str, object]:
        url = (self.toolkit or "").removesuffix("/").removesuffix(".git")
        return {
            "environments": self.environments,
            "owners": " ".join(self.owners),
            "features": [each["name"] for each in load_registry(toolkit_repository(), FEATURES) if each["required"]],
            "toolkit": self.toolkit,
            "web_url": url,
            "project": urlsplit(url).path.strip("/"),
            "ref": REF,
            "described": self.described(),
            "pinned": [f"`{path}`" for path in (PIPELINE, HOOKS) if path not in self.without],
        }


def existing(folder: Path, paths: Iterable[str]) -> list[str]:
    """Return the paths that a folder already has, or a file or a broken link in the place of their folders."""
    return list(dict.fromkeys(found for path in paths for found in _existing(folder, PurePosixPath(path))))


def _existing(folder: Path, path: PurePosixPath) -> Iterator[str]:
    for parent in reversed(path.parents):
        if os.path.lexists(folder / parent) and not (folder / parent).is_dir():
            yield str(parent)
            return
    if os.path.lexists(folder / path):
        yield str(path)


def create(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write files that do not exist yet, all or none.

    Raises:
        OSError: a file or folder cannot be written; then neither files nor folders were added.
    """
    paths = {folder / path: data for path, data in files.items()}
    folders = {parent for path in paths for parent in path.parents if not parent.exists()}
    try:
        write_files(paths)
    except BaseException:  # Ctrl-C, too
        for path in paths:
            path.unlink(missing_ok=True)
        for each in sorted(folders, reverse=True):
            with suppress(OSError):
                each.rmdir()
        raise
