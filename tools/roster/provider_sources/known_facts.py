"""Facts that people wrote, in the format of the lock file: ``schemas/known_provider_facts.yaml``."""

from roster.check.facts_loading import load_provider_facts
from roster.findings import ConfigurationError
from roster.naming import list_names, quote
from roster.provider_facts import FactSource, ProviderFacts
from roster.provider_sources.interface import PUBLIC_SOURCES, Listing, SourceError, Statement
from roster.provider_sources.matching import with_canonical_names
from roster.provider_sources.prefixes import group_of
from roster.registries import KNOWN_PROVIDER_FACTS, Registries
from roster.repository import Repository


def listing(name: str, data: bytes, repository: Repository, registries: Registries) -> Listing:
    """Read the file.

    Raises:
        SourceError: it is invalid.
    """
    try:
        facts = load_provider_facts(repository._replace(overlay={KNOWN_PROVIDER_FACTS: data}), KNOWN_PROVIDER_FACTS)
    except ConfigurationError as error:
        raise SourceError(str(error).replace(KNOWN_PROVIDER_FACTS, name, 1)) from None
    for each in facts.values():
        _require_pages(name, each)
        _require_capabilities(name, each, registries)
    names: dict[str, dict[str, str]] = {}
    for identifier in facts:
        prefix, _, model = identifier.partition("/")
        names.setdefault(group_of(prefix), {})[model] = identifier
    pages = {identifier: _pages(each) for identifier, each in facts.items()}
    return Listing("", name, with_canonical_names(names), lambda key: _statement(facts[key]), pages)


def _require_pages(name: str, facts: ProviderFacts) -> None:
    for source in facts.sources:
        if source.name in PUBLIC_SOURCES:
            message = f"{quote(source.name)} cannot be a source of {quote(facts.identifier)}, which people wrote"
            raise SourceError(f"{name}: {message}; name the page that says it: https://…")


def _require_capabilities(name: str, facts: ProviderFacts, registries: Registries) -> None:
    for capability in facts.capabilities or ():
        if capability not in registries.capabilities:
            hint = registries.capability_suggestions.did_you_mean(capability)
            hint = hint or f"use one of {list_names(registries.capabilities)}"
            raise SourceError(
                f"{name}: {quote(facts.identifier)} has the unknown capability {quote(capability)}; {hint}"
            )


def _statement(facts: ProviderFacts) -> Statement:
    return Statement(
        ends=facts.ends,
        ends_earliest=facts.ends_earliest,
        context_window=facts.context_window,
        max_output_tokens=facts.max_output_tokens,
        capabilities=None if facts.capabilities is None else frozenset(facts.capabilities),
        input_price=facts.input_price,
        output_price=facts.output_price,
    )


def _pages(facts: ProviderFacts) -> tuple[FactSource, ...]:
    """Return the pages that people read. Without a day of its own, the first one says the end of the entry."""
    first, *others = facts.sources
    if facts.ends and not any(source.ends for source in facts.sources):
        first = first._replace(ends=facts.ends)
    return (first, *others)
