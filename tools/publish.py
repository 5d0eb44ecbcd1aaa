"""Publishes what `roster render` wrote to GitLab's generic package registry: python tools/publish.py [--insist] [DIST]

    roster/<version>/<environment>.gateway.json           a version's files never change
    roster/<version>/<environment>.offered_models.json
    roster/<version>/<environment>.<file>.sig             its signature, where it was rendered with --sign
    roster/current/<environment>.json                     the pointer: where the newest is, and its sha256

Pointers move last, when every file of every environment has arrived, so a failed run leaves consumers with
what they had. What the registry already holds is not uploaded again: a run can be repeated, and a daily one
adds nothing new. No pointer ever goes back to a lower sequence, nor to other content under the same one:
docs/publishing.md says why.

The names fit the patterns of https://docs.gitlab.com/user/packages/generic_packages/ (letters, digits, `.`,
`_`, `-`, `+`; no folders, which older GitLab versions refuse). The registry keeps both files of one name and
serves the newer, unless the group refuses duplicates; then `current` has to be among the group's exceptions.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Any

from gitlab import ApiError, GitLabApi, JobError, require
from roster.publishing.release import PACKAGE, Release, package_version, sha256

GATEWAY = "gateway.json"
FILES = (GATEWAY, "offered_models.json")


@dataclass(frozen=True, slots=True)
class Registry:
    """The package in one project's registry."""

    api: GitLabApi

    @classmethod
    def from_environment(cls, variables: Mapping[str, str]) -> Registry:
        """Reads the variables that GitLab sets in every job."""
        url, project, token = require(variables, "CI_API_V4_URL", "CI_PROJECT_ID", "CI_JOB_TOKEN")
        return cls(GitLabApi(f"{url}/projects/{project}/packages/generic/{PACKAGE}", "JOB-TOKEN", token))

    def read(self, path: str) -> bytes | None:
        """The file's content, or None where there is no such file."""
        try:
            return self.api.send("GET", path).body
        except ApiError as error:
            if error.status == HTTPStatus.NOT_FOUND:
                return None
            raise

    def upload(self, path: str, body: bytes) -> None:
        self.api.send("PUT", path, body)
        print(f"published {path}")


def read_releases(dist: Path) -> list[Release]:
    """One for each folder that holds a gateway.json, in the order of their names."""
    folders = sorted(path.parent for path in dist.glob(f"*/{GATEWAY}"))
    if not folders:
        raise JobError(f"{dist} holds no <environment>/{GATEWAY}; run `roster render` first")
    releases = [_read_release(folder) for folder in folders]
    if len({(release.sequence, release.revision) for release in releases}) > 1:
        raise JobError(f"{dist} holds renderings of different commits; run `roster render` again")
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
        raise JobError(f"{path} is not what `roster render` writes: {error!r}") from error
    if complaint := _complaint(release, folder.name):
        raise JobError(f"{folder / GATEWAY}: {complaint}")
    return release


def _complaint(release: Release, folder: str) -> str | None:
    """What keeps a release from being named in URLs, or from being what a commit says."""
    if release.environment != folder or not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", folder):
        return f"environment {release.environment!r} is not a plain name that its folder has too"
    if type(release.sequence) is not int or release.sequence < 1:
        return f"sequence {release.sequence!r} is not a number from 1"
    if not isinstance(release.revision, str) or not re.fullmatch(r"[0-9a-f]{40}", release.revision):
        return f"revision {release.revision!r} is not a commit"
    return None


def publish(releases: Sequence[Release], registry: Registry, *, insist: bool = False) -> None:
    """Uploads the files of every release that is due, then moves the pointers.

    Something newer in the registry is no reason to fail, unless `insist`: then somebody waits for these releases.
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


def _is_due(release: Release, registry: Registry, insist: bool) -> bool:
    pointer = _followed(registry.read(release.pointer_path))
    sequence = pointer.get("sequence", 0)
    if sequence > release.sequence:
        # An older pipeline that finished late, or was run again; or what an operator put in the place of this one.
        kept = f"{release.environment}: kept, since sequence {sequence} is newer than {release.sequence}"
        if insist:
            raise JobError(f"{kept}; start it in the newest pipeline, or with a higher ROSTER_PUBLICATION")
        print(kept)
        return False
    if pointer and _holds(release, pointer, registry):
        print(f"{release.environment}: {pointer['version']} is published already")
        return False
    if sequence == release.sequence:
        # Who has the other content would not notice.
        other = f"sequence {sequence} is published with other content"
        raise JobError(f"{release.environment}: {other}; set a higher ROSTER_PUBLICATION")
    return True


def _followed(pointer: bytes | None) -> dict[str, Any]:
    """The pointer, or nothing in the place of one that is missing or that nobody can follow: any good one is better."""
    try:
        parsed = json.loads(pointer or b"")
        files = [(parsed["files"][name]["path"], parsed["files"][name]["sha256"]) for name in FILES]
        types = [type(parsed["version"]), *(type(text) for file in files for text in file)]
        usable = type(parsed["sequence"]) is int and set(types) == {str}
    except (ValueError, KeyError, TypeError):
        return {}
    return dict(parsed) if usable else {}


def _holds(release: Release, pointer: dict[str, Any], registry: Registry) -> bool:
    """Whether a pointer leads to these very files, or to files that are older by nothing but their sequence."""
    listed = {name: pointer["files"][name]["sha256"] for name in FILES}
    digests = {name: sha256(body) for name, body in release.files.items()}
    if listed == digests:
        return True
    published = registry.read(pointer["files"][GATEWAY]["path"])
    return listed | {GATEWAY: ""} == digests | {GATEWAY: ""} and _undated(published) == _undated(release.files[GATEWAY])


def _undated(gateway: bytes | None) -> object:
    try:
        return {**json.loads(gateway or b""), "sequence": None}
    except (ValueError, TypeError):
        return None


def main(arguments: Sequence[str], variables: Mapping[str, str]) -> int:
    """The exit status: 0 published, 1 refused by the registry, 2 wrong configuration."""
    parser = argparse.ArgumentParser("publish.py", description="Publish the output of roster render.")
    parser.add_argument("dist", nargs="?", type=Path, default=Path("dist"), help="the folder, dist unless given")
    parser.add_argument("--insist", action="store_true", help="fail where something newer is published already")
    given = parser.parse_args(arguments)
    try:
        publish(read_releases(given.dist), Registry.from_environment(variables), insist=given.insist)
    except (JobError, ApiError) as error:
        print(f"publish: {error}", file=sys.stderr)
        return 2 if isinstance(error, JobError) else 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], os.environ))
