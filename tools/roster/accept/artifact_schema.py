"""Validation of downloads against the JSON Schemas of artifacts, which always come with the toolkit."""

import json
from functools import cache
from typing import Any

from roster.download.rejection import Rejected
from roster.naming import quote
from roster.repository import toolkit_file
from roster.schema.compilation import is_date
from roster.schema.paired_schema import allow_unknown_keys
from roster.secret_redaction import redact_message


def validate_schema(kind: str, value: Any, definition: str = "") -> None:
    """Validate a value against the JSON Schema of an artifact, or one of its definitions; unknown keys are valid.

    Messages do not quote values, because a misplaced value may be an API key.

    Raises:
        Rejected: it is invalid.
    """
    from jsonschema_rs import ValidationError

    try:
        _validator(kind, definition).validate(value)
    except ValidationError as error:
        *_, last = ("it", *(quote(key) for key in error.instance_path if isinstance(key, str)))
        *path, keyword = error.schema_path
        part = schema_part(kind, tuple(path))
        expected = part.get("errorMessage") or part.get("title", keyword).lower()
        missing = getattr(error.kind, "property", None)
        message = f"{last} has no {quote(missing)}" if missing else f"{last} is invalid; expected: {expected}"
        if keyword == "maxLength":
            message = f"{last} is too long: it has more than {error.kind.as_dict()['limit']:,} characters"
        raise Rejected("wrong-shape", redact_message(message)) from None


def schema_part(kind: str, pointer: tuple[str | int, ...]) -> dict[str, Any]:
    """Return a part of an artifact's JSON Schema; empty if there is none."""
    part = _schema(kind)
    for key in pointer:
        part = part.get(key, {}) if isinstance(part, dict) else {}
    return part if isinstance(part, dict) else {}


@cache
def _schema(kind: str) -> Any:
    return json.loads(toolkit_file(f"{kind}.schema.json").read_bytes())


@cache
def _validator(kind: str, definition: str) -> Any:
    import jsonschema_rs

    schema = json.loads(toolkit_file(f"{kind}.schema.json").read_bytes(), object_hook=allow_unknown_keys)
    if kind == "definitions":
        # GitLab's own gateway sends a version of GitLab or null.
        any_text = {"type": ["string", "null"], "maxLength": 100}
        schema["$defs"] |= dict.fromkeys(("deprecation_date", "removal_version"), any_text)
    if definition:
        schema = {"$ref": f"#/$defs/{definition}", "$defs": schema["$defs"]}
    return jsonschema_rs.validator_for(schema, validate_formats=True, formats={"date": is_date})
