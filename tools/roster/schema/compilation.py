"""Compilation of JSON Schemas by jsonschema-rs, which decides whether a value is valid."""

import importlib
import sys
from datetime import date
from types import ModuleType
from typing import Any

from roster.naming import quote


class _EmailUtils(ModuleType):
    """Stand-in for ``email.utils``, from which jsonschema-rs only needs to parse the date of its own build.

    With the modules that it imports, such as socket and random, the real one takes 7% of a small repository's check.
    """

    parsedate_to_datetime = staticmethod(str)

    def __getattr__(self, name: str) -> Any:
        del sys.modules[self.__name__]
        return getattr(importlib.import_module(self.__name__), name)


_stand_in = _EmailUtils("email.utils")
sys.modules.setdefault("email.utils", _stand_in)
import jsonschema_rs  # noqa: E402

if sys.modules["email.utils"] is _stand_in:
    del sys.modules["email.utils"]

_DRAFT = "https://json-schema.org/draft/2020-12/schema"
"""The version of JSON Schema that the toolkit's own schemas use."""
_NO_BASE = "json-schema:///"
"""Precedes a relative reference in a schema without a URL of its own."""


def compile_schema(content: Any) -> jsonschema_rs.Validator:
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
    except ValueError:
        if references:
            raise ValueError(f"it refers to {quote(references[0])}, which is outside the file") from None
        if draft := _unknown_draft(content):
            message = f'this version of roster does not support "$schema" {quote(draft)}'
            raise ValueError(f"{message}: upgrade roster-toolkit, or use {_DRAFT}") from None
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
