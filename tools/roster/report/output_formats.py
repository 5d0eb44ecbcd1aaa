"""The output formats of every command, with the function that writes each.

To add a format to a command, write a module with such a function and add one line here. The option ``--format``, its
help, its error messages and its completion follow.
"""

import importlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple

Writer = Callable[..., str]
"""Returns the whole report on what a command hands to it. Writers of styled formats also take ``paint``."""


class OutputFormat(NamedTuple):
    """One output format.

    Attributes:
        purpose: what the format is for, as completion shows it.
        function: the function that writes it, as ``module:name``.
        styled: whether a terminal shows it in color and with links.
        extra: the extra that its function needs; empty if none.
        file: where a run writes the report in this format; None stands for standard output.
    """

    purpose: str
    function: str
    styled: bool = False
    extra: str = ""
    file: Path | None = None

    def writer(self) -> Writer:
        """Import the function that writes the format."""
        module, _, name = self.function.partition(":")
        function: Writer = getattr(importlib.import_module(module), name)
        return function


_FOR_PEOPLE = "for people in a terminal"

CHECK: Mapping[str, OutputFormat] = {
    "text": OutputFormat(_FOR_PEOPLE, "roster.report.check_text:write", styled=True),
    "json": OutputFormat(
        "for programs; schemas/check_report.schema.json describes it", "roster.report.check_json:write"
    ),
    "codequality": OutputFormat(
        "for GitLab's merge request widget (artifacts:reports:codequality)", "roster.report.codequality:write"
    ),
    "junit": OutputFormat("for GitLab's test report (artifacts:reports:junit)", "roster.report.junit:write"),
    "sarif": OutputFormat("for security dashboards and code scanning, SARIF 2.1.0", "roster.report.sarif:write"),
    "github": OutputFormat("for annotations in GitHub Actions", "roster.report.github:write"),
}
"""Formats of ``roster check``; functions take a ``CheckResult`` and every rule by name."""

DIFF: Mapping[str, OutputFormat] = {
    "text": OutputFormat(_FOR_PEOPLE, "roster.diff.diff_report:write_text", styled=True),
    "markdown": OutputFormat("for a comment on a merge request", "roster.diff.diff_markdown:write"),
    "json": OutputFormat("for programs; schemas/diff.schema.json describes it", "roster.diff.diff_report:write_json"),
}
"""Formats of ``roster diff``; functions take a ``Comparison``."""

DRIFT: Mapping[str, OutputFormat] = {
    "text": OutputFormat(_FOR_PEOPLE, "roster.diff.drift_report:write_text", styled=True),
    "json": OutputFormat("for programs; schemas/drift.schema.json describes it", "roster.diff.drift_report:write_json"),
    "markdown": OutputFormat("for a page or a comment", "roster.diff.drift_report:write_markdown"),
}
"""Formats of ``roster drift``; functions take rows and the names of environments."""

TIMELINE: Mapping[str, OutputFormat] = {
    "text": OutputFormat(_FOR_PEOPLE, "roster.timeline.timeline_report:write_text", styled=True),
    "json": OutputFormat(
        "for programs; schemas/timeline.schema.json describes it", "roster.timeline.timeline_report:write_json"
    ),
    "svg": OutputFormat("a picture for pages and documents, in light and dark", "roster.timeline.timeline_svg:write"),
    "ics": OutputFormat("for calendars, iCalendar", "roster.timeline.timeline_ics:write", extra="calendar"),
}
"""Formats of ``roster timeline``; functions take a ``Timeline``, the lines of its places, and a namer of files."""

IMPORT: Mapping[str, OutputFormat] = {
    "text": OutputFormat(_FOR_PEOPLE, "roster.importing.import_report:write_text", styled=True),
    "json": OutputFormat(
        "for programs; schemas/import_report.schema.json describes it", "roster.importing.import_report:write_json"
    ),
}
"""Formats of ``roster import``; functions take an ``ImportReport``."""

PROVIDERS_UPDATE: Mapping[str, OutputFormat] = {
    "text": OutputFormat(_FOR_PEOPLE, "roster.provider_sources.report:write_text"),
    "markdown": OutputFormat("for the description of a merge request", "roster.provider_sources.report:write_markdown"),
}
"""Formats of ``roster providers update``; functions take an ``Update``."""

GATEWAY_PROBE: Mapping[str, OutputFormat] = {
    "text": OutputFormat(_FOR_PEOPLE, "roster.probe.probe_report:write_text", styled=True),
    "json": OutputFormat(
        "for programs; schemas/probe.schema.json describes it", "roster.probe.probe_report:write_json"
    ),
    "junit": OutputFormat(
        "for GitLab's test report (artifacts:reports:junit)", "roster.probe.probe_report:write_junit"
    ),
}
"""Formats of ``roster gateway probe``; functions take a ``ProbeReport``."""

INSTANCE_TOKEN: Mapping[str, OutputFormat] = {
    "text": OutputFormat(_FOR_PEOPLE, "roster.instance.auth.token_report:write_text"),
    "json": OutputFormat(
        "for programs; schemas/tokens.schema.json describes it", "roster.instance.auth.token_report:write_json"
    ),
}
"""Formats of ``roster instance token --list``; functions take the tokens."""
