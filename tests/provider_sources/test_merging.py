"""Merging of sources: which one counts, and which disagreements are reported."""

import random
from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from roster.provider_facts import FactSource, ProviderFacts
from roster.provider_sources.interface import Listing, Statement
from roster.provider_sources.lock_file import with_earlier_days
from roster.provider_sources.merging import merge
from tests.properties import examples
from tests.provider_sources.source_files import (
    DAY,
    PAGE,
    litellm_listing,
    merged,
    models_dev_listing,
    notes,
    own_listing,
)

GPT = "openai/gpt-5"
OF_LITELLM = litellm_listing(
    **{GPT: {"max_input_tokens": 272000, "max_output_tokens": 128000, "deprecation_date": "2027-03-01",
             "supports_vision": True, "input_cost_per_token": 1.25e-06, "output_cost_per_token": 1e-05}}
)  # fmt: skip
OF_MODELS_DEV = models_dev_listing(
    **{GPT: {"limit": {"context": 400000, "output": 64000}, "cost": {"input": 2, "output": 9}, "reasoning": True}}
)
OWN = own_listing({"identifier": GPT, "ends": "2027-01-15", "ends_earliest": True})


def test_earliest_end_counts_and_each_source_keeps_its_own():
    assert merged(GPT, OF_MODELS_DEV, OF_LITELLM, OWN) == ProviderFacts(
        identifier=GPT,
        ends=date(2027, 1, 15),
        ends_earliest=True,
        context_window=400000,
        max_output_tokens=128000,
        capabilities=("reasoning", "tools", "vision"),
        input_price=1.25,
        output_price=10.0,
        unknown_to=(),
        similar=None,
        sources=(
            FactSource(PAGE, date(2026, 11, 1), date(2027, 1, 15)),
            FactSource("litellm", DAY, date(2027, 3, 1)),
            FactSource("models.dev", DAY),
        ),
    )
    text = notes(GPT, OF_MODELS_DEV, OF_LITELLM, OWN)
    assert "sources disagree on its end: 2027-01-15 according to https://example.com/lifecycle and 2027-03-01" in text
    assert "context window in tokens: 272,000 according to litellm and 400,000 according to models.dev; 400,000" in text


def test_facts_that_people_wrote_count_first():
    own = own_listing({"identifier": GPT, "max_output_tokens": 32000, "context_window": 100000, "input_price": 3})
    facts = merged(GPT, OF_MODELS_DEV, OF_LITELLM, own)
    assert facts
    assert (facts.context_window, facts.max_output_tokens) == (100000, 32000)
    assert (facts.input_price, facts.output_price) == (3, None)


def test_facts_that_people_wrote_apply_to_other_spellings_of_the_identifier():
    own = own_listing({"identifier": "bedrock/anthropic.claude-3", "ends": "2026-04-28", "input_price": 3})
    facts = merged("bedrock/us.anthropic.claude-3", own)
    assert facts
    assert (facts.ends, facts.input_price, facts.unknown_to) == (date(2026, 4, 28), None, ())


def test_people_can_say_that_a_day_is_only_the_earliest_possible():
    own = own_listing({"identifier": GPT, "ends": "2027-03-01", "ends_earliest": True})
    facts = merged(GPT, own, OF_LITELLM)
    assert facts
    assert facts.ends_earliest
    assert "end" not in notes(GPT, own, OF_LITELLM)


def test_limits_that_nearly_agree_are_not_reported():
    gemini = "vertex_ai/gemini-2.5-pro"
    of_litellm = litellm_listing(**{gemini: {"max_output_tokens": 65535}})
    of_models_dev = models_dev_listing(
        **{"google-vertex/gemini-2.5-pro": {"limit": {"context": 10**6, "output": 65536}}}
    )
    assert notes(gemini, of_litellm, of_models_dev) == ""


def test_identifier_that_a_source_should_list_is_unknown_to_it():
    of_litellm = litellm_listing(**{GPT: {}, "openai/gpt-5-2025-08-07": {}})
    facts = merged("openai/gpt-5-2025-08-08", of_litellm, OF_MODELS_DEV)
    assert facts
    assert facts.unknown_to == ("litellm", "models.dev")
    assert facts.similar == "openai/gpt-5-2025-08-07"
    assert facts.sources == (FactSource("litellm", DAY), FactSource("models.dev", DAY))
    assert merged("groq/llama", OF_LITELLM, OF_MODELS_DEV) is None


def test_deprecated_model_without_a_day_is_noted():
    listing = models_dev_listing(**{GPT: {"status": "deprecated"}})
    assert "models.dev calls it deprecated" not in notes(GPT, OF_LITELLM, listing)
    assert notes(GPT, listing).endswith("calls it deprecated, but no source names the day on which it ends")


ENDS = st.lists(st.none() | st.integers(0, 400), min_size=1, max_size=4)


@examples(50)
@given(ENDS, st.randoms(use_true_random=False))
def test_order_of_sources_changes_nothing_and_an_update_is_idempotent(days: list[int | None], order: random.Random):
    ends = [None if each is None else DAY + timedelta(each) for each in days]
    listings = [_listing(number, end) for number, end in enumerate(ends)] + [OF_MODELS_DEV]
    first = merge([GPT], listings, DAY)
    order.shuffle(listings)
    again = merge([GPT], listings, DAY + timedelta(1))
    assert first.facts[GPT].ends == min((end for end in ends if end), default=None)
    assert first.notes == again.notes
    assert with_earlier_days(again.facts, first.facts) == first.facts


def _listing(number: int, ends: date | None) -> Listing:
    """Return one of several sources: the first is LiteLLM, the others are files that people wrote."""
    statement, page = Statement(ends=ends, max_output_tokens=1000 + number), FactSource(f"{PAGE}/{number}", DAY, ends)
    names = {"openai": {"gpt-5": GPT}}
    return Listing("" if number else "litellm", f"{number}.yaml", names, lambda _key: statement, {GPT: (page,)})
