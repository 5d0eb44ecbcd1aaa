"""Terminal hyperlinks (OSC 8) from a finding to its rule's page, in terminals known to support them.

The escape sequence, and why a file URL names its host:
https://gist.github.com/egmontkob/eb114294efbcd5adb1944c9f3cb5feda
"""

import os
from collections.abc import Mapping
from pathlib import Path

from roster.cli.terminal.color import is_off

_PROGRAMS = {"ghostty", "Hyper", "iTerm.app", "mintty", "rio", "Tabby", "vscode", "WarpTerminal", "WezTerm"}
_TERMS = {"alacritty", "contour", "foot", "foot-extra", "xterm-ghostty", "xterm-kitty"}
_VERSIONS = {"VTE_VERSION": 5202, "KONSOLE_VERSION": 201200}
"""The version variable of a family of terminals, and the first version that supports links well."""


def rules_page(environment: Mapping[str, str]) -> str:
    """Return the URL of docs/rules.md; empty if this copy has no such page, or the terminal does not support links.

    FORCE_HYPERLINK overrides the detection, with the values of FORCE_COLOR.
    """
    page = Path(__file__).parents[4] / "docs" / "rules.md"
    is_checkout = Path(__file__).parents[2] == page.parents[1] / "tools" / "roster"
    forced = environment.get("FORCE_HYPERLINK")
    wanted = not is_off(forced) if forced else _supports_links(environment)
    if not (wanted and is_checkout and page.is_file()):
        return ""
    # VS Code interprets the host as a folder
    host = "" if environment.get("TERM_PROGRAM") == "vscode" else _host()
    return page.as_uri().replace("file://", f"file://{host}", 1)


def linked(text: str, url: str) -> str:
    """Return the text as a link to a URL."""
    return f"\x1b]8;;{url}\x1b\\{text}\x1b]8;;\x1b\\"


def _supports_links(environment: Mapping[str, str]) -> bool:
    term = environment.get("TERM", "")
    if term.startswith(("screen", "tmux")):
        return False  # multiplexers pass on the outer terminal's variables, but not always its links
    return (
        term in _TERMS
        or environment.get("TERM_PROGRAM") in _PROGRAMS
        or "WT_SESSION" in environment
        or any(_number(environment.get(name, "")) >= first for name, first in _VERSIONS.items())
    )


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() else 0


def _host() -> str:
    return os.uname().nodename if hasattr(os, "uname") else ""
