"""When tokens were last used, written in the background: no request waits for it or fails because of it."""

import logging
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from math import inf
from threading import Lock
from time import monotonic

from sqlalchemy import or_, update

from roster.instance.auth.tokens import Token
from roster.instance.database.connections import Database
from roster.instance.database.errors import DatabaseUnavailable
from roster.instance.database.tables import tokens

PRECISION = timedelta(minutes=5)
"""A use so soon after the recorded one is not recorded."""
_RETRY_SECONDS = 60.0
"""How long after an attempt, which fails while the database is busy or read-only, this process tries again."""

log = logging.getLogger("roster.instance")


class LastUse:
    """Records the last use of tokens, in a thread of its own."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._thread = ThreadPoolExecutor(1, "last-use")  # starts the thread on first use
        self._attempts: dict[int, float] = {}
        self._lock = Lock()

    def note(self, token: Token) -> None:
        """Record that a token is used now, unless it was recorded a short time ago."""
        now = datetime.now(UTC)
        if token.last_used_at and token.last_used_at > now - PRECISION:
            return
        with self._lock:
            if monotonic() < self._attempts.get(token.id, -inf) + _RETRY_SECONDS:
                return
            self._attempts[token.id] = monotonic()
        with suppress(RuntimeError):  # the process ends
            self._thread.submit(self._record, token.id, now)

    def close(self) -> None:
        """Wait for what is being recorded."""
        self._thread.shutdown()

    def _record(self, token_id: int, now: datetime) -> None:
        is_due = or_(tokens.c.last_used_at.is_(None), tokens.c.last_used_at <= now - PRECISION)
        try:
            # Without waiting, and without recording an outage.
            with self._database.exclusive_transaction(until=monotonic()) as connection:
                connection.execute(update(tokens).where(tokens.c.id == token_id, is_due).values(last_used_at=now))
        except DatabaseUnavailable:
            pass  # a later request tries again
        except Exception:
            log.exception("the last use of a token was not recorded")
