"""The facts about a model at its provider, for ``roster explain``."""

from collections.abc import Iterator
from datetime import date

from roster.naming import join_names, list_names, printable
from roster.provider_facts import FactSource, ProviderFacts, price_text


def facts_lines(facts: ProviderFacts, today: date) -> Iterator[str]:
    """Yield the facts about an identifier."""
    yield f"{printable(facts.identifier)} at the provider:"
    if end := end_at_provider(facts, today):
        yield f"  {end}"
    if limits := list(_limits(facts)):
        yield f"  limits: {', '.join(limits)}"
    if facts.capabilities is not None:
        yield f"  capabilities: {list_names(facts.capabilities) if facts.capabilities else 'none'}"
    if prices := list(_prices(facts)):
        yield f"  price per million tokens: {', '.join(prices)}"
    if facts.unknown_to:
        similar = f"; the most similar identifier there is {printable(facts.similar)}" if facts.similar else ""
        yield f"  not listed by {join_names(map(printable, facts.unknown_to), word='or')}{similar}"
    yield f"  sources: {', '.join(map(_source, facts.sources)) or 'none'}"


def end_at_provider(facts: ProviderFacts, today: date) -> str:
    """Return when a model ends at its provider; empty if no source says it."""
    if facts.ends is None:
        return ""
    if facts.ends_earliest:
        return f"does not end before {facts.ends}"
    return f"{'ended' if facts.ends <= today else 'ends'} on {facts.ends}"


def _limits(facts: ProviderFacts) -> Iterator[str]:
    if facts.context_window is not None:
        yield f"{facts.context_window:,} tokens of context"
    if facts.max_output_tokens is not None:
        yield f"{facts.max_output_tokens:,} tokens of output"


def _prices(facts: ProviderFacts) -> Iterator[str]:
    for price, tokens in ((facts.input_price, "input"), (facts.output_price, "output")):
        if price is not None:
            yield f"{price_text(price)} for {tokens}"


def _source(source: FactSource) -> str:
    end = f", end {source.ends}" if source.ends else ""
    return f"{printable(source.name)} (read {source.read}{end})"
