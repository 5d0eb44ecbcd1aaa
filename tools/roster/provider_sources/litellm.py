"""LiteLLM's model_prices_and_context_window.json: a mapping of identifiers to entries.

Its keys are documented by its entry ``sample_spec``, whose values are explanations.
"""

from collections.abc import Mapping
from typing import Any

from roster.naming import quote
from roster.provider_sources import values
from roster.provider_sources.interface import LITELLM, Listing, Statement
from roster.provider_sources.json_source import JsonSource
from roster.provider_sources.matching import with_canonical_names
from roster.provider_sources.prefixes import group_of
from roster.provider_sources.public_source import CapabilityNames, PublicSource
from roster.provider_sources.values import InvalidValueError

URL = "https://raw.githubusercontent.com/BerriAI/litellm/main/model_prices_and_context_window.json"
_NO_MODELS = ("sample_spec", "fallback_generalizations")
"""Entries that explain the format, or have rules for models that no entry is about."""
_PROVIDER = "litellm_provider"
_SUPPORTS = "supports_"
_CAPABILITY_OF_MODE = {"embedding": "embeddings"}
_SHARES = {
    _PROVIDER: 0.9,
    "max_input_tokens": 0.3,
    "max_output_tokens": 0.3,
    "input_cost_per_token": 0.3,
    "output_cost_per_token": 0.3,
    "deprecation_date": 0.02,
}
"""About a third of the shares in LiteLLM 1.106."""


def is_litellm(value: Mapping[str, Any]) -> bool:
    """Return whether a file has LiteLLM's shape."""
    return any(isinstance(entry, dict) and _PROVIDER in entry for key, entry in value.items() if key not in _NO_MODELS)


def listing(source: JsonSource, capabilities: CapabilityNames) -> Listing:
    """Read the file.

    Raises:
        SourceError: its format has changed.
    """
    models = {key: entry for key, entry in source.value.items() if key not in _NO_MODELS}
    entries = {key: ((key,), entry) for key, entry in models.items()}
    public_source = PublicSource(LITELLM, source, entries, lambda entry: _statement(entry, capabilities), _SHARES)
    return public_source.listing(_names(models))


def _names(models: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    """Return the models by group and name. A key with the provider's prefix counts before one without."""
    names: dict[str, dict[str, str]] = {}
    for key, entry in models.items():
        prefix, slash, rest = key.partition("/")
        provider = entry.get(_PROVIDER) if isinstance(entry, dict) else None
        group = group_of(provider if isinstance(provider, str) else prefix)
        has_prefix = bool(slash) and group_of(prefix) == group
        listed = names.setdefault(group, {})
        if has_prefix:
            listed[rest] = key
        else:
            listed.setdefault(key, key)
    return with_canonical_names(names)


def _statement(entry: Mapping[str, Any], capabilities: CapabilityNames) -> Statement:
    if not isinstance(entry.get(_PROVIDER), str):
        raise InvalidValueError(f"it needs the key {quote(_PROVIDER)} with a text")
    return Statement(
        ends=values.day(entry, "deprecation_date"),
        context_window=values.tokens(entry, "max_input_tokens"),
        max_output_tokens=values.tokens(entry, "max_output_tokens"),
        capabilities=_capabilities(entry, capabilities),
        input_price=values.price(entry, "input_cost_per_token", per_token=True),
        output_price=values.price(entry, "output_cost_per_token", per_token=True),
    )


def _capabilities(entry: Mapping[str, Any], capabilities: CapabilityNames) -> frozenset[str] | None:
    flags = {key: values.boolean(entry, key) for key in entry if key.startswith(_SUPPORTS)}
    mode = _CAPABILITY_OF_MODE.get(str(entry.get("mode")))
    if mode is None and all(value is None for value in flags.values()):
        return None
    names = [key.removeprefix(_SUPPORTS) for key, value in flags.items() if value]
    return capabilities.named([*names, mode] if mode else names)
