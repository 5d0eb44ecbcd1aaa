"""The SARIF report, held to the validator that the format's authors publish: Microsoft's Multitool, from npm.

Its schema is applied here, since the Multitool itself passes over a value that an enumeration does not hold.
"""

import json
import os
import platform
import re
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from roster import __version__
from roster.rules.all_rules import RULES
from tests.node import program
from tests.report.conftest import PRODUCTION, checked, finding, reported, result_of

Validate = Callable[[str], list[str]]
Report = dict[str, Any]


@pytest.fixture(scope="module")
def validate(tmp_path_factory: pytest.TempPathFactory) -> Validate:
    """What is wrong with a report, in the validator's words."""
    if platform.machine() not in {"x86_64", "AMD64"}:
        pytest.skip(f"needs sarif-multitool, which is built for x86-64 and not for {platform.machine()}")
    command = program("@microsoft/sarif-multitool")
    (native,) = Path(command[-1]).parents[1].glob("sarif-multitool-*/Sarif.Multitool")
    native.chmod(0o755)  # the package's own script would do that, had npm run it
    schema = Draft202012Validator(json.loads((native.parent / "sarif-2.1.0.json").read_text()))
    # It needs no library for languages, and finds no way out when it asks whether the addresses in a report exist.
    environment = os.environ | {"DOTNET_SYSTEM_GLOBALIZATION_INVARIANT": "1", "HTTPS_PROXY": "http://127.0.0.1:9"}

    def complaints(report: str) -> list[str]:
        if broken := [f"error schema: {error.message}" for error in schema.iter_errors(json.loads(report))]:
            return broken
        file = tmp_path_factory.mktemp("sarif") / "report.sarif"
        file.write_text(report, encoding="utf-8")
        run = [*command, "validate", str(file)]
        done = subprocess.run(run, env=environment, capture_output=True, text=True, check=True, timeout=60)
        assert "1 files scanned" in done.stdout, done.stdout
        return re.findall(r"error \S+: .*", done.stdout)

    return complaints


def first(report: Report) -> Report:
    result: Report = report["runs"][0]["results"][0]
    return result


def physical(report: Report) -> Report:
    place: Report = first(report)["locations"][0]["physicalLocation"]
    return place


def test_a_clean_report_is_valid_and_tells_of_every_rule(checkout: Path, validate: Validate):
    report = reported("sarif", checkout)
    assert validate(report) == []
    (run,) = json.loads(report)["runs"]
    assert run["results"] == []
    assert [rule["id"] for rule in run["tool"]["driver"]["rules"]] == list(RULES)
    assert run["tool"]["driver"]["version"] == __version__


def test_a_report_with_findings_is_valid(broken: Path, validate: Validate):
    assert validate(reported("sarif", broken)) == []


@pytest.mark.parametrize(
    "path", ["env/a b/x.yaml", "env/50%/#?&x.yaml", "c:/x.yaml", "env/模型/🚀.yaml", "env/\udcff/x.yaml"]
)
def test_a_report_of_hard_characters_is_valid(path: str, validate: Validate):
    assert validate(reported("sarif", result_of(finding("\x00\x1b 🚀 {0} [a](1) \u202e", path=path)))) == []


@pytest.mark.parametrize(
    ("spoil", "complaint"),
    [
        (lambda report: report["runs"][0].update(colour="red"), "'colour' was unexpected"),
        (lambda report: first(report).update(level="fatal"), "'fatal' is not one of"),
        (lambda report: first(report).update(ruleIndex=999), "SARIF1009"),
        (lambda report: first(report).pop("message"), "'message' is a required property"),
        (lambda report: physical(report)["region"].update(startLine=0), "0 is less than the minimum"),
        (lambda report: physical(report)["region"].update(endColumn=1), "SARIF1007"),
        (lambda report: physical(report)["artifactLocation"].update(uri="a b%.yaml"), "SARIF1002"),
        (lambda report: physical(report)["artifactLocation"].update(uri="/env/x.yaml"), "SARIF1004"),
    ],
)
def test_the_validator_would_see_a_mistake(
    broken: Path, validate: Validate, spoil: Callable[[Report], object], complaint: str
):
    report = json.loads(reported("sarif", broken))
    spoil(report)
    assert complaint in "\n".join(validate(json.dumps(report)))


def test_a_result(broken: Path):
    (run,) = json.loads(reported("sarif", broken))["runs"]
    (result, _) = (result for result in run["results"] if result["ruleId"] == "unknown-feature")
    assert run["tool"]["driver"]["rules"][result.pop("ruleIndex")]["id"] == "unknown-feature"
    assert len(bytes.fromhex(result["partialFingerprints"].pop("rosterFinding/v1"))) == 32
    region = {"startLine": 47, "startColumn": 14, "endLine": 47, "endColumn": 29}
    assert result == {
        "ruleId": "unknown-feature",
        "level": "error",
        "message": {"text": 'unknown feature "code-generatoin" (did you mean "code-generation"?)'},
        "locations": [{"physicalLocation": {"artifactLocation": {"uri": PRODUCTION}, "region": region}}],
        "partialFingerprints": {},
    }


def test_columns_are_those_of_the_text(broken: Path):
    """A rocket is one code point and two units of UTF-16, and the report says which of them it counts."""
    (run,) = json.loads(reported("sarif", broken))["runs"]
    assert run["columnKind"] == "unicodeCodePoints"
    (result,) = (result for result in run["results"] if result["ruleId"] == "unknown-key")
    region = result["locations"][0]["physicalLocation"]["region"]
    line = (broken / PRODUCTION).read_text().splitlines()[region["startLine"] - 1]
    assert line[region["startColumn"] - 1 : region["endColumn"] - 1] == '"🚀{0}"'


def test_no_part_of_a_message_is_taken_for_a_placeholder(broken: Path):
    """Section 3.11.5 of the specification: a literal brace is written twice."""
    texts = [result["message"]["text"] for result in json.loads(reported("sarif", broken))["runs"][0]["results"]]
    (text,) = (text for text in texts if "🚀" in text)
    assert '"🚀{{0}}"' in text


def test_fingerprints_tell_results_apart(broken: Path):
    results = json.loads(reported("sarif", broken))["runs"][0]["results"]
    assert len({result["partialFingerprints"]["rosterFinding/v1"] for result in results}) == len(results)
    assert len(results) == len(checked(broken).diagnostics)


def test_a_name_that_is_no_utf_8_is_quoted_byte_by_byte():
    report = json.loads(reported("sarif", result_of(finding(path="env/\udcff/x.yaml"))))
    assert physical(report)["artifactLocation"]["uri"] == "env/%FF/x.yaml"
