"""The text that people read in a terminal: what changes for customers, environment by environment."""

from collections.abc import Iterator
from itertools import groupby

from roster.diff.comparison import Comparison, Told
from roster.diff.kinds import Impact
from roster.naming import counted, listed, printable
from roster.report.terminal_text import Paint, plain

_COLOURS = {Impact.BREAKING: "red", Impact.RISKY: "yellow", Impact.SAFE: "green"}
_WIDTH = max(len(impact.value) for impact in Impact)
NOTHING = "no change for customers"


def write(comparison: Comparison, paint: Paint = plain) -> str:
    """Return what changes; nothing where nothing does."""
    groups = groupby(comparison.changes, key=lambda change: change.environment)
    return "\n".join("".join(f"{line}\n" for line in _drawn(name, changes, paint)) for name, changes in groups)


def summary(comparison: Comparison) -> str:
    """Return one line that says how a comparison ended."""
    found = comparison.impacts()
    if not found:
        return NOTHING if comparison.whole else f"{NOTHING} in what can be compared"
    told = listed(f"{found[impact]} {impact}" for impact in Impact if found[impact])
    environments = {change.environment for change in comparison.changes}
    return f"{told} change{'' if found.total() == 1 else 's'} in {counted(len(environments), 'environment')}"


def _drawn(environment: str, changes: Iterator[Told], paint: Paint) -> Iterator[str]:
    yield paint(printable(environment), bold=True)
    margin = " " * (_WIDTH + 4)
    for change in changes:
        impact = paint(f"{change.impact.value:<{_WIDTH}}", fg=_COLOURS[change.impact], bold=True)
        yield f"  {impact}  {printable(change.summary)} {paint(f'[{change.kind}]', dim=True)}"
        yield f"{margin}{printable(change.effect)}"
        yield f"{margin}{paint(where(change), dim=True)}"


def where(change: Told) -> str:
    """Return the file and the line of a change."""
    return f"{printable(change.path)}:{change.line}{' in base' if change.side == 'base' else ''}"
