"""The files of a job's checkout that an update changes: their contents, and a digest of the changes."""

from __future__ import annotations

import difflib
import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from roster.registries import PROVIDER_FACTS

ROSTERS = "env/*/offered_models_metadata.yaml"
_READ = re.compile(r"""((?:^|[\s{,])["']?read["']?\s*:\s*)["']?[0-9]{4}-[0-9]{2}-[0-9]{2}["']?""", re.MULTILINE)
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")

Files = Mapping[str, bytes | None]
"""The content of files by path, relative to the repository; None if a file does not exist."""


def snapshot(folder: Path) -> Files:
    """Return the facts and the rosters."""
    paths = [folder / PROVIDER_FACTS, *sorted(folder.glob(ROSTERS))]
    return {path.relative_to(folder).as_posix(): path.read_bytes() if path.is_file() else None for path in paths}


def changed(before: Files, after: Files) -> dict[str, tuple[bytes | None, bytes]]:
    """Return the old and the new content of the files that changed."""
    contents = {path: (before.get(path), new) for path, new in after.items() if new is not None}
    return {path: (old, new) for path, (old, new) in contents.items() if old != new}


def digest_of(changes: Mapping[str, tuple[bytes | None, bytes]], *, with_days: bool = False) -> str | None:
    """Return a digest of the changed lines, or None if there is no difference.

    It is the same on every day on which the same changes are found: days on which a source was read do not count, and
    the days of retirements, which start from today, only `with_days`. The provider's own days always do.
    """
    lines = {path: list(_changed_lines(path, *contents)) for path, contents in changes.items()}
    if not any(lines.values()):
        return None
    if not with_days:
        lines |= {path: [_DAY.sub("…", line) for line in lines[path]] for path in lines if path != PROVIDER_FACTS}
    return hashlib.sha256(json.dumps(lines, sort_keys=True).encode()).hexdigest()


def _changed_lines(path: str, old: bytes | None, new: bytes) -> Iterator[str]:
    before, after = (_without_read_days(path, data or b"").splitlines() for data in (old, new))
    for line in difflib.unified_diff(before, after, n=0, lineterm=""):
        if not line.startswith(("---", "+++", "@@")):
            yield line


def _without_read_days(path: str, data: bytes) -> str:
    text = data.decode(errors="replace")
    return _READ.sub(r"\1…", text) if path == PROVIDER_FACTS else text
