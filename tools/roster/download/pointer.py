"""The pointer: a small file in the package registry that names the newest version's files (README, Artifacts)."""

import json
import re
from typing import Any, NamedTuple
from urllib.parse import urljoin

from roster.download.rejection import Rejected
from roster.naming import quote

_AT_MOST = 64 * 1024
_PATH = re.compile(r"(?!\.)[A-Za-z0-9._+-]+(/(?!\.)[A-Za-z0-9._+-]+)*")
_SHA256 = re.compile("[0-9a-f]{64}")


class Pointer(NamedTuple):
    """Where an environment's newest ``gateway.json`` is.

    Attributes:
        path: relative to the package, whose folder ``current`` has the pointer.
        sha256: the file's digest, in hexadecimal.
    """

    environment: str
    path: str
    sha256: str

    def file_url(self, pointer_url: str) -> str:
        """Return the address of the file that the pointer at ``pointer_url`` names."""
        return urljoin(pointer_url, f"../{self.path}")


def parse_pointer(body: bytes) -> Pointer | None:
    """Return the pointer that a file is, or None where it is something else: a JSON object with ``files`` is one.

    Raises:
        Rejected: it is one that cannot be followed.
    """
    if len(body) > _AT_MOST or not body.lstrip().startswith(b"{"):
        return None
    try:
        parsed = json.loads(body, object_pairs_hook=_once)
    except (ValueError, RecursionError):
        return None  # or a YAML flow mapping: whoever accepts it says what is wrong
    if "files" not in parsed:
        return None
    try:
        file = parsed["files"]["gateway.json"]
        found = Pointer(parsed["environment"], file["path"], file["sha256"])
    except (KeyError, TypeError):
        raise Rejected("wrong-shape", "it is a pointer that names no gateway.json with path and sha256") from None
    if not all(isinstance(value, str) for value in found):
        raise Rejected("wrong-shape", "it is a pointer whose environment, path or sha256 is not a text")
    if not _PATH.fullmatch(found.path) or not _SHA256.fullmatch(found.sha256):
        raise Rejected("wrong-shape", f"it is a pointer to {quote(found.path)}, which no version's file is called")
    return found


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return an object without a key that is there twice: each reader would take another one of the two."""
    if len(dict(pairs)) < len(pairs):
        raise Rejected("not-parsed", "it has an object in which a key is there twice")
    return dict(pairs)
