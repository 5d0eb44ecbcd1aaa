"""Whether two models with the same id, in two environments or versions, are the same model."""

import re
from collections.abc import Collection, Mapping
from typing import Any, NamedTuple

from roster.registries import Environment, Registries
from roster.roster import Model

_KEYS = ("identifier", "family")
_WELL_FORMED_IDENTIFIER = r"[A-Za-z0-9][A-Za-z0-9._-]*(/[A-Za-z0-9@][A-Za-z0-9._:@-]*)+"

Values = Mapping[str, Any]
"""The values of a model, by key."""


class Identity(NamedTuple):
    """Compares the values that show which model an id stands for.

    Attributes:
        keys: the keys in which a model may not differ.
        families: the registered families.
    """

    keys: tuple[str, ...]
    families: Collection[str]

    @classmethod
    def of(cls, policy: Environment, registries: Registries) -> "Identity":
        """Return what a policy requires to be the same in the previous environment."""
        return cls(tuple(key for key in _KEYS if key not in policy.may_differ_in), registries.families)

    def differing_key(self, model: Values, other: Values) -> str | None:
        """Return the first key that shows that two models are different; None if they are the same.

        An invalid value shows nothing: another rule reports it.
        """
        for key in self.keys:
            value, other_value = model.get(key), other.get(key)
            if value != other_value and self._is_valid(key, value) and self._is_valid(key, other_value):
                return key
        return None

    def _is_valid(self, key: str, value: Any) -> bool:
        return value in self.families if key == "family" else is_well_formed(value)


def is_well_formed(identifier: Any) -> bool:
    """Return whether an identifier has the form provider/model."""
    return isinstance(identifier, str) and re.fullmatch(_WELL_FORMED_IDENTIFIER, identifier) is not None


def identity_values(model: Model) -> Values:
    """Return the values of a model that show which model it is."""
    return {key: getattr(model, key) for key in _KEYS}
