"""Leader election between instance processes: a lease row in the database that expires.

Expiry is judged by the database's clock, because hosts' clocks differ; SQLite uses the local clock, since its file is
on one machine.
"""

import os
import socket
from datetime import UTC, datetime, timedelta
from secrets import token_hex
from time import monotonic
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select, update

from roster.instance.database.connections import Database
from roster.instance.database.tables import UTCDateTime, leases
from roster.instance.selection.state import SYNC_LEASE

LEASE_SECONDS = 30.0
"""How long a process that ended without releasing the lease still counts as the leader."""

_RELEASE_WAIT_SECONDS = 1
"""The process is about to end; the lease expires soon in any case."""


class Lease:
    """One process's view of the lease for the sync.

    Attributes:
        holder: the process's name: host, process id and a random part.
    """

    def __init__(self, database: Database, seconds: float = LEASE_SECONDS) -> None:
        self.holder = f"{socket.gethostname()}-{os.getpid()}-{token_hex(4)}"
        self._database, self._seconds = database, seconds

    def acquire(self) -> bool:
        """Acquire or renew the lease if no other process holds it; return whether this process is the leader.

        Nothing is written while another process leads, or while more than half of the own lease remains.
        """
        with self._database.read_transaction() as connection:
            row, now = _read(connection), _now(connection)
        if row and self._is_valid(row, now) and not self._needs_renewal(row, now):
            return bool(row.holder == self.holder)
        with self._database.write_transaction() as connection:
            row, now = _read(connection), _now(connection)
            if row and row.holder != self.holder and self._is_valid(row, now):
                return False
            values = {"holder": self.holder, "expires_at": now + timedelta(seconds=self._seconds)}
            if row:
                connection.execute(update(leases).where(leases.c.name == SYNC_LEASE).values(values))
            else:
                connection.execute(insert(leases).values(name=SYNC_LEASE, **values))
        return True

    def is_held(self, connection: Connection) -> bool:
        """Return whether this process is the leader, within the caller's transaction."""
        row = _read(connection)
        return row is not None and bool(row.holder == self.holder and self._is_valid(row, _now(connection)))

    def release(self) -> None:
        """Release the lease, so that another process can acquire it at once."""
        own_lease = (leases.c.name == SYNC_LEASE) & (leases.c.holder == self.holder)
        with self._database.write_transaction(until=monotonic() + _RELEASE_WAIT_SECONDS) as connection:
            connection.execute(update(leases).where(own_lease).values(expires_at=_now(connection)))

    def _is_valid(self, row: Row[Any], now: datetime) -> bool:
        """Return whether the lease has not expired; one that lasts too long is from before the clock was set back."""
        return bool(now < row.expires_at <= now + timedelta(seconds=max(self._seconds, LEASE_SECONDS)))

    def _needs_renewal(self, row: Row[Any], now: datetime) -> bool:
        return bool(row.holder == self.holder and row.expires_at - now < timedelta(seconds=self._seconds / 2))


def record_contact(database: Database) -> None:
    """Record that the gateway was reached, by the leader or by ``roster instance sync``."""
    with database.write_transaction() as connection:
        now = _now(connection)
        if _read(connection):
            connection.execute(update(leases).where(leases.c.name == SYNC_LEASE).values(checked_at=now))
        else:
            connection.execute(insert(leases).values(name=SYNC_LEASE, holder="", expires_at=now, checked_at=now))


def claim_interval(connection: Connection, name: str, seconds: float) -> bool:
    """Claim a name, unless a process claimed it within some seconds before; return whether it was claimed."""
    interval = timedelta(seconds=seconds)
    row, now = _read(connection, name), _now(connection)
    if row and now < row.expires_at <= now + interval:  # a later one is from before the clock was set back
        return False
    if row:
        connection.execute(update(leases).where(leases.c.name == name).values(expires_at=now + interval))
    else:
        connection.execute(insert(leases).values(name=name, holder="", expires_at=now + interval))
    return True


def _read(connection: Connection, name: str = SYNC_LEASE) -> Row[Any] | None:
    return connection.execute(select(leases).where(leases.c.name == name)).one_or_none()


def _now(connection: Connection) -> datetime:
    if connection.dialect.name == "sqlite":
        return datetime.now(UTC)
    now: datetime = connection.execute(select(func.clock_timestamp(type_=UTCDateTime))).scalar_one()
    return now
