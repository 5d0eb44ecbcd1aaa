"""Bulk rules: the changes that follow from them, the features that cannot follow, and invalid rules."""

from collections.abc import Mapping
from typing import Any

import pytest

from roster.instance.selection.bulk_proposals import Proposal, propose_changes
from roster.instance.selection.bulk_rules import AllowRule, BulkRule, DefaultRule, ModelConditions, validate_rule
from roster.instance.selection.offered_list import EMPTY_LIST, ListedModel, OfferedList
from roster.instance.selection.request_errors import find_errors
from roster.instance.selection.requested_selection import RequestedSelection, follow_roster
from roster.instance.selection.selections import Selection, SelectionKey, SelectionMode, SelectionVersion
from tests.instance.selection.offered_lists import NOW, list_serving, offered_model

FACTS: dict[str, dict[str, Any]] = {
    "claude": {"provider": "Bedrock", "processed_in": ("eu-west-1",), "capabilities": ("tools", "vision")},
    "gemini": {"provider": "Vertex", "processed_in": ("eu", "us")},
    "haiku": {"provider": "Bedrock", "processed_in": ("us",), "capabilities": ("tools",)},
    "mistral": {"provider": "Mistral", "release_state": "BETA"},
}
OWN = SelectionMode.OWN_DEFAULT


def with_facts(offered: OfferedList) -> OfferedList:
    models: dict[str, ListedModel] = {
        id_: model._replace(name=id_.capitalize(), **FACTS.get(id_, {})) for id_, model in offered.models.items()
    }
    features = {
        name: each._replace(category="code" if name == "code" else "duo") for name, each in offered.features.items()
    }
    return offered._replace(models=models, features=features, aliases={"claude_3": "claude"})


OFFERED = with_facts(
    list_serving(
        {"chat": ["gemini", "claude", "haiku", "mistral"], "code": ["mistral"], "review": ["gemini", "haiku"]},
        defaults={"chat": "claude", "code": "mistral", "review": "gemini"},
    )
)
BEDROCK = BulkRule(AllowRule.MATCHING, DefaultRule.KEEP, conditions=ModelConditions(providers=("Bedrock",)))
"""Allow only Bedrock everywhere."""


def selected(feature: str, *models: str, mode: SelectionMode = SelectionMode.CHOSEN_MODELS) -> Selection:
    return Selection(1, None, feature, "", models, models[0], NOW, NOW, mode=mode)


def propose(
    rule: BulkRule, *selections: Selection, offered: OfferedList = OFFERED, versions: Mapping[str, int] | None = None
) -> Proposal:
    """Return what follows from a rule, after checking that all proposed changes are valid."""
    assert list(validate_rule(offered, rule)) == []
    instance = {each.feature: each for each in selections}
    stored: dict[SelectionKey, SelectionVersion] = {
        (None, name): SelectionVersion(number, "", NOW, 0) for name, number in (versions or {}).items()
    }
    proposal = propose_changes(offered, instance, stored, rule)
    for requested, _ in proposal.changes:
        before = instance.get(requested.feature)
        assert list(find_errors(offered, requested, before, before)) == []
    return proposal


def changes(rule: BulkRule, *selections: Selection) -> list[RequestedSelection]:
    """Return the changes of the features ``chat`` and ``review`` without their versions."""
    rule = rule._replace(features=("chat", "review"))
    return [requested._replace(version=None) for requested, _ in propose(rule, *selections).changes]


def test_allow_only_one_provider():
    proposal = propose(BEDROCK, versions={"chat": 3})
    assert proposal.changes == (
        (RequestedSelection("chat", ("claude", "haiku"), "claude", version=3), None),
        (
            RequestedSelection("review", ("haiku",), "haiku", version=0),
            "its default, Gemini, is not allowed then: Haiku becomes the default",
        ),
    )
    assert proposal.refusals == {"code": "no model that serves it meets the conditions, so nothing is changed"}
    assert proposal.complying == 0


def test_feature_that_complies_is_left_out():
    complying = selected("chat", "claude", "haiku")._replace(models=("haiku", "claude"))
    assert changes(BEDROCK, complying, selected("review", "haiku")) == []
    assert propose(BEDROCK, complying).complying == 1


def test_selected_model_that_is_unavailable_now_is_kept():
    offered = with_facts(list_serving({"chat": ["haiku", "mistral"]}, gone=["claude", "gemini"]))
    kept = propose(BEDROCK, selected("chat", "claude", "gemini", "mistral"), offered=offered)
    assert kept.changes == ((RequestedSelection("chat", ("haiku", "claude"), "claude", version=0), None),)
    moved = propose(BEDROCK, selected("chat", "gemini", "claude", "mistral"), offered=offered)
    ((requested, note),) = moved.changes
    assert (requested.models, requested.default_model) == (("haiku", "claude"), "haiku")
    assert note == "its default, Gemini, is not allowed then: Haiku becomes the default"


def test_default_of_the_roster_is_proposed_before_the_first_allowed_model():
    (change, _) = changes(BEDROCK, selected("chat", "gemini"))
    assert (change.models, change.default_model) == (("claude", "haiku"), "claude")


CONDITIONS = {
    "release state": (ModelConditions(release_states=("BETA",)), ("mistral",)),
    "region": (ModelConditions(regions=("eu",)), ("claude",)),
    "several regions": (ModelConditions(regions=("eu", "us")), ("gemini", "claude", "haiku")),
    "capability": (ModelConditions(capabilities=("tools",)), ("claude", "haiku")),
    "capabilities": (ModelConditions(capabilities=("tools", "vision")), ("claude",)),
    "named models": (ModelConditions(models=("haiku", "claude_3")), ("claude", "haiku")),
    "several conditions": (ModelConditions(("Bedrock", "Vertex"), ("GA",), models=("claude", "mistral")), ("claude",)),
}


@pytest.mark.parametrize("about", CONDITIONS)
def test_conditions(about: str):
    conditions, models = CONDITIONS[about]
    rule = BulkRule(AllowRule.MATCHING, DefaultRule.KEEP, ("chat",), conditions=conditions)
    ((requested, _),) = propose(rule).changes
    assert requested.models == models


ALL = BulkRule(AllowRule.ALL, DefaultRule.KEEP)
KEEP = BulkRule(AllowRule.KEEP, DefaultRule.ROSTER)
GEMINI = BulkRule(AllowRule.KEEP, DefaultRule.MODEL, default_model="gemini")
MADE = {
    "all models": (ALL, [RequestedSelection("chat", (), "haiku", mode=OWN)]),
    "all models, the roster's default": (
        ALL._replace(default=DefaultRule.ROSTER),
        [follow_roster("chat"), follow_roster("review")],
    ),
    "all models, one default": (
        GEMINI._replace(allow=AllowRule.ALL),
        [RequestedSelection("chat", (), "gemini", mode=OWN)],
    ),
    "the roster's default": (
        KEEP,
        [RequestedSelection("chat", ("haiku", "gemini", "claude"), "claude"), follow_roster("review")],
    ),
    "one default": (GEMINI, [RequestedSelection("chat", ("haiku", "gemini", "claude"), "gemini")]),
    "matching, the roster's default": (
        BEDROCK._replace(default=DefaultRule.ROSTER),
        [
            RequestedSelection("chat", ("claude", "haiku"), "claude"),
            RequestedSelection("review", ("haiku",), "haiku"),
        ],
    ),
    "matching, one default": (
        BEDROCK._replace(default=DefaultRule.MODEL, default_model="haiku"),
        [
            RequestedSelection("chat", ("claude", "haiku"), "haiku"),
            RequestedSelection("review", ("haiku",), "haiku"),
        ],
    ),
}


@pytest.mark.parametrize("about", MADE)
def test_rule_changes_modes_models_and_defaults(about: str):
    rule, expected = MADE[about]
    before = selected("chat", "haiku", "gemini", "claude"), selected("review", "gemini", mode=OWN)
    assert changes(rule, *before) == expected


def test_default_that_cannot_be_set():
    rule = GEMINI._replace(default_model="claude")
    refused = {"code": "Claude does not serve it, so nothing is changed"}
    refused["review"] = refused["code"]
    assert propose(rule).refusals == refused
    refused["chat"] = "Claude is not one of its allowed models, so nothing is changed"
    assert propose(rule, selected("chat", "gemini")).refusals == refused


def test_feature_without_an_available_allowed_model():
    gone = offered_model("gone", offered=False)
    offered = OFFERED._replace(models={**OFFERED.models, "gone": gone})
    proposal = propose(KEEP._replace(features=("chat",)), selected("chat", "gone"), offered=offered)
    assert proposal.refusals == {"chat": "none of its allowed models is available now, so nothing is changed"}


def test_feature_without_default_of_the_roster():
    chat = OFFERED.features["chat"]._replace(default=None)
    offered = OFFERED._replace(features={**OFFERED.features, "chat": chat})
    ((_, note),) = propose(BEDROCK._replace(features=("chat",)), offered=offered).changes
    assert note == "the roster has no default: Claude becomes the default"


def test_scope():
    assert [each.requested.feature for each in propose(BEDROCK._replace(category="duo")).changes] == ["chat", "review"]
    assert propose(BEDROCK._replace(category="code")).refusals.keys() == {"code"}
    chat_only = propose(BEDROCK._replace(category="duo", features=("code", "chat")))
    assert ([each.requested.feature for each in chat_only.changes], chat_only.refusals) == (["chat"], {})


def only(**conditions: tuple[str, ...]) -> BulkRule:
    return BEDROCK._replace(conditions=ModelConditions(**conditions))


INVALID = {
    "feature": (BEDROCK._replace(features=("caht",)), 'there is no feature "caht": did you mean "chat"?'),
    "category": (BEDROCK._replace(category="x"), 'there is no category "x": choose "code" or "duo"'),
    "provider": (only(providers=("Bedrok",)), 'there is no provider "Bedrok": did you mean "Bedrock"?'),
    "region": (only(regions=("mars",)), 'there is no region "mars": choose "eu", "eu-west-1" or "us"'),
    "capability": (only(capabilities=("tool\0",)), 'there is no capability "tool\\x00": did you mean "tools"?'),
    "model": (only(models=("claud",)), 'there is no model "claud": did you mean "claude"?'),
    "default": (
        GEMINI._replace(default_model="gpt"),
        'there is no model "gpt": choose "claude", "gemini", "haiku" or "mistral"',
    ),
    "nothing": (
        BulkRule(AllowRule.KEEP, DefaultRule.KEEP),
        "the rule changes nothing: change the allowed models, the default, or both",
    ),
    "no condition": (
        BEDROCK._replace(conditions=ModelConditions()),
        "the rule has no condition that models must meet: add one, or allow all models",
    ),
    "conditions without effect": (
        BEDROCK._replace(allow=AllowRule.ALL),
        "the rule has conditions, which apply only if it allows the models that meet them",
    ),
    "no default": (GEMINI._replace(default_model=None), "the rule sets a default, but names no model"),
    "default without effect": (
        BEDROCK._replace(default_model="claude"),
        'the rule names the model "claude", but does not make it the default',
    ),
}


@pytest.mark.parametrize("about", INVALID)
def test_invalid_rule(about: str):
    rule, error = INVALID[about]
    assert list(validate_rule(OFFERED, rule)) == [error]


def test_no_rule_before_first_sync():
    (error,) = validate_rule(EMPTY_LIST, BEDROCK)
    assert error == "there is no list of models yet: models can be selected after the first sync"


def test_at_most_five_choices_are_offered():
    for number, expected in ((5, '"m0", "m1", "m2", "m3" or "m4"'), (6, '"m0", "m1", "m2", "m3" or 2 more')):
        offered = list_serving({"chat": [f"m{each}" for each in range(number)]})
        (error,) = validate_rule(offered, only(models=("ghost",)))
        assert error == f'there is no model "ghost": choose {expected}'


def test_many_unknown_names_are_counted():
    errors = list(validate_rule(OFFERED, only(providers=tuple(f"p{number}" for number in range(5000)))))
    assert errors[-1] == "4,990 more names are unknown, too"
