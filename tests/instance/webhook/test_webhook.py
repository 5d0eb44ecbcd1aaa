"""The webhook: each new entry is sent once, signed, with retries over restarts, by the leader only."""

import json
import logging
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from roster.instance.database.connections import Database
from roster.instance.database.tables import webhook_deliveries
from roster.instance.instance_settings import WebhookSettings
from roster.instance.selection.state import StateReader
from roster.instance.sync.lease import Lease
from roster.instance.webhook.webhook import Webhook
from roster.settings.secret import Secret
from tests.instance.selection.offered_lists import list_serving, store_list, store_selection
from tests.instance.sync.sync_helpers import DatabaseCalls, set_flag
from tests.instance.webhook.receiver import SECRET, Receiver, receiving

NOW = datetime(2026, 11, 22, 12, 0, 5, tzinfo=UTC)
GONE = {("claude", ""): "gemini"}


class Clock:
    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now

    def pass_by(self, **duration: float) -> None:
        self.now += timedelta(**duration)


@pytest.fixture
def filled(database: Database) -> Database:
    """A database with one entry, for ``chat``."""
    set_flag(database, on=True)
    with database.write_transaction() as connection:
        store_list(connection, list_serving({"chat": ["gemini"], "code": ["gemini"]}, retired=GONE, gone=("claude",)))
        store_selection(connection, "chat", "claude")
    return database


def webhook_of(database: Database, receiver: Receiver, clock: Clock, **options: Any) -> Webhook:
    settings = WebhookSettings(Secret(receiver.url), Secret(SECRET))
    usual: dict[str, Any] = {"is_leader": lambda _: True, "instance": "test", "now": clock}
    return Webhook(database, StateReader(), settings, **usual | options)


def stored(database: Database) -> list[tuple[int, bool, bool]]:
    """Return the attempts of each delivery, whether another one is scheduled, and whether it was delivered."""
    with database.read_transaction() as connection:
        rows = connection.execute(select(webhook_deliveries))
        return [(row.attempts, row.next_attempt_at is not None, row.delivered_at is not None) for row in rows]


def test_new_entry_is_sent_once(filled: Database):
    with receiving() as receiver:
        webhook, clock = webhook_of(filled, receiver, Clock()), Clock()
        webhook.run()
        calls = DatabaseCalls(filled)
        for _ in range(3):
            webhook.run()
        webhook_of(filled, receiver, clock).run()
    assert calls.writes == []
    (message,) = receiver.messages
    assert message.path == "/hooks/roster"
    assert message.is_signed()
    assert message.headers["webhook-timestamp"] == str(int(NOW.timestamp()))
    assert message.headers["content-type"] == "application/json"
    data = message.content["data"]
    assert message.id == f"msg_{data['key']}"
    assert (message.content["type"], message.content["timestamp"]) == (
        "model_selection.attention", "2026-11-22T12:00:05Z",
    )  # fmt: skip
    assert (data["instance"], data["kind"], data["feature"]) == ("test", "default_unavailable", "chat")
    assert data["text"].startswith("GitLab: claude was retired on 1 December 2026; its replacement, ")
    assert data["actions"][0] == "Make GitLab: gemini the default"
    assert webhook.outcomes == {"delivered": 1}


def test_entry_that_comes_back_is_sent_again(filled: Database):
    def store(**retired: str) -> None:
        with filled.write_transaction() as connection:
            serving = ["gemini"] if retired else ["gemini", "claude"]
            tombstones = {(id_, ""): replacement for id_, replacement in retired.items()}
            gone = tuple(retired)
            version = len(receiver.messages) + 10 + len(serving)
            store_list(connection, list_serving({"chat": serving}, retired=tombstones, gone=gone), version)

    with receiving() as receiver:
        webhook = webhook_of(filled, receiver, Clock())
        webhook.run()
        store()
        webhook.run()
        store(claude="gemini")
        webhook.run()
    assert len(receiver.messages) == 2


@pytest.mark.parametrize("status", [500, 301, 404, 429], ids=str)
def test_failed_attempt_is_repeated_with_the_same_id(filled: Database, status: int):
    clock = Clock()
    with receiving(status, 200) as receiver:
        webhook_of(filled, receiver, clock).run()
        assert stored(filled) == [(1, True, False)]
        clock.pass_by(seconds=29)
        webhook_of(filled, receiver, clock).run()
        assert len(receiver.messages) == 1, "before its time, also after a restart"
        clock.pass_by(seconds=2)
        webhook_of(filled, receiver, clock).run()
    first, second = receiver.messages
    assert (first.id, first.body) == (second.id, second.body)
    assert first.headers["webhook-timestamp"] != second.headers["webhook-timestamp"]
    assert second.is_signed()
    assert [message.path for message in receiver.messages] == ["/hooks/roster"] * 2, "redirects are not followed"
    assert stored(filled) == [(2, False, True)]


def test_delivery_is_given_up_after_a_day(filled: Database, caplog: pytest.LogCaptureFixture):
    clock = Clock()
    with receiving(503) as receiver:
        webhook = webhook_of(filled, receiver, clock)
        for _ in range(30):
            webhook.run()
            clock.pass_by(hours=1)
    assert stored(filled) == [(len(receiver.messages), False, False)]
    assert 8 <= len(receiver.messages) <= 12
    (record,) = [each for each in caplog.records if "given up" in each.getMessage()]
    assert record.levelno == logging.WARNING
    assert record.getMessage().endswith("attempts: the receiver answered 503 (expected 2xx)")
    assert webhook.outcomes == {"failed": len(receiver.messages) - 1, "given_up": 1}
    for secret in (SECRET, receiver.url, "/hooks/roster"):
        assert secret not in caplog.text


def test_receiver_that_is_gone_gets_no_more_attempts(filled: Database):
    with receiving(410) as receiver:
        webhook_of(filled, receiver, Clock()).run()
    assert stored(filled) == [(1, False, False)]


def test_receiver_without_answer_delays_the_other_entries(filled: Database):
    with filled.write_transaction() as connection:
        store_selection(connection, "code", "claude")
    with receiving(None, 200) as receiver:
        webhook_of(filled, receiver, Clock(), deadline_seconds=0.1).run()
        assert len(receiver.messages) == 1
        assert sorted(stored(filled)) == [(0, True, False), (1, True, False)]
        webhook = webhook_of(filled, receiver, Clock())
        webhook.run()
        assert len(receiver.messages) == 2
        assert receiver.messages[0].id != receiver.messages[1].id
    webhook.run()  # nothing listens anymore
    assert sorted(stored(filled)) == [(1, False, True), (1, True, False)]


def test_only_the_leader_sends_while_the_flag_is_on(filled: Database):
    leader, other = Lease(filled), Lease(filled)
    assert leader.acquire()
    with receiving() as receiver:
        webhook_of(filled, receiver, Clock(), is_leader=other.is_held).run()
        set_flag(filled, on=False)
        webhook_of(filled, receiver, Clock(), is_leader=leader.is_held).run()
        assert receiver.messages == []
        set_flag(filled, on=True)
        webhook_of(filled, receiver, Clock(), is_leader=leader.is_held).run()
        assert len(receiver.messages) == 1


def test_unavailable_database_is_logged_once(filled: Database, caplog: pytest.LogCaptureFixture):
    def fail(_: Any) -> bool:
        raise filled._busy()

    with receiving() as receiver:
        webhook = webhook_of(filled, receiver, Clock(), is_leader=fail)
        webhook.run()
        webhook.run()
    assert sum("cannot send to the webhook" in each.getMessage() for each in caplog.records) == 1


def test_hostile_names_make_valid_messages(filled: Database):
    hostile = '"\ud800\n\u202e</script>' + "x" * 2000
    with filled.write_transaction() as connection:
        offered = list_serving({"chat": ["gemini"]}, gone=("claude",))
        models = {
            **offered.models,
            "claude": offered.models["gemini"]._replace(id="claude", name=hostile[2:], offered=False),
        }
        store_list(connection, offered._replace(models=models), version=2)
    with receiving() as receiver:
        webhook_of(filled, receiver, Clock()).run()
    (message,) = receiver.messages
    assert hostile[2:] in json.loads(message.body)["data"]["text"]
