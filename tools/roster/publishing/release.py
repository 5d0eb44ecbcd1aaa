"""Releases: the file names of a published version, and the pointer to the newest version (README, Artifacts).

Standard library only: ``tools/publish.py`` imports this module in a job that installs nothing.
"""

import hashlib
import json
from collections.abc import Mapping
from typing import NamedTuple

PACKAGE = "roster"
"""The name of the package in GitLab's generic package registry."""


class Release(NamedTuple):
    """One environment's rendered files, by name. Paths are relative to the package's URL."""

    environment: str
    sequence: int
    revision: str
    files: Mapping[str, bytes]

    @property
    def pointer_path(self) -> str:
        return f"current/{self.environment}.json"

    def path(self, version: str, name: str) -> str:
        """Return the path of a file in a version."""
        return f"{version}/{self.environment}.{name}"

    def pointer(self, version: str) -> bytes:
        """Return the content of the pointer to a version."""
        files = {name: {"path": self.path(version, name), "sha256": sha256(body)} for name, body in self.files.items()}
        pointer = {
            "environment": self.environment,
            "version": version,
            "sequence": self.sequence,
            "revision": self.revision,
            "files": files,
        }
        return json.dumps(pointer, indent=2).encode() + b"\n"


def package_version(*releases: Release) -> str:
    """Return the version of releases of one commit. It includes a digest, because the content depends on the day."""
    content = "".join(sha256(body) for release in releases for body in release.files.values())
    return f"{releases[0].sequence}-{releases[0].revision[:12]}-{sha256(content.encode())[:8]}"


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
