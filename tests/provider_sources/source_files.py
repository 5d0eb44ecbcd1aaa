"""Sources for tests: small files in the formats of LiteLLM, models.dev and known facts."""

import json
from datetime import date
from typing import Any

from roster.check.loading import load_registries
from roster.provider_facts import ProviderFacts
from roster.provider_sources import known_facts, litellm, models_dev
from roster.provider_sources.interface import Listing
from roster.provider_sources.json_source import JsonSource
from roster.provider_sources.merging import Merged, merge
from roster.provider_sources.public_source import CapabilityNames
from roster.repository import Repository
from tests.conftest import ROOT

DAY = date(2026, 11, 30)
REPOSITORY = Repository(ROOT)
REGISTRIES = load_registries(REPOSITORY)
CAPABILITIES = CapabilityNames(REGISTRIES)
PAGE = "https://example.com/lifecycle"
SAMPLE = {"litellm_provider": "one of many", "max_input_tokens": "max input tokens", "deprecation_date": "a date"}


def litellm_file(**entries: dict[str, Any]) -> bytes:
    """Return a file of LiteLLM's with its sample; an entry's provider is that of its prefix, or Bedrock."""
    providers = {name: name.partition("/")[0] if "/" in name else "bedrock" for name in entries}
    full = {name: {"litellm_provider": providers[name], "mode": "chat"} | entry for name, entry in entries.items()}
    return json.dumps({"sample_spec": SAMPLE, **full}, indent=2).encode()


def models_dev_file(**entries: dict[str, Any]) -> bytes:
    """Return a file of models.dev's: its models by ``provider/model``."""
    providers: dict[str, Any] = {}
    for name, entry in entries.items():
        provider, _, model = name.partition("/")
        models = providers.setdefault(provider, {"id": provider, "models": {}})["models"]
        models[model] = {"id": model, "tool_call": True} | entry
    return json.dumps(providers, indent=2).encode()


def litellm_listing(**entries: dict[str, Any]) -> Listing:
    return litellm.listing(JsonSource("litellm.json", litellm_file(**entries)), CAPABILITIES)


def models_dev_listing(**entries: dict[str, Any]) -> Listing:
    return models_dev.listing(JsonSource("api.json", models_dev_file(**entries)), CAPABILITIES)


def own_listing(*entries: dict[str, Any], name: str = "own.yaml") -> Listing:
    """Return facts that people wrote; an entry without sources has one page."""
    full = [{"sources": [{"name": PAGE, "read": "2026-11-01"}]} | entry for entry in entries]
    return known_facts.listing(name, json.dumps(full).encode(), REPOSITORY, REGISTRIES)


def merged(identifier: str, *listings: Listing) -> ProviderFacts | None:
    return merge([identifier], listings, DAY).facts.get(identifier)


def notes(identifier: str, *listings: Listing) -> str:
    result: Merged = merge([identifier], listings, DAY)
    return "\n".join(result.notes.get(identifier, ()))
