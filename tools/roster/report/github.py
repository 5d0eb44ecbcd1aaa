"""The format ``github`` of ``roster check``: workflow commands that GitHub Actions shows as annotations.

The format is at https://docs.github.com/en/actions/reference/workflow-commands-for-github-actions, the escaping in
actions/toolkit, packages/core/src/command.ts.
"""

from roster.check.result import CheckResult
from roster.findings import Diagnostic


def write(result: CheckResult, _rules: object) -> str:
    """Return one workflow command for each finding."""
    return "".join(f"{_command(diagnostic)}\n" for diagnostic in result.diagnostics)


def _command(diagnostic: Diagnostic) -> str:
    span = diagnostic.span
    properties = {"file": diagnostic.path, "line": span.line, "endLine": span.end_line}
    if span.line == span.end_line:  # the runner rejects columns of a span over several lines
        properties |= {"col": span.column, "endColumn": span.end_column}
    properties["title"] = diagnostic.rule
    attributes = ",".join(f"{key}={_escaped_property(str(value))}" for key, value in properties.items())
    return f"::{diagnostic.severity.value} {attributes}::{_escaped(diagnostic.sentence)}"


def _escaped(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _escaped_property(text: str) -> str:
    return _escaped(text).replace(":", "%3A").replace(",", "%2C")
