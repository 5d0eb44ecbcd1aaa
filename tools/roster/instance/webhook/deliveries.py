"""Deliveries to the webhook, stored so that each entry is sent once and retries survive a restart.

A delivery waits, with the time of its next attempt; or it is over: delivered, or given up. It remains while its entry
holds, so that the entry is not sent again.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import Connection, Select, delete, insert, select, update

from roster.instance.database.tables import webhook_deliveries

GIVE_UP_AFTER = timedelta(days=1)
RETRY_DELAYS = tuple(timedelta(seconds=each) for each in (30, 120, 600, 1800, 3600, 7200, 14400))
"""The time between attempts; the last one repeats until a day has passed."""


class Delivery(NamedTuple):
    """A delivery whose attempt is due.

    Attributes:
        attempts: the attempts so far, with this one.
        is_last: whether it is given up after this attempt.
    """

    key: str
    body: str
    attempts: int
    is_last: bool


def add_deliveries(connection: Connection, bodies: Mapping[str, str], now: datetime) -> int:
    """Add a delivery for each new entry, given by its key; return their number.

    Deliveries of entries that no longer hold are deleted once they are over.
    """
    stored = {row.key: row for row in connection.execute(select(webhook_deliveries))}
    over = [key for key, row in stored.items() if row.next_attempt_at is None and key not in bodies]
    if over:
        connection.execute(delete(webhook_deliveries).where(webhook_deliveries.c.key.in_(over)))
    new = [
        {"key": key, "body": body, "created_at": now, "attempts": 0, "next_attempt_at": now}
        for key, body in bodies.items()
        if key not in stored
    ]
    if new:
        connection.execute(insert(webhook_deliveries), new)
    return len(new)


def has_new_keys(connection: Connection, keys: Iterable[str]) -> bool:
    """Return whether ``add_deliveries`` would write anything."""
    over = webhook_deliveries.c.next_attempt_at.is_(None)
    stored = {row.key: row.over for row in connection.execute(select(webhook_deliveries.c.key, over.label("over")))}
    current = set(keys)
    return not current <= stored.keys() or any(is_over and key not in current for key, is_over in stored.items())


def has_due_delivery(connection: Connection, now: datetime) -> bool:
    """Return whether an attempt is due."""
    return connection.execute(_due(now)).first() is not None


def claim_delivery(connection: Connection, now: datetime) -> Delivery | None:
    """Return the delivery that is due longest, after scheduling its next attempt, in case this one fails."""
    row = connection.execute(_due(now)).first()
    if row is None:
        return None
    attempts = row.attempts + 1
    next_attempt = now + RETRY_DELAYS[min(attempts, len(RETRY_DELAYS)) - 1]
    values = {"attempts": attempts, "next_attempt_at": next_attempt}
    connection.execute(update(webhook_deliveries).where(webhook_deliveries.c.key == row.key).values(values))
    return Delivery(row.key, row.body, attempts, next_attempt > row.created_at + GIVE_UP_AFTER)


def _due(now: datetime) -> Select[Any]:
    table = webhook_deliveries
    due = select(table).where(table.c.next_attempt_at <= now)
    return due.order_by(table.c.next_attempt_at, table.c.created_at, table.c.key).limit(1)


def end_delivery(connection: Connection, key: str, delivered_at: datetime | None) -> None:
    """Record that a delivery is over: delivered, or given up."""
    values = {"next_attempt_at": None, "delivered_at": delivered_at}
    connection.execute(update(webhook_deliveries).where(webhook_deliveries.c.key == key).values(values))
