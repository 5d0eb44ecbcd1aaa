"""The text that people read in a terminal: each finding with its line, and a caret under the exact span."""

from collections.abc import Iterator

from roster.check.result import CheckResult
from roster.findings import Diagnostic, Severity
from roster.naming import counted, printable
from roster.report.terminal_text import Paint, plain, width
from roster.repository import ROSTER_FILE
from roster.yaml.line_index import LineIndex

_COLOURS = {Severity.ERROR: "red", Severity.WARNING: "yellow"}
_SHOWN_AT_MOST = 160
"""How much of a line is shown, in columns of the terminal."""
_NOTE_AT_MOST = 100
"""How much of a note is shown, in characters; ``roster explain`` and the other formats have all of it."""


def write(result: CheckResult, _rules: object = None, paint: Paint = plain) -> str:
    """Return each finding as the lines that a person reads."""
    return "".join(
        f"{line}\n" for found in result.diagnostics for line in _drawn(found, result.lines[found.path], paint)
    )


def summary(result: CheckResult) -> str:
    """Return one line that says how a check ended."""
    found = [counted(result.count(severity), severity.value) for severity in Severity if result.count(severity)]
    rosters = sum(path.endswith(ROSTER_FILE) for path in result.files)
    return f"{counted(rosters, 'roster')} checked: {' and '.join(found) if found else 'nothing to mend'}"


def _drawn(diagnostic: Diagnostic, lines: LineIndex, paint: Paint) -> Iterator[str]:
    span, colour = diagnostic.span, _COLOURS[diagnostic.severity]
    where = paint(f"{printable(diagnostic.path)}:{span.line}:{span.column}", bold=True)
    severity = paint(diagnostic.severity.value, fg=colour, bold=True)
    rule = paint(f"[{paint(diagnostic.rule, rule=diagnostic.rule)}]", dim=True)
    yield f"{where}: {severity}: {diagnostic.message} {rule}"
    line = lines[span.line]
    end = span.end_column - 1 if span.end_line == span.line else len(line.rstrip())
    before, marked, after = _window(line, span.column - 1, end)
    gutter = " " * len(str(span.line))
    yield f"{gutter} {paint('|', dim=True)}"
    yield f"{paint(str(span.line), dim=True)} {paint('|', dim=True)} {before}{marked}{after}"
    carets = paint("^" * max(width(marked), 1), fg=colour, bold=True)
    hint = f" {paint(diagnostic.hint, fg='cyan')}" if diagnostic.hint else ""
    yield f"{gutter} {paint('|', dim=True)} {' ' * width(before)}{carets}{hint}"
    note = f"{_shortened(diagnostic.note)}   " if diagnostic.note else ""
    yield f"{gutter} {paint('=', dim=True)} {note}(roster explain {diagnostic.rule})"
    yield ""


def _shortened(note: str) -> str:
    """Return a note that fits on a line: of a long list, as many names as do."""
    if len(note) <= _NOTE_AT_MOST:
        return note
    kept, comma, _ = note[:_NOTE_AT_MOST].rpartition(", ")
    return f"{kept}, …" if comma else note


def _window(line: str, start: int, end: int) -> tuple[str, str, str]:
    """Cut a line into what is before, in and after a span, as a terminal shows it, and no longer than one bears."""
    first = max(0, start - _SHOWN_AT_MOST // 2) if len(line) > _SHOWN_AT_MOST else 0
    last = max(first + _SHOWN_AT_MOST, start + 1)
    before = ("…" if first else "") + _shown(line[first:start])
    cut = "…" if len(line) > last else ""
    return before, _shown(line[start : min(end, last)]), _shown(line[end:last]).rstrip() + cut


def _shown(text: str) -> str:
    return printable(text.replace("\t", "    "))
