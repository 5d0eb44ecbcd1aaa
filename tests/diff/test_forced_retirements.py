"""Retirements that the provider forces: with less notice than the environment promises."""

from datetime import date

import pytest

from roster.diff.change import Change
from roster.diff.roster_changes import diff_rosters
from roster.registries import Environment, Registries
from tests.diff.test_roster_changes import GEMINI, POLICY, TODAY, Entry, labels, model, retirement, roster

AWS = {"name": "bedrock", "title": "Amazon Bedrock", "prefixes": ["bedrock"], "credential": "ambient"}
CLAUDE = model("Claude")
ANNOUNCED = CLAUDE | retirement("2026-12-01")
FORCED = CLAUDE | retirement("2026-07-14", notice="2026-06-15", forced_by="provider")


def registries(ends: date | None = date(2026, 7, 15)) -> Registries:
    from roster.provider_facts import ProviderFacts

    known = Registries.of([], [], [], [AWS])
    facts = ProviderFacts("bedrock/claude-1", ends, False, None, None, None, None, None, (), None, ())
    known.provider_facts = {"bedrock/claude-1": facts}
    return known


def changes(before: Entry, after: Entry, known: Registries | None = None, policy: Environment = POLICY) -> list[Change]:
    base, head = ({"production": roster(GEMINI, each)} for each in (before, after))
    return diff_rosters(base, head, {"production": policy}, TODAY, registries=known or registries())


@pytest.mark.parametrize(
    ("before", "kind"), [(CLAUDE, "retirement-announced"), (ANNOUNCED, "retirement-moved")], ids=["announced", "moved"]
)
def test_forced_retirement_names_the_provider(before: Entry, kind: str):
    [change] = changes(before, FORCED, policy=POLICY._replace(impact={kind: "breaking"}))
    assert labels([change]) == [f"risky {kind} claude"]
    assert change.effect == (
        "Admins see a notice from 2026-06-15. After 2026-07-14, Gemini replaces it for duo_chat. "
        "Amazon Bedrock ends this model on 2026-07-15, so the notice is 29 days instead of 90."
    )
    assert change.new["forced_by"] == "provider"


def test_model_that_already_ended_is_worded_in_the_past():
    today = CLAUDE | retirement("2026-06-15", notice="2026-06-15", forced_by="provider")
    [change] = changes(CLAUDE, today, registries(date(2026, 4, 28)))
    assert "Amazon Bedrock ended this model on 2026-04-28, so the notice is 0 days instead of 90." in change.effect


@pytest.mark.parametrize(
    ("known", "after"),
    [
        (Registries.of([], [], []), FORCED),
        (registries(None), FORCED),
        (registries(date(2026, 7, 16)), FORCED),
        (registries(date(2027, 7, 15)), FORCED),
        (registries(), CLAUDE | retirement("2026-07-14", notice="2026-06-15")),
        (registries(), CLAUDE | retirement("2026-07-14", notice="2026-06-15", replacement=None, forced_by="provider")),
    ],
    ids=["no facts", "no end", "later end", "end after the notice period", "not stated", "nobody takes over"],
)
def test_retirement_that_is_not_forced_breaks_the_promise(known: Registries, after: Entry):
    base, head = ({"production": roster(each)} for each in (CLAUDE, after))
    policy = POLICY._replace(impact={"retirement-announced": "breaking"})
    [change] = diff_rosters(base, head, {"production": policy}, TODAY, registries=known)
    assert change.impact == "breaking"
    assert "The announcement does not meet the policy of production: " in change.effect


def test_reason_that_is_added_to_a_retirement_is_reported():
    unforced = {key: value for key, value in FORCED["retirement"].items() if key != "forced_by"}
    for before, after, moved in (
        (CLAUDE | {"retirement": unforced}, FORCED, "none → provider"),
        (FORCED, CLAUDE | {"retirement": unforced}, "provider → none"),
    ):
        [change] = changes(before, after)
        assert (change.impact, change.summary) == ("safe", f"Claude: retirement changed: forced by {moved}")
