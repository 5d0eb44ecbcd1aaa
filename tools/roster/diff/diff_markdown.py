"""Markdown for a comment on a merge request, with the texts from a roster escaped for GitLab and GitHub."""

from bisect import bisect_right
from collections import Counter
from collections.abc import Sequence

from roster.diff.change import Comparison
from roster.diff.diff_report import location
from roster.diff.kinds import Impact
from roster.diff.rows import Row, group_changes
from roster.markdown_text import code, escaped
from roster.templates import template_environment

MAX_BYTES = 60_000
"""The largest size of a comment, in UTF-8."""
_MIN_ROW_BYTES = 100
"""No row takes fewer bytes."""


def write(comparison: Comparison) -> str:
    """Return the comment, in at most ``MAX_BYTES``: the least important rows are omitted and counted."""
    rows = sorted(group_changes(comparison.changes), key=lambda row: row.impact.rank)
    most = min(len(rows), MAX_BYTES // _MIN_ROW_BYTES)
    fits = bisect_right(range(1, most + 1), MAX_BYTES, key=lambda number: _size(comparison, rows, number))
    return _comment(comparison, rows, fits)


def _size(comparison: Comparison, rows: Sequence[Row], number: int) -> int:
    return len(_comment(comparison, rows, number).encode(errors="replace"))


def _comment(comparison: Comparison, rows: Sequence[Row], number: int) -> str:
    """Return the comment with a number of its rows."""
    environments: dict[str, Counter[Impact]] = {}
    for change in comparison.changes:  # in their order of environments
        environments.setdefault(change.environment, Counter())
    for row in rows:
        environments[row.environment][row.impact] += 1
    return _TEMPLATES.get_template("diff.md.j2").render(
        comparison=comparison,
        counts=Counter(row.impact for row in rows),
        environments=environments,
        impacts=list(Impact),
        rows=rows[:number],
        omitted=len(rows) - number,
    )


_TEMPLATES = template_environment("roster.diff", escaped=escaped, code=code, location=location)
