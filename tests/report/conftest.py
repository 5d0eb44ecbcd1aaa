"""A repository with errors, and reports on it."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from roster.check.pipeline import check
from roster.check.result import CheckResult
from roster.findings import Diagnostic, Severity, Span
from roster.registries import Registries
from roster.report import output_formats
from roster.repository import Repository
from roster.rules.all_rules import RULES
from roster.yaml.line_index import LineIndex
from tests.conftest import edit

PRODUCTION = "env/production/offered_models_metadata.yaml"
STAGING = "env/staging/offered_models_metadata.yaml"
TODAY = date(2026, 11, 21)
RULE = "unknown-key"
ADDED = """\
# A new one.
#
- name: Another Codestral
  identifier: fireworks_ai/codestral-2502
  api-key: AIGW_MODEL_ANOTHER_CODESTRAL_API_KEY
  endpoint: https://api.fireworks.ai/inference/v1
  release_state: GA
  family: codestral
  features: [code-completion]
"""


def checked(root: Path) -> CheckResult:
    return check(Repository(root), TODAY)


def reported(kind: str, result: CheckResult | Path) -> str:
    """Return the report on a result, or on a repository."""
    write = output_formats.CHECK[kind].writer()
    return write(result if isinstance(result, CheckResult) else checked(result), RULES)


def result_of(*diagnostics: Diagnostic) -> CheckResult:
    """Return a check result with invented findings."""
    files = tuple(dict.fromkeys(diagnostic.path for diagnostic in diagnostics))
    return CheckResult(Registries.of([], [], []), files, diagnostics, {path: LineIndex("") for path in files}, {})


def finding(message: str = "something is wrong", path: str = PRODUCTION, **more: Any) -> Diagnostic:
    return Diagnostic(path, Span(3, 5, 3, 9), Severity.ERROR, RULE, message, **more)


@pytest.fixture
def broken(checkout: Path) -> Path:
    """A repository with errors in two models, two of them at the same key, and a warning."""
    edit(checkout / PRODUCTION, "features: [code-generation, duo_chat]", "features: [code-generatoin, duo_caht]")
    edit(checkout / PRODUCTION, "  provider: Vertex", '  provider: Vertex\n  "🚀{0}": 1')
    edit(checkout / STAGING, "identifier: fireworks_ai/codestral-2501", "identifier: fireworks_ai/codestral-2508")
    return checkout


def move(root: Path) -> None:
    """Move every line without changing a finding: insert comments and a model at the top of each roster."""
    for roster in root.glob("env/*/*.yaml"):
        first, line_break, rest = roster.read_text().partition("\n")
        roster.write_text(f"{first}{line_break}{ADDED}{rest}")
