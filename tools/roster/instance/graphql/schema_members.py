"""The members of types in the schema: fields, enum values and arguments, each with its description."""

from collections.abc import Callable
from enum import StrEnum
from typing import Any, TypeVar

import strawberry
from strawberry import UNSET

_T = TypeVar("_T")

CLIENT_MUTATION_ID = "Any string; returned in the payload to match it to the request."
VERSION = (
    "The version that the change is based on; if the selection has another one, the change is refused. "
    "If null, the change is applied to any version."
)


def field(description: str) -> Any:
    """Return a field that has its value from the start; as a field of an input, it is required."""
    return strawberry.field(description=description)


def optional_field(description: str) -> Any:
    """Return a field of an input that may be omitted; ``given`` reads it."""
    return strawberry.field(default=UNSET, description=description)


def given(value: _T | None) -> _T | None:
    """Return the value of an optional field or argument, which has no default: None if it was omitted."""
    return None if value is UNSET else value


def resolver_field(description: str) -> Callable[..., Any]:
    """Return the decorator of a field that runs a resolver, whose type mypy does not know."""
    decorator: Callable[..., Any] = strawberry.field(description=description)
    return decorator


def argument(description: str) -> Any:
    """Return an argument of a resolver."""
    return strawberry.argument(description=description)


def enum_member(member: StrEnum, description: str) -> Any:
    """Return a member of an enum in the schema for one of an enum in Python."""
    return strawberry.enum_value(member.value, description=description)
