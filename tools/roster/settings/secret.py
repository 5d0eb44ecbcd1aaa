"""A string that is redacted wherever it could be shown by accident."""

from hmac import compare_digest
from typing import NoReturn


class Secret:
    """A string that no representation, message, format or pickle contains; only ``reveal`` returns it."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """Return the string. Callers must keep it out of process arguments, logs and exceptions."""
        return self._value

    def __repr__(self) -> str:
        return "Secret(…)"

    def __format__(self, _: str) -> str:
        return repr(self)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and compare_digest(self._value.encode(), other._value.encode())

    def __hash__(self) -> int:
        return hash(self._value)

    def __reduce__(self) -> NoReturn:
        raise TypeError("a secret must not be pickled")
