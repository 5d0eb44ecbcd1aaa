"""Workflow commands of GitHub Actions, which become annotations.

https://docs.github.com/en/actions/reference/workflow-commands-for-github-actions; how values are escaped is in the
runner's own toolkit (actions/toolkit, packages/core/src/command.ts).
"""

from roster.check.result import CheckResult
from roster.findings import Diagnostic


def write(result: CheckResult, _rules: object) -> str:
    """Return one line for each finding."""
    return "".join(f"{_command(found)}\n" for found in result.diagnostics)


def _command(found: Diagnostic) -> str:
    span = found.span
    properties = {"file": found.path, "line": span.line, "endLine": span.end_line}
    if span.line == span.end_line:  # the runner takes no columns of a span over several lines
        properties |= {"col": span.column, "endColumn": span.end_column}
    properties["title"] = found.rule
    told = ",".join(f"{key}={_in_a_property(str(value))}" for key, value in properties.items())
    return f"::{found.severity.value} {told}::{_escaped(found.sentence)}"


def _escaped(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _in_a_property(text: str) -> str:
    return _escaped(text).replace(":", "%3A").replace(",", "%2C")
