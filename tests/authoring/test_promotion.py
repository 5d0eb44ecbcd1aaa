"""Promotion copies what describes a model, keeps what belongs to the environment, and changes nothing else."""

import json
from datetime import date
from typing import Any, ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roster.authoring.promotion import Promotion, find_model, model_values, own_values, promote
from roster.edit.model_edits import same_value
from roster.edit.style import Value
from roster.edit.verbatim import Verbatim
from roster.findings import ConfigurationError
from roster.model import DATE_KEYS
from roster.registries import Environment
from roster.roster import Roster
from roster.rules.base.promotion_path import TrialPeriod
from roster.schema.model_keys import model_keys
from roster.yaml.document import parse
from tests.edit.roster_styles import ROSTER_STYLES, RosterStyle
from tests.properties import examples

PATH = "env/production/offered_models_metadata.yaml"
POLICY = Environment("production", ("BETA", "GA"), ("GA",), 90, 7, ("release_state",))
TARGET_VALUES: dict[str, Any] = {"endpoint": "https://example.com", "api-key": "AIGW_MODEL_A_API_KEY"}
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
TARGET = (
    SOURCE
    | TARGET_VALUES
    | {"release_state": "BETA", "features": ["fix"], "default_for": ["fix"], "description": "Old"}
)


def roster_of(text: str) -> Roster:
    return Roster.of(PATH, "production", parse(PATH, text.encode(), dates=DATE_KEYS).value)


def text_of(*models: dict[str, Any]) -> str:
    return "# the start\n\n" + "\n".join(
        "- " + "  ".join(f"{key}: {json.dumps(value)} # {key}\n" for key, value in model.items()) for model in models
    )


def promotion(text: str, source: dict[str, Any] = SOURCE, **overrides: Value) -> Promotion:
    target = model_values(roster_of(text), text.encode(), "a")
    return Promotion("a", "staging", POLICY, source, target, overrides)


def result(text: str, source: dict[str, Any] = SOURCE, **overrides: Value) -> tuple[str, dict[str, Any]]:
    """Promote a model; return the new text and the model's values in it."""
    after = promote(promotion(text, source, **overrides), text.encode(), roster_of(text))
    values = model_values(roster_of(after.decode()), after, "a")
    assert values
    return after.decode(), dict(values)


class TestNewModel:
    def test_new_model_has_source_values_and_overrides(self):
        before = text_of({"name": "B"})
        after, model = result(before, **TARGET_VALUES)
        assert after.startswith(before)
        assert model == {key: value for key, value in SOURCE.items() if key != "default_for"} | TARGET_VALUES

    def test_pinned_id_is_copied(self):
        _, model = result(text_of({"name": "B"}), SOURCE | {"name": "New", "id": "a"}, **TARGET_VALUES)
        assert (model["name"], model["id"]) == ("New", "a")

    def test_default_moves_from_other_models(self):
        others = text_of(
            {"name": "B", "default_for": ["chat", "fix"]}, {"name": "C", "default_for": ["chat"], "family": "f"}
        )
        after, model = result(others, default_for=("chat",), **TARGET_VALUES)
        assert model["default_for"] == ["chat"]
        unchanged = text_of({"name": "B", "default_for": ["fix"]}, {"name": "C", "family": "f"})
        assert after.startswith(unchanged)

    def test_default_moves_from_models_with_shares(self):
        others = text_of({"name": "B", "family": "f"}, {"name": "C", "family": "f"})
        before = others.replace(
            '"f" # family\n', '"f" # family\n  default_for:\n    chat: 60 # moves\n    fix: 50 # remains\n', 1
        ).replace('C" # name\n', 'C" # name\n  default_for: {chat: 40, fix: 50}\n')
        after, model = result(before, default_for=("chat",), **TARGET_VALUES)
        assert model["default_for"] == ["chat"]
        assert after.startswith(before.replace("    chat: 60 # moves\n", "").replace("chat: 40, ", ""))

    def test_invalid_source_value_is_rejected(self):
        with pytest.raises(
            ConfigurationError, match=r'^cannot copy family of "a" from staging: its value is invalid; '
        ):
            result("", SOURCE | {"family": 5})

    def test_duplicate_id_is_rejected(self):
        with pytest.raises(ConfigurationError, match='several models with the id "a"'):
            find_model(roster_of(text_of(SOURCE, SOURCE)), "a")


class TestExistingModel:
    def test_existing_model_gets_source_values(self):
        before = text_of({"name": "B"}, TARGET, {"name": "C"})
        after, model = result(before)
        assert model == {key: value for key, value in TARGET.items() if key != "description"} | {
            "features": ["fix", "chat"]
        }
        expected = before.replace('features: ["fix"]', 'features: ["fix", "chat"]')
        assert after == expected.replace('  description: "Old" # description\n', "")

    def test_overrides_replace_preserved_values(self):
        _, model = result(
            text_of(TARGET), release_state="GA", endpoint="https://new.example.com", default_for=("chat",)
        )
        assert model["release_state"] == "GA"
        assert model["endpoint"] == "https://new.example.com"
        assert model["default_for"] == ["fix", "chat"]

    @pytest.mark.parametrize(
        ("before", "after"),
        [
            ("{fix: 50}", "{fix: 50, chat: 100}"),
            ("\n    fix: 50 # half", "\n    fix: 50 # half\n    chat: 100"),
            ("{chat: 30, fix: 50}", "{chat: 100, fix: 50}"),
        ],
    )
    def test_default_of_model_with_shares(self, before: str, after: str):
        text = text_of(SOURCE | TARGET_VALUES).replace('["chat"] # default_for', before)
        changed, _ = result(text, default_for=("chat",))
        assert changed == text.replace(before, after)

    def test_differing_keys_are_those_of_the_environment(self):
        assert promotion(text_of(TARGET)).differing_keys() == ["api-key", "endpoint", "release_state", "default_for"]
        assert promotion(text_of(TARGET), release_state="GA").differing_keys() == ["api-key", "endpoint", "default_for"]

    def test_renamed_model_keeps_its_id(self):
        _, model = result(text_of(TARGET), SOURCE | {"name": "Renamed", "id": "a"})
        assert (model["name"], model["id"]) == ("Renamed", "a")

    def test_redundant_pinned_id_is_no_change(self):
        assert promotion(text_of(SOURCE), SOURCE | {"id": "a"}).changes() == {}


class TestPolicy:
    def test_disallowed_release_state_is_rejected(self):
        assert promotion("", SOURCE | {"release_state": "EXPERIMENT"}).policy_violation() == (
            'cannot promote "a" as EXPERIMENT: production allows BETA and GA; '
            "add --release-state BETA or --release-state GA"
        )
        assert promotion("", SOURCE | {"release_state": "EXPERIMENT"}, release_state="BETA").policy_violation() == ""

    def test_release_state_that_may_differ_is_not_checked(self):
        assert promotion(text_of(TARGET), SOURCE | {"release_state": "EXPERIMENT"}).policy_violation() == ""

    def test_new_model_that_retires_is_rejected(self):
        retiring = SOURCE | {"retirement": {"notice": "2026-01-01", "last_day": "2026-12-01", "replacement": "b"}}
        assert promotion("", retiring).policy_violation() == (
            'cannot promote "a": it retires in staging; promote its replacement "b", or cancel its retirement'
        )
        assert promotion(text_of(TARGET), retiring).policy_violation() == ""

    def test_new_model_with_several_retirements_is_rejected(self):
        ends = [{"replacement": "b", "features": ["fix"]}, {"features": ["chat"]}]
        assert (
            'promote its replacement "b", or cancel' in promotion("", SOURCE | {"retirement": ends}).policy_violation()
        )
        ends = [{"features": ["chat"]}]
        assert (
            promotion("", SOURCE | {"retirement": ends}).policy_violation().endswith("staging; cancel its retirement")
        )

    def test_new_model_that_is_suspended_is_rejected(self):
        suspended = SOURCE | {"suspended": {"since": "2026-06-01", "reason": "incident"}}
        assert promotion("", suspended).policy_violation() == (
            'cannot promote "a": it is suspended in staging; end its suspension first'
        )
        assert promotion(text_of(TARGET), suspended).policy_violation() == ""
        assert "suspended" in promotion(text_of(TARGET), suspended).differing_keys()

    def test_disallowed_release_state_of_feature_is_rejected(self):
        states = {"release_state_for": Verbatim({"chat": "BETA", "fix": "EXPERIMENT"})}
        assert promotion("")._replace(own_values=states).policy_violation() == (
            'cannot promote "a" as EXPERIMENT for fix: production allows BETA and GA; change its state in staging first'
        )

    def test_short_trial_period_is_rejected(self):
        trial = TrialPeriod(7, since=date(2026, 6, 10))
        assert promotion("").trial_violation(trial, date(2026, 6, 17)) == ""
        assert promotion("").trial_violation(trial, date(2026, 6, 16)) == (
            'cannot promote "a" to production before 2026-06-17: '
            "its trial period of 7 days in staging started on 2026-06-10"
        )
        assert promotion("").trial_violation(TrialPeriod(7), date(2026, 6, 10)) == (
            'cannot promote "a" to production: it is in no commit of staging\'s roster, and its trial period of 7 days '
            "in staging starts with its first commit"
        )

    def test_endless_trial_period_ends_with_the_calendar(self):
        endless = TrialPeriod(10**12, since=date(2026, 6, 10))
        assert "before 9999-12-31" in promotion("").trial_violation(endless, date(2026, 6, 16))


WORDS = st.from_regex("w[a-z0-9 ]{0,6}[a-z]", fullmatch=True)
LISTS = st.lists(WORDS, min_size=2, max_size=3, unique=True)
NEEDED = {"name": WORDS, "identifier": WORDS, "release_state": WORDS, "features": LISTS}
MODELS = st.fixed_dictionaries(NEEDED, optional={"default_for": LISTS, "provider": WORDS, "description": WORDS})


@examples(60)
@given(ROSTER_STYLES, st.lists(MODELS, min_size=2, max_size=3), MODELS, st.sampled_from([None, 0, 1]))
def test_promotion_changes_one_model_and_is_idempotent(
    style: RosterStyle, others: list[dict[str, Any]], source: dict[str, Any], existing: int | None
):
    others = [model | {"id": f"other_{index}"} for index, model in enumerate(others)]
    if existing is not None:
        others[existing]["id"] = "a"
    source = source | {"id": "a"}
    before = style.write(others)
    after, model = result(before, source, **({} if existing is not None else TARGET_VALUES))
    old, new = (parse(PATH, text.encode()).value for text in (before, after))
    if existing is None:
        assert new == [*old, model]
        assert any(after.startswith(before[:cut]) and after.endswith(before[cut:]) for cut in range(len(before) + 1))
    else:
        assert [entry for entry in new if entry["id"] != "a"] == [entry for entry in old if entry["id"] != "a"]
    described = [key for key in model_keys() if key not in ("endpoint", "api-key", "default_for", "release_state")]
    assert all(same_value(model.get(key), source.get(key)) for key in described)
    assert promotion(after, source).changes() == {}


class TestOwnKeys:
    """Keys that only the repository's schema has."""

    VALUES: ClassVar = {"team": "a", "limits": {"rpm": 10}, "beta": True, "tags": ["a", 1], "reviewed": None}

    @staticmethod
    def promotion(target: dict[str, Any], policy: Environment = POLICY) -> tuple[Promotion, str]:
        source, text = text_of(SOURCE | TestOwnKeys.VALUES), text_of(target)
        roster = roster_of(source)
        values = model_values(roster, source.encode(), "a")
        assert values
        copied = own_values(roster, source.encode(), "a")
        existing = model_values(roster_of(text), text.encode(), "a")
        return Promotion("a", "staging", policy, values, existing, {}, copied), text

    def test_values_are_copied_to_new_model(self):
        promotion, text = self.promotion({"name": "B"})
        after = promote(promotion, text.encode(), roster_of(text))
        values = model_values(roster_of(after.decode()), after, "a")
        assert values
        assert {key: values[key] for key in self.VALUES} == self.VALUES

    def test_values_are_copied_to_existing_model(self):
        promotion, text = self.promotion(TARGET | {"team": "b", "limits": {"rpm": 1}, "obsolete": {"a": 1}})
        after = promote(promotion, text.encode(), roster_of(text))
        values = model_values(roster_of(after.decode()), after, "a")
        assert values
        assert {key: values.get(key) for key in [*self.VALUES, "obsolete"]} == self.VALUES | {"obsolete": None}

    def test_values_that_may_differ_are_kept(self):
        policy = POLICY._replace(may_differ_in=("release_state", "team", "obsolete", "beta"))
        promotion, _ = self.promotion(TARGET | {"team": "b", "obsolete": {"a": 1}, "beta": True}, policy)
        assert not {"team", "obsolete", "beta"} & {*promotion.changes()}
        assert {"team", "obsolete"} <= {*promotion.differing_keys()}
        assert "beta" not in promotion.differing_keys()
