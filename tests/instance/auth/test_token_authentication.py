"""Authentication by bearer tokens and session cookies, and the CSRF check."""

import hmac
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

import pytest
from starlette.datastructures import Headers
from starlette.requests import Request

from roster.instance.auth import sessions
from roster.instance.auth.csrf import fails_csrf_check, is_same_origin, mask_csrf_token
from roster.instance.auth.token_authentication import (
    Access,
    AuthenticatedCaller,
    Authentication,
    ConfiguredTokens,
    hash_token,
)
from roster.instance.database.connections import Database
from tests.conftest import Run
from tests.instance.database.statements import count_statements

READ, WRITE = "a-token-that-reads", "a-token-that-writes"


class Hashes(NamedTuple):
    read_token_hashes: tuple[str, ...] = (hash_token("another"), hash_token(READ))
    write_token_hashes: tuple[str, ...] = (hash_token(WRITE),)


def request(**headers: str) -> Request:
    raw = [(name.lower().encode(), value.encode("latin-1")) for name, value in headers.items()]
    return Request({"type": "http", "headers": raw})


def open_session_for(database: Database, token: str = WRITE, opened: datetime | None = None) -> sessions.NewSession:
    with database.write_transaction() as connection:
        return sessions.open_session(connection, hash_token(token), opened or datetime.now(UTC))


def configured_access(token: str, hashes: Hashes | None = None) -> Access | None:
    return ConfiguredTokens(*hashes or Hashes()).access(hash_token(token))


def test_token_matches_its_hash():
    assert list(map(configured_access, (READ, "another", WRITE))) == [Access.READ, Access.READ, Access.WRITE]


@pytest.mark.parametrize("token", ["", "?", READ[:-1], READ + " ", READ.upper(), hash_token(READ), "\udcff", "é"])
def test_other_text_is_not_a_valid_token(token: str):
    assert configured_access(token) is None


def test_token_with_both_accesses_may_write():
    assert configured_access(WRITE, Hashes((hash_token(WRITE),), (hash_token(WRITE),))) is Access.WRITE


def test_no_token_is_valid_without_hashes():
    assert configured_access("", Hashes((), ())) is None


@pytest.mark.parametrize("token", [READ, WRITE, "unknown", "another"])
def test_every_hash_is_compared(token: str, monkeypatch: pytest.MonkeyPatch):
    compared: list[Any] = []

    def compare(*both: Any) -> bool:
        compared.append(both)
        return real(*both)

    real = hmac.compare_digest
    monkeypatch.setattr(hmac, "compare_digest", compare)
    configured_access(token)
    assert len(compared) == 3


@pytest.mark.parametrize(
    ("header", "access", "count"),
    [
        (f"Bearer {WRITE}", Access.WRITE, 1),
        (f"bearer  {READ} ", Access.READ, 1),
        ("Bearer unknown", None, 1),
        ("Bearer", None, 0),
        (f"Basic {WRITE}", None, 0),
        (WRITE, None, 0),
        ("", None, 0),
        ("Bearer \xff", None, 1),
    ],
)
def test_bearer_token_takes_one_statement(database: Database, header: str, access: Access | None, count: int):
    with database.read_transaction() as connection, count_statements(database) as statements:
        caller = Authentication(*Hashes()).authenticate(request(Authorization=header), connection)
    assert (caller and caller.access) == access
    assert len(statements) == count


def test_actor_is_prefix_of_token_hash(database: Database):
    with database.read_transaction() as connection:
        caller = Authentication(*Hashes()).authenticate(request(Authorization=f"Bearer {WRITE}"), connection)
    assert caller == AuthenticatedCaller(Access.WRITE, f"token:{hash_token(WRITE)[:8]}", None)


def test_session_has_access_of_its_token(database: Database):
    session = open_session_for(database)
    with database.read_transaction() as connection, count_statements(database) as statements:
        caller = Authentication(*Hashes()).authenticate(
            request(Cookie=f"{sessions.SESSION_COOKIE}={session.cookie}"), connection
        )
    assert caller == AuthenticatedCaller(Access.WRITE, f"token:{hash_token(WRITE)[:8]}", session.csrf_token)
    assert len(statements) == 1


def test_session_is_invalid_after_expiry_or_token_removal(database: Database):
    over = open_session_for(database, opened=datetime.now(UTC) - timedelta(hours=8))
    open_ = open_session_for(database)
    with database.read_transaction() as connection:
        requests = [request(Cookie=f"{sessions.SESSION_COOKIE}={each.cookie}") for each in (over, open_)]
        assert Authentication(*Hashes()).authenticate(requests[0], connection) is None
        assert Authentication(*Hashes()).authenticate(requests[1], connection)
        assert Authentication(*Hashes(write_token_hashes=())).authenticate(requests[1], connection) is None


def test_session_does_not_override_invalid_token(database: Database):
    session = open_session_for(database)
    both = request(Authorization="Bearer unknown", Cookie=f"{sessions.SESSION_COOKIE}={session.cookie}")
    with database.read_transaction() as connection:
        assert Authentication(*Hashes()).authenticate(both, connection) is None


@pytest.mark.parametrize("cookie", ["", "roster_session", "roster_session=", "roster_session=x; roster_session=\xff"])
def test_unknown_cookie_does_not_authenticate(database: Database, cookie: str):
    with database.read_transaction() as connection:
        assert Authentication(*Hashes()).authenticate(request(Cookie=cookie), connection) is None


OURS = {"host": "roster.example.com"}


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({}, True),
        ({"sec-fetch-site": "same-origin"}, True),
        ({"sec-fetch-site": "same-origin", "origin": "https://before.the.proxy"}, True),
        ({"sec-fetch-site": "same-site"}, False),
        ({"sec-fetch-site": "cross-site", "origin": "https://roster.example.com"}, False),
        ({"sec-fetch-site": "none"}, False),
        ({"origin": "https://roster.example.com"}, True),
        ({"origin": "https://roster.example.com:8443"}, False),
        ({"origin": "https://evil.example.com"}, False),
        ({"origin": "null"}, False),
        ({"origin": "http://["}, False),
    ],
)
def test_same_origin_check(headers: dict[str, str], expected: bool):
    assert is_same_origin(Headers(OURS | headers)) is expected


def test_masked_csrf_token_is_accepted_and_differs_each_time():
    token = "Jx4vV3Jf8m9y_-Zk0Wq5u7tR1bN6cX2dE3gH4jK5lM8"
    masked = {mask_csrf_token(token) for _ in range(20)}
    assert len(masked) == 20
    for each in masked:
        assert not fails_csrf_check(Headers(OURS), token, each)
        assert fails_csrf_check(Headers(OURS), token[::-1], each)
        for wrong in (each[:-4], each + "A", each * 2, ""):
            assert fails_csrf_check(Headers(OURS), token, wrong)
        assert fails_csrf_check(Headers(OURS), token, "A" * len(each))


def test_csrf_check_requires_token_and_same_origin():
    right = Headers(OURS | {"x-csrf-token": "right", "origin": "https://roster.example.com"})
    assert not fails_csrf_check(right, "right")
    assert fails_csrf_check(right, "wrong")
    assert fails_csrf_check(Headers(OURS), "right")
    assert fails_csrf_check(Headers(OURS | {"x-csrf-token": "right", "origin": "https://evil.example.com"}), "right")
    assert fails_csrf_check(Headers(OURS | {"x-csrf-token": "\xff"}), "right")


def test_printed_hash_matches_printed_token(roster: Run):
    printed = [roster("instance", "token").stdout.split() for _ in range(2)]
    (_, token, _, hash_), (_, another, _, _) = printed
    assert configured_access(token, Hashes((hash_,), ())) is Access.READ
    assert token != another
    assert len(token) == 43
