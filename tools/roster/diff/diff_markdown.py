"""Markdown for a comment on a merge request, with the texts from a roster escaped for GitLab and GitHub."""

from bisect import bisect_right
from collections import Counter
from collections.abc import Sequence

from roster.diff.change import Change, Comparison
from roster.diff.diff_report import location
from roster.diff.kinds import Impact
from roster.markdown_text import code, escaped
from roster.templates import template_environment

MAX_BYTES = 60_000
"""The largest size of a comment, in UTF-8."""
_MIN_CHANGE_BYTES = 100
"""No change takes fewer bytes."""


def write(comparison: Comparison) -> str:
    """Return the comment, in at most ``MAX_BYTES``: the least important changes are omitted and counted."""
    changes = sorted(comparison.changes, key=lambda change: change.impact.rank)
    most = min(len(changes), MAX_BYTES // _MIN_CHANGE_BYTES)
    fits = bisect_right(range(1, most + 1), MAX_BYTES, key=lambda number: _size(comparison, changes[:number]))
    return _comment(comparison, changes[:fits])


def _size(comparison: Comparison, changes: Sequence[Change]) -> int:
    return len(_comment(comparison, changes).encode(errors="replace"))


def _comment(comparison: Comparison, changes: Sequence[Change]) -> str:
    environments: dict[str, Counter[Impact]] = {}
    for change in comparison.changes:
        environments.setdefault(change.environment, Counter())[change.impact] += 1
    return _TEMPLATES.get_template("diff.md.j2").render(
        comparison=comparison,
        counts=comparison.impacts(),
        environments=environments,
        impacts=list(Impact),
        changes=changes,
    )


_TEMPLATES = template_environment("roster.diff", escaped=escaped, code=code, location=location)
