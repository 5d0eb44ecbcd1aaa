"""Which of several processes leads: the one whose name is in a row of the database, until that expires.

Only the database's clock counts, since those of hosts differ. A file of SQLite's is on one machine, whose clock it is.
"""

import os
import socket
from datetime import UTC, datetime, timedelta
from secrets import token_hex
from typing import NamedTuple

from sqlalchemy import Connection, func, insert, select, update

from roster.instance.database.connections import Database
from roster.instance.database.tables import UTCDateTime, leases
from roster.instance.selection.state import SYNC_LEASE

LEASE_SECONDS = 30.0
"""How long after its end without a farewell a process still counts as the one that leads."""


class _Held(NamedTuple):
    holder: str
    expires_at: datetime


class Lease:
    """What one process knows of the lease for the sync.

    Attributes:
        holder: what the process is called: its host, its number, and some chance.
    """

    def __init__(self, database: Database, seconds: float = LEASE_SECONDS) -> None:
        self.holder = f"{socket.gethostname()}-{os.getpid()}-{token_hex(4)}"
        self._database, self._seconds = database, seconds

    def acquire(self) -> bool:
        """Take the lease, or keep it, where it is free or one's own; say whether this process leads now.

        Nothing is written while another one leads, or half of one's own time is left.
        """
        with self._database.read_transaction() as connection:
            held, now = _held(connection), _now(connection)
        if held and held.expires_at > now and not self._needs_renewal(held, now):
            return held.holder == self.holder
        with self._database.write_transaction() as connection:
            held, now = _held(connection), _now(connection)
            if held and held.holder != self.holder and held.expires_at > now:
                return False
            values = {"holder": self.holder, "expires_at": now + timedelta(seconds=self._seconds)}
            row = update(leases).where(leases.c.name == SYNC_LEASE) if held else insert(leases).values(name=SYNC_LEASE)
            connection.execute(row.values(values))
        return True

    def is_held(self, connection: Connection) -> bool:
        """Say whether this process leads, within a transaction of the caller's."""
        held = _held(connection)
        return held is not None and held.holder == self.holder and held.expires_at > _now(connection)

    def record_contact(self) -> None:
        """Record that the gateway said what it has."""
        with self._database.write_transaction() as connection:
            self._update(connection, checked_at=_now(connection))

    def release(self) -> None:
        """Let another process take over at once."""
        with self._database.write_transaction() as connection:
            self._update(connection, expires_at=_now(connection))

    def _update(self, connection: Connection, **values: datetime) -> None:
        own = (leases.c.name == SYNC_LEASE) & (leases.c.holder == self.holder)
        connection.execute(update(leases).where(own).values(values))

    def _needs_renewal(self, held: _Held, now: datetime) -> bool:
        return held.holder == self.holder and (held.expires_at - now).total_seconds() < self._seconds / 2


def _held(connection: Connection) -> _Held | None:
    row = connection.execute(
        select(leases.c.holder, leases.c.expires_at).where(leases.c.name == SYNC_LEASE)
    ).one_or_none()
    return row and _Held(*row)


def _now(connection: Connection) -> datetime:
    if connection.dialect.name == "sqlite":
        return datetime.now(UTC)
    found: datetime = connection.execute(select(func.clock_timestamp(type_=UTCDateTime))).scalar_one()
    return found
