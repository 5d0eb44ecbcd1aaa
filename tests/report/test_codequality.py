"""The report of GitLab's Code Quality: what its reader needs, which stops at the first item it does not understand."""

import json
from pathlib import Path
from typing import Any

from roster.findings import Severity
from tests.report.conftest import PRODUCTION, STAGING, checked, finding, move, reported, result_of


def items(root: Path) -> list[dict[str, Any]]:
    parsed: list[dict[str, Any]] = json.loads(reported("codequality", root))
    return parsed


def test_a_clean_report_is_an_empty_array(checkout: Path):
    assert reported("codequality", checkout) == "[]\n"


def test_an_item(broken: Path):
    (item, _) = (item for item in items(broken) if item["check_name"] == "unknown-feature")
    assert len(bytes.fromhex(item["fingerprint"])) == 32
    assert item | {"fingerprint": ""} == {
        "description": 'unknown-feature: unknown feature "code-generatoin" (did you mean "code-generation"?)',
        "check_name": "unknown-feature",
        "fingerprint": "",
        "severity": "major",
        "location": {"path": PRODUCTION, "lines": {"begin": 47}},
    }


def test_every_item_has_the_form_that_gitlab_reads(broken: Path):
    found = items(broken)
    assert len(found) == 5
    for item in found:
        assert item.keys() == {"description", "check_name", "fingerprint", "severity", "location"}
        assert item["description"].startswith(f"{item['check_name']}: ")
        assert item["location"].keys() == {"path", "lines"}
        assert item["location"]["path"] in {PRODUCTION, STAGING}
        assert item["location"]["lines"].keys() == {"begin"}
    assert len({item["fingerprint"] for item in found}) == len(found)


def test_lines_count_from_1(checkout: Path):
    (checkout / PRODUCTION).write_text("- nothing\n- nothing\n")
    assert {item["location"]["lines"]["begin"] for item in items(checkout)} >= {1, 2}


def test_a_severity_is_one_that_gitlab_knows(broken: Path):
    assert {item["check_name"]: item["severity"] for item in items(broken)} == {
        "environment-drift": "minor",
        "unknown-key": "major",
        "unknown-feature": "major",
    }
    named = {"info", "minor", "major", "critical", "blocker"}
    for severity in Severity:
        (item,) = json.loads(reported("codequality", result_of(finding()._replace(severity=severity))))
        assert item["severity"] in named


def test_the_widget_sees_no_change_when_only_lines_move(broken: Path):
    before = {item["fingerprint"]: item["description"] for item in items(broken)}
    move(broken)
    assert {item["fingerprint"]: item["description"] for item in items(broken)} == before


def test_it_holds_every_finding(broken: Path):
    assert [item["check_name"] for item in items(broken)] == [found.rule for found in checked(broken).diagnostics]
