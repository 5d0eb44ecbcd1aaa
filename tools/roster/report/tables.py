"""Tables: for a terminal in aligned columns, and as Markdown."""

from collections.abc import Sequence

from roster.naming import printable
from roster.report.check_text import width

_SPECIAL = str.maketrans({character: f"\\{character}" for character in "\\`*_{}[]<>|~"})
_GAP = "  "
"""What stands between two columns."""


def text(rows: Sequence[Sequence[str]]) -> str:
    """Return rows, the heads of the columns first, each column as wide as its widest cell."""
    shown = [[printable(cell) for cell in row] for row in rows]
    widths = [max(map(width, column)) for column in zip(*shown, strict=True)]
    return "".join(
        _GAP.join(cell + " " * (wide - width(cell)) for cell, wide in zip(row, widths, strict=True)).rstrip() + "\n"
        for row in shown
    )


def markdown(rows: Sequence[Sequence[str]]) -> str:
    """Return the same as a table of GitLab Flavored Markdown."""
    head, *body = [[printable(cell).translate(_SPECIAL) for cell in row] for row in rows]
    return "".join(f"| {' | '.join(row)} |\n" for row in (head, ["---"] * len(head), *body))
