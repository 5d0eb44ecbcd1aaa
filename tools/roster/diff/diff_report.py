"""Reports of ``roster diff`` as text for a terminal and as JSON."""

import json
from collections import Counter
from collections.abc import Iterator
from itertools import groupby
from typing import Any

from roster.diff.change import BASE, SIDES, Change, Comparison
from roster.diff.kinds import Impact
from roster.diff.rows import Row, group_changes
from roster.naming import counted, join_names, printable
from roster.report import palette
from roster.report.terminal_text import Paint, plain

FORMAT = 1
"""The version of the JSON report. It is raised when an older reader could misread the rest."""
_COLORS = {Impact.BREAKING: palette.BAD, Impact.RISKY: palette.WARNING, Impact.SAFE: palette.GOOD}
_WIDTH = max(map(len, Impact))
NO_CHANGE = "no change for customers"


def write_text(comparison: Comparison, paint: Paint = plain) -> str:
    """Return the changes in rows by cause; an empty text if there are none."""
    groups = groupby(group_changes(comparison.changes), key=lambda row: row.environment)
    return "\n".join("".join(f"{line}\n" for line in _section(name, rows, paint)) for name, rows in groups)


def summary(comparison: Comparison) -> str:
    """Return one line that counts the changes by cause."""
    rows = group_changes(comparison.changes)
    counts = Counter(row.impact for row in rows)
    if not counts:
        return NO_CHANGE if comparison.complete else f"{NO_CHANGE} in what could be compared"
    impacts = join_names(f"{counts[impact]} {impact}" for impact in Impact if counts[impact])
    environments = {name for row in rows for name in row.environments}
    return f"{impacts} change{'' if counts.total() == 1 else 's'} in {counted(len(environments), 'environment')}"


def write_json(comparison: Comparison) -> str:
    """Return the report that ``schemas/diff.schema.json`` describes."""
    counts = Counter(change.impact for change in comparison.changes)
    rows = group_changes(comparison.changes)
    numbers = {id(change): number for number, row in enumerate(rows) for change in row.changes}
    report = {
        "format": FORMAT,
        **{side: {"name": comparison.names[side], "errors": len(comparison.errors[side])} for side in SIDES},
        "not_compared": comparison.not_compared,
        "summary": {impact: counts[impact] for impact in Impact},
        "rows": [_row(row) for row in rows],
        "changes": [_change(change) | {"row": numbers[id(change)]} for change in comparison.changes],
    }
    return json.dumps(report, ensure_ascii=False, indent=2) + "\n"


def _change(change: Change) -> dict[str, Any]:
    fields = change._asdict()
    place = fields.pop("place")
    del fields["wording"]
    return {**fields, "path": place.path}


def _row(row: Row) -> dict[str, Any]:
    fields = row._asdict()
    place = fields.pop("place")
    del fields["lists"], fields["details"], fields["changes"]
    return {**fields, "path": place.path}


def _section(environment: str, rows: Iterator[Row], paint: Paint) -> Iterator[str]:
    yield paint(printable(environment), bold=True)
    margin = " " * (_WIDTH + 4)
    for row in rows:
        impact = paint(f"{row.impact:<{_WIDTH}}", fg=_COLORS[row.impact], bold=True)
        yield f"  {impact}  {printable(row.summary)} {paint(f'[{row.kind}]', dim=True)}"
        yield f"{margin}{printable(row.effect)}"
        for title, names in row.lists.items():
            yield f"{margin}{title}: {printable(', '.join(names))}"
        yield from (f"{margin}{printable(detail)}" for detail in row.details)
        yield f"{margin}{paint(f'{location(row)}{other_places(row)}', dim=True)}"


def location(row: Row) -> str:
    """Return the file and line of a row's first change."""
    return f"{printable(row.place.path)}:{row.line}{' in base' if row.side == BASE else ''}"


def other_places(row: Row) -> str:
    """Return how many other lines have changes of a row."""
    others = len({(change.place.path, change.side, change.line) for change in row.changes}) - 1
    return f" and {counted(others, 'more place')}" if others else ""
