"""How a check's result is written: one module for each format, each with a function ``write``."""

import importlib
from typing import Protocol, cast

from roster.check.result import CheckResult
from roster.findings import About

FORMATS = {
    "text": "for people in a terminal",
    "json": "for programs; schemas/check_report.schema.json describes it",
    "codequality": "for GitLab's merge request widget (artifacts:reports:codequality)",
    "junit": "for GitLab's test report (artifacts:reports:junit)",
    "sarif": "for security dashboards and code scanning, SARIF 2.1.0",
    "github": "for annotations in GitHub Actions",
}
"""Every format with what it is for; a module of this package writes it."""


_MODULES = {"text": "check_text", "json": "check_json"}
"""The modules whose names differ from the format's."""


class Writer(Protocol):
    """What the module of a format offers."""

    def write(self, result: CheckResult, rules: dict[str, About]) -> str:
        """Return the whole report; ``rules`` tells of every rule, also of those that found nothing."""


def writer(name: str) -> Writer:
    """Return the module that writes a format; it is imported only when it is asked for."""
    return cast(Writer, importlib.import_module(f"roster.report.{_MODULES.get(name, name)}"))
