"""The JSON report, validated against its schema."""

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator, ValidationError

from tests.conftest import ROOT
from tests.report.conftest import PRODUCTION, checked, finding, reported, result_of

SCHEMA = json.loads((ROOT / "schemas/check_report.schema.json").read_text())


def read(report: str) -> dict[str, Any]:
    """Parse a report and validate it against its schema."""
    parsed: dict[str, Any] = json.loads(report)
    Draft202012Validator(SCHEMA).validate(parsed)
    return parsed


def test_schema_and_its_examples_are_valid():
    Draft202012Validator.check_schema(SCHEMA)
    for example in SCHEMA["examples"]:
        read(json.dumps(example))


def test_clean_report(checkout: Path):
    report = read(reported("json", checkout))
    assert report["format"] == 1
    assert report["summary"] == {"errors": 0, "warnings": 0}
    assert report["diagnostics"] == []
    assert report["files"] == list(checked(checkout).files)


def test_report_has_all_fields_of_finding(broken: Path):
    report = read(reported("json", broken))
    assert report["summary"] == {"errors": 3, "warnings": 2}
    (item, _) = (item for item in report["diagnostics"] if item["rule"] == "unknown-feature")
    assert item | {"note": "", "fingerprint": ""} == {
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
    assert item["note"].endswith("resolve_dependency_bump"), "the whole list, however long"


def test_unusual_characters_are_preserved():
    message = '\x00\x1b[31m \u2028 🚀 \u202e "\\'
    report = read(reported("json", result_of(finding(message, path="env/ü %/x.yaml", key="🚀"))))
    (item,) = report["diagnostics"]
    assert (item["message"], item["path"], item["key"]) == (message, "env/ü %/x.yaml", "🚀")


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
def test_schema_rejects_invalid_report(change: dict[str, Any]):
    with pytest.raises(ValidationError):
        read(json.dumps(SCHEMA["examples"][0] | change))
