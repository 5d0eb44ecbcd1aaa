"""A session is open for eight hours, and the database holds nothing that opens it."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import select

from roster.instance.auth import sessions
from roster.instance.database.connections import Database
from roster.instance.database.tables import sessions as table

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
HASH = "a" * 64


def test_a_session_is_found_by_its_cookie_until_it_is_over(database: Database):
    with database.write_transaction() as connection:
        session = sessions.open_session(connection, HASH, NOW)
    assert session.expires_at == NOW + timedelta(hours=8)
    with database.read_transaction() as connection:
        found = sessions.Session(HASH, session.csrf_token)
        assert sessions.find_session(connection, session.cookie, NOW) == found
        assert sessions.find_session(connection, session.cookie, session.expires_at - timedelta(seconds=1)) == found
        assert sessions.find_session(connection, session.cookie, session.expires_at) is None
        assert sessions.find_session(connection, "another", NOW) is None


def test_nothing_that_is_stored_is_a_cookie(database: Database):
    with database.write_transaction() as connection:
        session = sessions.open_session(connection, HASH, NOW)
    with database.read_transaction() as connection:
        (row,) = connection.execute(select(table))
        assert session.cookie not in map(str, row)
        assert sessions.find_session(connection, row.digest, NOW) is None


def test_a_closed_session_is_gone_and_others_stay(database: Database):
    with database.write_transaction() as connection:
        one, other = (sessions.open_session(connection, HASH, NOW) for _ in range(2))
        sessions.close_session(connection, one.cookie)
        sessions.close_session(connection, "never opened")
        assert sessions.find_session(connection, one.cookie, NOW) is None
        assert sessions.find_session(connection, other.cookie, NOW) is not None


def test_opening_a_session_forgets_those_that_are_over(database: Database):
    with database.write_transaction() as connection:
        sessions.open_session(connection, HASH, NOW)
        later = sessions.open_session(connection, HASH, NOW + timedelta(hours=1))
        sessions.open_session(connection, HASH, NOW + timedelta(hours=8))
        assert connection.scalars(select(table.c.expires_at).order_by(table.c.expires_at)).all() == [
            later.expires_at,
            NOW + timedelta(hours=16),
        ]


def test_every_session_has_its_own_secrets(database: Database):
    with database.write_transaction() as connection:
        opened = [sessions.open_session(connection, HASH, NOW) for _ in range(5)]
    secrets = {value for session in opened for value in session[:2]}
    assert len(secrets) == 10
    assert min(map(len, secrets)) >= 43  # 256 bits
