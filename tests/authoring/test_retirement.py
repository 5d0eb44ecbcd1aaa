"""Retirements as ``roster retire`` writes them: extended, split and joined by feature, and the moves of defaults."""

import json
from datetime import date
from typing import Any

import pytest

from roster.authoring.default_move import move_default
from roster.authoring.retirement import Request, RetiringModel
from roster.provider_facts import ProviderFacts
from roster.registries import Environment
from roster.roster import Roster
from roster.yaml.document import parse

TODAY = date(2026, 6, 15)
POLICY = Environment("production", ("BETA", "GA"), ("GA",), retirement_notice_days=90)
DEFAULT = {"notice": "2026-06-15", "last_day": "2026-09-13"}
EARLIER = {"notice": "2026-06-01", "last_day": "2026-12-01"}
CHAT, FIX, BOTH = {"features": ["chat"]}, {"features": ["fix"]}, {"features": ["chat", "fix"]}
LATE = date(2027, 3, 1)
GEMINI = {"replacement": "gemini"}
OVER = {"notice": "2026-01-01", "last_day": "2026-06-01"}


def retiring(*entries: dict[str, Any], ends: date | None = None, earliest: bool = False) -> RetiringModel:
    """Return the first model of a roster, which its provider may end."""
    facts = ProviderFacts("a/b", ends, earliest, None, None, None, None, None, (), None, ())
    roster = Roster.of("roster.yaml", "production", list(entries))
    return RetiringModel(roster, roster.models[0], POLICY, facts, POLICY.retirement_notice_days, TODAY)


def model(name: str, retirement: Any = None, **keys: Any) -> dict[str, Any]:
    return {"name": name, "features": ["chat", "fix"], **({"retirement": retirement} if retirement else {}), **keys}


CASES: dict[str, tuple[Any, Request, Any]] = {
    "new": (None, Request(), DEFAULT),
    "new with everything": (
        None,
        Request(("chat",), LATE, "gemini", date(2026, 7, 1)),
        {"notice": "2026-07-01", "last_day": "2027-03-01"} | GEMINI | CHAT,
    ),
    "notice moves the last day": (
        None, Request(notice=date(2026, 7, 1)), {"notice": "2026-07-01", "last_day": "2026-09-29"},
    ),
    "the same": (EARLIER, Request(), EARLIER),
    "later last day": (EARLIER | GEMINI, Request(last_day=LATE), EARLIER | GEMINI | {"last_day": "2027-03-01"}),
    "another replacement": (EARLIER | GEMINI, Request(replacement="qwen"), EARLIER | {"replacement": "qwen"}),
    "own keys remain": (EARLIER | {"reason": "x"}, Request(replacement="gemini"), EARLIER | GEMINI | {"reason": "x"}),
    "other feature": (EARLIER | CHAT, Request(("fix",)), [EARLIER | CHAT, DEFAULT | FIX]),
    "remaining features": (EARLIER | CHAT, Request(), [EARLIER | CHAT, DEFAULT | FIX]),
    "one feature of a whole model": (
        EARLIER, Request(("fix",), LATE), [EARLIER | CHAT, EARLIER | FIX | {"last_day": "2027-03-01"}],
    ),
    "one feature of a list": (
        [EARLIER | CHAT, DEFAULT | FIX], Request(("fix",), LATE),
        [EARLIER | CHAT, DEFAULT | FIX | {"last_day": "2027-03-01"}],
    ),
    "same terms for the other feature": (
        EARLIER | CHAT, Request(("fix",), date(2026, 12, 1), notice=date(2026, 6, 1)), EARLIER,
    ),
    "list that gets the same terms": (
        [EARLIER | CHAT, EARLIER | FIX | GEMINI], Request(replacement="gemini"), [EARLIER | GEMINI],
    ),
    "list of one": ([EARLIER], Request(replacement="gemini"), [EARLIER | GEMINI]),
    "feature that has ended": (OVER | CHAT, Request(), [OVER | CHAT, DEFAULT | FIX]),
    "named features that are all": (EARLIER | BOTH, Request(replacement="gemini"), EARLIER | GEMINI),
}  # fmt: skip


@pytest.mark.parametrize(("before", "request_", "after"), CASES.values(), ids=CASES)
def test_retirement_is_extended(before: Any, request_: Request, after: Any):
    target = retiring(model("Claude", before))
    assert target.value(request_) == after
    assert target.changes(request_) == (before != after)


FORCED = {"forced_by": "provider"}
DUE: dict[str, tuple[Any, date, Request, Any]] = {
    "end within the notice": (
        None, date(2026, 7, 15), Request(), {"notice": "2026-06-15", "last_day": "2026-07-14"} | FORCED,
    ),
    "end after the notice": (None, date(2026, 9, 15), Request(), DEFAULT),
    "end right after the notice": (None, date(2026, 9, 14), Request(), DEFAULT),
    "last day requested after the provider's end": (
        None, date(2026, 7, 15), Request(last_day=LATE), {"notice": "2026-06-15", "last_day": "2027-03-01"},
    ),
    "last day requested before the provider's end": (
        None, date(2026, 7, 15), Request(last_day=date(2026, 7, 1)), {"notice": "2026-06-15", "last_day": "2026-07-01"},
    ),
    "end has passed": (None, date(2026, 4, 28), Request(), {"notice": "2026-06-15", "last_day": "2026-06-15"} | FORCED),
    "due": (
        None, date(2026, 9, 15), Request(at_provider_end=True), {"notice": "2026-06-15", "last_day": "2026-09-14"},
    ),
    "announced too late": (
        EARLIER | GEMINI, date(2026, 7, 15), Request(at_provider_end=True),
        EARLIER | GEMINI | {"last_day": "2026-07-14"} | FORCED,
    ),
    "announced in time": (EARLIER, date(2026, 12, 2), Request(at_provider_end=True), EARLIER),
    "announced for later": (
        {"notice": "2026-08-01", "last_day": "2026-12-01"}, date(2026, 7, 15), Request(at_provider_end=True),
        {"notice": "2026-06-15", "last_day": "2026-07-14"} | FORCED,
    ),
    "announced too late, without a request": (
        EARLIER, date(2026, 7, 15), Request(), EARLIER | {"last_day": "2026-07-14"} | FORCED,
    ),
    "moved to a day that is no longer forced": (
        EARLIER | {"last_day": "2026-07-14"} | FORCED, date(2027, 7, 15), Request(last_day=LATE),
        EARLIER | {"last_day": "2027-03-01"},
    ),
    "forced for other reasons than the change": (
        EARLIER | {"last_day": "2026-07-14"} | FORCED, date(2027, 7, 15), Request(replacement="gemini"),
        EARLIER | {"last_day": "2026-07-14"} | GEMINI | FORCED,
    ),
    "only later features": (
        [EARLIER | CHAT, {"notice": "2026-06-01", "last_day": "2026-07-01"} | FIX], date(2026, 9, 15),
        Request(at_provider_end=True),
        [EARLIER | CHAT | {"last_day": "2026-09-14"}, {"notice": "2026-06-01", "last_day": "2026-07-01"} | FIX],
    ),
}  # fmt: skip


@pytest.mark.parametrize(("before", "ends", "request_", "after"), DUE.values(), ids=DUE)
def test_provider_ends_the_model(before: Any, ends: date, request_: Request, after: Any):
    assert retiring(model("Claude", before), ends=ends).value(request_) == after


def test_default_that_retires_before_leads_to_its_replacement():
    default = model("Gemini", EARLIER | {"replacement": "qwen"}, default_for=["chat", "fix"])
    request, qwen = Request(last_day=LATE), model("Qwen")
    assert retiring(model("Claude"), default, qwen).without_fallback(request) == []
    assert retiring(qwen, default).without_fallback(request) == ["chat", "fix"], "the replacement itself"
    assert retiring(model("Claude"), default).without_fallback(request) == ["chat", "fix"]


def test_earliest_possible_end_does_not_shorten_the_notice():
    target = retiring(model("Claude"), ends=date(2026, 7, 15), earliest=True)
    assert (target.value(Request()), target.outlives_provider()) == (DEFAULT, False)


SHARES: dict[str, tuple[Any, Any, Any, Any]] = {
    "lists": (["chat", "fix"], ["review"], "[fix]", "[review, chat]"),
    "only default": (["chat"], None, None, "[chat]"),
    "share to a model without one": ({"chat": 80, "fix": 100}, None, "{fix: 100}", "{chat: 80}"),
    "share to a model with a list": ({"chat": 80}, ["review"], None, "{review: 100, chat: 80}"),
    "shares are added": ({"chat": 80}, {"chat": 20, "review": 50}, None, "{chat: 100, review: 50}"),
    "whole default to shares": (["chat"], {"review": 50}, None, "{review: 50, chat: 100}"),
}


@pytest.mark.parametrize(("old", "new", "old_after", "new_after"), SHARES.values(), ids=SHARES)
def test_default_moves_with_its_share(old: Any, new: Any, old_after: str | None, new_after: str):
    def text(name: str, value: str | None) -> str:
        return f"- name: {name}\n  features: [chat, fix, review]\n" + (f"  default_for: {value}\n" if value else "")

    def flow(value: Any) -> str | None:
        return json.dumps(value).replace('"', "") if value else None

    before = text("Claude", flow(old)) + text("Gemini", flow(new))
    roster = Roster.of("roster.yaml", "production", parse("", before.encode()).value)
    after = move_default(roster, roster.models[0], "gemini", ["chat"], before.encode()).decode()
    assert after == text("Claude", old_after) + text("Gemini", new_after)
