"""The keys of a model, their order, and which are required: read from the JSON Schema of rosters.

To add a key, add it to ``schemas/offered_models_metadata.schema.json``; ``tests/schema/test_model_keys.py`` names the
code that has to handle it.
"""

import json
from collections.abc import Mapping
from functools import cache
from typing import Any

from roster.repository import toolkit_file
from roster.roster import ROSTER_SCHEMA
from roster.schema.validator import MODEL, at_pointer


@cache
def model_schema() -> Mapping[str, Any]:
    """Return the schema of a model, from the toolkit's own copy."""
    schema = json.loads(toolkit_file(ROSTER_SCHEMA.removeprefix("schemas/")).read_bytes())
    model: Mapping[str, Any] = at_pointer(schema, MODEL)
    return model


def model_keys() -> tuple[str, ...]:
    """Return the keys of a model in the schema's order."""
    return tuple(model_schema()["properties"])


def required_keys() -> tuple[str, ...]:
    """Return the keys that every model must have."""
    return tuple(model_schema()["required"])


def field_name(key: str) -> str:
    """Return the attribute of ``Model``, or the parameter of an option, for a key: ``api_key`` for ``api-key``."""
    return key.replace("-", "_")
