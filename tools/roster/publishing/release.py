"""What is published of an environment: the names of a version's files, and the pointer that leads to the newest ones.

The README (Artifacts) describes both. Only the standard library: ``tools/publish.py`` imports this module in a job that
installs nothing.
"""

import hashlib
import json
from collections.abc import Mapping
from typing import NamedTuple

PACKAGE = "roster"
"""The name of the package in GitLab's generic package registry."""


class Release(NamedTuple):
    """One environment's rendered files, by name. Paths are relative to the package's address."""

    environment: str
    sequence: int
    revision: str
    files: Mapping[str, bytes]

    @property
    def pointer_path(self) -> str:
        """Where the pointer is."""
        return f"current/{self.environment}.json"

    def path(self, version: str, name: str) -> str:
        """Return where a version has a file."""
        return f"{version}/{self.environment}.{name}"

    def pointer(self, version: str) -> bytes:
        """Return the pointer to a version."""
        files = {name: {"path": self.path(version, name), "sha256": sha256(body)} for name, body in self.files.items()}
        pointer = {
            "environment": self.environment,
            "version": version,
            "sequence": self.sequence,
            "revision": self.revision,
            "files": files,
        }
        return json.dumps(pointer, indent=2).encode() + b"\n"


def version_of(*releases: Release) -> str:
    """Return the version that releases of one commit are. It names the content too: that differs from day to day."""
    content = "".join(sha256(body) for release in releases for body in release.files.values())
    return f"{releases[0].sequence}-{releases[0].revision[:12]}-{sha256(content.encode())[:8]}"


def sha256(content: bytes) -> str:
    """Return the digest of a file, in hexadecimal."""
    return hashlib.sha256(content).hexdigest()
