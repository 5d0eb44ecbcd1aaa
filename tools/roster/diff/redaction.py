"""Redaction of secrets in the changes of a comparison.

A check already leaves values in known key formats out of its rosters. What remains is user info in endpoints.
"""

import json
from collections.abc import Iterable
from typing import Any

from roster.diff.change import Change
from roster.roster import Roster
from roster.secret_patterns import redact_message, redact_text

_KEY = "endpoint: "
"""Makes the redaction recognize an address without a scheme."""
_FIELDS = ("environment", "model", "feature", "old", "new", "summary", "effect")


class Redactor:
    """Redacts whatever looks like a secret, and the user info in the endpoints of some rosters."""

    def __init__(self, rosters: Iterable[Roster]) -> None:
        endpoints = {
            model.endpoint for roster in rosters for model in roster if model.endpoint and "@" in model.endpoint
        }
        self._redacted = {
            endpoint: redact_text(f"{_KEY}{endpoint}").removeprefix(_KEY) for endpoint in sorted(endpoints)
        }

    def change(self, change: Change) -> Change:
        """Return a change without secrets."""
        path = self.text(change.place.path)
        values = {field: self.value(getattr(change, field)) for field in _FIELDS}
        return change._replace(place=change.place._replace(path=path), **values)

    def text(self, text: str) -> str:
        """Return a text without secrets."""
        for endpoint, redacted in self._redacted.items():
            text = text.replace(endpoint, redacted)
        return redact_message(text)

    def value(self, value: Any) -> Any:
        """Return a JSON value without secrets in its keys and strings."""
        if isinstance(value, str):
            return self.text(value)
        text = json.dumps(value, ensure_ascii=False)
        if self.text(text) == text:
            return value
        if isinstance(value, dict):
            return {self.text(key): self.value(item) for key, item in value.items()}
        return [self.value(item) for item in value]
