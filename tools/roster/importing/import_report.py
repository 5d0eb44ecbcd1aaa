"""Reports of ``roster import``: text for people, and JSON."""

import json
import textwrap
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from roster.findings import Diagnostic
from roster.importing.plan import Plan
from roster.importing.report import Outcome, Report, ReportLine
from roster.naming import counted, printable
from roster.report.terminal_text import Paint, aligned, plain
from roster.roster import roster_path

FORMAT = 1
"""The version of the JSON report. It is raised when an older reader could misread the rest."""
_WIDTH = 80
_MAX_NAMED = 6
"""How many models a line of the text names; JSON names all."""


class ImportReport(NamedTuple):
    """What an import did, or would do in a dry run.

    Attributes:
        models: the number of models in the roster.
        name: gives the path of a file that the report shows.
    """

    format_name: str
    environment: str
    models: int
    report: Report
    plan: Plan
    dry_run: bool
    name: Callable[[str], str] = str

    def relocated(self, name: Callable[[str], str]) -> "ImportReport":
        """Return the report with other names of files, by path."""
        return self._replace(name=name)

    @property
    def status(self) -> str:
        """What happens to the changed files."""
        return "would be written" if self.dry_run else "written"

    @property
    def files(self) -> list[str]:
        """The changed files."""
        return list(map(self.name, self.plan.files))

    @property
    def findings(self) -> list[Diagnostic]:
        """The findings in the roster and in the changed files."""
        paths = {roster_path(self.environment), *self.plan.files}
        found = (each for each in self.plan.result.diagnostics if each.path in paths)
        return [each._replace(path=self.name(each.path)) for each in found]


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
        "files": [{"path": path, "status": content.status} for path in content.files],
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
    advice = "They are caused by the imported files or by the environment's policy. roster check shows each one."
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
