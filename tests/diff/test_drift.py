"""Drift between environments: the state of each model, and which differences are intended."""

from typing import Any

import pytest

from roster.diff.drift import DriftCell, drift
from roster.diff.drift_report import cells
from roster.registries import Environment
from roster.roster import Roster
from roster.schema.model_keys import model_keys
from tests.schema.sample_model import FULL_MODEL, OTHER_VALUES

PATH = {
    name: Environment(name, ("GA",), ("GA",), 0, may_differ_in=intended)
    for name, intended in (("ref", ("family",)), ("staging", ("endpoint",)), ("production", ("endpoint", "features")))
}
A = {"name": "A", "endpoint": "https://a", "family": "claude", "features": ["chat", "fix"]}


def drift_table(**models: list[dict[str, Any]]) -> list[list[str]]:
    rosters = {name: Roster.of("", name, models.get(name, [])) for name in PATH}
    _, *rows = cells(drift(rosters, PATH, model_keys()), PATH)
    return rows


@pytest.mark.parametrize(
    ("models", "expected"),
    [
        ({"ref": [A], "staging": [A], "production": [A]}, "offered | same | same"),
        ({"ref": [A], "staging": [A]}, "offered | same | absent"),
        ({"production": [A]}, "skipped | skipped | offered"),
        ({"ref": [A], "production": [A | {"family": "b"}]}, "offered | skipped | differs: family"),
        ({"ref": [A], "staging": [A | {"features": ["fix", "chat"]}]}, "offered | same | absent"),
        (
            {"ref": [A], "staging": [A | {"endpoint": "b"}], "production": [A | {"name": "a", "features": []}]},
            "offered | differs: (endpoint) | differs: name, (endpoint), (features)",
        ),
        (
            {"staging": [A], "production": [A | {"endpoint": "b", "family": "b"}]},
            "skipped | offered | differs: (endpoint), family",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_states_of_model(models: dict[str, list[dict[str, Any]]], expected: str):
    assert drift_table(**models) == [["a", *expected.split(" | ")]]


def test_rows_follow_order_of_first_environment():
    a, b, c = ({"name": name} for name in "abc")
    assert [line[0] for line in drift_table(ref=[c], staging=[b, c], production=[a, b])] == ["c", "b", "a"]


def test_other_form_with_same_meaning_is_no_difference():
    end = {"notice": "2026-06-01", "last_day": "2026-12-01", "features": ["chat", "fix"]}
    one = A | {"default_for": ["fix"], "retirement": end, "processed_in": ["eu", "us"], "gateway": {"a": 1, "b": [1]}}
    two = A | {"default_for": {"fix": 100}, "retirement": [end | {"features": ["fix", "chat"]}]}
    two |= {"processed_in": ["us", "eu"], "gateway": {"b": [1], "a": 1}}
    assert drift_table(ref=[one], staging=[two])[0][2] == "same"
    assert "gateway" in drift_table(ref=[one], staging=[two | {"gateway": {"a": True, "b": [1]}}])[0][2]


@pytest.mark.parametrize("key", [key for key in model_keys() if key != "id"])
def test_difference_in_any_key_is_reported(key: str):
    assert [*model_keys()] == [key for key in FULL_MODEL if key in model_keys()]
    changed = FULL_MODEL | {key: OTHER_VALUES.get(key, "other")}
    assert (
        drift_table(ref=[FULL_MODEL], staging=[changed])[0][2] == f"differs: {f'({key})' if key == 'endpoint' else key}"
    )


@pytest.mark.parametrize(
    ("cell", "drifted"),
    [
        (DriftCell("offered"), False),
        (DriftCell("absent"), False),
        (DriftCell("skipped"), True),
        (DriftCell("differs", ("name", "family"), ("name",)), True),
        (DriftCell("differs", ("name",), ("name",)), False),
    ],
)
def test_unintended_state_is_drift(cell: DriftCell, drifted: bool):
    assert cell.drifted is drifted
