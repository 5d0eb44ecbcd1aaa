"""Reports of ``roster drift``: a table for a terminal, a table in Markdown, and JSON."""

import json as json_
from collections.abc import Iterable, Sequence

from roster.diff.drift import DriftRow
from roster.naming import printable
from roster.report.terminal_text import width

FORMAT = 1
"""The version of the JSON report. It is raised when an older reader could misread the rest."""
_SPECIAL = str.maketrans({character: f"\\{character}" for character in "\\`*_{}[]<>|~"})
_COLUMN_GAP = "  "


def text(rows: Sequence[DriftRow], environments: Iterable[str]) -> str:
    """Return an aligned table with a row for each model; an empty text without models."""
    return aligned_table(cells(rows, environments)) if rows else ""


def markdown(rows: Sequence[DriftRow], environments: Iterable[str]) -> str:
    """Return the table in GitLab Flavored Markdown; an empty text without models."""
    return markdown_table(cells(rows, environments)) if rows else ""


def json(rows: Iterable[DriftRow], environments: Iterable[str]) -> str:
    """Return the report that ``schemas/drift.schema.json`` describes."""
    models = [
        {
            "id": row.id,
            "drifted": row.drifted,
            "environments": {
                name: {"state": cell.state, "differs_in": cell.keys, "intended": cell.intended}
                for name, cell in row.cells.items()
            },
        }
        for row in rows
    ]
    report = {"format": FORMAT, "environments": list(environments), "models": models}
    return json_.dumps(report, ensure_ascii=False, indent=2) + "\n"


def aligned_table(rows: Iterable[Sequence[str]]) -> str:
    """Return rows, header first, with each column as wide as its widest cell."""
    shown = [[printable(cell) for cell in row] for row in rows]
    widths = [max(map(width, column)) for column in zip(*shown, strict=True)]
    return "".join(
        _COLUMN_GAP.join(cell + " " * (wide - width(cell)) for cell, wide in zip(row, widths, strict=True)).rstrip()
        + "\n"
        for row in shown
    )


def markdown_table(rows: Iterable[Sequence[str]]) -> str:
    """Return rows, header first, as a Markdown table with escaped cells."""
    head, *body = [[printable(cell).translate(_SPECIAL) for cell in row] for row in rows]
    return "".join(f"| {' | '.join(row)} |\n" for row in (head, ["---"] * len(head), *body))


def cells(rows: Iterable[DriftRow], environments: Iterable[str]) -> list[list[str]]:
    """Return the cells of the table, header first."""
    return [["model", *environments], *([row.id, *map(str, row.cells.values())] for row in rows)]
