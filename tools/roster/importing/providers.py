"""Identifiers with a provider's prefix, and what a model needs that its provider does not supply."""

import re
from collections.abc import Mapping
from typing import Any

from roster.importing.report import Report
from roster.importing.source import SourceError
from roster.model import entry_id
from roster.naming import list_names, quote
from roster.registries import PROVIDERS, Registries
from roster.render.litellm_config import REFERENCE_PREFIX
from roster.rules.credentials import reference, variable_id
from roster.rules.providers import regions_in

_GLOBAL, _ASSUMED_AWS_REGION = "global", "us-east-1"
_REGIONAL_ENDPOINTS = {
    "vertex": ("https://{region}-aiplatform.googleapis.com/v1", _GLOBAL),
    "bedrock": ("https://bedrock-runtime.{region}.amazonaws.com", _ASSUMED_AWS_REGION),
    "sagemaker": ("https://runtime.sagemaker.{region}.amazonaws.com", _ASSUMED_AWS_REGION),
    "amazon_q": ("https://q.{region}.amazonaws.com", _ASSUMED_AWS_REGION),
}
"""By provider, its endpoint in a region, and the region to assume if a file names none."""
_VERTEX_ENDPOINTS = {_GLOBAL: "https://aiplatform.googleapis.com/v1"} | {
    region: f"https://aiplatform.{region}.rep.googleapis.com/v1" for region in ("us", "eu")
}
"""Of Vertex AI, the endpoints of locations that are no single region."""
_AWS_REGIONS = {
    "us.": "us-east-1",
    "us-gov.": "us-gov-west-1",
    "ca.": "ca-central-1",
    "eu.": "eu-central-1",
    "apac.": "ap-northeast-1",
    "au.": "ap-southeast-2",
    "in.": "ap-south-1",
    "jp.": "ap-northeast-1",
}
"""The region to assume for a Bedrock inference profile, by the start of its name."""
_NO_ENDPOINT = "the file has no endpoint, and the provider supplies none: replace the placeholder by its address"
_PREFIXES = {
    r"text-(multilingual-)?embedding-(0\d\d|preview|large-exp)|multimodalembedding\b": "vertex_ai",
    r"(ft:|gpt|chatgpt|o\d|text-embedding|davinci|babbage|codex|computer-use|dall-e|whisper|tts|omni|sora)\b": "openai",
    r"claude\b": "anthropic",
    r"gemini-": "vertex_ai",
    r"(command|embed-(english|multilingual)|rerank|c4ai)\b": "cohere",
    r"(jamba|j2)\b": "ai21_chat",
    r"([a-z-]+\.)?[a-z0-9]+\.[a-z]": "bedrock",
}
"""Providers of models that LiteLLM knows without a prefix; the first match counts. Source: LiteLLM 1.106,
litellm_core_utils/get_llm_provider_logic.py and model_prices_and_context_window_backup.json."""
_REGION = re.compile(r"[a-z]+(?:-[a-z]+)*-?[0-9]*|<\w+>")
"""A region, or the placeholder of a variable with one."""


def prefix_of_title(title: str | None, registries: Registries) -> str:
    """Return the prefix of the provider that people see under a title, such as ``Vertex``; empty if none has it."""
    words = (title or "").casefold()
    for provider in registries.providers.values():
        names = {provider.name, provider.title, *provider.aliases}
        if words in {name.casefold().replace("_", " ") for name in names}:
            return provider.prefixes[0]
    return ""


def prefix_of_name(model: str) -> str:
    """Return the prefix of the provider of a model that LiteLLM knows without one; empty if it does not."""
    return next((prefix for pattern, prefix in _PREFIXES.items() if re.match(pattern, model)), "")


def require_known_provider(identifier: str, registries: Registries) -> None:
    """Reject an identifier whose prefix no provider has.

    Raises:
        SourceError: the prefix is unknown; the message suggests the nearest one.
    """
    if registries.provider_of(identifier) is None:
        prefix, slash, _name = identifier.partition("/")
        known = list_names(provider.prefixes[0] for provider in registries.providers.values())
        if identifier.startswith(REFERENCE_PREFIX):
            raise SourceError(f"{quote(identifier)} is a variable: write the identifier that it has")
        if not slash:
            raise SourceError(f"{quote(identifier)} has no prefix of a provider: write one before it, such as {known}")
        hint = registries.prefix_suggestions.did_you_mean(prefix)
        hint = hint or f"register it in {PROVIDERS}, or use one of {known}"
        raise SourceError(f"the provider {quote(prefix)} of {quote(identifier)} is unknown: {hint}")


def fill_deployment(
    entry: dict[str, Any],
    registries: Registries,
    region: str | None,
    report: Report,
    region_key: str = "prompt_params.vertex_location",
) -> None:
    """Add ``endpoint`` and ``api-key`` to an entry whose provider does not supply them.

    ``region``: where the source says that the model runs, in its key ``region_key``.
    """
    fill_endpoint(entry, registries, region, report, region_key)
    fill_api_key(entry, registries, report)


def fill_endpoint(
    entry: dict[str, Any], registries: Registries, region: str | None, report: Report, region_key: str
) -> None:
    """Add ``endpoint`` to an entry whose provider does not supply it: a placeholder if none is known."""
    if "endpoint" not in entry and "endpoint" not in registries.supplied_values(entry):
        entry["endpoint"] = _endpoint(entry, registries, region, report, region_key)


def fill_api_key(entry: dict[str, Any], registries: Registries, report: Report) -> None:
    """Add ``api-key`` to an entry whose provider does not supply it."""
    id_ = entry_id(entry)
    if "api-key" not in entry and "api-key" not in registries.supplied_values(entry):
        entry["api-key"] = reference(id_)
        report.changed("", "api-key", "the provider has a key for each model, and the file names no variable", id_)


def _endpoint(
    entry: Mapping[str, Any], registries: Registries, region: str | None, report: Report, region_key: str
) -> str:
    id_, provider = entry_id(entry), registries.provider_of(entry["identifier"])
    pattern, assumed = _REGIONAL_ENDPOINTS.get(provider.name if provider else "", ("", ""))
    if not pattern:
        report.not_carried("", _NO_ENDPOINT, id_)
        return f"https://<{variable_id(entry['identifier'].partition('/')[0]).upper()}_ENDPOINT>"
    region = region if _REGION.fullmatch(region or "") else None
    used = region or _written_region(entry["identifier"]) or assumed
    endpoint = _VERTEX_ENDPOINTS.get(used) or pattern.format(region=used)
    if region and region.startswith("<"):
        reason = f"a roster has no variables: write the region that {region.strip('<>')} has"
        report.changed(region_key, "endpoint", reason, id_)
    elif region:
        report.carried(region_key, "endpoint", id_)
    else:
        reason = f"the file names no region, so {endpoint} is assumed: replace it if your gateway uses another one"
        report.changed("", "endpoint", reason, id_)
    return endpoint


def _written_region(identifier: str) -> str | None:
    """Return the region in an identifier, or one that its inference profile accepts; None without either."""
    name = identifier.rpartition("/")[2]
    profile = next((region for start, region in _AWS_REGIONS.items() if name.startswith(start)), None)
    return next(iter(regions_in(identifier)), profile)
