"""Reports of ``roster import``: text for people, and JSON."""

import json
import textwrap
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from roster.findings import Diagnostic
from roster.importing.report import Outcome, Report, ReportLine
from roster.naming import counted, printable
from roster.report.terminal_text import Paint, aligned, plain

FORMAT = 1
"""The version of the JSON report. It is raised when an older reader could misread the rest."""
_WIDTH = 80
_MAX_NAMED = 6
"""How many models a line of the text names; JSON names all."""


class ImportReport(NamedTuple):
    """What an import did.

    Attributes:
        files: what happens to each file, by path: ``written``, ``would be written``.
        models: the number of models in the roster.
        findings: the findings in the changed files.
    """

    format_name: str
    environment: str
    files: Mapping[str, str]
    models: int
    report: Report
    findings: Sequence[Diagnostic]


def write_text(content: ImportReport, paint: Paint = plain) -> str:
    """Return the report in lines of at most 80 columns, as far as ids allow."""
    return "".join(f"{line}\n" for line in _text(content, paint))


def write_json(content: ImportReport) -> str:
    """Return the report that ``schemas/import_report.schema.json`` describes."""
    report = {
        "format": FORMAT,
        "source": content.format_name,
        "environment": content.environment,
        "models": content.models,
        "files": [{"path": path, "status": status} for path, status in content.files.items()],
        **{outcome.replace(" ", "_"): [_line(line) for line in content.report.lines(outcome)] for outcome in Outcome},
        "findings": [
            {
                "path": each.path,
                "line": each.span.line,
                "severity": each.severity,
                "rule": each.rule,
                "model": each.model,
                "message": each.sentence,
            }
            for each in content.findings
        ],
    }
    return json.dumps(report, ensure_ascii=False, indent=2) + "\n"


def _line(line: ReportLine) -> dict[str, object]:
    values = {"key": line.key, "target": line.target, "reason": line.reason, f"{line.noun}s": list(line.subjects)}
    return {key: value for key, value in values.items() if value}


def _text(content: ImportReport, paint: Paint) -> Iterator[str]:
    for outcome in Outcome:
        if lines := list(content.report.lines(outcome)):
            yield paint(outcome.capitalize(), bold=True)
            yield from _carried(lines) if outcome is Outcome.CARRIED else _with_reasons(lines)
            yield ""
    if content.findings:
        yield paint("Findings that remain", bold=True)
        yield from _findings(content)
        yield ""


def _carried(lines: Sequence[ReportLine]) -> Iterator[str]:
    """Yield a line for each target: the keys that are in it, each with the number of models or features."""
    by_target: dict[str, list[str]] = {}
    for line in lines:
        by_target.setdefault(line.target, []).append(f"{line.key} ({counted(len(line.subjects), line.noun)})")
    for target, keys in by_target.items():
        yield from _wrapped(f"{target}: {', '.join(keys)}", "  ", "      ")


def _with_reasons(lines: Sequence[ReportLine]) -> Iterator[str]:
    for line in lines:
        keys = " → ".join(filter(None, (line.key, line.target)))
        head = f"{', '.join(filter(None, (keys, counted(len(line.subjects), line.noun))))}: {line.reason}"
        yield from _wrapped(head, "  ", "      ")
        others = len(line.subjects) - _MAX_NAMED
        names = [*line.subjects[:_MAX_NAMED], f"{others} more"] if others > 1 else line.subjects
        yield from _wrapped(", ".join(names), "      ", "      ")


def _findings(content: ImportReport) -> Iterator[str]:
    counts = Counter((each.severity.value, each.rule) for each in content.findings)
    rows = [(f"  {rule}", counted(number, severity)) for (severity, rule), number in counts.items()]
    yield from (row.rstrip() for row in aligned(rows))
    advice = "The imported files or the policy of the environment cause them; roster check shows each."
    yield from _wrapped(advice, "  ", "  ")


def _wrapped(text: str, first: str, others: str) -> list[str]:
    return textwrap.wrap(
        printable(text),
        _WIDTH,
        initial_indent=first,
        subsequent_indent=others,
        break_long_words=False,
        break_on_hyphens=False,
    )
