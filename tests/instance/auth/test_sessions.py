"""Sessions: found by their cookie until they expire; the database holds no cookie."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import select

from roster.instance.auth import sessions
from roster.instance.database.connections import Database
from roster.instance.database.tables import sessions as table

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
HASH = "a" * 64


def test_session_is_found_until_it_expires(database: Database):
    with database.write_transaction() as connection:
        session = sessions.open_session(connection, HASH, NOW)
    assert session.expires_at == NOW + timedelta(hours=8)
    with database.read_transaction() as connection:
        expected = sessions.Session(HASH, session.csrf_token)
        assert sessions.find_session(connection, session.cookie, NOW) == expected
        assert sessions.find_session(connection, session.cookie, session.expires_at - timedelta(seconds=1)) == expected
        assert sessions.find_session(connection, session.cookie, session.expires_at) is None
        assert sessions.find_session(connection, "another", NOW) is None


def test_stored_values_do_not_open_a_session(database: Database):
    with database.write_transaction() as connection:
        session = sessions.open_session(connection, HASH, NOW)
    with database.read_transaction() as connection:
        (row,) = connection.execute(select(table))
        assert session.cookie not in map(str, row)
        assert sessions.find_session(connection, row.digest, NOW) is None


def test_closing_a_session_keeps_others(database: Database):
    with database.write_transaction() as connection:
        one, other = (sessions.open_session(connection, HASH, NOW) for _ in range(2))
        sessions.close_session(connection, one.cookie)
        sessions.close_session(connection, "never opened")
        assert sessions.find_session(connection, one.cookie, NOW) is None
        assert sessions.find_session(connection, other.cookie, NOW) is not None


def test_opening_a_session_deletes_expired_sessions(database: Database):
    with database.write_transaction() as connection:
        sessions.open_session(connection, HASH, NOW)
        later = sessions.open_session(connection, HASH, NOW + timedelta(hours=1))
        sessions.open_session(connection, HASH, NOW + timedelta(hours=8))
        assert connection.scalars(select(table.c.expires_at).order_by(table.c.expires_at)).all() == [
            later.expires_at,
            NOW + timedelta(hours=16),
        ]


def test_sessions_have_distinct_secrets(database: Database):
    with database.write_transaction() as connection:
        opened = [sessions.open_session(connection, HASH, NOW) for _ in range(5)]
    secrets = {value for session in opened for value in (session.cookie, session.csrf_token)}
    assert len(secrets) == 10
    assert min(map(len, secrets)) >= 43  # 256 bits
