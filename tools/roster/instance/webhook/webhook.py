"""The webhook: sends each new entry of what needs attention once, from the leader, in a thread of its own.

Each attempt is claimed in the database before it is made, under the leader's lease. If the process ends meanwhile, the
next attempt is made later, by any process, with the same message id.
"""

import logging
import socket
from collections import Counter
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from time import monotonic

from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from roster.download.polling import Poller
from roster.findings import ConfigurationError
from roster.instance.database.connections import Database
from roster.instance.instance_settings import WebhookSettings
from roster.instance.selection.attention import Attention
from roster.instance.selection.attention_storage import load_attention
from roster.instance.selection.state import StateReader
from roster.instance.webhook.deliveries import (
    Delivery,
    add_deliveries,
    claim_delivery,
    end_delivery,
    has_due_delivery,
    has_new_keys,
)
from roster.instance.webhook.message import message_body, message_id
from roster.instance.webhook.sending import DEADLINE_SECONDS, send
from roster.instance.webhook.signature import signature_headers

POLL_SECONDS = 30.0
"""How often the leader looks for new entries and due attempts, in addition to after each sync."""
_WRITE_WAIT_SECONDS = 30

log = logging.getLogger("roster.instance")


class Webhook:
    """Sends entries while the context is active and this process is the leader.

    Args:
        is_leader: whether this process holds the lease, within the caller's transaction.
        instance: the instance's name in messages; None for the host name.

    Attributes:
        outcomes: the number of attempts of this process by outcome: ``delivered``, ``failed`` or ``given_up``.
    """

    def __init__(
        self,
        database: Database,
        reader: StateReader,
        settings: WebhookSettings,
        is_leader: Callable[[Connection], bool],
        instance: str | None = None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        deadline_seconds: float = DEADLINE_SECONDS,
    ) -> None:
        self._database, self._reader, self._settings = database, reader, settings
        self._is_leader, self._now, self._deadline_seconds = is_leader, now, deadline_seconds
        self._instance = instance or socket.gethostname()
        self.outcomes: Counter[str] = Counter()
        self._last_problem = ""
        self._poller = Poller(self.run, POLL_SECONDS, self._instance)

    def __enter__(self) -> "Webhook":
        self._poller.__enter__()
        return self

    def __exit__(self, *error: object) -> None:
        """Stop without waiting for an attempt in progress, which is repeated after the next start."""
        self._poller.__exit__(None, None, None)

    def poll_now(self) -> None:
        """Look for new entries as soon as possible."""
        self._poller.poll_now()

    def run(self) -> None:
        """Store new entries and make the due attempts, if this process is the leader and the feature flag is on."""
        try:
            self._run()
            self._last_problem = ""
        except (ConfigurationError, SQLAlchemyError) as error:  # logged once until it works again
            problem = str(error) if isinstance(error, ConfigurationError) else type(error).__name__
            if problem != self._last_problem:
                log.warning("cannot send to the webhook: %s", problem)
            self._last_problem = problem

    def _run(self) -> None:
        now = self._now()
        with self._database.read_transaction() as connection:
            if not self._is_leader(connection):
                return
            state = self._reader.state(connection)
            if not state.status.enabled or state.status.list is None:
                return
            attention = load_attention(connection, state, now.date())
            keys = [entry.key for entry in attention.all_entries]
            is_new, is_due = has_new_keys(connection, keys), has_due_delivery(connection, now)
        if is_new:
            self._add(attention, now)
        while (is_new or is_due) and (delivery := self._claim(now)):
            if not self._attempt(delivery):
                return  # the others wait for the next time

    def _add(self, attention: Attention, now: datetime) -> None:
        bodies = {entry.key: message_body(entry, self._instance, now) for entry in attention.all_entries}
        with self._write_transaction() as connection:
            if self._is_leader(connection):
                add_deliveries(connection, bodies, now)

    def _claim(self, now: datetime) -> Delivery | None:
        with self._write_transaction() as connection:
            return claim_delivery(connection, now) if self._is_leader(connection) else None

    def _attempt(self, delivery: Delivery) -> bool:
        """Make an attempt and record it; return whether the receiver answered, so that others are worth a try."""
        body, now = delivery.body.encode(), self._now()
        headers = signature_headers(self._settings.secret, message_id(delivery.key), int(now.timestamp()), body)
        attempt = send(self._settings.url, headers, body, self._settings.proxy, self._deadline_seconds)
        if not attempt.problem:
            self._end(delivery, "delivered", now)
        elif attempt.is_final or delivery.is_last:
            log.warning(
                "webhook message %s is given up after %d attempts: %s",
                message_id(delivery.key),
                delivery.attempts,
                attempt.problem,
            )
            self._end(delivery, "given_up", None)
        else:
            self.outcomes["failed"] += 1
            log.info("webhook message %s was not delivered: %s", message_id(delivery.key), attempt.problem)
        return attempt.was_answered

    def _end(self, delivery: Delivery, outcome: str, delivered_at: datetime | None) -> None:
        self.outcomes[outcome] += 1
        with self._write_transaction() as connection:
            end_delivery(connection, delivery.key, delivered_at)

    def _write_transaction(self) -> AbstractContextManager[Connection]:
        return self._database.write_transaction(until=monotonic() + _WRITE_WAIT_SECONDS)
