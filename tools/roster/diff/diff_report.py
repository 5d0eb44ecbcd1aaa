"""Reports of ``roster diff`` as text for a terminal and as JSON."""

import json
from collections.abc import Iterator
from itertools import groupby
from typing import Any

from roster.diff.change import BASE, SIDES, Change, Comparison
from roster.diff.kinds import Impact
from roster.naming import counted, join_names, printable
from roster.report.terminal_text import Paint, plain

FORMAT = 1
"""The version of the JSON report. It is raised when an older reader could misread the rest."""
_COLORS = {Impact.BREAKING: "red", Impact.RISKY: "yellow", Impact.SAFE: "green"}
_WIDTH = max(map(len, Impact))
NO_CHANGE = "no change for customers"


def write_text(comparison: Comparison, paint: Paint = plain) -> str:
    """Return the changes; an empty text if there are none."""
    groups = groupby(comparison.changes, key=lambda change: change.environment)
    return "\n".join("".join(f"{line}\n" for line in _section(name, changes, paint)) for name, changes in groups)


def summary(comparison: Comparison) -> str:
    """Return one line that counts the changes."""
    counts = comparison.impacts()
    if not counts:
        return NO_CHANGE if comparison.complete else f"{NO_CHANGE} in what could be compared"
    impacts = join_names(f"{counts[impact]} {impact}" for impact in Impact if counts[impact])
    environments = {change.environment for change in comparison.changes}
    return f"{impacts} change{'' if counts.total() == 1 else 's'} in {counted(len(environments), 'environment')}"


def write_json(comparison: Comparison) -> str:
    """Return the report that ``schemas/diff.schema.json`` describes."""
    counts = comparison.impacts()
    report = {
        "format": FORMAT,
        **{side: {"name": comparison.names[side], "errors": len(comparison.errors[side])} for side in SIDES},
        "not_compared": comparison.not_compared,
        "summary": {impact: counts[impact] for impact in Impact},
        "changes": [_change(change) for change in comparison.changes],
    }
    return json.dumps(report, ensure_ascii=False, indent=2) + "\n"


def _change(change: Change) -> dict[str, Any]:
    fields = change._asdict()
    place = fields.pop("place")
    return {**fields, "path": place.path}


def _section(environment: str, changes: Iterator[Change], paint: Paint) -> Iterator[str]:
    yield paint(printable(environment), bold=True)
    margin = " " * (_WIDTH + 4)
    for change in changes:
        impact = paint(f"{change.impact:<{_WIDTH}}", fg=_COLORS[change.impact], bold=True)
        yield f"  {impact}  {printable(change.summary)} {paint(f'[{change.kind}]', dim=True)}"
        yield f"{margin}{printable(change.effect)}"
        yield f"{margin}{paint(location(change), dim=True)}"


def location(change: Change) -> str:
    """Return the file and line of a change."""
    return f"{printable(change.place.path)}:{change.line}{' in base' if change.side == BASE else ''}"
