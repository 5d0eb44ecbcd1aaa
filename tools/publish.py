"""Publish the output of `roster render` to GitLab's generic package registry: python tools/publish.py [--insist] [DIST]

    roster/<version>/<environment>.gateway.json           the files of a version never change
    roster/<version>/<environment>.offered_models.json
    roster/<version>/<environment>.<file>.sig             the signature, if rendered with --sign
    roster/current/<environment>.json                     the pointer to the newest version, with sha256

Pointers are updated last, after all files of all environments were uploaded, so a failed run does not affect
consumers. Files that are already in the registry are not uploaded again, so a run can be repeated. A pointer is never
updated to a lower sequence, or to different content with the same sequence (docs/publishing.md).

The names match the patterns of https://docs.gitlab.com/user/packages/generic_packages/ (letters, digits, `.`, `_`,
`-`, `+`; no folders, which older GitLab versions reject). The registry keeps duplicates and serves the newest one,
unless the group rejects duplicates; then add `current` to the group's exceptions.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import sys
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from pathlib import Path
from typing import Any

from gitlab import ApiError, GitLabApi, JobError, require
from roster.publishing.release import PACKAGE, Release, package_version, sha256

GATEWAY = "gateway.json"
FILES = (GATEWAY, "offered_models.json")


class PackageRegistry(GitLabApi):
    """The package in a project's registry."""

    def read(self, path: str) -> bytes | None:
        """Return the content of a file, or None if it does not exist."""
        try:
            return self.send("GET", path).body
        except ApiError as error:
            if error.status == HTTPStatus.NOT_FOUND:
                return None
            raise

    def upload(self, path: str, body: bytes) -> None:
        self.send("PUT", path, body)
        print(f"published {path}")


def read_releases(dist: Path) -> list[Release]:
    """Read the release of each folder with a gateway.json, sorted by name."""
    folders = sorted(path.parent for path in dist.glob(f"*/{GATEWAY}"))
    if not folders:
        raise JobError(f"{dist} has no <environment>/{GATEWAY}; run `roster render` first")
    releases = [_read_release(folder) for folder in folders]
    if len({(release.sequence, release.revision) for release in releases}) > 1:
        raise JobError(f"{dist} has artifacts of different commits; run `roster render` again")
    return releases


def _read_release(folder: Path) -> Release:
    try:
        signatures = [f"{name}.sig" for name in FILES if (folder / f"{name}.sig").exists()]
        files = {name: (folder / name).read_bytes() for name in (*FILES, *signatures)}
        gateway = json.loads(files[GATEWAY])
        release = Release(gateway["environment"], gateway["sequence"], gateway["revision"], files)
    except OSError as error:
        raise JobError(f"cannot read {error.filename}: {error.strerror}") from error
    except (ValueError, KeyError, TypeError) as error:
        path = folder / GATEWAY
        raise JobError(f"{path} was not written by `roster render`: {error!r}") from error
    if problem := _problem(release, folder.name):
        raise JobError(f"{folder / GATEWAY}: {problem}")
    return release


def _problem(release: Release, folder: str) -> str | None:
    """Return why a release cannot be published, because its values become part of URLs or do not name a commit."""
    if release.environment != folder or not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", folder):
        return f"environment {release.environment!r} must be a plain name, and that of its folder"
    if type(release.sequence) is not int or release.sequence < 1:
        return f"sequence {release.sequence!r} must be a positive integer"
    if not isinstance(release.revision, str) or not re.fullmatch(r"[0-9a-f]{40}", release.revision):
        return f"revision {release.revision!r} must be the hash of a commit"
    return None


def publish(releases: Sequence[Release], registry: PackageRegistry, *, insist: bool = False) -> None:
    """Upload the files of every new release, then update the pointers.

    Args:
        insist: fail if something newer is published, instead of skipping the release.
    """
    version = package_version(*releases)
    due = [release for release in releases if _is_due(release, registry, insist)]
    for release in due:
        for name, body in release.files.items():
            path = release.path(version, name)
            if registry.read(path) != body:
                registry.upload(path, body)
    for release in due:
        registry.upload(release.pointer_path, release.pointer(version))


def _is_due(release: Release, registry: PackageRegistry, insist: bool) -> bool:
    pointer = _parse_pointer(registry.read(release.pointer_path))
    sequence = pointer.get("sequence", 0)
    if sequence > release.sequence:
        # An older pipeline that finished late or was retried, or an operator published something else instead.
        message = f"{release.environment}: not published: sequence {sequence} is newer than {release.sequence}"
        if insist:
            raise JobError(f"{message}; use the newest pipeline, or a higher ROSTER_PUBLICATION")
        print(message)
        return False
    if pointer and _is_published(release, pointer, registry):
        print(f"{release.environment}: {pointer['version']} is already published")
        return False
    if sequence == release.sequence:
        # Consumers with the other content would not download this one.
        problem = f"sequence {sequence} is already published with different content"
        raise JobError(f"{release.environment}: {problem}; set a higher ROSTER_PUBLICATION")
    return True


def _parse_pointer(pointer: bytes | None) -> dict[str, Any]:
    """Parse a pointer; return an empty one if it is missing or malformed, because any valid one is better."""
    try:
        parsed = json.loads(pointer or b"")
        files = [(parsed["files"][name]["path"], parsed["files"][name]["sha256"]) for name in FILES]
        types = [type(parsed["version"]), *(type(text) for file in files for text in file)]
        valid = type(parsed["sequence"]) is int and set(types) == {str}
    except (ValueError, KeyError, TypeError):
        return {}
    return dict(parsed) if valid else {}


def _is_published(release: Release, pointer: dict[str, Any], registry: PackageRegistry) -> bool:
    """Return whether a pointer's files equal those of a release, apart from the sequence."""
    listed = {name: pointer["files"][name]["sha256"] for name in FILES}
    digests = {name: sha256(body) for name, body in release.files.items()}
    if listed == digests:
        return True
    published = registry.read(pointer["files"][GATEWAY]["path"])
    same_others = listed | {GATEWAY: ""} == digests | {GATEWAY: ""}
    return same_others and _without_sequence(published) == _without_sequence(release.files[GATEWAY])


def _without_sequence(gateway: bytes | None) -> object:
    try:
        return {**json.loads(gateway or b""), "sequence": None}
    except (ValueError, TypeError):
        return None


def main(arguments: Sequence[str], variables: Mapping[str, str]) -> int:
    """Return the exit status: 0 published, 1 failed request, 2 wrong configuration."""
    parser = argparse.ArgumentParser("publish.py", description="Publish the output of roster render.")
    parser.add_argument("dist", nargs="?", type=Path, default=Path("dist"), help="artifact folder (default: dist)")
    parser.add_argument("--insist", action="store_true", help="fail if something newer is already published")
    options = parser.parse_args(arguments)
    try:
        releases = read_releases(options.dist)
        url, project, token = require(variables, "CI_API_V4_URL", "CI_PROJECT_ID", "CI_JOB_TOKEN")
        registry = PackageRegistry(f"{url}/projects/{project}/packages/generic/{PACKAGE}", "JOB-TOKEN", token)
        publish(releases, registry, insist=options.insist)
    except (JobError, ApiError) as error:
        print(f"publish: {error}", file=sys.stderr)
        return 2 if isinstance(error, JobError) else 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], os.environ))
