"""The lock file ``schemas/provider_facts.yaml``: JSON, which YAML includes, below a header of comments."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from roster.provider_facts import FactSource, ProviderFacts

_WIDTH = 120
_SCHEMA_LINE = """\
# yaml-language-server: $schema=provider_facts.schema.json
#
"""
"""For editors, in repositories that have the JSON Schema."""
_HEADER = """\
# Public facts about the identifiers that the rosters use. `roster providers update` writes this file; review its
# changes like code. Facts that it cannot find belong in known_provider_facts.yaml.
"""


def lock_bytes(facts: Mapping[str, ProviderFacts], *, has_schema: bool) -> bytes:
    """Return the lock file: sorted, one key per line, the same bytes for the same facts.

    Args:
        has_schema: whether the repository has its JSON Schema.
    """
    entries = [_entry_text(facts[identifier]) for identifier in sorted(facts)]
    body = "[\n" + ",\n".join(entries) + "\n]\n" if entries else "[\n]\n"
    return ((_SCHEMA_LINE if has_schema else "") + _HEADER + body).encode()


def with_earlier_days(
    facts: Mapping[str, ProviderFacts], before: Mapping[str, ProviderFacts]
) -> dict[str, ProviderFacts]:
    """Return the facts with the days of reading of an earlier lock file where they have not changed since."""

    def entry(identifier: str) -> ProviderFacts:
        new, old = facts[identifier], before.get(identifier)
        return old if old and _without_days(old) == _without_days(new) else new

    return {identifier: entry(identifier) for identifier in facts}


def _without_days(facts: ProviderFacts) -> tuple[object, ...]:
    return facts[:-1] + tuple((source.name, source.ends) for source in facts.sources)


def _entry_text(facts: ProviderFacts) -> str:
    lines = (_line(key, value) for key, value in _entry(facts).items())
    return "  {\n" + ",\n".join(lines) + "\n  }"


def _line(key: str, value: Any) -> str:
    """Return a key with its value, on several lines if it is a list of mappings or too long."""
    line = f"    {json.dumps(key)}: {json.dumps(value, ensure_ascii=False)}"
    if not isinstance(value, list) or (len(line) < _WIDTH and key != "sources"):
        return line
    items = (f"      {json.dumps(item, ensure_ascii=False)}" for item in value)
    return f"    {json.dumps(key)}: [\n" + ",\n".join(items) + "\n    ]"


def _entry(facts: ProviderFacts) -> dict[str, Any]:
    """Return the entry of an identifier. Unknown facts are left out."""
    values = {
        "identifier": facts.identifier,
        "ends": facts.ends.isoformat() if facts.ends else None,
        "ends_earliest": facts.ends_earliest if facts.ends else None,
        "context_window": facts.context_window,
        "max_output_tokens": facts.max_output_tokens,
        "capabilities": None if facts.capabilities is None else list(facts.capabilities),
        "input_price": facts.input_price,
        "output_price": facts.output_price,
        "unknown_to": list(facts.unknown_to) or None,
        "similar": facts.similar,
        "sources": list(_sources(facts.sources)),
    }
    return {key: value for key, value in values.items() if value is not None}


def _sources(sources: Iterable[FactSource]) -> Iterable[dict[str, str]]:
    for source in sources:
        ends = {"ends": source.ends.isoformat()} if source.ends else {}
        yield {"name": source.name, "read": source.read.isoformat()} | ends
