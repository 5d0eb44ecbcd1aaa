"""The format ``junit`` of ``roster check``: a test case for each family of rules in each file, also if it passes.

A case for each rule would make hundreds of passing ones. GitLab shows the text of a failure rather than its
``message``, and drops a case with a duplicate class and name.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from typing import Protocol
from xml.etree import ElementTree

from roster.check.result import CheckResult
from roster.findings import Diagnostic, Severity
from roster.naming import counted, printable

# ElementTree would declare the locale's encoding; the report is always UTF-8.
_DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n'


class RuleFamily(Protocol):
    """The attribute of a rule that the report contains."""

    @property
    def family(self) -> str: ...


def write(result: CheckResult, rules: Mapping[str, RuleFamily]) -> str:
    """Return the report. Warnings are the output of a passing case, because they do not fail a check."""
    diagnostics: defaultdict[tuple[str, str], list[Diagnostic]] = defaultdict(list)
    for diagnostic in result.diagnostics:
        diagnostics[diagnostic.path, rules[diagnostic.rule].family].append(diagnostic)
    families = list(dict.fromkeys(rule.family for rule in rules.values()))
    suites = [
        suite(path, [_case(path, family, diagnostics[path, family]) for family in families]) for path in result.files
    ]
    return document("roster check", suites)


def suite(name: str, cases: Collection[ElementTree.Element]) -> ElementTree.Element:
    """Return a test suite with test cases."""
    failures, skipped = (str(sum(case.find(tag) is not None for case in cases)) for tag in ("failure", "skipped"))
    attributes = {"tests": str(len(cases)), "failures": failures, "errors": "0"}
    attributes |= {"skipped": skipped} if skipped != "0" else {}
    element = ElementTree.Element("testsuite", {"name": printable(name), **attributes})
    element.extend(cases)
    return element


def document(name: str, suites: Iterable[ElementTree.Element]) -> str:
    """Return a report with test suites."""
    root = ElementTree.Element("testsuites", name=name)
    root.extend(suites)
    ElementTree.indent(root)
    return f"{_DECLARATION}{ElementTree.tostring(root, encoding='unicode')}\n"


def _case(path: str, family: str, diagnostics: list[Diagnostic]) -> ElementTree.Element:
    case = ElementTree.Element("testcase", classname=printable(path), name=family, file=printable(path), time="0")
    errors = [diagnostic for diagnostic in diagnostics if diagnostic.severity is Severity.ERROR]
    if errors:
        rules = ", ".join(dict.fromkeys(error.rule for error in errors))
        failure = ElementTree.SubElement(case, "failure", type=rules, message=counted(len(errors), "finding"))
        failure.text = "\n".join(map(_line, errors))
    if warnings := [diagnostic for diagnostic in diagnostics if diagnostic.severity is Severity.WARNING]:
        ElementTree.SubElement(case, "system-out").text = "\n".join(map(_line, warnings))
    return case


def _line(diagnostic: Diagnostic) -> str:
    # XML 1.0 cannot represent most control characters
    return printable(
        f"{diagnostic.path}:{diagnostic.span.line}:{diagnostic.span.column}: {diagnostic.sentence} [{diagnostic.rule}]"
    )
