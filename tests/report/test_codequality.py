"""The Code Quality report: GitLab stops reading at the first item that it does not understand."""

import json
import re
from pathlib import Path
from typing import Any

from roster.findings import Severity
from tests.report.conftest import PRODUCTION, STAGING, checked, finding, move, reported, result_of


def items(root: Path) -> list[dict[str, Any]]:
    parsed: list[dict[str, Any]] = json.loads(reported("codequality", root))
    return parsed


def test_clean_report_is_empty_array(checkout: Path):
    assert reported("codequality", checkout) == "[]\n"


def test_item_has_all_fields(broken: Path):
    (item, _) = (item for item in items(broken) if item["check_name"] == "unknown-feature")
    assert len(bytes.fromhex(item["fingerprint"])) == 32
    assert item | {"fingerprint": ""} == {
        "description": 'unknown-feature: unknown feature "code-generatoin" (did you mean "code-generation"?)',
        "check_name": "unknown-feature",
        "fingerprint": "",
        "severity": "major",
        "location": {"path": PRODUCTION, "lines": {"begin": 47}},
    }


def test_every_item_has_form_that_gitlab_reads(broken: Path):
    report = items(broken)
    assert len(report) == 5
    for item in report:
        assert item.keys() == {"description", "check_name", "fingerprint", "severity", "location"}
        assert item["description"].startswith(f"{item['check_name']}: ")
        assert item["location"].keys() == {"path", "lines"}
        assert item["location"]["path"] in {PRODUCTION, STAGING}
        assert item["location"]["lines"].keys() == {"begin"}
    assert len({item["fingerprint"] for item in report}) == len(report)


def test_lines_count_from_1(checkout: Path):
    (checkout / PRODUCTION).write_text("- nothing: 1\n- nothing: 1\n")
    assert {item["location"]["lines"]["begin"] for item in items(checkout)} >= {1, 2}


def test_severities_are_those_of_gitlab(broken: Path):
    assert {item["check_name"]: item["severity"] for item in items(broken)} == {
        "environment-drift": "minor",
        "unknown-key": "major",
        "unknown-feature": "major",
    }
    named = {"info", "minor", "major", "critical", "blocker"}
    for severity in Severity:
        (item,) = json.loads(reported("codequality", result_of(finding()._replace(severity=severity))))
        assert item["severity"] in named


def test_moved_lines_change_no_fingerprint(broken: Path):
    def descriptions() -> dict[str, str]:
        return {item["fingerprint"]: re.sub(r"line \d+", "line", item["description"]) for item in items(broken)}

    before = descriptions()
    move(broken)
    assert descriptions() == before


def test_every_finding_is_an_item(broken: Path):
    assert [item["check_name"] for item in items(broken)] == [
        diagnostic.rule for diagnostic in checked(broken).diagnostics
    ]
