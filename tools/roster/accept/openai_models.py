"""The list of models in the shape of OpenAI's ``GET /v1/models``, for clients of that API.

The keys that clients read, in addition to OpenAI's own:

- ``name``: shown to users, by Open WebUI and OpenRouter's clients;
- ``context_length``: OpenRouter's key for the context window, which opencode, LibreChat and Android Studio read;
- ``context_window``: the key of Groq's API, of rosters and of the definitions.
"""

import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from roster.accept.announced_ends import day_or_none

UNKNOWN_OWNER = "unknown"
UNKNOWN_TIME = 0
"""A roster does not say when a provider created a model."""


def encode_openai_models(envelope: Mapping[str, Any]) -> bytes:
    """Return the offered models of an artifact, with what its definitions say about them.

    A list may have tens of thousands of models, which this must not delay; so the JSON is encoded at once.
    """
    described = {model["identifier"]: model for model in envelope.get("definitions", {}).get("models", ())}
    models = [_entry(model, described.get(model["id"], {})) for model in envelope["offered_models"]]
    return json.dumps({"object": "list", "data": models}, ensure_ascii=False).encode()


def _entry(model: Mapping[str, Any], described: Mapping[str, Any]) -> dict[str, Any]:
    """Return the keys of a model.

    Only the ids in definitions of ``gateway.json`` are validated, so values of another shape are left out.
    """
    provider = described.get("provider")
    entry = {
        "id": model["id"],
        "object": "model",
        "created": UNKNOWN_TIME,
        "owned_by": provider if isinstance(provider, str) and provider else UNKNOWN_OWNER,
        "shutdown_date": _shutdown_date(described.get("deprecation")),
        "name": model["name"],
        "release_state": model["release_state"],
        "features": model["features"],
    }
    if _is_count(window := described.get("context_window")):
        entry["context_window"] = entry["context_length"] = window
    if _is_count(limit := described.get("max_output_tokens")):
        entry["max_output_tokens"] = limit
    if _is_list_of_texts(capabilities := described.get("capabilities")):
        entry["capabilities"] = capabilities
    return entry


def _shutdown_date(deprecation: object) -> str | None:
    """Return the first day on which the model is no longer offered, if all its features end."""
    last_day = day_or_none(deprecation.get("removal_version")) if isinstance(deprecation, dict) else None
    return (last_day + timedelta(days=1)).isoformat() if last_day else None


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value > 0


def _is_list_of_texts(value: object) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(each, str) for each in value)
