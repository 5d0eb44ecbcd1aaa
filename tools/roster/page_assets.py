"""Static files of pages: the names in their URLs, style sheets with their imports, and what the pages share."""

import re
from hashlib import sha256
from importlib.resources import files
from importlib.resources.abc import Traversable

ICON = files("roster") / "shared_assets" / "icon.svg"
"""The icon of the admin page and of the catalogue."""
_IMPORT = re.compile(rb'@import "([a-z_./]+\.css)";\n')


def url_name(name: str, content: bytes) -> str:
    """Return the name of a file with a hash of its content, so that browsers can cache it forever."""
    stem, _, suffix = name.rpartition(".")
    return f"{stem}.{sha256(content).hexdigest()[:16]}.{suffix}"


def read_style_sheet(folder: Traversable, name: str) -> bytes:
    """Return a style sheet, in which each ``@import`` is replaced with the file, so that browsers load one file."""
    return _IMPORT.sub(lambda match: (folder / match[1].decode()).read_bytes(), (folder / name).read_bytes())
