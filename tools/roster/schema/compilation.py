"""Compilation of JSON Schemas by jsonschema-rs, which decides whether a value is valid."""

import re
from datetime import date
from typing import Any

from roster.naming import quote
from roster.stand_ins import stand_in

with stand_in("email.utils", parsedate_to_datetime=str):  # which it needs for the date of its own build
    import jsonschema_rs

Validator = jsonschema_rs.Validator
_DRAFT = "https://json-schema.org/draft/2020-12/schema"
"""The version of JSON Schema that the toolkit's own schemas use."""
_NO_BASE = "json-schema:///"
"""Precedes a relative reference in a schema without a URL of its own."""


def compile_schema(content: Any) -> Validator:
    """Compile a JSON Schema.

    Raises:
        ValueError: it is not a JSON Schema, or refers to another file, which could be any file or URL.
    """
    references: list[str] = []

    def reject(uri: str) -> Any:
        references.append(uri.removeprefix(_NO_BASE))
        raise ValueError

    try:
        return jsonschema_rs.validator_for(content, validate_formats=True, formats={"date": is_date}, retriever=reject)
    except ValueError as error:
        if draft := _unknown_draft(content):
            message = f'this version of roster does not support "$schema" {quote(draft)}'
            raise ValueError(f"{message}: upgrade roster-toolkit, or use {_DRAFT}") from None
        references += re.findall("^Failed to resolve '([^']*)'", str(error))  # relative, where "$id" is a URN
        if references:
            raise ValueError(f"it refers to {quote(references[0])}, which is outside the file") from None
        raise


def is_date(text: str) -> bool:
    """Return whether a text is an ISO date that has a following day in Python's calendar."""
    try:
        return date.fromisoformat(text).year < date.max.year
    except ValueError:
        return False


def _unknown_draft(content: Any) -> str:
    """Return the version of JSON Schema that a schema names, if jsonschema does not know it either."""
    from jsonschema import validators  # few schemas are invalid

    draft = content.get("$schema") if isinstance(content, dict) else None
    unknown: Any = object()
    is_unknown = isinstance(draft, str) and validators.validator_for(content, default=unknown) is unknown
    return str(draft) if is_unknown else ""
