"""Guards: which losses of facts are refused."""

from datetime import date
from typing import Any

from roster.provider_facts import ProviderFacts, parse_facts
from roster.provider_sources.guards import losses, lost_share
from tests.provider_sources.source_files import PAGE

FULL: dict[str, Any] = {
    "ends": "2026-10-14",
    "context_window": 200000,
    "max_output_tokens": 64000,
    "input_price": 3,
    "output_price": 15,
}


def facts(identifier: str = "a/x", **values: Any) -> dict[str, ProviderFacts]:
    sources = [{"name": PAGE, "read": "2026-11-01"}]
    return {identifier: parse_facts({"identifier": identifier, "sources": sources} | values)}


def lost(after: dict[str, ProviderFacts], offered: bool = True) -> list[str]:
    return [loss for _, loss in losses(facts(**FULL), after, ["a/x"], ["a/x"] if offered else [])]


def test_offered_model_must_not_lose_its_end_or_a_limit():
    messages = [
        "no source has its end any longer (2026-10-14)",
        "no source has its context window any longer (200,000 tokens)",
        "no source has its output limit any longer (64,000 tokens)",
    ]
    assert lost({}) == lost(facts()) == messages
    assert lost(facts(**FULL | {"input_price": 4, "ends": "2026-09-01", "max_output_tokens": 1})) == []
    assert lost({}, offered=False) == []
    assert list(losses(facts(**FULL), {}, [], [])) == []


def test_later_end_is_refused():
    later = facts(**FULL | {"ends": "2026-12-01"})
    assert lost(later) == lost(later, offered=False) == ["its end moves from 2026-10-14 to 2026-12-01"]


def test_fixed_end_that_becomes_only_the_earliest_is_refused():
    message = "its end 2026-10-14 is no longer fixed: it does not end before {}"
    for end in ("2026-10-14", "2026-01-01"):
        assert lost(facts(**FULL | {"ends": end, "ends_earliest": True})) == [message.format(end)]
    later = facts(**FULL | {"ends": "2026-12-01", "ends_earliest": True})
    assert lost(later) == ["its end moves from 2026-10-14 to 2026-12-01"]


def test_large_share_of_lost_facts_is_refused():
    before = {key: value for number in range(10) for key, value in facts(f"a/{number}", **FULL).items()}
    without_price = {key: each._replace(input_price=None) for key, each in before.items()}
    without_two = before | {key: without_price[key] for key in ("a/0", "a/1")}
    assert lost_share(before, without_price, before) == (10, 50)
    assert lost_share(before, without_two, before) is None
    assert lost_share(before, {key: each._replace(input_price=0.0) for key, each in before.items()}, before) == (10, 50)
    assert lost_share(before, {}, ["a/0"]) == (5, 5)
    assert lost_share(before, {}, []) is None
    assert before["a/0"].ends == date(2026, 10, 14)


def test_emptied_capabilities_are_lost_facts():
    before = {key: value for number in range(4) for key, value in facts(f"a/{number}", capabilities=["tools"]).items()}
    assert lost_share(before, {key: each._replace(capabilities=()) for key, each in before.items()}, before) == (4, 4)
