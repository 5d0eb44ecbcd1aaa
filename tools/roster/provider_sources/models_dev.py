"""models.dev's api.json: a mapping of providers, each with a mapping of models.

Its schema: https://github.com/anomalyco/models.dev/blob/dev/packages/core/src/schema.ts
"""

from collections.abc import Mapping
from typing import Any

from roster.findings import Pointer
from roster.naming import quote
from roster.provider_sources import values
from roster.provider_sources.interface import MODELS_DEV, Listing, SourceError, Statement
from roster.provider_sources.json_source import JsonSource
from roster.provider_sources.matching import with_canonical_names
from roster.provider_sources.prefixes import MODELS_DEV_PROVIDERS
from roster.provider_sources.public_source import CapabilityNames, PublicSource

URL = "https://models.dev/api.json"
_MODELS = "models"
_FLAGS = ("tool_call", "reasoning", "structured_output")
_SHARES = {"limit": 0.9, "modalities": 0.9, "tool_call": 0.9, "cost": 0.3}
"""``cost`` and keys of models that only some have are rarer."""
_DEPRECATED = "deprecated"
_USED_PROVIDERS = frozenset(provider for ids in MODELS_DEV_PROVIDERS.values() for provider in ids)


def is_models_dev(value: Mapping[str, Any]) -> bool:
    """Return whether a file has the shape of models.dev's."""
    return any(isinstance(provider, dict) and isinstance(provider.get(_MODELS), dict) for provider in value.values())


def listing(source: JsonSource, capabilities: CapabilityNames) -> Listing:
    """Read the file.

    Raises:
        SourceError: its format has changed.
    """
    entries: dict[str, tuple[Pointer, Any]] = {}
    for provider, entry in source.value.items():
        models = entry.get(_MODELS) if isinstance(entry, dict) else None
        if isinstance(models, dict):
            entries |= {f"{provider}/{model}": ((provider, _MODELS, model), facts) for model, facts in models.items()}
        elif provider in _USED_PROVIDERS:
            raise source.error(f'the provider {quote(provider)} must have an object "models"', provider)
    if not entries:
        raise SourceError(f"{source.name} lists no models, so the format of {MODELS_DEV} has changed")
    public_source = PublicSource(MODELS_DEV, source, entries, lambda each: _statement(each, capabilities), _SHARES)
    return public_source.listing(_names(source.value))


def _names(providers: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    names: dict[str, dict[str, str]] = {}
    for group, ids in MODELS_DEV_PROVIDERS.items():
        for provider in ids:
            for model in providers[provider][_MODELS] if provider in providers else ():
                names.setdefault(group, {}).setdefault(model, f"{provider}/{model}")
    return with_canonical_names(names)


def _statement(entry: Mapping[str, Any], capabilities: CapabilityNames) -> Statement:
    limit, cost = values.mapping(entry, "limit"), values.mapping(entry, "cost")
    context, output = values.tokens(limit, "context", "limit"), values.tokens(limit, "output", "limit")
    return Statement(
        context_window=context,
        # An answer cannot be longer than the window; some entries say so (anomalyco/models.dev#6073).
        max_output_tokens=output if output and context and output <= context else None,
        capabilities=_capabilities(entry, capabilities),
        input_price=values.price(cost, "input", "cost"),
        output_price=values.price(cost, "output", "cost"),
        is_deprecated=entry.get("status") == _DEPRECATED,
    )


def _capabilities(entry: Mapping[str, Any], capabilities: CapabilityNames) -> frozenset[str] | None:
    """Return the capabilities of an entry: ``attachment`` counts only without ``modalities``, which are precise."""
    flags = {key: values.boolean(entry, key) for key in (*_FLAGS, "attachment")}
    inputs = values.texts(values.mapping(entry, "modalities"), "input")
    if not inputs and all(value is None for value in flags.values()):
        return None
    names = [key for key in _FLAGS if flags[key]] + [f"{kind}_input" for kind in inputs]
    return capabilities.named([*names, "attachment"] if flags["attachment"] and not inputs else names)
