"""Acceptance of rosters: the rules apply, except those that depend on a repository or the date."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as some

from roster.accept.acceptance import GATEWAY_KINDS, accept
from roster.accept.accepted_list import DownloadKind
from roster.download.rejection import Rejected
from roster.findings import Severity
from roster.naming import derive_id
from roster.roster import roster_path
from roster.rules.all_rules import RULES
from roster.rules.base.rule import Subject
from tests.accept.example_downloads import CRITERIA, ROSTER, model, rendered, retiring
from tests.conftest import ROOT
from tests.single_roster import diagnostics

NOT_CHECKED_BY_GATEWAYS = {
    "feature-without-model",  # only the repository decides which features are required
    # gateways have no policies of environments
    "default-release-state", "release-state-not-allowed", "retirement-notice-too-short", "unknown-environment",
    "region-not-allowed", "retention-too-long",
    # only the repository has registries of providers and capabilities, and facts about providers
    "provider-key-mismatch", "unknown-capability", "missing-capability", "needs-inference-profile",
    "offered-after-provider-end", "last-day-after-provider-end", "unfounded-forced-retirement",
    "retired-model-still-default",  # an accepted roster must not be rejected on a later day
}  # fmt: skip
REASONS = {"yaml-encoding": "not-text", "empty-roster": "no-models", "no-model-left": "no-models"}


def rejection(body: str | bytes, on: date = CRITERIA.on) -> Rejected:
    with pytest.raises(Rejected) as rejected:
        accept(body.encode() if isinstance(body, str) else body, CRITERIA._replace(on=on), None)
    return rejected.value


def of_one_roster(rule: str) -> bool:
    return RULES[rule].severity is Severity.ERROR and RULES[rule].subject not in (Subject.REPOSITORY, Subject.CHANGE)


@pytest.mark.parametrize("rule", sorted(filter(of_one_roster, RULES.keys() - NOT_CHECKED_BY_GATEWAYS)))
def test_every_applicable_rule_rejects(rule: str):
    """The bad examples of the rules, as complete rosters."""
    body = (ROOT / "tests" / "rules" / rule / "bad.yaml").read_bytes()
    rejected = rejection(body, on=date(2026, 6, 15))
    assert f"[{rule}]" in rejected.message or rejected.reason in ("not-parsed", "not-text", "wrong-shape", "empty")


@pytest.mark.parametrize("environment", ["production", "staging", "staging-ref"])
def test_rosters_of_this_repository_are_accepted(environment: str):
    accept((ROOT / roster_path(environment)).read_bytes(), CRITERIA, None)


def test_message_has_rule_and_line():
    rejected = rejection(ROSTER.replace("https://gemini.", "http://gemini."))
    assert (rejected.reason, rejected.message) == (
        "rule-broken",
        'line 12: the endpoint\'s scheme is "http", not https [insecure-endpoint]',
    )


def test_further_errors_are_counted():
    assert rejection(ROSTER.replace("https://g", "http://g")).message.endswith("[insecure-endpoint], and 1 more")


def test_warnings_do_not_reject():
    floating = ROSTER.replace("bedrock/claude-1", "bedrock/claude-latest")
    assert any(result.rule == "unpinned-identifier" for result in diagnostics(floating))
    assert accept(floating.encode(), CRITERIA, None).deployments["claude"].identifier == "bedrock/claude-latest"


PRIVATE = "https://models.internal/v1"
COMMENT = "# roster: ignore[private-endpoint] only our own gateways read this"


def test_suppressed_error_does_not_reject():
    private = ROSTER.replace("https://claude.example-models.com/v1", PRIVATE)
    assert "[private-endpoint]" in rejection(private).message
    served = accept(private.replace(PRIVATE, f"{PRIVATE} {COMMENT}").encode(), CRITERIA, None)
    assert served.deployments["claude"].endpoint == PRIVATE


def test_unsuppressible_error_rejects():
    insecure = ROSTER.replace("https://claude", "http://claude").replace(
        "models.com/v1", "models.com/v1 # roster: ignore[insecure-endpoint] a test"
    )
    assert "[insecure-endpoint]" in rejection(insecure).message


def test_forced_retirement_is_accepted():
    accept(
        ROSTER.replace("    replacement: gemini\n", "    replacement: gemini\n    forced_by: provider\n").encode(),
        CRITERIA,
        None,
    )


def test_suppression_needs_reason():
    private = ROSTER.replace("https://claude.example-models.com/v1", f"{PRIVATE} # roster: ignore[private-endpoint]")
    assert "[ignore-without-reason]" in rejection(private).message


def test_unknown_features_and_families_are_accepted():
    newer = model("claude").replace("family: claude", "family: brand_new").replace("code-generation]", "brand-new]")
    assert "unknown-feature" in {result.rule for result in diagnostics(newer)}
    served = accept(newer.encode(), CRITERIA, None)
    assert served.deployments["claude"].family == "brand_new"
    assert served.defaults == {"brand-new": "claude", "code-completion": "claude"}


def test_rules_apply_to_unknown_features():
    newer = ROSTER.replace("features: [duo_chat]", "features: [duo_chat, brand_new]")
    assert rejection(newer).message.startswith('line 15: no model is the default for "brand_new"')


@pytest.mark.parametrize("name", ["Duo Chat", "duo chat", "x_", "dúo"])
@pytest.mark.parametrize("key", ["feature", "family"])
def test_malformed_name_is_rejected(key: str, name: str):
    old = "features: [duo_chat]" if key == "feature" else "family: gemini"
    new = f"features: [duo_chat, {name}]" if key == "feature" else f"family: {name}"
    assert rejection(ROSTER.replace(old, new)).message == f'"{name}" is not a valid name of a {key} [unknown-{key}]'


def test_too_many_unknown_names_are_rejected():
    names = ", ".join(f"f{number}" for number in range(1001))
    assert (
        "[unknown-feature]"
        in rejection(ROSTER.replace("features: [duo_chat]", f"features: [duo_chat, {names}]")).message
    )


def test_unknown_key_is_rejected():
    assert "[unknown-key]" in rejection(model("claude", "  wieght: 3\n")).message


FLOW = """\
[{name: Claude, identifier: bedrock/claude-1, api-key: AIGW_MODEL_CLAUDE_API_KEY,
  endpoint: "https://example-models.com/v1", release_state: GA, family: claude,
  features: [duo_chat], default_for: [duo_chat]}]
"""


def test_roster_in_flow_style_or_json_is_accepted():
    import yaml

    for body in (FLOW, str(yaml.safe_load(FLOW)).replace("'", '"')):
        served = accept(body.encode(), CRITERIA, None)
        assert (served.kind, list(served.deployments)) == ("roster", ["claude"])


def test_retired_default_is_removed_with_its_model():
    ended = model("claude") + model("gemini", retiring("2026-06-14", "mistral")) + model("mistral")
    assert "retired-model-still-default" in {result.rule for result in diagnostics(ended)}
    served = accept(ended.encode(), CRITERIA, None)
    assert [offered.id for offered in served.offered_models] == ["claude", "mistral"]
    assert "duo_chat" not in served.defaults


def test_roster_without_offered_models_is_rejected():
    ended = model("claude", retiring("2026-06-14", "qwen")) + model("qwen", retiring("2026-06-14", "claude"))
    ended = ended.replace("features: [duo_chat]", "features: [code-completion, code-generation]")
    assert rejection(ended).reason == "no-models"


@pytest.mark.parametrize("name", ["a" * 100, "é" * 100, "㎯" * 20], ids=["plain", "accents", "expands in the id"])
def test_longest_texts_of_roster_are_valid_in_artifacts(name: str):
    key = f"AIGW_MODEL_{derive_id(name).upper()}_API_KEY"
    texts = f"  display_name: {'D' * 120}\n  provider: {'P' * 100}\n  description: {'d' * 90}\n"
    body = ROSTER + model("qwen", texts).replace("AIGW_MODEL_QWEN_API_KEY", key).replace("name: Qwen", f"name: {name}")
    body = body.replace("https://qwen.example-models.com/v1", f"https://qwen.example-models.com/{'v' * 1968}")
    body = body.replace("bedrock/qwen-1", f"bedrock/{'q' * 292}")
    accept(body.encode(), CRITERIA, None)
    kinds: dict[str, frozenset[DownloadKind]] = {
        "gateway": GATEWAY_KINDS,
        "offered_models": GATEWAY_KINDS,
        "definitions": frozenset({"definitions"}),
    }
    for artifact, accepted in kinds.items():
        assert accept(rendered(artifact, body), CRITERIA._replace(kinds=accepted), None)


days = some.dates(date(2026, 1, 2), date(2027, 12, 31))


@given(
    some.lists(some.tuples(some.booleans(), days), min_size=1, max_size=4),
    days,
    some.integers(1, 400),
)
def test_passing_days_reject_only_empty_list(ends: list[tuple[bool, date]], on: date, more: int):
    names = ["gemini", "mistral", "gpt", "qwen"]
    models = [
        model(name, retiring(str(last_day), "claude") if retires else "")
        for name, (retires, last_day) in zip(names, ends, strict=False)
    ]
    replacement = model("claude").replace("code-generation]", "code-generation, duo_chat]", 1)
    body = "".join([replacement, *models]).encode()
    served = accept(body, CRITERIA._replace(on=on), None)
    later = accept(body, CRITERIA._replace(on=on + timedelta(days=more), max_shrink=0), served)
    assert {offered.id for offered in later.offered_models} <= {offered.id for offered in served.offered_models}
    assert later.list_bytes == rendered("offered_models", body.decode(), on=on + timedelta(days=more))
