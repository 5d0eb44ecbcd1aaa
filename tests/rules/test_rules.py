"""Every rule by its examples, through the whole of ``roster check``.

``tests/rules/<rule>/`` holds cases. ``bad.yaml`` is a roster with every variant of the rule's finding, ``bad.out`` the
whole output for it, and ``good.yaml`` a roster that looks similar and is clean. What does not fit into one roster is in
further cases, ``bad-<variant>.yaml`` and ``good-<variant>.yaml``. A case can be a folder, ``bad/`` or ``good/``, with
one roster for each environment: ``staging.yaml``, ``production.yaml``. Where it has a folder ``before/``, the case is a
change of what lies there.

The registries of examples, in ``tools/roster/docs/data/``, stand in for the real ones: a new feature changes no output,
no feature is required, and the only environment is production. A rule or a case that needs another ``features.yaml``,
``families.yaml`` or ``environments.yaml`` has it in its folder.

``make fixtures`` writes the outputs anew. Review the diff.
"""

import re
from pathlib import Path

import pytest

from roster.cli.exit_status import ExitStatus
from roster.docs.examples import files
from roster.findings import Severity
from roster.repository import roster_path
from roster.rules.all_rules import RULES
from roster.rules.rule import BEFORE, Rule, Subject
from tests.conftest import switch_off
from tests.rules.conftest import HERE, REGISTRIES, Check, Files, registries

CLEAN = r"\d+ rosters? checked, no problems found\n"
ACCOMPANIED = {
    # When every model has ended, so has every replacement. That was wrong before, and is told as well.
    "feature-without-model": {"replacement-not-offered"},
    "no-model-left": {"replacement-not-offered"},
}
"""Rules whose cases cannot but show a second mistake."""


def cases(kind: str) -> list[Path]:
    """The cases of all rules: files and folders called ``bad``, ``bad-…``, ``good`` or ``good-…``."""
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


def reporting(output: str) -> set[str]:
    """The rules that an output has findings of."""
    return set(re.findall(r"\(roster explain (\S+)\)$", output, re.MULTILINE))


def test_every_rule_has_cases_and_every_case_a_rule():
    for kind in ("bad", "good"):
        assert {case.parent.name for case in cases(kind)} == set(RULES)
    assert {path.name for path in HERE.iterdir() if path.is_dir() and path.name[0] not in "._"} == set(RULES)


@pytest.mark.parametrize("case", cases("bad"), ids=name_of)
def test_bad(case: Path, check: Check, request: pytest.FixtureRequest):
    rule, expected = RULES[case.parent.name], case.with_suffix(".out")
    status, output = check(files_of(case))
    if request.config.getoption("regenerate"):
        expected.write_bytes(output.encode())
    assert output == expected.read_bytes().decode()
    assert rule.name in reporting(output)
    assert reporting(output) <= {rule.name} | ACCOMPANIED.get(rule.name, set()), "one cause gives one finding"
    assert status == (ExitStatus.FINDINGS if rule.severity is Severity.ERROR else 0)


@pytest.mark.parametrize("case", cases("good"), ids=name_of)
def test_good(case: Path, check: Check):
    status, output = check(files_of(case))
    assert re.fullmatch(CLEAN, output), output
    assert status == 0


def test_every_output_has_a_case():
    assert {path.with_suffix("") for path in HERE.glob("*/*.out")} == {case.with_suffix("") for case in cases("bad")}


@pytest.mark.parametrize("name", [rule.name for rule in RULES.values() if rule.subject is not Subject.EXTERNAL])
def test_a_rule_that_is_switched_off_is_missed(name: str, check: Check, monkeypatch: pytest.MonkeyPatch):
    """What the loader and the schema find has no switch."""
    case = next(case for case in cases("bad") if case.parent.name == name)
    switch_off(name, monkeypatch)
    _, output = check(files_of(case))
    assert name not in reporting(output)
    assert output != case.with_suffix(".out").read_bytes().decode()


@pytest.mark.parametrize("rule", RULES.values(), ids=lambda rule: rule.name)
class TestWhatARuleSaysOfItself:
    def test_it_can_be_explained(self, rule: Rule):
        assert re.fullmatch("[a-z]+(-[a-z]+)+", rule.name)
        for sentence in (rule.summary, rule.reason, rule.remedy):
            assert re.fullmatch(r"(?:[A-Z]|api-key)[^\n]*\.", sentence)

    def test_its_bad_example_is_bad(self, rule: Rule, check: Check):
        status, output = check(files(rule, rule.bad))
        assert rule.name in reporting(output), output
        assert reporting(output) <= {rule.name} | ACCOMPANIED.get(rule.name, set()), output
        assert status == (ExitStatus.FINDINGS if rule.severity is Severity.ERROR else 0), output

    def test_its_good_example_is_clean(self, rule: Rule, check: Check):
        status, output = check(files(rule, rule.good))
        assert re.fullmatch(CLEAN, output), output
        assert status == 0
