"""The changes between two versions of rosters: every kind, its impact and wording, and completeness of the diff."""

import json
from collections.abc import Mapping
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from roster.diff.change import BASE, HEAD, Change
from roster.diff.kinds import KINDS, Impact
from roster.diff.meaning import DEPLOYMENT, roster_meaning
from roster.diff.roster_changes import diff_rosters
from roster.publishing.sequence import UNVERSIONED
from roster.registries import Environment, Registries
from roster.render import gateway_json
from roster.roster import Roster
from tests.diff.apply_changes import apply_changes
from tests.diff.mirror_kinds import MIRROR, PATH_KINDS, REGISTRY_KINDS
from tests.schema.sample_model import FULL_MODEL

TODAY = date(2026, 6, 15)
BEFORE, LATER, LATE = "2026-06-01", "2026-08-01", "2026-12-01"
Entry = dict[str, Any]
POLICY = Environment("production", ("BETA", "GA"), ("GA",), retirement_notice_days=90)


def model(name: str, **keys: Any) -> Entry:
    """Return a roster entry that serves one feature, with some keys replaced."""
    return {
        "name": name,
        "identifier": f"bedrock/{name.lower()}-1",
        "api-key": f"AIGW_MODEL_{name.upper()}_API_KEY",
        "endpoint": "https://example-models.com/v1",
        "release_state": "GA",
        "family": "claude",
        "features": ["duo_chat"],
    } | {key.replace("_key", "-key") if key == "api_key" else key: value for key, value in keys.items()}


def retirement(last_day: str, *, notice: str = BEFORE, replacement: str | None = "gemini", **keys: Any) -> Entry:
    return {"retirement": {"notice": notice, "last_day": last_day, "replacement": replacement, **keys}}


def retirements(*ends: tuple[str, list[str]]) -> Entry:
    """Return several retirements, given the last day and the features of each."""
    return {"retirement": [retirement(last_day, features=features)["retirement"] for last_day, features in ends]}


def suspended(since: str, reason: str = "provider incident") -> Entry:
    return {"suspended": {"since": since, "reason": reason}}


def share(percent: int, entry: Entry) -> Entry:
    return entry | {"default_for": {"duo_chat": percent}}


def roster(*entries: Entry, environment: str = "production") -> Roster:
    return Roster.of(f"env/{environment}/offered_models_metadata.yaml", environment, list(entries))


def changes(before: list[Entry], after: list[Entry], policy: Environment = POLICY) -> list[Change]:
    return diff_rosters({"production": roster(*before)}, {"production": roster(*after)}, {"production": policy}, TODAY)


def labels(changes: list[Change]) -> list[str]:
    return [" ".join(filter(None, (str(each.impact), each.kind, each.model, each.feature))) for each in changes]


GEMINI = model("Gemini", default_for=["duo_chat"])
CLAUDE = model("Claude")
BOTH = model("Claude", features=["duo_chat", "review"])
DEFAULT = model("Claude", default_for=["duo_chat"])
QWEN = model("Qwen")

CASES: Mapping[str, tuple[list[Entry], list[Entry], list[str]]] = {
    "model offered": ([GEMINI], [GEMINI, CLAUDE], ["safe model-offered claude"]),
    "model withdrawn": ([GEMINI, CLAUDE], [GEMINI], ["breaking model-withdrawn claude"]),
    "model withdrawn after its last day": (
        [GEMINI, CLAUDE | retirement("2026-06-14")],
        [GEMINI],
        ["safe model-withdrawn claude"],
    ),
    "model withdrawn on its last day": (
        [GEMINI, CLAUDE | retirement("2026-06-15")],
        [GEMINI],
        ["breaking model-withdrawn claude"],
    ),
    "model withdrawn after retirement of one of its features": (
        [GEMINI, BOTH | retirement("2026-06-14", features=["duo_chat"])],
        [GEMINI],
        ["breaking model-withdrawn claude", "breaking feature-unserved review"],
    ),
    "feature lost after its last day": (
        [GEMINI, model("Qwen", features=["review"]), BOTH | retirement("2026-06-14", features=["duo_chat"])],
        [GEMINI, model("Qwen", features=["review"]), BOTH | {"features": ["review"]}],
        ["safe feature-lost claude duo_chat", "safe retirement-cancelled claude"],
    ),
    "feature lost": (
        [GEMINI, BOTH, model("Qwen", features=["review"])],
        [GEMINI, CLAUDE, model("Qwen", features=["review"])],
        ["breaking feature-lost claude review"],
    ),
    "feature gained": (
        [GEMINI, CLAUDE, model("Qwen", features=["review"])],
        [GEMINI, BOTH, model("Qwen", features=["review"])],
        ["safe feature-gained claude review"],
    ),
    "feature without a model": (
        [GEMINI, BOTH],
        [GEMINI, CLAUDE],
        ["breaking feature-unserved review", "breaking feature-lost claude review"],
    ),
    "first model of a feature": (
        [GEMINI, CLAUDE],
        [GEMINI, BOTH | {"default_for": ["review"]}],
        ["safe feature-served review", "safe feature-gained claude review"],
    ),
    "different order of features": ([GEMINI, BOTH], [GEMINI, BOTH | {"features": ["review", "duo_chat"]}], []),
    "default switched": (
        [GEMINI, CLAUDE],
        [GEMINI | {"default_for": []}, DEFAULT],
        ["risky default-switched duo_chat"],
    ),
    "default switched as announced": (
        [GEMINI | retirement(LATE, replacement="claude"), CLAUDE],
        [GEMINI | retirement(LATE, replacement="claude") | {"default_for": []}, DEFAULT],
        ["safe default-switched duo_chat"],
    ),
    "default switched before the notice": (
        [GEMINI | retirement(LATE, notice=LATER, replacement="claude"), CLAUDE],
        [GEMINI | retirement(LATE, notice=LATER, replacement="claude") | {"default_for": []}, DEFAULT],
        ["risky default-switched duo_chat"],
    ),
    "default switched to another model than announced": (
        [GEMINI | retirement(LATE, replacement="qwen"), CLAUDE, model("Qwen")],
        [GEMINI | retirement(LATE, replacement="qwen") | {"default_for": []}, DEFAULT, model("Qwen")],
        ["risky default-switched duo_chat"],
    ),
    "default lost": (
        [GEMINI, CLAUDE],
        [GEMINI | {"default_for": []}, CLAUDE],
        ["breaking default-lost duo_chat"],
    ),
    "default gained": (
        [CLAUDE],
        [DEFAULT],
        ["safe default-gained duo_chat"],
    ),
    "release state promoted": (
        [GEMINI | {"release_state": "EXPERIMENT"}],
        [GEMINI],
        ["safe release-state-promoted gemini"],
    ),
    "release state demoted": (
        [GEMINI | {"release_state": "BETA"}],
        [GEMINI | {"release_state": "EXPERIMENT"}],
        ["risky release-state-demoted gemini"],
    ),
    "new display name": ([GEMINI], [GEMINI | {"display_name": "Gemini!"}], ["safe model-renamed gemini"]),
    "new name behind a display name": (
        [GEMINI | {"id": "g", "display_name": "Gemini"}],
        [GEMINI | {"id": "g", "display_name": "Gemini", "name": "Gemini 2"}],
        [],
    ),
    "new name without a pinned id": (
        [GEMINI],
        [GEMINI | {"name": "Gemini 2"}],
        ["breaking id-changed gemini_2", "safe model-renamed gemini_2"],
    ),
    "new id and deployment": (
        [GEMINI],
        [GEMINI | {"id": "g", "endpoint": "https://other.example-models.com/v1"}],
        ["breaking id-changed g", "risky deployment-moved g"],
    ),
    "new id, name and deployment": (
        [GEMINI],
        [GEMINI | {"name": "G", "identifier": "bedrock/g-1"}],
        ["breaking model-withdrawn gemini", "risky default-switched duo_chat", "safe model-offered g"],
    ),
    "two candidates for a renamed model": (
        [GEMINI | {"id": "a", "default_for": []}, GEMINI | {"id": "b"}],
        [GEMINI | {"id": "c"}],
        [
            "breaking model-withdrawn a",
            "breaking model-withdrawn b",
            "risky default-switched duo_chat",
            "safe model-offered c",
        ],
    ),
    "retired model replaced by one with the same deployment": (
        [GEMINI, CLAUDE | {"id": "old"} | retirement("2026-06-14")],
        [GEMINI, CLAUDE],
        ["safe model-withdrawn old", "safe model-offered claude"],
    ),
    "new identifier": (
        [GEMINI],
        [GEMINI | {"identifier": "bedrock/gemini-2", "family": "gemini"}],
        ["risky deployment-moved gemini"],
    ),
    "new API key": ([GEMINI], [GEMINI | {"api-key": "AIGW_MODEL_G_API_KEY"}], ["risky deployment-moved gemini"]),
    "retirement with enough notice": (
        [GEMINI, CLAUDE],
        [GEMINI, CLAUDE | retirement(LATE)],
        ["safe retirement-announced claude"],
    ),
    "retirement with too little notice": (
        [GEMINI, CLAUDE],
        [GEMINI, CLAUDE | retirement(LATER)],
        ["risky retirement-announced claude"],
    ),
    "backdated notice": (
        [GEMINI, CLAUDE],
        [GEMINI, CLAUDE | retirement(LATER, notice="2026-01-01")],
        ["risky retirement-announced claude"],
    ),
    "retirement already over": (
        [GEMINI, CLAUDE],
        [GEMINI, CLAUDE | retirement("2026-06-14", notice="2026-01-01")],
        ["breaking retirement-announced claude"],
    ),
    "retirement without a replacement": (
        [GEMINI, CLAUDE],
        [GEMINI, CLAUDE | retirement(LATE, replacement=None)],
        ["safe retirement-announced claude"],
    ),
    "retirement without a replacement or another default": (
        [DEFAULT],
        [DEFAULT | retirement(LATE, replacement=None)],
        ["risky retirement-announced claude"],
    ),
    "retirement without a replacement whose default ends earlier": (
        [GEMINI | retirement(LATER), CLAUDE],
        [GEMINI | retirement(LATER), CLAUDE | retirement(LATE, replacement=None)],
        ["risky retirement-announced claude"],
    ),
    "replacement removed from retirement": (
        [GEMINI, CLAUDE | retirement(LATE)],
        [GEMINI, CLAUDE | retirement(LATE, replacement=None)],
        ["risky retirement-moved claude"],
    ),
    "retirement canceled": (
        [GEMINI, CLAUDE | retirement(LATE)],
        [GEMINI, CLAUDE],
        ["safe retirement-cancelled claude"],
    ),
    "retirement postponed": (
        [GEMINI, CLAUDE | retirement(LATER)],
        [GEMINI, CLAUDE | retirement(LATE)],
        ["safe retirement-moved claude"],
    ),
    "retirement brought forward": (
        [GEMINI, CLAUDE | retirement(LATE)],
        [GEMINI, CLAUDE | retirement(LATER)],
        ["risky retirement-moved claude"],
    ),
    "retirement brought forward into the past": (
        [GEMINI, CLAUDE | retirement(LATE)],
        [GEMINI, CLAUDE | retirement("2026-06-14")],
        ["breaking retirement-moved claude"],
    ),
    "retirement with another replacement": (
        [GEMINI, CLAUDE | retirement(LATER)],
        [GEMINI, CLAUDE | retirement(LATER, replacement="qwen")],
        ["risky retirement-moved claude"],
    ),
    "retirement of more features": (
        [GEMINI, BOTH | retirement(LATER, features=["duo_chat"])],
        [GEMINI, BOTH | retirement(LATER)],
        ["risky retirement-announced claude"],
    ),
    "retirement of no served feature": (
        [GEMINI, CLAUDE | retirement(LATER)],
        [GEMINI, CLAUDE | retirement(LATER, features=["review"])],
        ["safe retirement-moved claude"],
    ),
    "retirement of no served feature, with others": (
        [GEMINI, BOTH | retirements((LATE, ["duo_chat"]), (LATER, ["review"]))],
        [GEMINI, BOTH | retirement(LATER, features=["fix"])],
        ["safe retirement-cancelled claude", "safe retirement-moved claude"],
    ),
    "retirement as list of one": (
        [GEMINI, BOTH | retirement(LATE)],
        [GEMINI, BOTH | retirements((LATE, ["duo_chat", "review"]))],
        [],
    ),
    "one retirement as two with the same terms": (
        [GEMINI, BOTH | retirement(LATE)],
        [GEMINI, BOTH | retirements((LATE, ["duo_chat"]), (LATE, ["review"]))],
        [],
    ),
    "one of two retirements brought forward": (
        [GEMINI, BOTH | retirements((LATE, ["duo_chat"]), (LATE, ["review"]))],
        [GEMINI, BOTH | retirements((LATE, ["duo_chat"]), (LATER, ["review"]))],
        ["risky retirement-moved claude"],
    ),
    "one of two retirements canceled": (
        [GEMINI, BOTH | retirements((LATE, ["duo_chat"]), (LATER, ["review"]))],
        [GEMINI, BOTH | retirements((LATER, ["review"]))],
        ["safe retirement-cancelled claude"],
    ),
    "two retirements with different terms": (
        [GEMINI, BOTH],
        [GEMINI, BOTH | retirements((LATER, ["duo_chat"]), (LATE, ["review"]))],
        ["risky retirement-announced claude", "safe retirement-announced claude"],
    ),
    "feature gained that retires": (
        [GEMINI, model("Qwen", features=["review"]), CLAUDE | retirement(LATER)],
        [GEMINI, model("Qwen", features=["review"]), BOTH | retirement(LATER)],
        ["safe feature-gained claude review", "safe retirement-announced claude"],
    ),
    "suspension": (
        [GEMINI, CLAUDE],
        [GEMINI, CLAUDE | suspended("2026-06-15")],
        ["risky model-suspended claude"],
    ),
    "suspension of the only default": (
        [DEFAULT],
        [DEFAULT | suspended("2026-06-15")],
        ["breaking model-suspended claude"],
    ),
    "suspension ended": (
        [GEMINI, CLAUDE | suspended("2026-06-01")],
        [GEMINI, CLAUDE],
        ["safe suspension-ended claude"],
    ),
    "suspension postponed": (
        [GEMINI, CLAUDE | suspended("2026-06-15")],
        [GEMINI, CLAUDE | suspended("2026-06-16", "maintenance")],
        ["safe suspension-changed claude"],
    ),
    "suspension brought forward": (
        [GEMINI, CLAUDE | suspended("2026-06-16")],
        [GEMINI, CLAUDE | suspended("2026-06-15")],
        ["risky suspension-changed claude"],
    ),
    "default as mapping": ([GEMINI], [GEMINI | {"default_for": {"duo_chat": 100}}], []),
    "shares of the defaults changed": (
        [share(80, GEMINI), share(20, CLAUDE)],
        [share(70, GEMINI), share(30, CLAUDE)],
        ["risky default-shares-changed duo_chat"],
    ),
    "another default gets a smaller share": (
        [GEMINI, CLAUDE],
        [share(80, GEMINI), share(20, CLAUDE)],
        ["risky default-shares-changed duo_chat"],
    ),
    "another default gets a larger share": (
        [share(80, GEMINI), share(20, CLAUDE)],
        [share(20, GEMINI), share(80, CLAUDE)],
        ["risky default-switched duo_chat"],
    ),
    "share moved as announced": (
        [share(40, GEMINI) | retirement(LATE, replacement="claude"), share(60, CLAUDE)],
        [GEMINI | retirement(LATE, replacement="claude") | {"default_for": []}, share(100, CLAUDE)],
        ["safe default-shares-changed duo_chat"],
    ),
    "share moved to the other default as announced": (
        [share(60, GEMINI) | retirement(LATE, replacement=None), share(40, CLAUDE)],
        [GEMINI | retirement(LATE, replacement=None) | {"default_for": []}, share(100, CLAUDE)],
        ["safe default-switched duo_chat"],
    ),
    "defaults with equal shares in another order": (
        [share(50, GEMINI), share(50, CLAUDE)],
        [share(50, CLAUDE), share(50, GEMINI)],
        ["safe models-reordered"],
    ),
    "release state of a feature demoted": (
        [BOTH],
        [BOTH | {"release_state_for": {"review": "BETA"}}],
        ["breaking release-state-demoted claude review"],
    ),
    "release state of a feature promoted": (
        [BOTH | {"release_state_for": {"review": "BETA"}}],
        [BOTH],
        ["safe release-state-promoted claude review"],
    ),
    "release state demoted except for a feature": (
        [BOTH],
        [BOTH | {"release_state": "BETA", "release_state_for": {"review": "GA"}}],
        ["breaking release-state-demoted claude"],
    ),
    "release state of a feature as the model's": ([BOTH], [BOTH | {"release_state_for": {"review": "GA"}}], []),
    "release state of a feature that is not served": ([BOTH], [BOTH | {"release_state_for": {"fix": "BETA"}}], []),
    "alias added": ([CLAUDE], [CLAUDE | {"aliases": ["former"]}], ["safe alias-added claude"]),
    "alias removed": (
        [CLAUDE | {"aliases": ["former", "first"]}],
        [CLAUDE | {"aliases": ["first"]}],
        ["breaking alias-removed claude"],
    ),
    "aliases in another order": ([CLAUDE | {"aliases": ["a", "b"]}], [CLAUDE | {"aliases": ["b", "a"]}], []),
    "id changed, with the old one as an alias": (
        [CLAUDE],
        [CLAUDE | {"id": "new", "aliases": ["claude"], "identifier": "bedrock/new", "name": "New"}],
        ["risky deployment-moved new", "safe id-changed new", "safe model-renamed new"],
    ),
    "id of a replacement changed, with the old one as an alias": (
        [CLAUDE | retirement(LATE, replacement="gemini"), GEMINI],
        [CLAUDE | retirement(LATE, replacement="new"), GEMINI | {"id": "new", "aliases": ["gemini"]}],
        ["safe id-changed new"],
    ),
    "id of a replacement changed, and the retirement canceled": (
        [CLAUDE | retirements((LATE, ["duo_chat"])), GEMINI],
        [CLAUDE, GEMINI | {"id": "new", "aliases": ["gemini"]}],
        ["safe id-changed new", "safe retirement-cancelled claude"],
    ),
    "limits raised": (
        [CLAUDE | {"context_window": 1000}],
        [CLAUDE | {"context_window": 2000, "max_output_tokens": 500}],
        ["safe limit-raised claude"] * 2,
    ),
    "limits lowered": (
        [CLAUDE | {"context_window": 1000, "max_output_tokens": 500}],
        [CLAUDE | {"context_window": 999}],
        ["risky limit-lowered claude"] * 2,
    ),
    "capabilities changed": (
        [CLAUDE | {"capabilities": ["tools", "vision"]}],
        [CLAUDE | {"capabilities": ["fim", "tools"]}],
        ["risky capability-removed claude", "safe capability-added claude"],
    ),
    "region added": (
        [CLAUDE | {"processed_in": ["eu"]}],
        [CLAUDE | {"processed_in": ["us", "eu"]}],
        ["risky regions-changed claude"],
    ),
    "region removed": (
        [CLAUDE | {"processed_in": ["us", "eu"]}],
        [CLAUDE | {"processed_in": ["eu"]}],
        ["safe regions-changed claude"],
    ),
    "regions unknown": ([CLAUDE | {"processed_in": ["eu"]}], [CLAUDE], ["risky regions-changed claude"]),
    "retention lengthened": (
        [CLAUDE | {"data_retention_days": 0}],
        [CLAUDE | {"data_retention_days": 30}],
        ["risky data-retention-lengthened claude"],
    ),
    "retention unknown": (
        [CLAUDE | {"data_retention_days": 30}],
        [CLAUDE],
        ["risky data-retention-lengthened claude"],
    ),
    "retention shortened": (
        [CLAUDE],
        [CLAUDE | {"data_retention_days": 0}],
        ["safe data-retention-shortened claude"],
    ),
    "gateway settings changed": (
        [CLAUDE | {"gateway": {"temperature": 0, "top_p": 1}}],
        [CLAUDE | {"gateway": {"temperature": False, "top_p": 1}}],
        ["risky gateway-settings-changed claude"],
    ),
    "owner and documentation changed": (
        [CLAUDE | {"owner": "@a"}],
        [CLAUDE | {"owner": "@b", "documentation": "https://docs.example.com"}],
        ["safe documentation-changed claude"],
    ),
    "description of a retired model": (
        [GEMINI, CLAUDE | retirement("2026-06-14")],
        [GEMINI, CLAUDE | retirement("2026-06-14") | {"description": "Gone"}],
        ["safe description-changed claude"],
    ),
    "provider changed": (
        [CLAUDE | {"provider": "Anthropic"}],
        [CLAUDE | {"provider": "Vertex AI"}],
        ["risky provider-changed claude"],
    ),
    "cost raised": (
        [CLAUDE | {"cost_indicator": "$"}],
        [CLAUDE | {"cost_indicator": "$$$"}],
        ["risky cost-raised claude"],
    ),
    "cost stated": ([CLAUDE], [CLAUDE | {"cost_indicator": "$$$"}], ["safe cost-raised claude"]),
    "cost lowered": (
        [CLAUDE | {"cost_indicator": "$$"}],
        [CLAUDE | {"cost_indicator": "$"}],
        ["safe cost-lowered claude"],
    ),
    "cost of a retired model raised": (
        [GEMINI, CLAUDE | retirement("2026-06-14") | {"cost_indicator": "$"}],
        [GEMINI, CLAUDE | retirement("2026-06-14") | {"cost_indicator": "$$"}],
        ["safe cost-raised claude"],
    ),
    "models reordered": ([GEMINI, CLAUDE], [CLAUDE, GEMINI], ["safe models-reordered"]),
    "own key added": ([CLAUDE], [CLAUDE | {"team": "a"}], ["risky own-key-changed claude"]),
    "own key changed to an equal number": (
        [CLAUDE | {"reviewed": 1, "limits": {"rpm": 1, "tpm": 2}}],
        [CLAUDE | {"reviewed": True, "limits": {"tpm": 2, "rpm": 1}}],
        ["risky own-key-changed claude"],
    ),
    "own keys changed": (
        [CLAUDE | {"team": "a", "limits": {"rpm": 10}, "tags": ["a", "b"], "same": [1]}],
        [CLAUDE | {"team": "b", "limits": {"rpm": 20}, "tags": ["b", "a"], "same": [1]}],
        ["risky own-key-changed claude"] * 3,
    ),
    "own key of a retirement changed": (
        [GEMINI, CLAUDE | retirement(LATER, reason="cost")],
        [GEMINI, CLAUDE | retirement(LATER, reason="quality")],
        ["risky own-key-changed claude"],
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_changes_of_case(case: str):
    before, after, expected = CASES[case]
    assert labels(changes(before, after)) == expected


def test_limits_are_shown_with_separators():
    (change,) = changes([CLAUDE | {"context_window": 200000}], [CLAUDE | {"context_window": 1000}])
    assert change.summary == "Claude: context window lowered: 200,000 tokens → 1,000 tokens"


@pytest.mark.parametrize("case", CASES)
def test_opposite_change_has_mirror_kinds(case: str):
    before, after, _ = CASES[case]
    back = sorted(MIRROR[change.kind] for change in changes(after, before))
    assert back == sorted(change.kind for change in changes(before, after))


def test_change_of_own_key_has_values():
    before = CLAUDE | {"team": "group/a", "limits": {"rpm": 10}, "password": "hunter2", "max_tokens": 5}
    after = CLAUDE | {"team": "group/b", "limits": {"rpm": 10, "tpm": 2}, "password": "swordfish"}
    team, limits, password, tokens = changes([before], [after])
    assert team.summary == 'Claude: team changed: "group/a" → "group/b"'
    assert (team.old, team.new) == ({"team": "group/a"}, {"team": "group/b"})
    assert limits.summary == 'Claude: limits changed: {"rpm": 10} → {"rpm": 10, "tpm": 2}'
    assert limits.place.pointer == (0, "limits")
    assert not any(secret in str(password) for secret in ("hunter2", "swordfish"))
    assert (tokens.side, tokens.new) == (BASE, {"max_tokens": None})


def test_cases_cover_every_kind():
    kinds = {line.split()[1] for _, _, expected in CASES.values() for line in expected}
    others = PATH_KINDS | REGISTRY_KINDS
    assert kinds == {kind for kind in KINDS.keys() - others if not kind.startswith("environment-")}


def test_environment_added_and_removed():
    base, head = {"production": roster(GEMINI)}, {"prod": roster(GEMINI, CLAUDE, environment="prod")}
    changes_ = diff_rosters(base, head, {"production": POLICY}, TODAY)
    assert [(str(each.impact), each.kind, each.environment, each.side) for each in changes_] == [
        ("breaking", "environment-removed", "production", BASE),
        ("safe", "environment-added", "prod", HEAD),
    ]
    assert changes_[1].effect == "Its gateways can download a list of 2 models."


class TestWording:
    def test_default_switched(self):
        (change,) = changes([GEMINI, CLAUDE], [GEMINI | {"default_for": []}, DEFAULT])
        assert change.summary == "duo_chat: default changed: Gemini → Claude"
        assert change.effect == "Users without a selected model for duo_chat are moved to Claude without notice."
        assert (change.old, change.new) == ("gemini", "claude")
        assert change.place == roster(GEMINI, DEFAULT).at(roster(GEMINI, DEFAULT).models[1], "default_for", 0)

    def test_model_withdrawn(self):
        (change,) = changes(
            [GEMINI, BOTH, model("Qwen", features=["review"])], [GEMINI, model("Qwen", features=["review"])]
        )
        assert change.summary == "Claude is no longer offered"
        assert change.effect == (
            "Instances that selected it fall back to Gemini for duo_chat and no model for review, without notice."
        )
        assert (change.place.pointer, change.side) == ((1,), BASE)

    def test_deployment_moved(self):
        (change,) = changes([GEMINI], [GEMINI | {"api-key": "OTHER", "family": "gemini"}])
        assert change.summary == (
            "Gemini: deployment changed: api-key AIGW_MODEL_GEMINI_API_KEY → OTHER and family claude → gemini"
        )
        assert change.effect == (
            "For all users of this model, gateways need OTHER to be set first and the prompts of gemini are used."
        )

    @pytest.mark.parametrize(
        ("announced", "reason"),
        [
            (retirement(LATER), "the notice is 47 days instead of 90"),
            (retirement(LATE, notice="2026-11-01"), "the notice is 30 days instead of 90"),
            (retirement(LATER, notice=LATE), "the notice is 0 days instead of 90"),
            (retirement("2026-06-14"), "its last day has passed"),
        ],
    )
    def test_retirement_announced_too_late_or_without_replacement(self, announced: Entry, reason: str):
        (change,) = changes([GEMINI, CLAUDE], [GEMINI, CLAUDE | announced])
        assert change.effect.endswith(f" The announcement does not meet the policy of production: {reason}.")

    def test_retirement_without_replacement(self):
        (change,) = changes([GEMINI, CLAUDE], [GEMINI, CLAUDE | retirement(LATE, replacement=None)])
        assert change.effect == (
            "Admins see a notice from 2026-06-01. After 2026-12-01, the default, Gemini, replaces it for duo_chat."
        )
        (change,) = changes([DEFAULT], [DEFAULT | retirement(LATE, replacement=None)])
        assert "After 2026-12-01, no model replaces it for duo_chat." in change.effect
        assert change.effect.endswith("policy of production: it names no replacement, and no default takes over.")
        others = [DEFAULT | retirement(LATER), model("Gemini")]  # the default has to move to Gemini before
        (change,) = changes([*others, QWEN], [*others, QWEN | retirement(LATE, replacement=None)])
        assert "After 2026-12-01, the default, Gemini, replaces it for duo_chat." in change.effect

    def test_suspension(self):
        qwen, claude = model("Qwen", features=["fix"], default_for=["fix"]), BOTH | {"features": ["duo_chat", "fix"]}
        (change,) = changes([GEMINI, qwen, claude], [GEMINI, qwen, claude | suspended("2026-06-15")])
        assert change.summary == "Claude is suspended from 2026-06-15: provider incident"
        assert change.effect == (
            "From 2026-06-15, its users get Gemini for duo_chat and Qwen for fix. "
            "Their selections apply again when the suspension ends."
        )
        assert (change.place.pointer, change.place.at_key) == ((2, "suspended"), True)

    def test_shares_of_defaults(self):
        before, after = [share(80, GEMINI), share(20, CLAUDE)], [share(70, GEMINI), share(30, CLAUDE)]
        (change,) = changes(before, after)
        assert change.summary == (
            "duo_chat: shares of the defaults changed: Gemini (80%) and Claude (20%) → Gemini (70%) and Claude (30%)"
        )
        assert change.effect.startswith("More of the users without a selected model for duo_chat get Claude,")
        assert (change.old, change.new) == ({"gemini": 80, "claude": 20}, {"gemini": 70, "claude": 30})
        assert change.place.pointer == (1, "default_for", "duo_chat")

    def test_release_state_of_feature(self):
        change = changes([BOTH], [BOTH | {"release_state_for": {"review": "BETA"}}])[0]
        assert change.summary == "Claude for review: release state lowered: GA → BETA"
        change = changes([BOTH], [BOTH | {"release_state": "BETA", "release_state_for": {"review": "GA"}}])[0]
        assert change.summary == "Claude except for review: release state lowered: GA → BETA"

    def test_model_whose_id_another_one_takes_over(self):
        merged = GEMINI | {"aliases": ["claude"]}
        withdrawn, alias = changes([GEMINI, CLAUDE], [merged])
        assert labels([withdrawn, alias]) == ["risky model-withdrawn claude", "safe alias-added gemini"]
        assert withdrawn.effect == "Selections and requests with claude lead to Gemini, without notice."
        (alias,) = changes([merged | {"aliases": ["old"]}, CLAUDE], [GEMINI, CLAUDE | {"aliases": ["old"]}])[:1]
        assert alias.effect == "Selections and requests with old lead to Claude, without notice."

    def test_values_of_gateway_settings_are_redacted(self):
        before, after = CLAUDE, CLAUDE | {"gateway": {"temperature": 0.5, "password": "hunter2"}}
        (change,) = changes([before], [after])
        assert change.summary.startswith("Claude: gateway settings changed: temperature none → 0.5 and password")
        assert "hunter2" not in str(change)

    def test_retirement_moved(self):
        (change,) = changes([GEMINI, CLAUDE | retirement(LATE)], [GEMINI, CLAUDE | retirement(LATER, notice=LATER)])
        assert change.summary == (
            "Claude: retirement changed: notice 2026-06-01 → 2026-08-01 and last day 2026-12-01 → 2026-08-01"
        )
        assert "After 2026-08-01, Gemini replaces it for duo_chat." in change.effect


class TestPolicy:
    def test_policy_raises_impact_of_unannounced_change(self):
        policy = POLICY._replace(impact={"default-switched": "breaking"})
        switched = [GEMINI | {"default_for": []}, DEFAULT]
        assert labels(changes([GEMINI, CLAUDE], switched, policy)) == ["breaking default-switched duo_chat"]
        announced = [GEMINI | retirement(LATE, replacement="claude"), CLAUDE]
        assert labels(changes(announced, [announced[0] | {"default_for": []}, DEFAULT], policy))[0].startswith("safe")

    def test_policy_lowers_impact(self):
        policy = POLICY._replace(impact={"model-withdrawn": "safe"})
        assert labels(changes([GEMINI, CLAUDE], [GEMINI], policy)) == ["safe model-withdrawn claude"]

    def test_policy_without_notice_period(self):
        policy = POLICY._replace(retirement_notice_days=0)
        assert labels(changes([GEMINI, CLAUDE], [GEMINI, CLAUDE | retirement("2026-06-15")], policy)) == [
            "safe retirement-announced claude"
        ]


def test_shared_name_is_followed_by_id():
    vertex = model("Claude", id="claude_vertex", provider="Vertex", identifier="vertex_ai/claude-1")
    before, after = [GEMINI, CLAUDE], [GEMINI, CLAUDE | {"release_state": "BETA"}, vertex]
    assert [change.summary for change in changes(before, after)] == [
        "Claude (claude): release state lowered: GA → BETA",
        "Claude (claude_vertex) is now offered as GA",
    ]


def test_many_features_of_offered_model_are_counted():
    features = sorted(f"feature_{number:02}" for number in range(12))
    (change,) = (each for each in changes([GEMINI], [GEMINI, CLAUDE | {"features": features}]) if each.model)
    assert change.effect == "Admins can select it for these 12 features."
    assert change.new["features"] == features


class TestUnreadableValues:
    def test_unreadable_name_is_neither_withdrawn_nor_offered(self):
        unreadable = GEMINI | {"name": None}
        broken = Roster.of("a.yaml", "production", [unreadable, CLAUDE], {(0, "name")})
        complete = roster(GEMINI, CLAUDE)
        for before, after in ((broken, complete), (complete, broken)):
            assert diff_rosters({"production": before}, {"production": after}, {}, TODAY) == []

    @pytest.mark.parametrize("key", [key for key in FULL_MODEL if key not in ("id", "name", "gateway")])
    def test_unreadable_value_is_not_compared(self, key: str):
        claude = CLAUDE | {key: FULL_MODEL[key]} if key not in ("features", "default_for") else CLAUDE
        broken = Roster.of("a.yaml", "production", [GEMINI, claude | {key: 7}], {(1, key)})
        complete = roster(GEMINI, claude)
        for before, after in ((broken, complete), (complete, broken)):
            assert diff_rosters({"production": before}, {"production": after}, {}, TODAY) == []


NAMES, FEATURES = ("Claude", "Gemini", "Qwen"), ("duo_chat", "review", "fix")
DAYS = ("2026-01-01", "2026-06-14", "2026-06-15", LATER, LATE)


LATEST = {"since": "9999-12-31"}
OPTIONAL: dict[str, tuple[Any, ...]] = {
    "release_state_for": ({"duo_chat": "BETA"}, {"duo_chat": "GA", "review": "EXPERIMENT"}),
    "suspended": (suspended("2026-06-15")["suspended"], suspended("2026-06-16")["suspended"]),
    "aliases": (["former"], ["first", "former"]),
    "context_window": (1000, 2000),
    "capabilities": (["tools"], ["vision", "tools"]),
    "processed_in": (["eu"], ["us", "eu"]),
    "data_retention_days": (0, 30),
    "gateway": ({"temperature": 0}, {"temperature": 1, "max_retries": 2}),
    "provider": ("Anthropic", "Vertex AI"),
    "cost_indicator": ("$", "$$$"),
    "description": ("Quick", "Thorough"),
    "documentation": ("https://docs.example.com/a", "https://docs.example.com/b"),
}


@some.composite
def entries(draw: some.DrawFn) -> Entry:
    name, features = (
        draw(some.sampled_from(NAMES)),
        draw(some.lists(some.sampled_from(FEATURES), unique=True, min_size=1)),
    )
    entry = model(name, features=features, default_for=draw(some.lists(some.sampled_from(features), unique=True)))
    if draw(some.booleans()):
        entry["default_for"] = {feature: draw(some.sampled_from((40, 60))) for feature in entry["default_for"]}
    for key, values in {
        "id": ("one", "two"),
        "display_name": ("One", "Two"),
        "identifier": ("bedrock/one-1", "bedrock/two-2"),
        "endpoint": ("https://one.example-models.com", "https://two.example-models.com"),
        "api-key": ("ONE", "TWO"),
        "release_state": ("EXPERIMENT", "BETA"),
        "family": ("one", "two"),
        **OPTIONAL,
    }.items():
        if draw(some.booleans()):
            entry[key] = draw(some.sampled_from(values))
    if draw(some.booleans()):
        ended_features = draw(some.lists(some.sampled_from(FEATURES), unique=True))
        entry |= retirement(
            draw(some.sampled_from(DAYS)),
            notice=draw(some.sampled_from(DAYS)),
            replacement=draw(some.sampled_from(("claude", "one", "gemini"))),
            **({"features": ended_features} if ended_features else {}),
        )
        if len(ended_features) > 1 and draw(some.booleans()):
            other = entry["retirement"] | {"features": ended_features[:1], "last_day": draw(some.sampled_from(DAYS))}
            del other["replacement"]
            entry["retirement"] = [entry["retirement"] | {"features": ended_features[1:]}, other]
    return entry


ROSTERS = some.lists(entries(), max_size=4, unique_by=lambda entry: roster(entry).models[0].id).map(
    lambda models: roster(*models)
)
VALID = ROSTERS.filter(
    lambda each: (
        all(len(models) == 1 for models in each.defaults.values()) and all(len(model.retirements) < 2 for model in each)
    )
)
SIDES = some.dictionaries(some.sampled_from(("staging", "production")), ROSTERS)


@given(SIDES)
def test_equal_rosters_have_no_changes(side: dict[str, Roster]):
    assert diff_rosters(side, side, {"production": POLICY}, TODAY) == []


@given(SIDES, SIDES)
def test_reverse_diff_has_mirror_kinds(base: dict[str, Roster], head: dict[str, Roster]):
    forward, backward = (diff_rosters(*pair, {"production": POLICY}, TODAY) for pair in ((base, head), (head, base)))
    assert sorted((each.environment, each.kind, each.feature) for each in forward) == sorted(
        (each.environment, MIRROR[each.kind], each.feature) for each in backward
    )


@given(SIDES, SIDES)
def test_changes_applied_to_base_give_head(base: dict[str, Roster], head: dict[str, Roster]):
    before, after = ({name: roster_meaning(each) for name, each in side.items()} for side in (base, head))
    assert apply_changes(before, diff_rosters(base, head, {}, TODAY)) == after


@given(VALID, some.sampled_from(DAYS))
def test_rendered_artifact_follows_from_meaning(rendered: Roster, day: str):
    on = date.fromisoformat(day)
    envelope = json.loads(gateway_json.render(rendered, on, UNVERSIONED, Registries({}, (), {})))
    offered = {entry.pop("id"): entry | {"features": sorted(entry["features"])} for entry in envelope["offered_models"]}
    state = roster_meaning(rendered)
    ended = {
        id_: set(entry["retirement"]["features"])
        for id_, entry in state["models"].items()
        if entry["retirement"] and entry["retirement"]["last_day"] < day
    }
    served = {id_: sorted(set(entry["features"]) - ended.get(id_, set())) for id_, entry in state["models"].items()}
    served |= {id_: [] for id_, entry in state["models"].items() if entry.get("suspended", LATEST)["since"] <= day}
    assert offered == {
        id_: {"name": entry["name"], "release_state": entry["release_state"], "features": served[id_]}
        for id_, entry in state["models"].items()
        if served[id_]
    }
    routes = {id_: {key: route[key] for key in DEPLOYMENT} for id_, route in envelope["routes"].items()}
    assert routes == {id_: state["models"][id_]["deployment"] for id_ in offered}
    assert envelope["defaults"] == {key: id_ for key, id_ in state["defaults"].items() if key in served[id_]}
    retirement_of = {id_: state["models"][id_]["retirement"] for id_ in ended}
    tombstones = [*envelope["retired"], *envelope.get("retired_without_replacement", ())]  # these lead to no model
    assert {each["id"]: each["last_day"] for each in tombstones} == {
        id_: each["last_day"] for id_, each in retirement_of.items()
    }
    assert all(each["replacement"] == retirement_of[each["id"]]["replacement"] for each in envelope["retired"])


@given(SIDES, SIDES)
def test_every_change_has_wording_and_existing_place(base: dict[str, Roster], head: dict[str, Roster]):
    for change in diff_rosters(base, head, {"production": POLICY}, TODAY):
        assert change.impact in Impact
        assert "None" not in change.summary + change.effect
        assert "{" not in change.summary + change.effect
        side = (base if change.side == BASE else head)[change.environment]
        assert change.place.path == side.path
        assert not change.place.pointer or change.place.pointer[0] in range(len(side.models))
