"""The leader syncs in the background, and another process takes over from it."""

import signal
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack
from datetime import UTC, datetime, timedelta
from threading import Event

import pytest
from sqlalchemy import Connection, update

from roster.download.polling import Poller
from roster.instance.database.connections import Database
from roster.instance.database.tables import leases, lists
from roster.instance.instance_settings import InstanceSettings
from roster.instance.sync.lease import Lease, record_contact
from roster.instance.sync.schedule import SyncSchedule
from roster.instance.sync.sync import Sync
from roster.settings.secret import Secret
from tests.download.scripted_server import ScriptedServer, Step, answer, ok
from tests.gateway.gateway_helpers import until
from tests.instance.sync.sync_helpers import (
    OLD,
    DatabaseCalls,
    dump_database,
    lead_until_killed,
    open_database,
    read_status,
    set_flag,
    settings_for,
)
from tests.instance.sync.test_sync_interrupted import FORKED
from tests.new_threads import NewThreads

LEASE = 1.5
LEASE_CHECK = 0.1


@pytest.fixture
def database(migrated_url: str) -> Iterator[Database]:
    with open_database(migrated_url) as database:
        set_flag(database, on=True)
        yield database


@pytest.fixture
def gateway() -> Iterator[ScriptedServer]:
    with ScriptedServer(ok(OLD, 'ETag: "old"')) as server:
        yield server


def running_schedule(database: Database, settings: InstanceSettings) -> SyncSchedule:
    return SyncSchedule(database, settings, LEASE, LEASE_CHECK)


def expire_lease(database: Database) -> None:
    """Expire a lease, as after a suspended machine resumes."""
    with database.write_transaction() as connection:
        connection.execute(update(leases).values(expires_at=datetime.now(UTC) - timedelta(days=1)))


class TestLease:
    def test_only_one_process_holds_the_lease(self, database: Database):
        one, other = Lease(database), Lease(database)
        assert one.acquire()
        assert one.acquire()
        calls = DatabaseCalls(database)
        assert not other.acquire()
        assert calls.writes == [], "a process that is not the leader only reads"

    def test_lease_is_renewed_after_half_its_time(self, database: Database):
        lease = Lease(database, 0.4)
        assert lease.acquire()
        calls = DatabaseCalls(database)
        assert lease.acquire()
        assert calls.writes == []
        time.sleep(0.25)
        assert lease.acquire()
        assert len(calls.writes) == 1

    def test_expired_lease_is_acquired(self, database: Database):
        one, other = Lease(database, 0.2), Lease(database)
        assert one.acquire()
        assert not other.acquire()
        time.sleep(0.3)
        assert other.acquire()
        assert not one.acquire()

    def test_released_lease_is_acquired_at_once(self, database: Database):
        one, other = Lease(database), Lease(database)
        assert one.acquire()
        record_contact(database)
        one.release()
        assert other.acquire()
        assert read_status(database).checked_at, "the time of the last contact is kept"
        one.release()
        with database.read_transaction() as connection:
            assert other.is_held(connection), "the lease of another process is not released"

    def test_lease_acquired_by_another_process_in_between_is_not_taken_over(
        self, database: Database, migrated_url: str, monkeypatch: pytest.MonkeyPatch
    ):
        lease, write_transaction = Lease(database), database.write_transaction
        with open_database(migrated_url) as another:
            other = Lease(another)

            def after_the_other() -> AbstractContextManager[Connection]:
                assert other.acquire()
                return write_transaction()

            monkeypatch.setattr(database, "write_transaction", after_the_other)
            assert not lease.acquire()
            with database.read_transaction() as connection:
                assert not lease.is_held(connection)
                assert other.is_held(connection)

    def test_lease_from_before_the_clock_was_set_back_is_acquired(self, database: Database):
        one, other = Lease(database), Lease(database)
        assert one.acquire()
        with database.write_transaction() as connection:
            connection.execute(update(leases).values(expires_at=datetime.now(UTC) + timedelta(days=1)))
        assert other.acquire()
        assert not one.acquire()

    def test_expired_lease_is_not_held(self, database: Database):
        lease = Lease(database)
        assert lease.acquire()
        expire_lease(database)
        with database.read_transaction() as connection:
            assert not lease.is_held(connection)

    def test_lease_can_expire_within_a_transaction(self, database: Database):
        lease = Lease(database, 0.3)
        assert lease.acquire()
        with database.write_transaction() as connection:
            assert lease.is_held(connection)
            time.sleep(0.4)
            assert not lease.is_held(connection), "the start of a transaction may be long ago"

    @pytest.mark.parametrize("databases", ["postgresql"], indirect=True)  # SQLite uses the local clock
    def test_host_clock_is_ignored(self, database: Database, monkeypatch: pytest.MonkeyPatch):
        one, other = Lease(database), Lease(database)
        assert one.acquire()

        class Tomorrow(datetime):
            @classmethod
            def now(cls, tz: object = None) -> "Tomorrow":
                return cls(2100, 1, 1, tzinfo=UTC)

        monkeypatch.setattr("roster.instance.sync.lease.datetime", Tomorrow)
        assert not other.acquire()


class TestSchedule:
    def test_first_list_is_synced_at_once(self, database: Database, gateway: ScriptedServer):
        with running_schedule(database, settings_for(gateway.origin, sync_seconds=3600.0)) as schedule:
            until(lambda: read_status(database).checked_at)
            assert schedule.is_leader
        status = read_status(database)
        assert status.list
        assert status.list.version == 1
        assert schedule.outcomes == {"replaced": 1}

    def test_failed_first_sync_is_not_retried_at_every_lease_check(self, database: Database):
        with (
            ScriptedServer(answer("401 Unauthorized")) as server,
            running_schedule(database, settings_for(server.origin, sync_seconds=3600.0)),
        ):
            until(lambda: read_status(database).last_run)
            time.sleep(5 * LEASE_CHECK)
        assert len(server.requests) == 1

    def test_recent_list_is_not_synced_at_once(self, database: Database, gateway: ScriptedServer):
        settings = settings_for(gateway.origin, sync_seconds=3600.0, id="an instance")
        Sync(database, settings).run()
        with running_schedule(database, settings) as schedule:
            until(lambda: schedule.is_leader)
            time.sleep(5 * LEASE_CHECK)
            assert len(gateway.requests) == 1
            schedule.sync_now()
            until(lambda: len(gateway.requests) == 2)
            until(lambda: read_status(database).checked_at)

    def test_overdue_sync_runs_at_once(self, database: Database, gateway: ScriptedServer):
        settings = settings_for(gateway.origin, sync_seconds=3600.0)
        Sync(database, settings).run()
        with database.write_transaction() as connection:
            connection.execute(update(lists).values(replaced_at=datetime.now(UTC) - timedelta(hours=2)))
        with running_schedule(database, settings):
            until(lambda: len(gateway.requests) == 2)

    def test_sync_repeats(self, database: Database, gateway: ScriptedServer):
        with running_schedule(database, settings_for(gateway.origin, sync_seconds=0.1)):
            until(lambda: len(gateway.requests) > 3)
        assert gateway.requests[-1].headers["if-none-match"] == '"old"'

    def test_offset_is_derived_from_id(self):
        def offset(id_: str) -> float:
            return Poller(lambda: None, 1000.0, id_).next_delay(first=True)

        offsets = [offset(f"instance {number}") for number in range(200)]
        assert offset("instance 7") == offsets[7]
        assert 0 <= min(offsets) < 50
        assert 950 < max(offsets) <= 1000

    def test_sync_starts_when_flag_is_turned_on(self, database: Database, gateway: ScriptedServer):
        set_flag(database, on=False)
        with running_schedule(database, settings_for(gateway.origin, sync_seconds=3600.0)) as schedule:
            until(lambda: schedule.is_leader)
            time.sleep(3 * LEASE_CHECK)
            assert gateway.requests == []
            set_flag(database, on=True)
            until(lambda: read_status(database).list)

    def test_webhook_needs_a_leader_also_without_gateway(self, database: Database):
        webhook = {"webhook_url": Secret("https://hooks.test"), "webhook_secret": Secret("x" * 24)}
        settings = settings_for("https://gateway.test", **webhook)._replace(gateway=None)
        led = Event()
        schedule = running_schedule(database, settings)
        schedule.after_sync = led.set
        with schedule:
            assert led.wait(30)
            assert schedule.is_leader
            schedule.sync_now()
        assert schedule.outcomes == {}

    def test_no_sync_without_gateway(self, database: Database, gateway: ScriptedServer):
        before = dump_database(database)
        with running_schedule(database, settings_for(gateway.origin)._replace(gateway=None)) as schedule:
            schedule.sync_now()
            time.sleep(3 * LEASE_CHECK)
            assert not schedule.is_leader
        assert dump_database(database) == before

    def test_shutdown_does_not_wait_for_a_download(self, database: Database):
        threads, ended = NewThreads("roster-reload"), Event()

        def late() -> Iterator[Step]:
            ended.wait(30)
            yield from answer("401 Unauthorized")

        with ScriptedServer(late) as server:
            with running_schedule(database, settings_for(server.origin, sync_seconds=3600.0, deadline_seconds=30.0)):
                until(lambda: server.requests)
                ending = time.monotonic()
            assert time.monotonic() - ending < 5
            ended.set()
            assert threads.end_soon()
        assert read_status(database).list is None

    def test_database_failure_is_logged_once(
        self, database: Database, gateway: ScriptedServer, caplog: pytest.LogCaptureFixture
    ):
        with running_schedule(database, settings_for(gateway.origin, sync_seconds=3600.0)):
            until(lambda: read_status(database).list)
            with database.write_transaction() as connection:
                connection.exec_driver_sql("ALTER TABLE instance_ai_leases RENAME TO others")
            until(lambda: "cannot sync" in caplog.text)
            time.sleep(3 * LEASE_CHECK)
            with database.write_transaction() as connection:
                connection.exec_driver_sql("ALTER TABLE others RENAME TO instance_ai_leases")
            until(lambda: read_status(database).list)
        assert caplog.text.count("cannot sync") == 1
        assert "Traceback" not in caplog.text


class TestSeveralProcesses:
    def test_next_process_leads_after_shutdown(self, migrated_url: str, database: Database, gateway: ScriptedServer):
        settings = settings_for(gateway.origin, sync_seconds=3600.0)
        with open_database(migrated_url) as another, ExitStack() as ending:
            one = ending.enter_context(SyncSchedule(database, settings, 3600.0, LEASE_CHECK))
            until(lambda: one.is_leader)
            with SyncSchedule(another, settings, 3600.0, LEASE_CHECK) as other:
                time.sleep(5 * LEASE_CHECK)
                assert not other.is_leader
                ending.close()
                until(lambda: other.is_leader)
            assert not other.is_leader

    @pytest.mark.slow
    def test_next_process_leads_after_killed_leaders_lease_expires(
        self, migrated_url: str, database: Database, gateway: ScriptedServer
    ):
        process = FORKED.Process(target=lead_until_killed, args=(migrated_url, gateway.origin, LEASE, LEASE_CHECK))
        process.start()
        until(lambda: read_status(database).checked_at)
        settings = settings_for(gateway.origin, sync_seconds=3600.0)
        with running_schedule(database, settings) as schedule:
            time.sleep(LEASE)
            assert not schedule.is_leader, "the lease must not expire"
            assert process.pid
            process.kill()
            process.join(10)
            assert process.exitcode == -signal.SIGKILL
            killed = time.monotonic()
            until(lambda: schedule.is_leader)
            assert time.monotonic() - killed > LEASE / 2 - 2 * LEASE_CHECK

    def test_suspended_leader_writes_nothing(self, database: Database, gateway: ScriptedServer):
        lease, settings = Lease(database), settings_for(gateway.origin)
        assert lease.acquire()

        def play() -> list[Step]:
            expire_lease(database)
            return ok(OLD)

        gateway.plays = [play]
        assert Sync(database, settings, lease.is_held).run().outcome == "superseded"
        assert read_status(database).list is None
