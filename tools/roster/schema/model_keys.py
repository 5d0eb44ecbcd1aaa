"""The keys of a model, in order, and which are required: taken from the JSON Schema of rosters.

Add a key to ``schemas/offered_models_metadata.schema.json`` only; ``tests/schema/test_model_keys.py`` names the code
that has to know it, too.
"""

import json
from collections.abc import Mapping
from functools import cache
from typing import Any

from roster.findings import Pointer
from roster.repository import ROSTER_SCHEMA, toolkit_file

MODEL: Pointer = ("$defs", "model")
"""Where the roster's schema describes a model."""


@cache
def model_schema() -> Mapping[str, Any]:
    """Return what the toolkit's own schema says of a model."""
    schema: Any = json.loads(toolkit_file(ROSTER_SCHEMA.removeprefix("schemas/")).read_bytes())
    for key in MODEL:
        schema = schema[key]
    model: Mapping[str, Any] = schema
    return model


def model_keys() -> tuple[str, ...]:
    """Return the keys of a model in the schema's order."""
    return tuple(model_schema()["properties"])


def required_keys() -> tuple[str, ...]:
    """Return the keys that every model must have."""
    return tuple(model_schema()["required"])


def field_name(key: str) -> str:
    """Return the attribute of ``Model``, or the option's parameter, for a key: ``api_key`` for ``api-key``."""
    return key.replace("-", "_")
