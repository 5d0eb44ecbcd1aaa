"""Reports of ``roster drift``: a table for a terminal, a table in Markdown, and JSON."""

import json
from collections.abc import Iterable, Sequence

from roster.diff.drift import DriftRow
from roster.naming import printable
from roster.report import palette
from roster.report.terminal_text import Paint, aligned, plain

FORMAT = 1
"""The version of the JSON report. It is raised when an older reader could misread the rest."""
_SPECIAL = str.maketrans({character: f"\\{character}" for character in "\\`*_{}[]<>|~"})


def write_text(rows: Sequence[DriftRow], environments: Iterable[str], paint: Paint = plain) -> str:
    """Return an aligned table with a row for each model; an empty text without models."""
    drifted = {printable(str(cell)) for row in rows for cell in row.cells.values() if cell.drifted}

    def styled(cell: str) -> str:
        return paint(cell, fg=palette.WARNING) if cell in drifted else cell

    return "".join(f"{line.rstrip()}\n" for line in aligned(cells(rows, environments), styled)) if rows else ""


def write_markdown(rows: Sequence[DriftRow], environments: Iterable[str]) -> str:
    """Return the table in GitLab Flavored Markdown; an empty text without models."""
    if not rows:
        return ""
    head, *body = [[cell.translate(_SPECIAL) for cell in row] for row in cells(rows, environments)]
    return "".join(f"| {' | '.join(row)} |\n" for row in (head, ["---"] * len(head), *body))


def write_json(rows: Iterable[DriftRow], environments: Iterable[str]) -> str:
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
    return json.dumps(report, ensure_ascii=False, indent=2) + "\n"


def cells(rows: Iterable[DriftRow], environments: Iterable[str]) -> list[list[str]]:
    """Return the cells of the table, header first."""
    table = [["model", *environments], *([row.id, *map(str, row.cells.values())] for row in rows)]
    return [[printable(cell) for cell in row] for row in table]
