"""Whether two models with the same id, in two environments or versions, are the same model."""

import re
from collections.abc import Callable, Collection, Mapping
from datetime import date
from typing import Any, NamedTuple

from roster.model import Model
from roster.registries import Environment, Registries

IDENTITY_KEYS = ("identifier", "family")
_WELL_FORMED_IDENTIFIER = r"[A-Za-z0-9][A-Za-z0-9._-]*(/[A-Za-z0-9@][A-Za-z0-9._:@-]*)+"

Values = Mapping[str, Any]
"""The values of a model, by key."""


class FormerModel(NamedTuple):
    """A model that had an id in an earlier version of a roster.

    Attributes:
        values: its values that show which model it is.
        day: the day of the last version that had it; None for the version before the change.
        ids: the ids in that version.
    """

    values: Values
    day: date | None
    ids: Collection[str]


FormerModels = Callable[[str, Collection[str]], Mapping[str, FormerModel]]
"""Returns the model that last had each of some ids in the roster at a path, as far as one had."""


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
        return cls(tuple(key for key in IDENTITY_KEYS if key not in policy.may_differ_in), registries.families)

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
    return {key: getattr(model, key) for key in IDENTITY_KEYS}
