"""Releases: the file names of a published version, and the pointer to the newest version (README, Artifacts).

Standard library only: ``tools/publish.py`` imports this module in a job that installs nothing.
"""

import hashlib
import json
import re
from collections.abc import Mapping
from typing import Any, NamedTuple

PACKAGE = "roster"
"""The name of the package in GitLab's generic package registry."""
GATEWAY = "gateway.json"
ARTIFACTS = (GATEWAY, "offered_models.json")
"""The files that every release has; each may have a signature, too."""
MAX_SEQUENCE = 2**53 - 1
"""The largest integer that every JSON parser represents exactly."""
_MAX_POINTER_BYTES = 64 * 1024


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


class PublishedRelease(NamedTuple):
    """The release that a pointer file names.

    Attributes:
        digests: the SHA-256 of each file, by name.
    """

    version: str
    sequence: int
    revision: str
    digests: Mapping[str, str]


def parse_pointer_file(body: bytes, environment: str) -> PublishedRelease:
    """Parse the pointer file of an environment.

    Raises:
        ValueError: it is not one; the text says why, without any of the body.
    """
    if len(body) > _MAX_POINTER_BYTES:
        raise ValueError(f"it is larger than {_MAX_POINTER_BYTES} bytes")
    try:
        parsed = json.loads(body, object_pairs_hook=_object_without_duplicates)
    except (ValueError, RecursionError):
        raise ValueError("it is not JSON, or an object has a duplicate key") from None
    try:
        files = {name: (file["path"], file["sha256"]) for name, file in parsed["files"].items()}
        digests = {name: digest for name, (_, digest) in files.items()}
        published = PublishedRelease(parsed["version"], parsed["sequence"], parsed["revision"], digests)
        paths = {name: f"{published.version}/{environment}.{name}" for name in files}
        is_valid = {
            "it belongs to another environment": parsed["environment"] == environment,
            "its sequence is not a positive integer below 2^53": is_sequence(published.sequence),
            "its revision is not the hash of a commit": is_commit(published.revision),
            "its version is not a version": _is_match(r"[A-Za-z0-9][A-Za-z0-9._+-]{0,254}", published.version),
            "its files are incomplete": set(ARTIFACTS) <= files.keys(),
            "a path is not in its version": paths == {name: path for name, (path, _) in files.items()},
            "a sha256 is not a digest": all(_is_match("[0-9a-f]{64}", digest) for digest in digests.values()),
        }
    except (KeyError, TypeError, AttributeError):
        raise ValueError("a key is missing or has the wrong type") from None
    if problem := next((problem for problem, valid in is_valid.items() if not valid), None):
        raise ValueError(problem)
    return published


def is_sequence(value: object) -> bool:
    """Return whether a value is a sequence: a positive integer that every JSON parser represents."""
    return type(value) is int and 0 < value <= MAX_SEQUENCE


def is_commit(value: object) -> bool:
    """Return whether a value is the full hash of a commit."""
    return _is_match("[0-9a-f]{40}([0-9a-f]{24})?", value)


def _is_match(pattern: str, value: object) -> bool:
    return isinstance(value, str) and re.fullmatch(pattern, value) is not None


def _object_without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Build an object; reject duplicate keys, because JSON parsers differ in which one they use."""
    if len(dict(pairs)) < len(pairs):
        raise ValueError
    return dict(pairs)


def package_version(*releases: Release) -> str:
    """Return the version of releases of one commit. It includes a digest, because the content depends on the day."""
    content = "".join(sha256(body) for release in releases for body in release.files.values())
    return f"{releases[0].sequence}-{releases[0].revision[:12]}-{sha256(content.encode())[:8]}"


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
