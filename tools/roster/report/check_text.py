"""The format ``text`` of ``roster check``: each finding with its line and a caret under its span."""

from collections.abc import Iterator

from roster.check.result import CheckResult
from roster.findings import Diagnostic, Severity
from roster.naming import counted, printable
from roster.report import palette
from roster.report.terminal_text import Paint, plain, width
from roster.roster import ROSTER_FILE
from roster.yaml.line_index import LineIndex

SEVERITY_COLORS = {Severity.ERROR: palette.BAD, Severity.WARNING: palette.WARNING}
_MAX_LINE = 160
"""The longest part of a line that is shown, in columns."""
_MAX_NOTE = 100
"""The longest part of a note that is shown, in characters; other formats have all of it."""


def write(result: CheckResult, _rules: object = None, paint: Paint = plain) -> str:
    """Return the report; empty without findings."""
    return "".join(
        f"{line}\n"
        for diagnostic in result.diagnostics
        for line in _block(diagnostic, result.lines[diagnostic.path], paint)
    )


def summary(result: CheckResult) -> str:
    """Return one line with the number of rosters and findings."""
    counts = [counted(result.count(severity), severity.value) for severity in Severity if result.count(severity)]
    rosters = counted(sum(path.endswith(ROSTER_FILE) for path in result.files), "roster")
    return f"{rosters} checked: {' and '.join(counts)}" if counts else f"{rosters} checked, no problems found"


def _block(diagnostic: Diagnostic, lines: LineIndex, paint: Paint) -> Iterator[str]:
    span, color = diagnostic.span, SEVERITY_COLORS[diagnostic.severity]
    where = paint(f"{printable(diagnostic.path)}:{span.line}:{span.column}", bold=True)
    severity = paint(diagnostic.severity.value, fg=color, bold=True)
    rule = paint(f"[{paint(diagnostic.rule, rule=diagnostic.rule)}]", dim=True)
    yield f"{where}: {severity}: {diagnostic.message} {rule}"
    line = lines[span.line]
    end = span.end_column - 1 if span.end_line == span.line else len(line.rstrip())
    before, marked, after = _window(line, span.column - 1, end)
    gutter = " " * len(str(span.line))
    yield f"{gutter} {paint('|', dim=True)}"
    yield f"{paint(str(span.line), dim=True)} {paint('|', dim=True)} {before}{marked}{after}"
    carets = paint("^" * max(width(marked), 1), fg=color, bold=True)
    hint = f" {paint(diagnostic.hint, fg=palette.NOTE)}" if diagnostic.hint else ""
    yield f"{gutter} {paint('|', dim=True)} {' ' * width(before)}{carets}{hint}"
    note = f"{_shortened(diagnostic.note)}   " if diagnostic.note else ""
    yield f"{gutter} {paint('=', dim=True)} {note}(roster explain {diagnostic.rule})"
    yield ""


def _shortened(note: str) -> str:
    """Shorten a note to one line: of a long list, keep the names that fit."""
    if len(note) <= _MAX_NOTE:
        return note
    start, comma, _ = note[:_MAX_NOTE].rpartition(", ")
    return f"{start}, …" if comma else note


def _window(line: str, start: int, end: int) -> tuple[str, str, str]:
    """Split a line into the text before, in and after a span, shortened to what a terminal shows on one line."""
    first = max(0, start - _MAX_LINE // 2) if len(line) > _MAX_LINE else 0
    last = max(first + _MAX_LINE, start + 1)
    before = ("…" if first else "") + _printable(line[first:start])
    cut = "…" if len(line) > last else ""
    return before, _printable(line[start : min(end, last)]), _printable(line[end:last]).rstrip() + cut


def _printable(text: str) -> str:
    return printable(text.replace("\t", "    "))
