"""Publishes what `roster render` wrote to GitLab's generic package registry: python tools/publish.py [DIST]

    roster/<version>/<environment>.gateway.json           a version's files never change
    roster/<version>/<environment>.offered_models.json
    roster/current/<environment>.json                     the pointer: where the newest is, and its sha256

Pointers move last, when every file of every environment has arrived, so a failed run leaves consumers with
what they had. What the registry already holds is not uploaded again: a run can be repeated, and a daily one
adds nothing new.

The names fit the patterns of https://docs.gitlab.com/user/packages/generic_packages/ (letters, digits, `.`,
`_`, `-`, `+`; no folders, which older GitLab versions refuse). The registry keeps both files of one name and
serves the newer, unless the group refuses duplicates; then `current` has to be among the group's exceptions.

Only the standard library, so that the job holding the token installs nothing.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from http.client import HTTPException
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

PACKAGE = "roster"
CURRENT = "current"
GATEWAY = "gateway.json"
FILES = (GATEWAY, "offered_models.json")
TIMEOUT = 30  # seconds, for each request


class ConfigurationError(Exception):
    """What was to be published, or where, is missing or makes no sense."""


class RegistryError(Exception):
    """The registry did not do what it was asked to."""


@dataclass(frozen=True, slots=True)
class Release:
    """One environment's rendered files, by name."""

    environment: str
    sequence: int
    revision: str
    files: Mapping[str, bytes]

    @property
    def pointer_path(self) -> str:
        return f"{CURRENT}/{self.environment}.json"

    def path(self, version: str, name: str) -> str:
        return f"{version}/{self.environment}.{name}"

    def pointer(self, version: str) -> bytes:
        """Its paths are relative to the package's URL."""
        files = {name: {"path": self.path(version, name), "sha256": _sha256(body)} for name, body in self.files.items()}
        pointer = {
            "environment": self.environment,
            "version": version,
            "sequence": self.sequence,
            "revision": self.revision,
            "files": files,
        }
        return json.dumps(pointer, indent=2).encode() + b"\n"


@dataclass(frozen=True, slots=True)
class Registry:
    """The package in one project's registry."""

    url: str
    token: str

    @classmethod
    def from_environment(cls, variables: Mapping[str, str]) -> Registry:
        """Reads the variables that GitLab sets in every job."""
        names = ("CI_API_V4_URL", "CI_PROJECT_ID", "CI_JOB_TOKEN")
        if missing := [name for name in names if not variables.get(name)]:
            raise ConfigurationError(f"not set: {', '.join(missing)} (GitLab sets them in a job)")
        api, project, token = (variables[name].strip() for name in names)
        if not api.startswith(("https://", "http://")):
            raise ConfigurationError("CI_API_V4_URL is not an http(s) URL")
        if not (token.isascii() and token.isprintable()):
            # http.client would say so too, with the token in its message.
            raise ConfigurationError("CI_JOB_TOKEN holds characters that no HTTP header can carry")
        return cls(f"{api}/projects/{project}/packages/generic/{PACKAGE}", token)

    def read(self, path: str) -> bytes | None:
        """The file's content, or None where there is no such file."""
        return self._send("GET", path)

    def upload(self, path: str, body: bytes) -> None:
        self._send("PUT", path, body)
        print(f"published {path}")

    def _send(self, method: str, path: str, body: bytes | None = None) -> bytes | None:
        request = Request(f"{self.url}/{path}", body, {"Content-Type": "application/json"}, method=method)
        # Downloads may be redirected to an object store, which must not see the token.
        request.add_unredirected_header("JOB-TOKEN", self.token)
        try:
            with urlopen(request, timeout=TIMEOUT) as response:
                content: bytes = response.read()
                return content
        except HTTPError as error:
            if method == "GET" and error.code == HTTPStatus.NOT_FOUND:
                return None
            answer = f"the registry answered {error.code} {error.reason}"
            raise RegistryError(f"{method} {path}: {answer}") from error
        except (OSError, HTTPException) as error:
            raise RegistryError(f"{method} {path}: {getattr(error, 'reason', error)}") from error


def read_releases(dist: Path) -> list[Release]:
    """One for each folder that holds a gateway.json, in the order of their names."""
    folders = sorted(path.parent for path in dist.glob(f"*/{GATEWAY}"))
    if not folders:
        raise ConfigurationError(f"{dist} holds no <environment>/{GATEWAY}; run `roster render` first")
    releases = [_read_release(folder) for folder in folders]
    if len({(release.sequence, release.revision) for release in releases}) > 1:
        raise ConfigurationError(f"{dist} holds renderings of different commits; run `roster render` again")
    return releases


def _read_release(folder: Path) -> Release:
    try:
        files = {name: (folder / name).read_bytes() for name in FILES}
        gateway = json.loads(files[GATEWAY])
        release = Release(gateway["environment"], gateway["sequence"], gateway["revision"], files)
    except OSError as error:
        raise ConfigurationError(f"cannot read {error.filename}: {error.strerror}") from error
    except (ValueError, KeyError, TypeError) as error:
        path = folder / GATEWAY
        raise ConfigurationError(f"{path} is not what `roster render` writes: {error!r}") from error
    if complaint := _complaint(release, folder.name):
        raise ConfigurationError(f"{folder / GATEWAY}: {complaint}")
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


def publish(releases: Sequence[Release], registry: Registry) -> None:
    """Uploads the files of every release that is due, then moves the pointers."""
    version = _version(releases)
    due = [release for release in releases if _is_due(release, version, registry)]
    for release in due:
        for name, body in release.files.items():
            path = release.path(version, name)
            if registry.read(path) != body:
                registry.upload(path, body)
    for release in due:
        registry.upload(release.pointer_path, release.pointer(version))


def _version(releases: Sequence[Release]) -> str:
    """Names the content too: on another date the same commit may render to something else."""
    content = "".join(_sha256(body) for release in releases for body in release.files.values())
    return f"{releases[0].sequence}-{releases[0].revision[:12]}-{_sha256(content.encode())[:8]}"


def _is_due(release: Release, version: str, registry: Registry) -> bool:
    pointer = registry.read(release.pointer_path)
    if pointer == release.pointer(version):
        print(f"{release.environment}: {version} is published already")
        return False
    if (published := _sequence(pointer)) > release.sequence:
        # An older pipeline that finished late, or was run again.
        print(f"{release.environment}: kept, since sequence {published} is newer than {release.sequence}")
        return False
    return True


def _sequence(pointer: bytes | None) -> int:
    """0 for a pointer that is missing or that nobody can follow, since any good one is better."""
    try:
        sequence = json.loads(pointer or b"")["sequence"]
    except (ValueError, KeyError, TypeError):
        return 0
    return sequence if type(sequence) is int else 0


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def main(arguments: Sequence[str], variables: Mapping[str, str]) -> int:
    """The exit status: 0 published, 1 refused by the registry, 2 wrong configuration."""
    try:
        releases = read_releases(Path(arguments[0] if arguments else "dist"))
        publish(releases, Registry.from_environment(variables))
    except ConfigurationError as error:
        print(f"publish: {error}", file=sys.stderr)
        return 2
    except RegistryError as error:
        print(f"publish: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], os.environ))
