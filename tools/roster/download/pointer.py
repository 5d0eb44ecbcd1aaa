"""The pointer file in the package registry, which names the newest version's files (README, Artifacts)."""

import json
import re
from typing import Any, NamedTuple
from urllib.parse import urljoin

from roster.download.rejection import Rejected
from roster.naming import quote

_MAX_BYTES = 64 * 1024
_PATH = re.compile(r"(?!\.)[A-Za-z0-9._+-]+(/(?!\.)[A-Za-z0-9._+-]+)*")
_SHA256 = re.compile("[0-9a-f]{64}")


class Pointer(NamedTuple):
    """Where an environment's newest ``gateway.json`` is.

    Attributes:
        path: relative to the package, whose folder ``current`` holds the pointer.
        sha256: the file's digest, in hexadecimal.
    """

    environment: str
    path: str
    sha256: str

    def file_url(self, pointer_url: str) -> str:
        """Return the URL of the file that the pointer at ``pointer_url`` names."""
        return urljoin(pointer_url, f"../{self.path}")


def parse_pointer(body: bytes) -> Pointer | None:
    """Parse a pointer: a JSON object with the key ``files``. Return None if the body is something else.

    Raises:
        Rejected: it is an invalid pointer.
    """
    if len(body) > _MAX_BYTES or not body.lstrip().startswith(b"{"):
        return None
    try:
        parsed = json.loads(body, object_pairs_hook=_object_without_duplicates)
    except (ValueError, RecursionError):
        return None  # possibly a YAML flow mapping, which acceptance reports on
    if "files" not in parsed:
        return None
    try:
        file = parsed["files"]["gateway.json"]
        pointer = Pointer(parsed["environment"], file["path"], file["sha256"])
    except (KeyError, TypeError):
        raise Rejected("wrong-shape", "the pointer has no gateway.json with path and sha256") from None
    if not all(isinstance(value, str) for value in pointer):
        raise Rejected("wrong-shape", "the pointer's environment, path or sha256 is not a string")
    if not _PATH.fullmatch(pointer.path) or not _SHA256.fullmatch(pointer.sha256):
        raise Rejected("wrong-shape", f"the pointer's path or sha256 is invalid; its path is {quote(pointer.path)}")
    return pointer


def _object_without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Build an object; reject duplicate keys, because JSON parsers differ in which one they use."""
    if len(dict(pairs)) < len(pairs):
        raise Rejected("not-parsed", "an object has a duplicate key")
    return dict(pairs)
