"""Changes of facts, described for reviewers: one line for each."""

from collections.abc import Iterator

from roster.naming import join_names, list_names
from roster.provider_facts import ProviderFacts, price_text

TITLES = {
    "ends": "end",
    "context_window": "context window",
    "max_output_tokens": "output limit",
    "capabilities": "capabilities",
    "input_price": "input price",
    "output_price": "output price",
}
"""The facts about a model, by key."""


def changes(before: ProviderFacts | None, after: ProviderFacts | None, *, is_used: bool) -> Iterator[str]:
    """Yield what changes for an identifier; ``is_used``: whether a roster has it."""
    if after is None:
        yield "removed: no source has facts about it any longer" if is_used else "removed: no roster uses it any longer"
    elif before is None:
        yield from _new(after)
    else:
        yield from _changed(before, after)


def value_text(facts: ProviderFacts, key: str) -> str:
    """Return a fact in words: ``200,000 tokens``."""
    value = getattr(facts, key)
    if value is None:
        return "unknown"
    if key == "ends":
        return f"not before {value}" if facts.ends_earliest else f"{value}"
    if key == "capabilities":
        return list_names(value) if value else "none"
    return f"{price_text(value)} per million tokens" if key.endswith("price") else f"{value:,} tokens"


def _new(facts: ProviderFacts) -> Iterator[str]:
    values = [f"{title} {value_text(facts, key)}" for key, title in TITLES.items() if getattr(facts, key) is not None]
    if values:
        yield f"new: {'; '.join(values)}"
    yield from _unknown(facts)
    if not values and not facts.unknown_to:
        yield f"new: listed by {_names(facts)}, without facts"


def _changed(before: ProviderFacts, after: ProviderFacts) -> Iterator[str]:
    for key, title in TITLES.items():
        old, new = value_text(before, key), value_text(after, key)
        if key == "capabilities" and before.capabilities is not None and after.capabilities is not None:
            yield from _changed_capabilities(before.capabilities, after.capabilities)
        elif old != new:
            yield f"{title} {old} → {new}"
    if before.unknown_to != after.unknown_to or before.similar != after.similar:
        yield from _unknown(after)
    listed = [source.name for source in after.sources if source.name in before.unknown_to]
    if names := [name for name in listed if name not in after.unknown_to]:
        yield f"{join_names(names)} {'lists' if len(names) == 1 else 'list'} this identifier now"
    yield from _changed_sources(before, after)


def _changed_capabilities(before: tuple[str, ...], after: tuple[str, ...]) -> Iterator[str]:
    signs = {"+": [each for each in after if each not in before], "-": [each for each in before if each not in after]}
    if texts := [f"{sign} {name}" for sign, names in signs.items() for name in names]:
        yield f"capabilities {', '.join(texts)}"


def _changed_sources(before: ProviderFacts, after: ProviderFacts) -> Iterator[str]:
    """Yield the changes of sources that do not change the earliest end."""
    old = {source.name: source.ends for source in before.sources}
    new = {source.name: source.ends for source in after.sources}
    for name in sorted({*old, *new}):
        if name not in new:
            yield f"{name} is no longer a source"
        elif name not in old and name in after.unknown_to:
            continue
        elif name not in old:
            yield f"{name} is a new source" + (f", with the end {new[name]}" if new[name] else "")
        elif old[name] != new[name] and (old[name], new[name]) != (before.ends, after.ends):
            yield f"end according to {name} {old[name] or 'unknown'} → {new[name] or 'unknown'}"


def _unknown(facts: ProviderFacts) -> Iterator[str]:
    if facts.unknown_to:
        similar = f"; similar: {facts.similar}" if facts.similar else ""
        verb = "does not list" if len(facts.unknown_to) == 1 else "do not list"
        yield f"{join_names(facts.unknown_to)} {verb} this identifier{similar}"


def _names(facts: ProviderFacts) -> str:
    return list_names(source.name for source in facts.sources)
