"""JUnit XML, as GitLab shows it: a test case for each rule in each file, those that pass included.

GitLab shows what stands in a failure, not its ``message``, and drops a case whose class and name are there twice.
"""

from collections import defaultdict
from collections.abc import Iterable
from xml.etree import ElementTree

from roster.check.result import CheckResult
from roster.findings import Diagnostic, Severity
from roster.naming import printable

# ElementTree would name the encoding of the locale, and the report is always written in this one.
_DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n'


def write(result: CheckResult, rules: Iterable[str]) -> str:
    """Return the report. A warning is told in a case that passes: it fails no check."""
    found: defaultdict[tuple[str, str], list[Diagnostic]] = defaultdict(list)
    for diagnostic in result.diagnostics:
        found[diagnostic.path, diagnostic.rule].append(diagnostic)
    suites = ElementTree.Element("testsuites", name="roster check")
    for path in result.files:
        cases = [_case(path, rule, found[path, rule]) for rule in rules]
        failures = sum(case.find("failure") is not None for case in cases)
        suite = ElementTree.SubElement(
            suites, "testsuite", name=printable(path), tests=str(len(cases)), failures=str(failures), errors="0"
        )
        suite.extend(cases)
    ElementTree.indent(suites)
    return f"{_DECLARATION}{ElementTree.tostring(suites, encoding='unicode')}\n"


def _case(path: str, rule: str, found: list[Diagnostic]) -> ElementTree.Element:
    case = ElementTree.Element("testcase", classname=printable(path), name=rule, file=printable(path), time="0")
    errors = [diagnostic for diagnostic in found if diagnostic.severity is Severity.ERROR]
    if errors:
        failure = ElementTree.SubElement(case, "failure", type=rule, message=_counted(len(errors)))
        failure.text = "\n".join(map(_told, errors))
    if warnings := [diagnostic for diagnostic in found if diagnostic.severity is Severity.WARNING]:
        ElementTree.SubElement(case, "system-out").text = "\n".join(map(_told, warnings))
    return case


def _told(found: Diagnostic) -> str:
    # printable, because XML 1.0 has no way at all to write most control characters
    return printable(f"{found.path}:{found.span.line}:{found.span.column}: {found.sentence}")


def _counted(errors: int) -> str:
    return "1 finding" if errors == 1 else f"{errors} findings"
