"""Audit events of access tokens: who added, renamed or revoked which one, and when.

They are in the table of the selections' events, so that one list has both; they have no feature.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, insert

from roster.instance.database.tables import audit_events

IS_OF_TOKEN = audit_events.c.feature == ""
"""The condition of these events on ``instance_ai_audit_events``; every other event has the name of a feature."""


class TokenValue(NamedTuple):
    """A token before or after an event: the name that it had then, and its access."""

    name: str
    access: str


class TokenChange(NamedTuple):
    """What an event changed: ``old`` is None if it added the token, and ``new`` is None if it revoked the token."""

    old: TokenValue | None
    new: TokenValue | None


def write_token_event(connection: Connection, actor: str, change: TokenChange, now: datetime) -> None:
    """Write an event."""
    old, new = (value and {"token": value.name, "access": value.access} for value in change)
    values = {"actor": actor, "action": "upsert" if new else "delete", "feature": "", "created_at": now}
    connection.execute(insert(audit_events).values(values | {"old_value": old, "new_value": new}))


def token_change(old: Mapping[str, Any] | None, new: Mapping[str, Any] | None) -> TokenChange:
    """Return what an event changed, given its stored values."""
    return TokenChange(*map(_value, (old, new)))


def _value(stored: Mapping[str, Any] | None) -> TokenValue | None:
    return TokenValue(stored["token"], stored["access"]) if stored else None
