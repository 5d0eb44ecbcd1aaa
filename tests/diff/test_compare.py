"""The comparison of two versions: merged policies, line numbers and redaction."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from roster.check.line_numbers import line_numbers
from roster.check.result import CheckResult
from roster.check.single_roster import check_version
from roster.diff.change import Comparison
from roster.diff.compare import Redactor, compare, strictest_policies
from roster.diff.kinds import KINDS
from roster.diff.versions import CheckedVersion
from roster.findings import Place
from roster.model import DATE_KEYS
from roster.registries import Environment, Registries
from roster.report import output_formats
from roster.repository import Repository
from roster.roster import Roster
from roster.yaml.document import parse
from tests.conftest import ROOT, edit

PRODUCTION = "env/production/offered_models_metadata.yaml"
TODAY = date(2026, 11, 21)
CANARY = "glpat-x9Kq2LmN7pRt4VwY8zBc"


def compared(base: Path, head: Path) -> Comparison:
    old, new = (CheckedVersion(str(root), check_version(str(root), Repository(root), TODAY)) for root in (base, head))
    return compare(old, new, TODAY)


class TestPolicies:
    def registries(self, *environments: Environment) -> Registries:
        return Registries({}, (), {environment.name: environment for environment in environments})

    def policy(self, name: str = "production", days: int = 0, deployment_moved: str = "") -> Environment:
        impact = {"deployment-moved": deployment_moved} if deployment_moved else {}
        return Environment(name, ("GA",), ("GA",), days, impact=impact)

    def test_policies_of_head_come_first(self):
        base = self.registries(self.policy("a"), self.policy("b"))
        head = self.registries(self.policy("c"), self.policy("b"))
        assert list(strictest_policies(base, head)) == ["c", "b", "a"]

    @pytest.mark.parametrize(
        ("before", "after", "expected"),
        [
            ("", "", "risky"),
            ("", "safe", "risky"),
            ("", "breaking", "breaking"),
            ("breaking", "", "breaking"),
            ("breaking", "safe", "breaking"),
            ("safe", "", "risky"),
            ("safe", "safe", "safe"),
        ],
    )
    def test_worse_impact_applies(self, before: str, after: str, expected: str):
        base, head = (self.registries(self.policy(deployment_moved=impact)) for impact in (before, after))
        merged = strictest_policies(base, head)
        assert merged["production"].impact["deployment-moved"] == expected
        others = {kind: impact for kind, impact in merged["production"].impact.items() if kind != "deployment-moved"}
        assert others == {name: str(kind.impact) for name, kind in KINDS.items() if name != "deployment-moved"}

    @pytest.mark.parametrize(("before", "after"), [(90, 0), (0, 90)])
    def test_longer_notice_applies(self, before: int, after: int):
        merged = strictest_policies(self.registries(self.policy(days=before)), self.registries(self.policy(days=after)))
        assert merged["production"].retirement_notice_days == 90


class TestLineNumbers:
    MODELS = "".join(f"- name: Model {number}\n  # about it\n  features:\n    - a\n    - b\n\n" for number in range(5))

    @pytest.mark.parametrize(
        "data",
        [
            MODELS,
            f"\ufeff# first\n---\n{MODELS}",
            MODELS.replace("\n", "\r\n"),
            MODELS.replace("\n", "\r"),
            MODELS.replace("# about it", "note: |\n    a\n\n    - b"),
            MODELS.replace("# about it", 'note: "a\n\n    b"'),
            MODELS.replace("- name: Model 3", "-\n  name: Model 3"),
            MODELS.replace("- name", "  - name").replace("\n  ", "\n    ").replace("\n    - name", "\n  - name"),
            "[{name: a, features: [a, b]},\n {name: b,\n features: [a,\n b]}]",
        ],
        ids=range(9),
    )
    def test_lines_equal_those_of_whole_document(self, data: str):
        document = parse("x", data.encode(), dates=DATE_KEYS)
        roster = Roster.of("x", "production", document.value)
        places = [
            Place("x"),
            *(roster.at(model, *keys) for model in roster for keys in ((), ("name",), ("features",), ("features", 1))),
            *(roster.key(model, "features") for model in roster),
        ]
        whole = {place: span.line for place, span in document.spans(places).items()}
        # the whole of a list starts where its first item does
        assert line_numbers(data, len(roster.models), places) == whole

    @given(some.text("-#: ab\n", max_size=40))
    def test_any_readable_file_has_lines(self, data: str):
        document = parse("x", data.encode(), dates=DATE_KEYS)
        roster = Roster.of("x", "production", document.value)
        lines = line_numbers(data, len(roster.models), [Place("x"), *(roster.at(model) for model in roster)])
        assert all(1 <= line <= data.count("\n") + 1 for line in lines.values())


def test_change_has_line_of_its_side(checkout: Path):
    first, _, rest = (checkout / PRODUCTION).read_text().partition("- name: Codestral on Vertex\n")
    (checkout / PRODUCTION).write_text(first + rest[rest.index("- name: ") :])
    for base, head, side in ((ROOT, checkout, "base"), (checkout, ROOT, "head")):
        (change,) = (each for each in compared(base, head).changes if each.model == "codestral_on_vertex")
        assert change.side == side
        assert (ROOT / PRODUCTION).read_text().splitlines()[change.line - 1] == "- name: Codestral on Vertex"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("name: Codestral on Vertex", f"name: {CANARY}"),
        ("name: Codestral on Vertex", f"name: Codestral on Vertex\n  id: {CANARY}"),
        ("name: Codestral on Vertex", f"name: Codestral on Vertex\n  display_name: {CANARY}"),
        ("https://us-central1-aiplatform", f"https://{CANARY}@us-central1-aiplatform"),
        ("https://us-central1-aiplatform", "https://me:x9Kq2LmN7pRt4VwY8zBc@us-central1-aiplatform"),
        ("https://us-central1-aiplatform", "me:x9Kq2LmN7pRt4VwY8zBc@us-central1-aiplatform"),
        ("https://us-central1-aiplatform", f"https://us-central1-aiplatform/{CANARY}"),
        ("vertex_ai/codestral-2501", f"vertex_ai/{CANARY}"),
        (
            "name: Codestral on Vertex",
            "name: Codestral on Vertex\n  gateway: {b: [{client_secret: x9Kq2LmN7pRt4VwY8zBc}], a: 1}",
        ),
        ("features: [code-completion]", f"features: [code-completion, {CANARY}]"),
    ],
)
@pytest.mark.parametrize("side", ["base", "head", "new environment"])
def test_no_format_shows_secret(checkout: Path, old: str, new: str, side: str):
    edit(checkout / PRODUCTION, old, new)
    roots = (checkout, ROOT) if side == "base" else (ROOT, checkout)
    if side == "new environment":
        (checkout / "env/production").rename(checkout / "env/new")
    comparison = compared(*roots)
    assert comparison.changes or comparison.errors
    for kind in output_formats.DIFF:
        report = output_formats.DIFF[kind].writer()(comparison)
        report = report.replace("\N{WORD JOINER}", "").replace("\\", "")
        assert CANARY[6:].lower() not in report.lower(), kind


def unchecked(**entry: Any) -> CheckedVersion:
    """Return a version with one model, as if a check had removed no secret from it."""
    text, roster = json.dumps([entry]), Roster.of(PRODUCTION, "production", [entry])
    result = CheckResult(
        Registries({}, (), {}), (PRODUCTION,), (), {}, {"production": roster}, texts={PRODUCTION: text}
    )
    return CheckedVersion("x", result)


@pytest.mark.parametrize("kind", output_formats.DIFF)
@pytest.mark.parametrize(
    "secret",
    [{"id": CANARY}, {"display_name": CANARY}, {"identifier": CANARY}, {"features": [CANARY], "default_for": [CANARY]}],
    ids=lambda secret: next(iter(secret)),
)
def test_secret_that_check_left_in_is_redacted(kind: str, secret: dict[str, Any]):
    entry = {"name": "Claude", "id": "claude", "identifier": "bedrock/claude", "features": ["a"], "default_for": ["a"]}
    versions = unchecked(**entry), unchecked(**entry | secret)
    for before, after in (versions, reversed(versions)):
        comparison = compare(before, after, TODAY)
        report = output_formats.DIFF[kind].writer()(comparison).replace("\\", "")
        assert "*" * len(CANARY) in report or (kind != "json" and "identifier" in secret)
        assert CANARY not in report


def test_redactor_keeps_text_without_secret():
    roster = Roster.of("x", "x", [{"name": "Claude", "endpoint": "https://example.com/@v1", "features": ["a"]}])
    redactor = Redactor([roster])
    value = json.loads(json.dumps({"a": ["https://example.com/@v1", None, 1, True], "b": "claude"}))
    assert redactor.value(value) == value
    assert redactor.text("claude is at https://example.com/@v1") == "claude is at https://example.com/@v1"
