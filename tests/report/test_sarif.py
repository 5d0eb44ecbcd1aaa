"""The SARIF report, validated with the Multitool that the authors of the format publish on npm.

Its schema is validated here, because the Multitool ignores values outside an enumeration.
"""

import json
import os
import platform
import re
import subprocess
from collections.abc import Callable
from email.message import Message
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from roster import __version__
from roster.rules.all_rules import RULES
from tests.node import program
from tests.report.conftest import PRODUCTION, checked, finding, reported, result_of

pytestmark = pytest.mark.slow

Validate = Callable[[str], list[str]]
Report = dict[str, Any]


@pytest.fixture(scope="module")
def validate(tmp_path_factory: pytest.TempPathFactory) -> Validate:
    """Return a function that returns the validator's messages about a report."""
    if platform.machine() not in {"x86_64", "AMD64"}:
        pytest.skip(f"needs sarif-multitool, which is built for x86-64 and not for {platform.machine()}")
    command = program("@microsoft/sarif-multitool")
    (native,) = Path(command[-1]).parents[1].glob("sarif-multitool-*/Sarif.Multitool")
    native.chmod(0o755)  # the package's install script would do that
    schema = Draft202012Validator(json.loads((native.parent / "sarif-2.1.0.json").read_text()))
    # No ICU library is needed, and the proxy blocks its requests for the URLs in a report.
    environment = os.environ | {"DOTNET_SYSTEM_GLOBALIZATION_INVARIANT": "1", "HTTPS_PROXY": "http://127.0.0.1:9"}

    def errors(report: str) -> list[str]:
        if broken := [f"error schema: {error.message}" for error in schema.iter_errors(json.loads(report))]:
            return broken
        file = tmp_path_factory.mktemp("sarif") / "report.sarif"
        file.write_text(report, encoding="utf-8")
        run = [*command, "validate", str(file)]
        done = subprocess.run(run, env=environment, capture_output=True, text=True, check=True, timeout=60)
        assert "1 files scanned" in done.stdout, done.stdout
        return re.findall(r"error \S+: .*", done.stdout)

    return errors


def first(report: Report) -> Report:
    result: Report = report["runs"][0]["results"][0]
    return result


def physical(report: Report) -> Report:
    place: Report = first(report)["locations"][0]["physicalLocation"]
    return place


def test_clean_report_is_valid_and_has_every_rule(checkout: Path, validate: Validate):
    report = reported("sarif", checkout)
    assert validate(report) == []
    (run,) = json.loads(report)["runs"]
    assert run["results"] == []
    assert [rule["id"] for rule in run["tool"]["driver"]["rules"]] == list(RULES)
    assert run["tool"]["driver"]["version"] == __version__
    for rule in run["tool"]["driver"]["rules"]:
        assert rule["shortDescription"]["text"] != rule["fullDescription"]["text"] != ""


def test_report_with_findings_is_valid(broken: Path, validate: Validate):
    assert validate(reported("sarif", broken)) == []


@pytest.mark.parametrize(
    "path", ["env/a b/x.yaml", "env/50%/#?&x.yaml", "c:/x.yaml", "env/模型/🚀.yaml", "env/\udcff/x.yaml"]
)
def test_report_with_unusual_characters_is_valid(path: str, validate: Validate):
    assert validate(reported("sarif", result_of(finding("\x00\x1b 🚀 {0} [a](1) \u202e", path=path)))) == []


@pytest.mark.parametrize(
    ("change", "message"),
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
def test_validator_detects_errors(broken: Path, validate: Validate, change: Callable[[Report], object], message: str):
    report = json.loads(reported("sarif", broken))
    change(report)
    assert message in "\n".join(validate(json.dumps(report)))


def test_result_has_all_fields(broken: Path):
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


def test_columns_count_code_points(broken: Path):
    """A rocket is one code point and two UTF-16 units; the report declares which it counts."""
    (run,) = json.loads(reported("sarif", broken))["runs"]
    assert run["columnKind"] == "unicodeCodePoints"
    (result,) = (result for result in run["results"] if result["ruleId"] == "unknown-key")
    region = result["locations"][0]["physicalLocation"]["region"]
    line = (broken / PRODUCTION).read_text().splitlines()[region["startLine"] - 1]
    assert line[region["startColumn"] - 1 : region["endColumn"] - 1] == '"🚀{0}"'


def test_braces_in_message_are_escaped(broken: Path):
    """Section 3.11.5 of the specification: literal braces are doubled."""
    texts = [result["message"]["text"] for result in json.loads(reported("sarif", broken))["runs"][0]["results"]]
    (text,) = (text for text in texts if "🚀" in text)
    assert '"🚀{{0}}"' in text


def test_fingerprints_are_unique(broken: Path):
    results = json.loads(reported("sarif", broken))["runs"][0]["results"]
    assert len({result["partialFingerprints"]["rosterFinding/v1"] for result in results}) == len(results)
    assert len(results) == len(checked(broken).diagnostics)


def test_name_that_is_not_utf_8_is_quoted_bytewise():
    report = json.loads(reported("sarif", result_of(finding(path="env/\udcff/x.yaml"))))
    assert physical(report)["artifactLocation"]["uri"] == "env/%FF/x.yaml"


@pytest.mark.parametrize(
    ("recorded", "uri"),
    [
        ('{"url": "https://gitlab.example.org/ai/roster.git", "vcs_info": {}}', "https://gitlab.example.org/ai/roster"),
        (
            '{"url": "https://user:token@gitlab.example.org:8443/ai/roster"}',
            "https://gitlab.example.org:8443/ai/roster",
        ),
        ('{"url": "file:///home/me/roster", "dir_info": {"editable": true}}', None),
        ('{"url": "ssh://git@gitlab.example.org/ai/roster.git"}', None),
        ('{"url": "https://[::1/"}', None),
        ("not JSON", None),
        ("[]", None),
        ("{}", None),
        (None, None),
    ],
)
def test_information_uri_is_where_toolkit_was_installed_from(
    recorded: str | None, uri: str | None, monkeypatch: pytest.MonkeyPatch, validate: Validate
):
    report = reported_by_toolkit(monkeypatch, recorded)
    assert information_uri(report) == uri
    assert validate(report) == []


@pytest.mark.parametrize(
    ("remote", "uri"),
    [
        ("https://gitlab-ci-token:secret@gitlab.example.org/ai/roster.git", "https://gitlab.example.org/ai/roster"),
        ("git@gitlab.example.org:ai/roster.git", None),
        ("/srv/roster.git", None),
        (None, None),
    ],
)
def test_information_uri_of_toolkit_in_a_checkout_is_its_remote(
    remote: str | None, uri: str | None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    checkout = tmp_path / "a checkout"
    subprocess.run(["git", "init", "--quiet", checkout], check=True)
    if remote:
        subprocess.run(["git", "-C", checkout, "remote", "add", "origin", remote], check=True)
    recorded = json.dumps({"url": checkout.as_uri(), "dir_info": {"editable": True}})
    assert information_uri(reported_by_toolkit(monkeypatch, recorded)) == uri


def test_information_uri_is_the_url_in_the_metadata_of_the_package(monkeypatch: pytest.MonkeyPatch):
    report = reported_by_toolkit(monkeypatch, None, "Documentation, https://docs.example.org/roster")
    assert information_uri(report) == "https://docs.example.org/roster"


def reported_by_toolkit(monkeypatch: pytest.MonkeyPatch, recorded: str | None, *urls: str) -> str:
    """Return a report of the toolkit, installed from what pip recorded, with URLs in the metadata of its package."""

    class Installed:
        metadata = Message()

        def read_text(self, name: str) -> str | None:
            return recorded

    for url in urls:
        Installed.metadata["Project-URL"] = url
    monkeypatch.setattr("importlib.metadata.distribution", lambda _: Installed())
    return reported("sarif", result_of(finding()))


def information_uri(report: str) -> str | None:
    uri: str | None = json.loads(report)["runs"][0]["tool"]["driver"].get("informationUri")
    return uri
