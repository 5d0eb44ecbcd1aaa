"""The page's own files, each under a name that changes with its content, so that browsers may keep it for ever."""

from hashlib import sha256
from importlib.resources import files
from typing import NamedTuple

_TYPES = {"css": "text/css", "js": "text/javascript", "svg": "image/svg+xml"}


class Asset(NamedTuple):
    """A file as it is served."""

    content: bytes
    media_type: str


def _named() -> dict[str, tuple[str, Asset]]:
    named = {}
    for file in (files("roster.instance.page") / "assets").iterdir():
        stem, _, kind = file.name.rpartition(".")
        content = file.read_bytes()
        named[file.name] = f"{stem}.{sha256(content).hexdigest()[:16]}.{kind}", Asset(content, _TYPES[kind])
    return named


_NAMED = _named()
ASSETS = dict(_NAMED.values())
"""Every file by the name under which it is served."""


def served_as(file: str) -> str:
    """Return the name under which a file is served."""
    return _NAMED[file][0]
