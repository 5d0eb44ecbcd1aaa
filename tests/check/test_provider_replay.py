"""The replay of two years: what a check on the first day of each month reports about ten real models.

``provider_replay/`` has the roster, the facts with their sources, and what is reported: the findings that are new
(``+``) and those that are gone (``-``) since the month before. ``make fixtures`` regenerates that. Review the diff.
"""

from datetime import date
from pathlib import Path

import pytest

from roster.check.loading import load_registries
from roster.check.pipeline import check_document
from roster.model import DATE_KEYS
from roster.naming import counted
from roster.registries import ENVIRONMENTS, PROVIDER_FACTS, Registries
from roster.repository import Repository
from roster.roster import roster_path
from roster.yaml.document import Document, parse

HERE = Path(__file__).parent / "provider_replay"
FIRST_DAYS = [date(year, month, 1) for year in (2025, 2026) for month in range(1, 13)]
POLICY = """\
- name: production
  release_states: [GA]
  default_release_states: [GA]
  retirement_notice_days: 90
"""


def reported(document: Document, registries: Registries, on: date) -> list[str]:
    """Return the findings on a day, one line each."""
    diagnostics = check_document(document, "production", registries, on).diagnostics
    return [f"{each.severity} at {each.model}: {each.message} [{each.rule}]" for each in diagnostics]


def test_findings_of_each_month(tmp_path: Path, request: pytest.FixtureRequest):
    facts = (HERE / "provider_facts.yaml").read_bytes()
    repository = Repository(tmp_path, {ENVIRONMENTS: POLICY.encode(), PROVIDER_FACTS: facts})
    registries = load_registries(repository)
    assert len(registries.provider_facts) == 10
    document = parse(roster_path("production"), (HERE / "production.yaml").read_bytes(), dates=DATE_KEYS)
    lines, before = [], list[str]()
    for day in FIRST_DAYS:
        findings = reported(document, registries, day)
        lines += [f"{day}: {counted(len(findings), 'finding')}"]
        lines += [f"  - {finding}" for finding in before if finding not in findings]
        lines += [f"  + {finding}" for finding in findings if finding not in before]
        before = findings
    text, expected = "\n".join([*lines, ""]), HERE / "reported.txt"
    if request.config.getoption("regenerate"):
        expected.write_text(text, encoding="utf-8")
    assert text == expected.read_text(encoding="utf-8")
