"""A repository with one roster in memory, and the registries and schemas of this repository."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

from roster.check.pipeline import check
from roster.check.result import CheckResult
from roster.findings import Diagnostic
from roster.registries import ENVIRONMENTS
from roster.repository import Repository
from roster.roster import roster_path
from tests.conftest import ROOT

PATH = roster_path("production")
TODAY = date(2026, 6, 15)
PROMOTION_PATH = b"""\
- name: production
  release_states: [BETA, GA]
  default_release_states: [GA]
  retirement_notice_days: 90
"""
CLEAN = """\
- name: Claude
  identifier: bedrock/claude-1
  api-key: AIGW_MODEL_CLAUDE_API_KEY
  endpoint: https://example-models.com/v1
  release_state: GA
  family: claude
  features: [code-completion, code-generation]
  default_for: [code-completion, code-generation]
"""


class OneRoster(Repository):
    """The repository; ``files`` contains the files that differ from this checkout, by path."""

    files: dict[str, bytes]

    def environment_folders(self) -> Iterator[str]:
        return iter(["production"])

    def has(self, path: str) -> bool:
        return path in self.files

    def read(self, path: str) -> bytes:
        return self.files[path] if path in self.files else super().read(path)


class ReportedText(NamedTuple):
    """A finding reduced to its rule and the text at its span."""

    rule: str
    text: str


def repository(roster: str | bytes) -> OneRoster:
    fake = OneRoster(ROOT)
    fake.files = {PATH: roster.encode() if isinstance(roster, str) else roster, ENVIRONMENTS: PROMOTION_PATH}
    return fake


def checked(roster: str | bytes) -> CheckResult:
    return check(repository(roster), TODAY)


def diagnostics(roster: str | bytes) -> tuple[Diagnostic, ...]:
    return checked(roster).diagnostics


def reported(roster: str) -> list[ReportedText]:
    """Check a roster; return the rule and the text of each finding, whose span must be on one line."""
    lines = roster.replace("\r\n", "\n").split("\n")
    return [
        ReportedText(finding.rule, lines[finding.span.line - 1][finding.span.column - 1 : finding.span.end_column - 1])
        for finding in diagnostics(roster)
    ]


def with_key(key: str, value: str) -> str:
    """Return the clean roster with a YAML value at an existing or new key."""
    lines = CLEAN.splitlines()
    for index, line in enumerate(lines):
        if line[2:].startswith(f"{key}: "):
            lines[index] = f"{line[:2]}{key}: {value}"
            break
    else:
        lines.append(f"  {key}: {value}")
    return "\n".join(lines) + "\n"
