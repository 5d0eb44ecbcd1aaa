"""Reports of ``roster gateway probe``: a table for a terminal, JSON and JUnit."""

import json
import textwrap
from collections.abc import Iterator, Sequence
from datetime import date
from itertools import groupby
from typing import Any, NamedTuple
from xml.etree import ElementTree

from roster.naming import MAX_IN_PASSING, counted, join_names, printable
from roster.probe.probed import Probed
from roster.probe.questions import ANSWER
from roster.probe.verdict import Result, Verdict, worst
from roster.report import palette
from roster.report.junit import document, suite
from roster.report.terminal_text import Paint, plain, width

FORMAT = 1
"""The version of the JSON report. It is raised when an older reader could misread the rest."""
_COLUMNS, _MIN_DETAIL, _INDENT = 80, 24, 6
"""The width of the table, the least width of its last column, and the indentation of a long word below a row."""
_COLORS = {Verdict.WORKS: palette.GOOD, Verdict.NOT_PROBED: palette.NOTE} | dict.fromkeys(
    (Verdict.SLOW, Verdict.NO_KEY, Verdict.NOT_ASKED), palette.WARNING
)
"""The other verdicts are bad."""
_GOOD = (Verdict.WORKS, Verdict.NOT_PROBED)
_UNASKED = (Verdict.NO_KEY, Verdict.NOT_ASKED)


class ProbeReport(NamedTuple):
    """The results of a run, by environment in promotion order and in the order of the rosters."""

    on: date
    environments: tuple[str, ...]
    probed: Sequence[Probed]

    @property
    def failing_defaults(self) -> list[Probed]:
        """The models that do not work for a feature that they are a default of."""
        return [each for each in self.probed if each.failing_defaults]


def write_text(report: ProbeReport, paint: Paint = plain) -> str:
    """Return a table with a row for each model and each of its problems; a star marks defaults."""
    lines = list[str]()
    names = [printable(each.subject.model.id) + (" *" if each.subject.default_for else "") for each in report.probed]
    widest, verdicts = max(map(width, names), default=0), max(map(len, Verdict))
    named = zip(names, report.probed, strict=True)
    for environment, rows in groupby(named, lambda row: row[1].subject.environment):
        lines.append(paint(environment, bold=True))
        for name, probed in rows:
            for verdict, detail in _rows(probed):
                start = f"  {name}{' ' * (widest - width(name))}  "
                cell = paint(verdict.value, fg=_COLORS.get(verdict, palette.BAD)) + " " * (verdicts - len(verdict))
                indent = width(start) + verdicts + 2
                first, *others = _wrapped(detail, _COLUMNS - indent)
                if len(max(detail.split(), key=len, default="")) > _COLUMNS - indent:  # the name of a variable
                    first, others, indent = "", [detail], _INDENT
                lines.append(f"{start}{cell}  {first}".rstrip())
                lines += [" " * indent + other for other in others]
                name = ""
    if any(each.subject.default_for for each in report.probed):
        lines.append(paint("* default of a feature", dim=True))
    return "".join(f"{line}\n" for line in lines)


def summary(report: ProbeReport) -> Iterator[str]:
    """Yield a line for each default that does not work, and one with the number of models."""
    for each in report.failing_defaults:
        features = join_names(map(printable, each.failing_defaults), limit=MAX_IN_PASSING)
        yield f"{each.subject.environment}: {printable(each.subject.model.id)} does not work as default for {features}"
    problems = sum(worst(each.results.values()).verdict not in _GOOD for each in report.probed)
    outcome = f"{problems} with problems" if problems else "no problems found"
    yield f"{counted(len(report.probed), 'model')} probed, {outcome}" if report.probed else "no models to ask"


def write_json(report: ProbeReport) -> str:
    """Return the report that ``schemas/probe.schema.json`` describes."""
    content = {
        "format": FORMAT,
        "at": report.on.isoformat(),
        "environments": list(report.environments),
        "models": [_model(each) for each in report.probed],
    }
    return json.dumps(content, ensure_ascii=False, indent=2) + "\n"


def write_junit(report: ProbeReport) -> str:
    """Return a test case for each question; what was not asked is skipped, unless a default depends on it."""
    suites = []
    for environment in report.environments:
        probed = [each for each in report.probed if each.subject.environment == environment]
        suites.append(suite(environment, [case for each in probed for case in _cases(each)]))
    return document("roster gateway probe", suites)


def _rows(probed: Probed) -> Iterator[tuple[Verdict, str]]:
    """Yield each problem of a model with its details, or else that it works; then what was not probed."""
    groups: dict[tuple[Verdict, str], list[str]] = {}
    for question, result in probed.results.items():
        if result.verdict is not Verdict.WORKS:
            groups.setdefault((result.verdict, result.detail), []).append(question)
    if not any(verdict is not Verdict.NOT_PROBED for verdict, _ in groups):
        slowest = worst(probed.results.values())
        yield slowest.verdict, slowest.detail
    for (verdict, detail), questions in groups.items():
        others = [printable(question) for question in questions if question != ANSWER]
        named = join_names(others) if others and questions != list(probed.results) else ""
        yield verdict, ": ".join(filter(None, (named, detail)))


def _wrapped(text: str, columns: int) -> list[str]:
    return textwrap.wrap(text, max(columns, _MIN_DETAIL), break_on_hyphens=False) or [""]


def _model(probed: Probed) -> dict[str, Any]:
    subject = probed.subject
    return {
        "environment": subject.environment,
        "model": subject.model.id,
        "name": subject.model.name,
        "identifier": subject.model.identifier,
        "verdict": worst(probed.results.values()).verdict.value,
        "default_for": list(subject.default_for),
        "failing_default_for": list(probed.failing_defaults),
        "questions": [_question(name, result) for name, result in probed.results.items()],
    }


def _question(name: str, result: Result) -> dict[str, Any]:
    values = {
        "status": result.status,
        "reason": result.reason,
        "answered_as": result.answered_as,
        "seconds": result.seconds,
    }
    return {"question": name, "verdict": result.verdict.value} | {key: value for key, value in values.items() if value}


def _cases(probed: Probed) -> Iterator[ElementTree.Element]:
    subject = probed.subject
    for question, result in probed.results.items():
        case = ElementTree.Element(
            "testcase",
            classname=subject.environment,
            name=printable(f"{subject.model.id}: {question}"),
            time=f"{result.seconds or 0:.3f}",
        )
        text = ": ".join(filter(None, (result.verdict.value, result.detail)))
        if not result.passes and (probed.failing_defaults or result.verdict not in _UNASKED):
            ElementTree.SubElement(case, "failure", type=result.verdict.value, message=text).text = text
        elif result.verdict in (*_UNASKED, Verdict.NOT_PROBED):
            ElementTree.SubElement(case, "skipped", message=text)
        yield case
