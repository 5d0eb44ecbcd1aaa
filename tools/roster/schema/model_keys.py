"""The keys of a model, their order, and which are required: read from the JSON Schema of rosters.

To add a key, add it to ``schemas/offered_models_metadata.schema.json``; ``tests/schema/test_model_keys.py`` names the
code that has to handle it.
"""

import json
from collections.abc import Mapping
from functools import cache
from typing import Any

from roster.findings import Pointer
from roster.model import SUPPLIED_KEYS
from roster.repository import toolkit_file
from roster.roster import ROSTER_SCHEMA
from roster.schema.validator import MODEL, at_pointer


@cache
def _roster_schema() -> dict[str, Any]:
    schema: dict[str, Any] = json.loads(toolkit_file(ROSTER_SCHEMA.removeprefix("schemas/")).read_bytes())
    return schema


@cache
def model_schema() -> Mapping[str, Any]:
    """Return the schema of a model, from the toolkit's own copy."""
    model: Mapping[str, Any] = at_pointer(_roster_schema(), MODEL)
    return model


def expected_value(keys: Pointer) -> str:
    """Return what the value at some keys of a model is, for a message: an https address, such as …"""
    schema: Any = model_schema()
    for key in keys:
        if isinstance(key, int):
            schema = schema.get("then", schema).get("items") or schema.get("else", {}).get("items")
        else:
            schema = _resolved(schema.get("else", schema)).get("properties", {}).get(key)
        schema = _resolved(schema or {})
    meaning: str = schema.get("description", "the value").partition(". ")[0].rstrip(".")
    return schema.get("errorMessage") or meaning[:1].lower() + meaning[1:]


def _resolved(schema: Mapping[str, Any]) -> Any:
    """Return the schema that a schema refers to, or the schema itself."""
    return at_pointer(_roster_schema(), tuple(schema["$ref"][2:].split("/"))) if "$ref" in schema else schema


def model_keys() -> tuple[str, ...]:
    """Return the keys of a model in the schema's order."""
    return tuple(model_schema()["properties"])


def required_keys() -> tuple[str, ...]:
    """Return the keys that every model must have, in the roster or from its provider."""
    required = {*model_schema()["required"], *SUPPLIED_KEYS}
    return tuple(key for key in model_keys() if key in required)


@cache
def structured_keys() -> frozenset[str]:
    """Return the keys whose value is a list or a mapping."""
    scalars = ("string", "integer", "number", "boolean")
    return frozenset(key for key, schema in model_schema()["properties"].items() if schema.get("type") not in scalars)


def field_name(key: str) -> str:
    """Return the attribute of ``Model``, or the parameter of an option, for a key: ``api_key`` for ``api-key``."""
    return "retirements" if key == "retirement" else key.replace("-", "_")
