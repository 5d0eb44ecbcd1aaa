"""Loading of provider facts, which is quick for the lock file: that is JSON after a header of comments."""

import json
from collections import Counter
from collections.abc import Mapping
from typing import Any

from roster.check.loading import load_registry, load_schema
from roster.provider_facts import FACT_DATE_KEYS, ProviderFacts, parse_facts
from roster.registries import PROVIDER_FACTS_SCHEMA
from roster.repository import Tree


def load_provider_facts(repository: Tree, path: str) -> Mapping[str, ProviderFacts]:
    """Read the lock file, or the facts that people wrote, by identifier.

    Raises:
        ConfigurationError: the file is missing, invalid under its schema, or has two entries for an identifier.
    """
    entries = _json_entries(repository.read(path))
    if entries is None or not load_schema(repository, PROVIDER_FACTS_SCHEMA).is_valid(entries):
        entries = load_registry(repository, path, FACT_DATE_KEYS)
    return {entry["identifier"]: parse_facts(entry) for entry in entries}


def _json_entries(data: bytes) -> list[Any] | None:
    """Return the value of a file in JSON with distinct keys and identifiers; None of any other file."""
    header, bracket, rest = data.partition(b"\n[")
    if any(line and not line.startswith(b"#") for line in header.split(b"\n")):
        return None
    if b"\\u" in data:  # the lock file has no escapes, and half of a surrogate pair is no text
        return None
    try:
        entries = json.loads(bracket + rest, object_pairs_hook=_distinct)
    except (ValueError, RecursionError):
        return None
    identifiers = [entry.get("identifier") for entry in entries if isinstance(entry, dict)]
    repeated = Counter(each for each in identifiers if isinstance(each, str))  # a list could not be counted
    return None if any(count > 1 for count in repeated.values()) else entries


def _distinct(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) < len(pairs):
        raise ValueError("a key is there twice")
    return value
