"""The JSON report, held to the schema that describes it."""

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator, ValidationError

from tests.conftest import ROOT
from tests.report.conftest import PRODUCTION, checked, finding, reported, result_of

SCHEMA = json.loads((ROOT / "schemas/check_report.schema.json").read_text())


def read(report: str) -> dict[str, Any]:
    """Parse a report, and hold it to its schema."""
    parsed: dict[str, Any] = json.loads(report)
    Draft202012Validator(SCHEMA).validate(parsed)
    return parsed


def test_the_schema_is_one_and_its_examples_follow_it():
    Draft202012Validator.check_schema(SCHEMA)
    for example in SCHEMA["examples"]:
        read(json.dumps(example))


def test_a_clean_report(checkout: Path):
    report = read(reported("json", checkout))
    assert report["format"] == 1
    assert report["summary"] == {"errors": 0, "warnings": 0}
    assert report["diagnostics"] == []
    assert report["files"] == list(checked(checkout).files)


def test_a_report_tells_all_there_is_to_a_finding(broken: Path):
    report = read(reported("json", broken))
    assert report["summary"] == {"errors": 3, "warnings": 2}
    (found, _) = (found for found in report["diagnostics"] if found["rule"] == "unknown-feature")
    assert found | {"note": "", "fingerprint": ""} == {
        "rule": "unknown-feature",
        "severity": "error",
        "path": PRODUCTION,
        "start": {"line": 47, "column": 14},
        "end": {"line": 47, "column": 29},
        "message": 'unknown feature "code-generatoin"',
        "hint": 'did you mean "code-generation"?',
        "note": "",
        "model": "claude_3_7_sonnet",
        "key": "features",
        "fingerprint": "",
    }
    assert found["note"].endswith("duo_agent_platform"), "the whole list, however long"


def test_hard_characters_come_through():
    message = '\x00\x1b[31m \u2028 🚀 \u202e "\\'
    report = read(reported("json", result_of(finding(message, path="env/ü %/x.yaml", key="🚀"))))
    (found,) = report["diagnostics"]
    assert (found["message"], found["path"], found["key"]) == (message, "env/ü %/x.yaml", "🚀")


@pytest.mark.parametrize(
    "change",
    [
        {"format": 2},
        {"colour": "red"},
        {"summary": {"errors": -1, "warnings": 0}},
        {"files": ["./env/environments.yaml"]},
        {"files": ["/env/environments.yaml"]},
        {"diagnostics": [{}]},
        {"diagnostics": [SCHEMA["examples"][0]["diagnostics"][0] | {"start": {"line": 0, "column": 1}}]},
        {"diagnostics": [SCHEMA["examples"][0]["diagnostics"][0] | {"severity": "fatal"}]},
    ],
    ids=str,
)
def test_the_schema_refuses_what_is_no_report(change: dict[str, Any]):
    with pytest.raises(ValidationError):
        read(json.dumps(SCHEMA["examples"][0] | change))
