"""The output of `roster render`, as releases to publish."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

from pipeline.gitlab import MAX_BYTES, JobError
from roster.naming import printable
from roster.publishing.release import ARTIFACTS, GATEWAY, Release, is_commit, is_sequence
from roster.publishing.sequence import is_from_future
from roster.publishing.signature import SIGNATURE_SUFFIX


def read_releases(dist: Path, today: date) -> list[Release]:
    """Read the release of each folder with a gateway.json, sorted by name."""
    folders = sorted(path.parent for path in dist.glob(f"*/{GATEWAY}"))
    if not folders:
        raise JobError(f"{_shown(dist)} has no <environment>/{GATEWAY}; run `roster render` first")
    releases = [_read_release(folder, today) for folder in folders]
    if len({(release.sequence, release.revision) for release in releases}) > 1:
        raise JobError(f"{_shown(dist)} has artifacts of different commits; run `roster render` again")
    return releases


def _read_release(folder: Path, today: date) -> Release:
    files = _read_files(folder)
    path = folder / GATEWAY
    gateway, offered_models = (_parse(folder / name, files[name]) for name in ARTIFACTS)
    try:
        release = Release(gateway["environment"], gateway["sequence"], gateway["revision"], files)
        is_complete = gateway["offered_models"] == offered_models
    except (KeyError, TypeError) as error:
        raise _not_rendered(path, error) from None
    if not is_complete:
        raise JobError(f"{_shown(path)} and offered_models.json have different models; run `roster render` again")
    if problem := next(_problems(release, folder.name, today), None):
        raise JobError(f"{_shown(path)}: {problem}")
    return release


def _read_files(folder: Path) -> dict[str, bytes]:
    """Return the content of the artifacts, and of the signatures that exist."""
    signatures = [f"{name}{SIGNATURE_SUFFIX}" for name in ARTIFACTS]
    try:
        names = [*ARTIFACTS, *(name for name in signatures if (folder / name).exists())]
        return {name: (folder / name).read_bytes() for name in names}
    except OSError as error:
        raise JobError(f"cannot read {_shown(error.filename)}: {error.strerror}") from None


def _parse(path: Path, body: bytes) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError) as error:
        raise _not_rendered(path, error) from None


def _problems(release: Release, folder: str, today: date) -> Iterator[str]:
    """Yield why a release cannot be published: values that become part of URLs, or that consumers reject."""
    if release.environment != folder or not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", folder):
        yield f"environment {_value(release.environment)} must be a plain name, and that of its folder"
    if not is_sequence(release.sequence):
        yield f"sequence {_value(release.sequence)} must be a positive integer below 2^53"
    elif is_from_future(release.sequence, today):
        yield f"sequence {release.sequence} is dated in the future, so gateways would reject it; render it again"
    if not is_commit(release.revision):
        yield f"revision {_value(release.revision)} must be the hash of a commit"
    for name, body in release.files.items():
        if len(body) > MAX_BYTES:
            yield f"{name} is larger than {MAX_BYTES} bytes"


def _not_rendered(path: Path, error: Exception) -> JobError:
    return JobError(f"{_shown(path)} was not written by `roster render`: {_value(error)}")


def _shown(path: object) -> str:
    return printable(str(path))


def _value(value: object) -> str:
    """Return a value for a message: on one line, printable and short."""
    return printable(repr(value)[:200])
