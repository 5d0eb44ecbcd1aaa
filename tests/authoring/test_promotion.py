"""A model promoted: what describes it comes along, what belongs to the environment stays, nothing else changes."""

import json
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from roster.authoring.promotion import Promotion, found, promoted, values
from roster.edit.style import Value
from roster.edit.update import same
from roster.findings import ConfigurationError
from roster.registries import Environment
from roster.roster import DATE_KEYS, Roster
from roster.schema.model_keys import model_keys
from roster.yaml.document import read
from tests.edit.test_insert import MANNERS, Manner

PATH = "env/production/offered_models_metadata.yaml"
POLICY = Environment("production", ("BETA", "GA"), ("GA",), 90, 7, ("release_state",))
OWN: dict[str, Any] = {"endpoint": "https://example.com", "api-key": "AIGW_MODEL_A_API_KEY"}
SOURCE: dict[str, Any] = {
    "name": "A",
    "identifier": "bedrock/a-1",
    "api-key": "AIGW_MODEL_OTHER_API_KEY",
    "endpoint": "https://staging.example.com",
    "release_state": "GA",
    "family": "claude",
    "features": ["chat", "fix"],
    "default_for": ["chat"],
    "provider": "P",
}
TARGET = SOURCE | OWN | {"release_state": "BETA", "features": ["fix"], "default_for": ["fix"], "description": "Old"}


def roster_of(text: str) -> Roster:
    return Roster.of(PATH, "production", read(PATH, text.encode(), dates=DATE_KEYS).value)


def text_of(*models: dict[str, Any]) -> str:
    return "# the start\n\n" + "\n".join(
        "- " + "  ".join(f"{key}: {json.dumps(value)} # {key}\n" for key, value in model.items()) for model in models
    )


def promotion(text: str, source: dict[str, Any] = SOURCE, **given: Value) -> Promotion:
    there = found(roster_of(text), "a")
    return Promotion("a", "staging", POLICY, source, values(PATH, text, there) if there else None, given)


def result(text: str, source: dict[str, Any] = SOURCE, **given: Value) -> tuple[str, dict[str, Any]]:
    """Promote; return the new text, and what it says of the model."""
    after = promoted(promotion(text, source, **given), text, roster_of(text))
    model = found(roster_of(after), "a")
    assert model
    return after, dict(values(PATH, after, model))


class TestANewModel:
    def test_it_is_described_as_before_and_has_what_was_said(self):
        before = text_of({"name": "B"})
        after, model = result(before, **OWN)
        assert after.startswith(before)
        assert model == {key: value for key, value in SOURCE.items() if key != "default_for"} | OWN

    def test_a_pinned_id_comes_along(self):
        _, model = result(text_of({"name": "B"}), SOURCE | {"name": "New", "id": "a"}, **OWN)
        assert (model["name"], model["id"]) == ("New", "a")

    def test_a_default_is_moved(self):
        others = text_of(
            {"name": "B", "default_for": ["chat", "fix"]}, {"name": "C", "default_for": ["chat"], "family": "f"}
        )
        after, model = result(others, default_for=("chat",), **OWN)
        assert model["default_for"] == ["chat"]
        kept = text_of({"name": "B", "default_for": ["fix"]}, {"name": "C", "family": "f"})
        assert after.startswith(kept)

    def test_a_value_that_cannot_be_copied_is_told(self):
        with pytest.raises(ConfigurationError, match=r'^family of "a" in staging cannot be copied: '):
            result("", SOURCE | {"family": 5})

    def test_an_id_that_two_models_have(self):
        with pytest.raises(ConfigurationError, match='several models with the id "a"'):
            found(roster_of(text_of(SOURCE, SOURCE)), "a")


class TestAModelThatIsThere:
    def test_what_describes_it_is_brought_up_to_date(self):
        before = text_of({"name": "B"}, TARGET, {"name": "C"})
        after, model = result(before)
        assert model == {key: value for key, value in TARGET.items() if key != "description"} | {
            "features": ["fix", "chat"]
        }
        expected = before.replace('features: ["fix"]', 'features: ["fix", "chat"]')
        assert after == expected.replace('  description: "Old" # description\n', "")

    def test_what_somebody_said_goes_before_what_stays(self):
        _, model = result(
            text_of(TARGET), release_state="GA", endpoint="https://new.example.com", default_for=("chat",)
        )
        assert model["release_state"] == "GA"
        assert model["endpoint"] == "https://new.example.com"
        assert model["default_for"] == ["fix", "chat"]

    def test_what_stays_different_is_known(self):
        assert promotion(text_of(TARGET)).left() == ["api-key", "endpoint", "release_state", "default_for"]
        assert promotion(text_of(TARGET), release_state="GA").left() == ["api-key", "endpoint", "default_for"]

    def test_a_new_name_keeps_the_id(self):
        _, model = result(text_of(TARGET), SOURCE | {"name": "Renamed", "id": "a"})
        assert (model["name"], model["id"]) == ("Renamed", "a")

    def test_a_pin_without_need_is_no_change(self):
        assert promotion(text_of(SOURCE), SOURCE | {"id": "a"}).changes() == {}


class TestWhatPolicyRefuses:
    def test_a_release_state(self):
        assert promotion("", SOURCE | {"release_state": "EXPERIMENT"}).refusal() == (
            'production does not offer EXPERIMENT models, as which it would get "a": '
            "give --release-state BETA or --release-state GA"
        )
        assert promotion("", SOURCE | {"release_state": "EXPERIMENT"}, release_state="BETA").refusal() == ""

    def test_a_release_state_that_stays_is_no_matter(self):
        assert promotion(text_of(TARGET), SOURCE | {"release_state": "EXPERIMENT"}).refusal() == ""

    def test_a_new_model_that_retires(self):
        retiring = SOURCE | {"retirement": {"notice": "2026-01-01", "last_day": "2026-12-01", "replacement": "b"}}
        assert promotion("", retiring).refusal() == (
            '"a" retires in staging, so it is offered nowhere anew: '
            'promote its replacement "b", or cancel its retirement'
        )
        assert promotion(text_of(TARGET), retiring).refusal() == ""

    def test_a_trial_that_is_too_short(self):
        since = date(2026, 6, 10)
        assert promotion("").untried(since, date(2026, 6, 17)) == ""
        assert promotion("").untried(since, date(2026, 6, 16)) == (
            '"a" is offered in staging since 2026-06-10: it can be promoted to production from 2026-06-17 on, '
            "after 7 days of trial"
        )
        assert promotion("").untried(None, since).startswith('"a" is in no commit of staging\'s roster: ')

    def test_a_trial_without_end_ends_with_the_calendar(self):
        endless = promotion("")._replace(policy=POLICY._replace(trial_days=10**12))
        assert "from 9999-12-31 on" in endless.untried(date(2026, 6, 10), date(2026, 6, 16))


WORDS = st.from_regex("w[a-z0-9 ]{0,6}[a-z]", fullmatch=True)
LISTS = st.lists(WORDS, min_size=2, max_size=3, unique=True)
NEEDED = {"name": WORDS, "identifier": WORDS, "release_state": WORDS, "features": LISTS}
MODELS = st.fixed_dictionaries(NEEDED, optional={"default_for": LISTS, "provider": WORDS, "description": WORDS})


@settings(deadline=None, max_examples=60)
@given(MANNERS, st.lists(MODELS, min_size=2, max_size=3), MODELS, st.sampled_from([None, 0, 1]))
def test_a_promotion_changes_one_model_and_is_done_once(
    manner: Manner, others: list[dict[str, Any]], source: dict[str, Any], there: int | None
):
    others = [model | {"id": f"other_{index}"} for index, model in enumerate(others)]
    if there is not None:
        others[there]["id"] = "a"
    source = source | {"id": "a"}
    before = manner.write(others)
    after, model = result(before, source, **({} if there is not None else OWN))
    old, new = (read(PATH, text.encode()).value for text in (before, after))
    if there is None:
        assert new == [*old, model]
        assert any(after.startswith(before[:cut]) and after.endswith(before[cut:]) for cut in range(len(before) + 1))
    else:
        assert [entry for entry in new if entry["id"] != "a"] == [entry for entry in old if entry["id"] != "a"]
    described = [key for key in model_keys() if key not in ("endpoint", "api-key", "default_for", "release_state")]
    assert all(same(model.get(key), source.get(key)) for key in described)
    assert promotion(after, source).changes() == {}
