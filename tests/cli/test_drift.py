"""``roster drift``: tables, JSON and exit status."""

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator, ValidationError
from wcwidth import wcswidth

from roster.diff.drift import DriftCell, DriftRow
from roster.diff.drift_report import write_markdown, write_text
from roster.roster import roster_path
from tests.conftest import ROOT, Run, edit

STAGING, PRODUCTION = roster_path("staging"), roster_path("production")
SCHEMA = json.loads((ROOT / "schemas/drift.schema.json").read_text())


@pytest.fixture
def drifted(checkout: Path) -> Path:
    """The repository with an intended and an unintended difference in production."""
    edit(checkout / PRODUCTION, "https://bedrock-runtime.us-east-1.amazonaws.com", "https://example-models.com/v1")
    edit(checkout / PRODUCTION, "description: Balanced model", "description: The best model")
    return checkout


def parse_report(report: str) -> dict[str, Any]:
    """Parse a report and validate it against its schema."""
    parsed: dict[str, Any] = json.loads(report)
    Draft202012Validator(SCHEMA).validate(parsed)
    return parsed


def test_text_shows_unintended_differences(roster: Run, drifted: Path):
    done = roster("drift")
    assert done.returncode == 0
    assert done.stdout == (
        "model              staging-ref  staging  production\n"
        "claude_3_7_sonnet  offered      same     differs: (endpoint), description\n"
    )
    assert done.stderr == "5 models compared, 1 with unintended differences; use --all to show the others\n"


def test_all_is_suggested_only_where_others_differ(roster: Run, checkout: Path):
    rosters = [checkout / roster_path(name) for name in ("staging-ref", "staging", "production")]
    for path in rosters:
        path.write_bytes((checkout / PRODUCTION).read_bytes())
    assert (
        roster("drift").stderr
        == roster("drift", "--all").stderr
        == "4 models compared, 0 with unintended differences\n"
    )
    edit(checkout / PRODUCTION, "https://bedrock-runtime.us-east-1.amazonaws.com", "https://example-models.com/v1")
    hint = "4 models compared, 0 with unintended differences; use --all to show the others\n"
    assert roster("drift").stderr == hint


def test_all_shows_every_model(roster: Run, drifted: Path):
    done = roster("drift", "--all")
    assert done.stdout == (
        "model                     staging-ref  staging  production\n"
        "codestral_on_fireworks    offered      same     same\n"
        "codestral_on_vertex       offered      same     same\n"
        "qwen_2_5_7b_on_fireworks  offered      same     same\n"
        "claude_3_7_sonnet         offered      same     differs: (endpoint), description\n"
        "gemini_pro                offered      same     absent\n"
    )
    assert done.stderr == "5 models compared, 1 with unintended differences\n"


def test_markdown_table(roster: Run, drifted: Path):
    assert roster("drift", "--format", "markdown").stdout == (
        "| model | staging-ref | staging | production |\n| --- | --- | --- | --- |\n"
        "| claude\\_3\\_7\\_sonnet | offered | same | differs: (endpoint), description |\n"
    )


def test_only_strict_fails(roster: Run, checkout: Path):
    done = roster("drift", "--strict")
    assert (done.returncode, done.stdout) == (0, "")
    edit(checkout / PRODUCTION, "https://bedrock-runtime.us-east-1.amazonaws.com", "https://example-models.com/v1")
    assert roster("drift", "--strict").returncode == 0
    edit(checkout / PRODUCTION, "family: claude", "family: qwen")
    assert roster("drift", "--strict").returncode == 1


@pytest.mark.parametrize("text", [None, "- name: A\n name: B\n", "[]\n", "", "{}\n", "- name: A\n- 5\n"])
def test_missing_or_unreadable_roster_is_configuration_error(roster: Run, checkout: Path, text: str | None):
    (checkout / STAGING).unlink()
    if text is not None:
        (checkout / STAGING).write_text(text)
    done = roster("drift")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f"roster: {STAGING} is missing or cannot be read; run roster check for details\n"


class TestJson:
    def test_report_is_valid_against_schema(self, roster: Run, drifted: Path):
        report = parse_report(roster("drift", "--format", "json").stdout)
        assert report["environments"] == ["staging-ref", "staging", "production"]
        (model,) = report["models"]
        assert (model["id"], model["drifted"]) == ("claude_3_7_sonnet", True)
        assert model["environments"]["production"] == {
            "state": "differs", "differs_in": ["endpoint", "description"], "intended": ["endpoint"],
        }  # fmt: skip
        every = parse_report(roster("drift", "--format", "json", "--all").stdout)["models"]
        states = [cell["state"] for cell in every[4]["environments"].values()]
        assert states == ["offered", "same", "absent"]

    def test_report_without_differences(self, roster: Run):
        assert parse_report(roster("drift", "--format", "json").stdout)["models"] == []

    def test_schema_examples_are_valid(self):
        Draft202012Validator.check_schema(SCHEMA)
        for example in SCHEMA["examples"]:
            parse_report(json.dumps(example))

    @pytest.mark.parametrize(
        "change",
        [
            {"format": 2},
            {"environments": []},
            {"colour": "red"},
            {"models": [{}]},
            {"models": [SCHEMA["examples"][0]["models"][0] | {"environments": {"staging": {"state": "new"}}}]},
        ],
        ids=str,
    )
    def test_schema_rejects_invalid_report(self, change: dict[str, Any]):
        with pytest.raises(ValidationError):
            parse_report(json.dumps(SCHEMA["examples"][0] | change))


class TestTable:
    ROWS = (
        DriftRow("通义千问", {"a": DriftCell("x"), "b": DriftCell("")}),
        DriftRow("é\u0301\x1b", {"a": DriftCell("y"), "b": DriftCell("|_")}),
    )

    def test_columns_align_with_wide_characters(self):
        rows = write_text(self.ROWS, "ab").splitlines()
        starts = [wcswidth(row[: row.index(cell)]) for row, cell in zip(rows, ("a", "x", "y"), strict=True)]
        assert starts == [10, 10, 10]
        assert "\x1b" not in write_text(self.ROWS, "ab")

    def test_markdown_cells_are_escaped(self):
        *_, last = write_markdown(self.ROWS, "ab").splitlines()
        assert last == "| é\u0301\\\\x1b | y | \\|\\_ |"
