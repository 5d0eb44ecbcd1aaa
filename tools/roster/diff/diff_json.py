"""JSON for programs, described by ``schemas/diff.schema.json``."""

from __future__ import annotations

import json
from typing import Any

from roster.diff.change import SIDES, Change, Comparison
from roster.diff.kinds import Impact

FORMAT = 1
"""The version of the report. It is raised when an older reader could misread the rest."""


def write(comparison: Comparison) -> str:
    """Return the report."""
    counts = comparison.impacts()
    report = {
        "format": FORMAT,
        **{side: {"name": comparison.names[side], "errors": len(comparison.errors[side])} for side in SIDES},
        "not_compared": list(comparison.not_compared),
        "summary": {impact.value: counts[impact] for impact in Impact},
        "changes": [_change(change) for change in comparison.changes],
    }
    return json.dumps(report, ensure_ascii=False, indent=2) + "\n"


def _change(change: Change) -> dict[str, Any]:
    keys = ("environment", "model", "feature", "old", "new", "summary", "effect")
    return {
        "kind": change.kind,
        "impact": change.impact.value,
        **{key: getattr(change, key) for key in keys},
        "path": change.place.path,
        "line": change.line,
        "side": change.side,
    }
