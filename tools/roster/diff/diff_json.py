"""JSON for programs, described by ``schemas/diff.schema.json``."""

from __future__ import annotations

import json

from roster.diff.comparison import SIDES, Comparison
from roster.diff.kinds import Impact

FORMAT = 1
"""The version of the report. It grows when an older reader could misread the rest."""


def write(comparison: Comparison) -> str:
    """Return the report."""
    found = comparison.impacts()
    report = {
        "format": FORMAT,
        **{side: {"name": comparison.names[side], "errors": len(comparison.errors[side])} for side in SIDES},
        "not_compared": list(comparison.not_compared),
        "summary": {impact.value: found[impact] for impact in Impact},
        "changes": [change._asdict() | {"impact": change.impact.value} for change in comparison.changes],
    }
    return json.dumps(report, ensure_ascii=False, indent=2) + "\n"
