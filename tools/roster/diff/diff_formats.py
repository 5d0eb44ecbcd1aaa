"""How a comparison is written: one module for each format, each with a function ``write``."""

import importlib
from typing import Protocol, cast

from roster.diff.comparison import Comparison

FORMATS = {
    "text": "for people in a terminal",
    "markdown": "for a comment on a merge request",
    "json": "for programs; schemas/diff.schema.json describes it",
}
"""Every format with what it is for; the module ``diff_<name>`` writes it."""


class Writer(Protocol):
    """What the module of a format offers."""

    def write(self, comparison: Comparison) -> str:
        """Return the whole report."""


def writer(name: str) -> Writer:
    """Return the module that writes a format; it is imported only when it is asked for."""
    return cast(Writer, importlib.import_module(f"roster.diff.diff_{name}"))
