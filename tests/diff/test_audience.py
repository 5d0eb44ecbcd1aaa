"""Who sees a model and who takes over: release states of offers, defaults that take over, and regions."""

import pytest

from roster.diff.change import Change
from roster.diff.roster_changes import diff_rosters
from roster.registries import Registries
from tests.diff.test_roster_changes import BOTH, CLAUDE, GEMINI, POLICY, TODAY, Entry, changes, labels, model, roster

BEDROCK = {
    "name": "bedrock",
    "title": "Bedrock",
    "prefixes": ["bedrock"],
    "credential": "ambient",
    "regions": {"us.": ["us-"], "eu.": ["eu-"]},
}


def only(found: list[Change], kind: str) -> Change:
    (change,) = (each for each in found if each.kind == kind)
    return change


def in_state(state: str, **keys: object) -> Entry:
    return model("Claude", release_state=state, **keys)


@pytest.mark.parametrize(
    ("state", "effect"),
    [
        ("GA", "Admins can select it for duo_chat."),
        (
            "BETA",
            "Admins of self-managed instances can select it for duo_chat; GitLab does not offer beta models.",
        ),
        (
            "EXPERIMENT",
            "Admins of self-managed instances can select it for duo_chat; in GitLab, only its team can.",
        ),
    ],
)
def test_offer_says_who_can_select_it(state: str, effect: str):
    (change,) = changes([GEMINI], [GEMINI, in_state(state)])
    assert (change.summary, change.effect) == (f"Claude is now offered as {state}", effect)


def test_offer_with_several_states():
    states = {"release_state_for": {"fix": "EXPERIMENT", "review": "BETA"}, "default_for": ["review"]}
    found = changes([GEMINI], [GEMINI, in_state("GA", features=["duo_chat", "fix", "review"], **states)])
    offered = only(found, "model-offered")
    assert offered.summary == "Claude is now offered as GA, BETA and EXPERIMENT"
    assert offered.effect == (
        "Admins can select it for duo_chat and review. "
        "Admins of self-managed instances can select it for fix; in GitLab, only its team can."
    ), "a default can be selected in any state"


def test_beta_model_is_no_longer_offered_in_gitlab():
    (change,) = changes([GEMINI, CLAUDE], [GEMINI, in_state("BETA")])
    assert change.effect == (
        "GitLab no longer offers it: its users there fall back to Gemini for duo_chat. "
        "Admins of self-managed instances see it marked as BETA, and their selections remain."
    )
    assert labels([change]) == ["breaking release-state-demoted claude"]


def test_default_remains_offered_in_any_state():
    default = {"default_for": ["duo_chat"]}
    (change,) = changes([CLAUDE | default], [in_state("BETA", **default)])
    assert labels([change]) == ["risky release-state-demoted claude"]
    assert change.effect == "Admins see it marked as BETA. Their selections remain."


@pytest.mark.parametrize(("override", "impact"), [({}, "breaking"), ({"release-state-demoted": "safe"}, "safe")])
def test_policy_overrides_impact_of_demotion(override: dict[str, str], impact: str):
    (change,) = changes([GEMINI, CLAUDE], [GEMINI, in_state("BETA")], POLICY._replace(impact=override))
    assert change.impact.value == impact


@pytest.mark.parametrize("old", ["GA", "BETA", "EXPERIMENT"])
@pytest.mark.parametrize("new", ["GA", "BETA", "EXPERIMENT"])
def test_every_change_of_state_has_an_effect(old: str, new: str):
    found = changes([GEMINI, in_state(old)], [GEMINI, in_state(new)])
    assert len(found) == (old != new)
    assert all(new in change.effect for change in found)


def test_default_of_new_feature_is_named():
    with_default = changes([GEMINI, CLAUDE], [GEMINI, BOTH | {"default_for": ["review"]}])
    assert only(with_default, "feature-served").effect.endswith("Users without a selected model get Claude.")
    without = changes([GEMINI, CLAUDE], [GEMINI, BOTH])
    assert only(without, "feature-served").effect.endswith("Users without a selected model get no model.")


def test_model_that_takes_over_from_lost_id_is_named():
    (change,) = changes([GEMINI, CLAUDE], [GEMINI, CLAUDE | {"id": "claude_2"}])
    assert change.effect == "Instances that selected claude no longer find it and fall back to Gemini for duo_chat."


@pytest.mark.parametrize(
    ("identifier", "effect"),
    [
        ("bedrock/eu.claude-1", "the provider runs the same model in other regions"),
        ("bedrock/claude-1", "the provider runs the same model in other regions"),
        ("bedrock/eu.claude-2", "the provider runs a different model"),
        ("vertex_ai/us.claude-1", "the provider runs a different model"),
    ],
)
def test_identifier_in_other_region_is_the_same_model(identifier: str, effect: str):
    before, after = (roster(CLAUDE | {"identifier": each}) for each in ("bedrock/us.claude-1", identifier))
    registries = Registries.of([], [], [], [BEDROCK])
    (change,) = diff_rosters(
        {"production": before}, {"production": after}, {"production": POLICY}, TODAY, (), registries
    )
    assert change.summary == f"Claude: deployment changed: identifier bedrock/us.claude-1 → {identifier}"
    assert change.effect == f"For all users of this model, {effect}."
