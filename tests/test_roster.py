"""Typed models: ids of parsed entries, and default models."""

from datetime import date
from typing import Any

import pytest

from roster.model import entry_id
from roster.roster import Roster

ENDED = {"notice": "2026-01-01", "last_day": "2026-06-14"}


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        ({"name": "Claude 3.7 Sonnet"}, "claude_3_7_sonnet"),
        ({"name": "Claude", "id": "pinned"}, "pinned"),
        ({"name": "Claude", "id": ""}, ""),
        ({"name": "Claude", "id": 5}, "claude"),
        ({"name": None}, ""),
        ({"name": ["Claude"]}, ""),
        ({}, ""),
    ],
)
def test_id_of_parsed_entry(entry: dict[str, Any], expected: str):
    assert entry_id(entry) == expected


def test_default_is_first_model_that_serves_the_feature():
    entries = [
        {"name": "A", "features": ["other"], "default_for": ["chat"]},
        {"name": "B", "features": ["chat"], "default_for": ["chat"], "retirement": ENDED},
        {"name": "C", "features": ["chat"], "default_for": ["chat"]},
    ]
    roster = Roster.of("", "production", entries)
    default, ended, none = roster.default("chat"), roster.default("chat", date(2026, 6, 15)), roster.default("other")
    assert (default and default.id, ended and ended.id, none) == ("b", "c", None)


def test_default_that_ends_moves_to_its_replacement_as_announced():
    end = {"notice": "2026-01-01", "last_day": "2026-12-31"}
    models = [
        {"name": "a", "features": ["x"], "default_for": {"x": 80}, "retirement": end | {"replacement": "c"}},
        {"name": "b", "features": ["x"], "default_for": {"x": 20}, "retirement": end | {"replacement": "b"}},
        {"name": "c", "features": ["x"], "retirement": end | {"last_day": "2027-12-31"}},
    ]
    roster = Roster.of("roster.yaml", "production", models)
    assert roster.announced_shares("x", date(2026, 12, 31)) == {"a": 80, "b": 20}
    assert roster.announced_shares("x", date(2027, 1, 1)) == {"c": 80}, "b cannot replace itself"
    assert roster.announced_default("x", date(2028, 1, 1)) is None


def test_whole_numbers_with_a_point_are_integers():
    entry = {"name": "A", "default_for": {"chat": 50.0}, "context_window": 200000.0, "max_output_tokens": 8e3}
    (model,) = Roster.of("", "production", [entry])
    values = [model.default_shares["chat"], model.context_window, model.max_output_tokens]
    assert list(map(str, values)) == ["50", "200000", "8000"]
