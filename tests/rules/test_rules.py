"""Every rule by its cases, through ``roster check``.

``tests/rules/<rule>/`` contains the cases: ``bad.yaml`` is a roster with every variant of the rule's finding,
``bad.out`` the complete output for it, and ``good.yaml`` a similar roster without findings. Variants that need a roster
of their own are in ``bad-<variant>.yaml`` and ``good-<variant>.yaml``. A case can be a folder, ``bad/`` or ``good/``,
with one roster per environment: ``staging.yaml``, ``production.yaml``. A folder ``before/`` in it is the state before
the change that the case checks.

The registries in ``tools/roster/docs/data/`` replace the real ones, so that a new feature does not change an output: no
feature is required, and production is the only environment. A rule or case that needs another ``features.yaml``,
``families.yaml`` or ``environments.yaml`` has it in its folder.

``make fixtures`` regenerates the outputs. Review the diff.
"""

import re
from pathlib import Path

import pytest

from roster.cli.main import ExitStatus
from roster.docs.examples import files
from roster.findings import Severity
from roster.roster import roster_path
from roster.rules.all_rules import RULES
from roster.rules.base.rule import BEFORE, Rule, Subject
from tests.conftest import disable_rule
from tests.rules.conftest import HERE, REGISTRIES, Check, Files, registries

CLEAN = r"\d+ rosters? checked, no problems found\n"
ALSO_REPORTED = {
    # When all models are retired, so are their replacements, which is a mistake of its own.
    "feature-without-model": {"replacement-not-offered"},
    "no-model-left": {"replacement-not-offered"},
}
"""Rules whose cases cannot avoid a second mistake."""


def cases(kind: str) -> list[Path]:
    """Return the cases of all rules: files and folders named ``bad``, ``bad-…``, ``good`` or ``good-…``."""
    return sorted(path for path in HERE.glob(f"*/{kind}*") if path.suffix != ".out")


def name_of(case: Path) -> str:
    return f"{case.parent.name}/{case.stem}"


def files_of(case: Path) -> Files:
    if case.is_file():
        return registries(case.parent) | {roster_path("production"): case.read_bytes()}
    return registries(case.parent) | {
        f"{BEFORE if path.parent != case else ''}{REGISTRIES.get(path.name, roster_path(path.stem))}": path.read_bytes()
        for path in case.rglob("*.yaml")
    }


def reported_rules(output: str) -> set[str]:
    """Return the rules of the findings in an output."""
    return set(re.findall(r"\(roster explain (\S+)\)$", output, re.MULTILINE))


def test_every_rule_has_cases_and_every_case_a_rule():
    for kind in ("bad", "good"):
        assert {case.parent.name for case in cases(kind)} == set(RULES)
    assert {path.name for path in HERE.iterdir() if path.is_dir() and path.name[0] not in "._"} == set(RULES)


@pytest.mark.parametrize("case", cases("bad"), ids=name_of)
def test_bad_case_output(case: Path, check: Check, request: pytest.FixtureRequest):
    rule, expected = RULES[case.parent.name], case.with_suffix(".out")
    status, output = check(files_of(case))
    assert status == (ExitStatus.FINDINGS if rule.severity is Severity.ERROR else 0), output
    if request.config.getoption("regenerate"):
        expected.write_bytes(output.encode())
    assert output == expected.read_bytes().decode()
    assert rule.name in reported_rules(output)
    assert reported_rules(output) <= {rule.name} | ALSO_REPORTED.get(rule.name, set()), "one cause is one finding"


@pytest.mark.parametrize("case", cases("good"), ids=name_of)
def test_good_case_has_no_findings(case: Path, check: Check):
    status, output = check(files_of(case))
    assert re.fullmatch(CLEAN, output), output
    assert status == 0


def test_every_output_has_a_case():
    assert {path.with_suffix("") for path in HERE.glob("*/*.out")} == {case.with_suffix("") for case in cases("bad")}


@pytest.mark.parametrize("name", [rule.name for rule in RULES.values() if rule.subject is not Subject.EXTERNAL])
def test_disabled_rule_reports_nothing(name: str, check: Check, monkeypatch: pytest.MonkeyPatch):
    """External rules cannot be disabled."""
    case = next(case for case in cases("bad") if case.parent.name == name)
    disable_rule(name, monkeypatch)
    _, output = check(files_of(case))
    assert name not in reported_rules(output)
    assert output != case.with_suffix(".out").read_bytes().decode()


@pytest.mark.parametrize("rule", RULES.values(), ids=lambda rule: rule.name)
class TestDocumentation:
    def test_texts_are_sentences(self, rule: Rule):
        assert re.fullmatch("[a-z]+(-[a-z]+)+", rule.name)
        for sentence in (rule.summary, rule.reason, rule.remedy):
            assert re.fullmatch(r"(?:[A-Z]|api-key)[^\n]*\.", sentence)

    def test_bad_example_has_finding(self, rule: Rule, check: Check):
        status, output = check(files(rule, rule.bad))
        assert rule.name in reported_rules(output), output
        assert reported_rules(output) <= {rule.name} | ALSO_REPORTED.get(rule.name, set()), output
        assert status == (ExitStatus.FINDINGS if rule.severity is Severity.ERROR else 0), output

    def test_good_example_has_no_findings(self, rule: Rule, check: Check):
        status, output = check(files(rule, rule.good))
        assert re.fullmatch(CLEAN, output), output
        assert status == 0
