"""Secrets that somebody pasted into a roster, blotted out of what is told of its changes.

A check finds the known formats of keys wherever they stand, and leaves such values out of its rosters. What stands
before the host of an address stays in them.
"""

import json
from collections.abc import Iterable
from typing import Any

from roster.roster import Roster
from roster.secret_patterns import masked, masked_sentence

_KEY = "endpoint: "
"""Before an address that has no scheme, this shows what it is."""


class Blot:
    """Blots out what looks like a secret, and who the addresses of some rosters log in as."""

    def __init__(self, rosters: Iterable[Roster]) -> None:
        addresses = {
            model.endpoint for roster in rosters for model in roster if model.endpoint and "@" in model.endpoint
        }
        self._told = {address: masked(f"{_KEY}{address}").removeprefix(_KEY) for address in sorted(addresses)}

    def sentence(self, text: str) -> str:
        """Return a text without secrets."""
        for address, told in self._told.items():
            text = text.replace(address, told)
        return masked_sentence(text)

    def value(self, value: Any) -> Any:
        """Return a JSON value without secrets, in keys or in texts."""
        text = json.dumps(value, ensure_ascii=False)
        if self.sentence(text) == text:
            return value
        if isinstance(value, dict):
            return {self.sentence(key): self.value(item) for key, item in value.items()}
        return [self.value(item) for item in value] if isinstance(value, list) else self.sentence(value)
