"""A model with every key, made of the examples in the JSON Schema of rosters."""

from typing import Any

from roster.roster import ROSTER_SCHEMA
from roster.schema.model_keys import model_keys, model_schema, required_keys
from roster.schema.validator import Schema
from tests.conftest import ROOT

SCHEMA: dict[str, Any] = Schema((ROOT / ROSTER_SCHEMA).read_bytes()).content


def definition(key: str) -> dict[str, Any]:
    """Return the schema of a key of a model."""
    value: dict[str, Any] = model_schema()["properties"][key]
    return SCHEMA["$defs"][value["$ref"].rpartition("/")[2]] if "$ref" in value else value


def _example(name: str, schema: dict[str, Any]) -> Any:
    if "properties" in schema:
        return {key: _example(key, value) for key, value in schema["properties"].items()}
    assert "examples" in schema, f"schemas/offered_models_metadata.schema.json: give {name} examples"
    return schema["examples"][0]


FULL_MODEL = {key: _example(key, definition(key)) for key in model_keys()}
MODEL = {key: FULL_MODEL[key] for key in required_keys()}
OTHER_VALUES: dict[str, Any] = {
    "features": ["duo_chat"],
    "default_for": [],
    "retirement": {"notice": "2026-08-05", "last_day": "2026-12-02", "replacement": "claude_sonnet_4"},
    "release_state_for": {"duo_chat": "EXPERIMENT"},
    "suspended": {"since": "2026-11-21", "reason": "provider incident"},
    "aliases": ["other"],
    "context_window": 1,
    "max_output_tokens": 1,
    "capabilities": ["fim"],
    "processed_in": ["eu"],
    "data_retention_days": 1,
    "gateway": {"temperature": 1.0},
}
"""Another value for each key that is not text; the default of text is ``other``."""
