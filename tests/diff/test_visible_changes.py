"""Whatever a consumer can see in rendered artifacts is a change, and its texts say what it was and what it is."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings

from roster.diff import diff_markdown, diff_report
from roster.diff.change import Change, ChangeBuilder, Comparison
from roster.diff.feature_changes import ServedRosters, unexplained_change, visible
from roster.diff.roster_changes import diff_rosters
from roster.diff.rows import group_changes
from roster.findings import Place
from roster.publishing.sequence import UNVERSIONED
from roster.registries import Feature, Registries
from roster.render.gateway_json import build_envelope
from roster.roster import Roster
from tests.diff.test_roster_changes import (
    CLAUDE,
    DAYS,
    FEATURES,
    GEMINI,
    POLICY,
    TODAY,
    VALID,
    Entry,
    changes,
    model,
    roster,
    suspended,
)

EDITS: tuple[Entry, Entry] = ({}, {"provider": "Vertex AI"})


def registries(**titles: str) -> Registries:
    features = {name: Feature(name, titles.get(name, name), "", name, (name,), required=False) for name in FEATURES}
    return Registries(features, (), {})


def texts(before: Entry, after: Entry) -> tuple[str, str]:
    (change,) = changes([GEMINI, CLAUDE | before], [GEMINI, CLAUDE | after])
    return change.summary, change.effect


def in_registries(
    old: Registries, new: Registries, before: list[Entry] | None = None, after: list[Entry] | None = None
) -> list[Change]:
    base, head = ({"production": roster(*(entries or [GEMINI, CLAUDE]))} for entries in (before, after))
    return diff_rosters(base, head, {"production": POLICY}, TODAY, (), new, old)


def artifacts(version: Roster, known: Registries) -> Any:
    """Return what consumers can see on the days that the generated rosters name."""
    return [visible(build_envelope(version, date.fromisoformat(day), UNVERSIONED, known)) for day in DAYS]


@settings(max_examples=60, deadline=None)
@given(VALID, VALID)
def test_no_change_means_equal_artifacts(base: Roster, head: Roster):
    if not diff_rosters({"production": base}, {"production": head}, {"production": POLICY}, TODAY):
        assert artifacts(base, registries()) == artifacts(head, registries())


@settings(max_examples=60, deadline=None)
@given(VALID)
def test_change_of_any_visible_value_is_a_change(version: Roster):
    """Generated pairs are seldom almost equal, so single values of one roster are removed."""
    known, entries = registries(), [dict(each.entry) for each in version]
    rendered = artifacts(version, known)
    for index, entry in enumerate(entries):
        for key in entry.keys() - {*model("Any"), "id"}:
            changed = {name: entry[name] for name in entry if name != key}
            other = roster(*entries[:index], changed, *entries[index + 1 :])
            found = diff_rosters({"production": version}, {"production": other}, {"production": POLICY}, TODAY)
            assert found or artifacts(other, known) == rendered, key


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (
            {"provider": "Anthropic"},
            {"provider": "Vertex AI"},
            (
                "Claude: provider changed: Anthropic → Vertex AI",
                "Admins see the new provider with its name. Their selections remain.",
            ),
        ),
        (
            {"cost_indicator": "$"},
            {"cost_indicator": "$$$"},
            ("Claude: cost raised: $ → $$$", "Admins see the higher cost. Instances that selected it may pay more."),
        ),
        (
            {},
            {"cost_indicator": "$"},
            ("Claude: cost raised: none → $", "Admins see the cost, which was not stated before."),
        ),
        (
            {"description": "Quick answers"},
            {},
            ('Claude: description changed: "Quick answers" → none', "Admins see the new description."),
        ),
    ],
)
def test_texts_have_both_values(before: Entry, after: Entry, expected: tuple[str, str]):
    assert texts(before, after) == expected


def test_long_descriptions_differ_in_text():
    long = "A model for long answers about code and everything else that one asks, "
    summary, _ = texts({"description": f"{long}slow"}, {"description": f"{long}quick"})
    assert summary == 'Claude: description changed: "…else that one asks, slow" → "…else that one asks, quick"'


def test_order_names_moved_models():
    many = [model(f"Model{number}") for number in range(6)]
    (change,) = changes(many, [many[5], many[0], *many[2:5], many[1]])
    assert change.summary == "order of models changed: Model5 is now first and Model1 is now after Model4"
    assert change.new == ["model5", "model0", "model2", "model3", "model4", "model1"]


def test_offered_model_changes_no_order():
    assert [each.kind for each in changes([GEMINI, CLAUDE], [GEMINI, model("Qwen"), CLAUDE])] == ["model-offered"]


def test_registry_changes_of_served_features():
    (change,) = in_registries(registries(), registries(duo_chat="Chat", fix="Unserved"))
    assert (change.kind, change.summary) == (
        "feature-renamed",
        'duo_chat: title "duo_chat" → "Chat" in schemas/features.yaml',
    )
    known = registries()
    features = {name: each._replace(setting=f"{name}_2") for name, each in known.features.items()}
    (change,) = in_registries(known, Registries(features, (), {}))
    assert (change.impact.value, change.kind) == ("risky", "feature-setting-changed")


def test_registry_change_of_several_environments_is_one_row():
    new, environments = registries(duo_chat="Chat"), ("staging", "production")
    policies = {"staging": POLICY, "production": POLICY}
    sides = [{name: roster(GEMINI, CLAUDE | extra, environment=name) for name in environments} for extra in EDITS]
    changes = diff_rosters(sides[0], sides[1], policies, TODAY, (), new, registries())
    assert [(each.environment, each.kind) for each in changes] == [
        (name, kind) for name in environments for kind in ("provider-changed", "feature-renamed")
    ]
    assert {each.place for each in changes if each.kind == "feature-renamed"} == {
        Place("schemas/features.yaml", (FEATURES.index("duo_chat"),))
    }
    first, row, last = group_changes(changes)
    assert ([first.kind, last.kind], row.changes) == (["provider-changed"] * 2, (changes[1], changes[3]))
    assert (row.environment, row.lists) == ("staging", {"environments": environments})
    compared = Comparison({"base": "a", "head": "b"}, tuple(changes), {"base": (), "head": ()})
    assert diff_report.summary(compared) == "2 risky and 1 safe changes in 2 environments"
    assert diff_markdown.write(compared).count("| 0 | 1 | 1 |") == 2, "the table counts it in each environment"


def test_registry_changes_with_other_impacts_are_rows_of_their_own():
    policies = {"staging": POLICY, "production": POLICY._replace(impact={"feature-renamed": "risky"})}
    version = {name: roster(GEMINI, environment=name) for name in policies}
    changes = diff_rosters(version, version, policies, TODAY, (), registries(duo_chat="Chat"), registries())
    assert [(row.environment, row.impact.value) for row in group_changes(changes)] == [
        ("staging", "safe"),
        ("production", "risky"),
    ]


def test_difference_of_artifacts_that_nothing_explains_is_a_change():
    known = registries()
    before = [CLAUDE, model("Qwen", release_state="GA")]
    features = dict(known.features)
    features["duo_chat"] = features["duo_chat"]._replace(gateway={"selectable_models": ["qwen", "claude"]})
    version, policy = roster(*before), ChangeBuilder("production", POLICY)
    rosters = ServedRosters(version, version, known, Registries(features, (), {}))
    (change,) = unexplained_change(rosters, TODAY, policy)
    assert (change.kind, change.summary) == ("artifact-changed", "the rendered artifacts change: unit_primitives")


def test_gateway_lists_and_order_of_features_are_changes_in_addition_to_others():
    known, before = registries(), [model("Gemini", features=["duo_chat", "fix"]), model("Qwen", cost_indicator="$")]
    features = {name: known.features[name] for name in reversed(list(known.features))}
    features["duo_chat"] = features["duo_chat"]._replace(gateway={"selectable_models": ["qwen", "gemini"]})
    found = in_registries(known, Registries(features, (), {}), before, [before[0], model("Qwen", cost_indicator="$$")])
    assert [(each.kind, each.summary) for each in found] == [
        ("cost-raised", "Qwen: cost raised: $ → $$"),
        (
            "feature-gateway-changed",
            'duo_chat: gateway settings changed: selectable_models none → ["qwen", "gemini"] in schemas/features.yaml',
        ),
        ("features-reordered", "order of features changed: fix is now first in schemas/features.yaml"),
    ]


def test_name_that_another_model_changes_is_a_change():
    """A name that ends with the provider has it twice while another model could have the same name."""
    fireworks = model("Codestral on Fireworks", id="codestral", provider="Fireworks")
    other = model("Codestral on Fireworks", id="other", identifier="a/1")
    found = changes([GEMINI, fireworks, other], [GEMINI, fireworks])
    (shown,) = (each.summary for each in found if each.kind == "shown-name-changed")
    paused = changes([GEMINI, fireworks, other], [GEMINI, fireworks, other | suspended("2026-06-01")])
    assert [each.kind for each in paused] == ["model-suspended", "shown-name-changed"]
    assert shown == (
        'Codestral on Fireworks (codestral) is shown as "GitLab: Codestral on Fireworks" '
        'instead of "GitLab: Codestral on Fireworks - Fireworks"'
    )
