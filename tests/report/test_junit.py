"""The JUnit report, as GitLab reads it."""

from collections import Counter
from pathlib import Path
from xml.etree import ElementTree

import pytest

from roster.findings import Severity
from roster.rules.all_rules import RULE_MODULES, RULES
from tests.conftest import edit
from tests.report.conftest import PRODUCTION, RULE, STAGING, checked, finding, reported, result_of


def read(report: str) -> ElementTree.Element:
    return ElementTree.fromstring(report.encode())


def failures(suites: ElementTree.Element) -> dict[tuple[str | None, str | None], str | None]:
    """Return the content of each failure, by the class and the name of its case."""
    return {
        (case.get("classname"), case.get("name")): case.findtext("failure")
        for case in suites.iter("testcase")
        if case.find("failure") is not None
    }


def test_clean_report_has_passing_case_for_each_family_of_rules_and_file(checkout: Path):
    suites = read(reported("junit", checkout))
    cases = {(case.get("classname"), case.get("name")) for case in suites.iter("testcase")}
    families = [module.__name__.rpartition(".")[2] for module in RULE_MODULES]
    assert cases == {(path, family) for path in checked(checkout).files for family in families}
    assert [case for case in suites.iter("testcase") if len(case)] == []


def test_errors_are_content_of_failure(broken: Path):
    suites = read(reported("junit", broken))
    assert failures(suites).keys() == {(PRODUCTION, "features"), (PRODUCTION, "model_shape")}
    assert failures(suites)[PRODUCTION, "features"] == (
        f'{PRODUCTION}:47:14: unknown feature "code-generatoin" (did you mean "code-generation"?) [unknown-feature]\n'
        f'{PRODUCTION}:47:31: unknown feature "duo_caht" (did you mean "duo_chat"?) [unknown-feature]'
    )
    types = [failure.get("type") for failure in suites.iter("failure")]
    assert sorted(map(str, types)) == ["unknown-feature", "unknown-key"]


def test_warning_is_output_of_passing_case(broken: Path):
    suites = read(reported("junit", broken))
    text = {
        (case.get("classname"), case.get("name")): case.findtext("system-out", "")
        for case in suites.iter("testcase")
        if case.find("system-out") is not None
    }
    assert text.keys() == {(PRODUCTION, "environments"), (STAGING, "environments")}
    assert "codestral-2508" in text[PRODUCTION, "environments"]


def test_case_names_are_unique(broken: Path):
    names = Counter(
        (case.get("classname"), case.get("name")) for case in read(reported("junit", broken)).iter("testcase")
    )
    assert set(names.values()) == {1}


def test_suites_count_their_cases(broken: Path):
    suites = read(reported("junit", broken))
    assert [suite.get("name") for suite in suites] == list(checked(broken).files)
    for suite in suites:
        assert suite.get("tests") == str(len(suite.findall("testcase")))
        assert suite.get("failures") == str(len(suite.findall("testcase/failure")))
        assert {case.get("file") for case in suite.iter("testcase")} == {suite.get("name")}
        assert {case.get("time") for case in suite.iter("testcase")} == {"0"}


def test_error_in_any_file_has_case(checkout: Path):
    (checkout / "env/lab").mkdir()
    (checkout / STAGING).rename(checkout / "env/lab/offered_models_metadata.yaml")
    edit(checkout / "schemas/families.yaml", "- gemini", "- gemini\n- gemma")
    (checkout / PRODUCTION).write_text("- [\n")
    errors = {
        (diagnostic.path, RULES[diagnostic.rule].family)
        for diagnostic in checked(checkout).diagnostics
        if diagnostic.severity is Severity.ERROR
    }
    assert len({path for path, _ in errors}) >= 4
    assert failures(read(reported("junit", checkout))).keys() == errors


def test_report_declares_utf_8():
    assert reported("junit", result_of(finding())).startswith('<?xml version="1.0" encoding="UTF-8"?>\n')


@pytest.mark.parametrize(
    ("message", "text"),
    [
        ("a < b & c > d ]]> \"'", "a < b & c > d ]]> \"'"),
        ("模型 🚀", "模型 🚀"),
        ("\x00\x08\x0b\x1b\x7f", r"\x00\x08\x0b\x1b\x7f"),
        ("one\ntwo\r\nthree\ttabs", r"one\ntwo\r\nthree\ttabs"),
        ("\ud800\ufffe\uffff\u2028", r"\ud800\ufffe\uffff\u2028"),
    ],
    ids=repr,
)
def test_message_survives_xml_parser(message: str, text: str):
    diagnostic = finding(message, path="env/<&>\x01/x.yaml")
    suites = read(reported("junit", result_of(diagnostic, diagnostic._replace(severity=Severity.WARNING))))
    path = r"env/<&>\x01/x.yaml"
    assert failures(suites) == {(path, RULES[RULE].family): f"{path}:3:5: {text} [{RULE}]"}
    assert suites.findtext(".//system-out") == f"{path}:3:5: {text} [{RULE}]"
