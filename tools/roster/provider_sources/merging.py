"""Merging of the facts that several sources have about the identifiers in rosters."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import NamedTuple, TypeVar

from roster.naming import join_names
from roster.provider_facts import FactSource, ProviderFacts
from roster.provider_sources.interface import LITELLM, MODELS_DEV, PUBLIC_SOURCES, Listing, Statement
from roster.provider_sources.matching import Matcher

T = TypeVar("T")

_ORDER = ("", LITELLM, MODELS_DEV)
"""The order in which sources count where they differ, whatever the order of the command line: people's facts first."""
_CONTEXT_ORDER = ("", MODELS_DEV, LITELLM)
"""The same for the context window, of which LiteLLM has only the part for the request."""
_SAME_LIMIT = 0.01
"""Limits that differ by a smaller share are the same, such as 65,535 and 65,536 tokens."""


class Merged(NamedTuple):
    """The facts of a lock file, with notes for people.

    Attributes:
        notes: by identifier, disagreements of sources and other oddities.
    """

    facts: Mapping[str, ProviderFacts]
    notes: Mapping[str, tuple[str, ...]]


class _SourceStatement(NamedTuple):
    """The facts of one source about an identifier.

    Attributes:
        sources: its entries in the lock file.
        is_unknown: whether it should list the identifier and does not.
    """

    name: str
    title: str
    statement: Statement
    sources: tuple[FactSource, ...]
    is_unknown: bool = False
    similar: str | None = None


def merge(identifiers: Iterable[str], listings: Sequence[Listing], today: date) -> Merged:
    """Return the facts of the sources about some identifiers. The order of the sources does not matter."""
    in_order = sorted(listings, key=lambda each: (_ORDER.index(each.name), each.title))
    matchers = [(listing, Matcher(listing)) for listing in in_order]
    facts, notes = dict[str, ProviderFacts](), dict[str, tuple[str, ...]]()
    for identifier in sorted(identifiers):
        statements = [each for listing, matcher in matchers if (each := _read(identifier, listing, matcher, today))]
        if statements:
            facts[identifier] = _merged(identifier, statements)
            notes[identifier] = tuple(_notes(statements))
    return Merged(facts, notes)


def _read(identifier: str, listing: Listing, matcher: Matcher, today: date) -> _SourceStatement | None:
    """Return the facts of a source about an identifier; None if it has none."""
    match, covers = matcher.find(identifier), bool(listing.name) and matcher.covers(identifier)
    if match is None and not covers:
        return None
    statement = listing.read(match.key) if match else Statement()
    if match and not match.is_same_price:
        statement = statement._replace(input_price=None, output_price=None)
    is_unknown = covers and not (match and match.is_as_written)
    similar = matcher.similar(identifier) if is_unknown else None
    sources = (
        listing.pages[match.key] if match and not listing.name else (FactSource(listing.name, today, statement.ends),)
    )
    return _SourceStatement(listing.name, listing.name or listing.title, statement, sources, is_unknown, similar)


def _merged(identifier: str, statements: Sequence[_SourceStatement]) -> ProviderFacts:
    ends, ends_earliest = _end([each.statement for each in statements])
    capabilities = [each.statement.capabilities for each in statements if each.statement.capabilities is not None]
    prices = _first(statements, _ORDER, _prices) or (None, None)
    return ProviderFacts(
        identifier=identifier,
        ends=ends,
        ends_earliest=ends_earliest,
        context_window=_first(statements, _CONTEXT_ORDER, lambda each: each.context_window),
        max_output_tokens=_first(statements, _ORDER, lambda each: each.max_output_tokens),
        capabilities=tuple(sorted(frozenset[str]().union(*capabilities))) if capabilities else None,
        input_price=prices[0],
        output_price=prices[1],
        unknown_to=tuple(dict.fromkeys(each.name for each in statements if each.is_unknown)),
        similar=next((each.similar for each in statements if each.similar), None),
        sources=tuple(_sources(statements)),
    )


def _sources(statements: Sequence[_SourceStatement]) -> list[FactSource]:
    """Return the sources, each page once: people's pages by address, then the public sources."""
    sources: dict[str, FactSource] = {}
    for source in (source for each in statements for source in each.sources):
        other = sources.get(source.name, source)
        days = [day for day in (source.ends, other.ends) if day]
        sources[source.name] = FactSource(source.name, max(source.read, other.read), min(days, default=None))
    return sorted(sources.values(), key=lambda each: (each.name in PUBLIC_SOURCES, each.name))


def _end(statements: Sequence[Statement]) -> tuple[date | None, bool]:
    """Return the earliest end, and whether the first source with that day calls it the earliest possible end.

    LiteLLM has the earliest possible days, too, but cannot say so; people can.
    """
    ends = min((each.ends for each in statements if each.ends), default=None)
    return ends, next((each.ends_earliest for each in statements if ends and each.ends == ends), False)


def _first(
    statements: Sequence[_SourceStatement], order: Sequence[str], value: Callable[[Statement], T | None]
) -> T | None:
    """Return a value of the first source, in an order, that has one."""
    values = (value(each.statement) for name in order for each in statements if each.name == name)
    return next((each for each in values if each is not None), None)


def _prices(statement: Statement) -> tuple[float | None, float | None] | None:
    """Return both prices of a source: prices of different sources would not match."""
    prices = statement.input_price, statement.output_price
    return None if prices == (None, None) else prices


def _notes(statements: Sequence[_SourceStatement]) -> Iterator[str]:
    ends = sorted((source.ends, source.name) for each in statements for source in each.sources if source.ends)
    if len({day for day, _name in ends}) > 1:
        texts = join_names(f"{day} according to {name}" for day, name in ends)
        yield f"sources disagree on its end: {texts}; the earliest counts"
    yield from _limit_notes(statements, "context window", _CONTEXT_ORDER, lambda each: each.context_window)
    yield from _limit_notes(statements, "output limit", _ORDER, lambda each: each.max_output_tokens)
    for each in statements:
        if each.statement.is_deprecated and not any(other.statement.ends for other in statements):
            yield f"{each.title} calls it deprecated, but no source names the day on which it ends"


def _limit_notes(
    statements: Sequence[_SourceStatement], title: str, order: Sequence[str], value: Callable[[Statement], int | None]
) -> Iterator[str]:
    limits = [(number, each.title) for each in statements if (number := value(each.statement))]
    numbers = [number for number, _source in limits]
    if numbers and min(numbers) < max(numbers) * (1 - _SAME_LIMIT):
        texts = join_names(f"{number:,} according to {source}" for number, source in limits)
        yield f"sources disagree on its {title} in tokens: {texts}; {_first(statements, order, value):,} counts"
