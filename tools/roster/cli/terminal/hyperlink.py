"""Links from a finding to its rule's page, in terminals that are known to draw links.

How a link is written, and why a file's URL names its host:
https://gist.github.com/egmontkob/eb114294efbcd5adb1944c9f3cb5feda
"""

import os
from collections.abc import Mapping
from pathlib import Path

_PROGRAMS = {"ghostty", "Hyper", "iTerm.app", "mintty", "rio", "Tabby", "vscode", "WarpTerminal", "WezTerm"}
_TERMS = {"alacritty", "contour", "foot", "foot-extra", "xterm-ghostty", "xterm-kitty"}
_VERSIONS = {"VTE_VERSION": 5202, "KONSOLE_VERSION": 201200}
"""The variable of a family of terminals, and its first version that draws links well."""


def rules_page(environment: Mapping[str, str]) -> str:
    """Return the URL of the page on rules; nothing where the toolkit is installed without it, or links are not drawn.

    FORCE_HYPERLINK decides where it is set: 0 stands for no, anything else for yes.
    """
    page = Path(__file__).parents[4] / "docs" / "rules.md"
    is_checkout = Path(__file__).parents[2] == page.parents[1] / "tools" / "roster"
    forced = environment.get("FORCE_HYPERLINK")
    wanted = forced != "0" if forced else _is_known_to_draw_links(environment)
    if not (wanted and is_checkout and page.is_file()):
        return ""
    # VS Code takes the host for a folder
    host = "" if environment.get("TERM_PROGRAM") == "vscode" else _host()
    return page.as_uri().replace("file://", f"file://{host}", 1)


def linked(text: str, url: str) -> str:
    """Return a text that leads to a URL."""
    return f"\x1b]8;;{url}\x1b\\{text}\x1b]8;;\x1b\\"


def _is_known_to_draw_links(environment: Mapping[str, str]) -> bool:
    term = environment.get("TERM", "")
    if term.startswith(("screen", "tmux")):
        return False  # they hand on the variables of the terminal around them, but not always its links
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
