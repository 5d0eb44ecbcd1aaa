"""Named tokens: creating, naming and revoking them, and what they and their sessions then grant."""

import os
import re
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select, update

from roster.instance.auth.actor_names import actor_of, command_actor, load_actor_names
from roster.instance.auth.last_use import LastUse
from roster.instance.auth.sessions import SESSION_COOKIE
from roster.instance.auth.token_authentication import Authentication, AuthenticationResult
from roster.instance.auth.token_names import MAX_NAME_LENGTH, TokenError, parse_name
from roster.instance.auth.token_revocation import LastWriteToken, revoke_by_id, revoke_by_name
from roster.instance.auth.tokens import Access, add_token, hash_token, load_tokens
from roster.instance.database.connections import Database
from roster.instance.database.errors import DatabaseUnavailable
from roster.instance.database.tables import tokens
from roster.naming import printable
from tests.instance.auth.test_token_authentication import WRITE, Hashes, open_session_for, request
from tests.instance.database.statements import count_statements
from tests.instance.sync.sync_helpers import open_database

TOKEN = "the-token-of-alice"
DIGEST = hash_token(TOKEN)


def add(database: Database, name: str = "alice", token: str = TOKEN, access: Access = Access.WRITE) -> None:
    with database.write_transaction() as connection:
        add_token(connection, name, hash_token(token), access)


def revoke(database: Database, name: str = "alice") -> None:
    with database.write_transaction() as connection:
        revoke_by_name(connection, name)


def check(database: Database, headers: dict[str, str], by: Authentication | None = None) -> AuthenticationResult:
    with database.read_transaction() as connection:
        return (by or Authentication(*Hashes())).check(request(**headers), connection)


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def names(database: Database) -> list[tuple[str, bool]]:
    with database.read_transaction() as connection:
        return [(token.name, token.is_valid) for token in load_tokens(connection)]


def last_use(database: Database) -> datetime | None:
    with database.read_transaction() as connection:
        used: datetime | None = connection.execute(select(tokens.c.last_used_at)).scalar_one()
        return used


def test_actor_of_a_command_is_the_user_of_the_operating_system(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(os, "getuid", lambda: 0)
    assert command_actor() == "root (command line)"
    monkeypatch.setattr(os, "getuid", lambda: 4_000_000_000)
    assert command_actor() == "user 4000000000 (command line)", "containers often run as a user without a name"


class TestNames:
    @pytest.mark.parametrize("name", ["a", "alice", "CI: release job", "Zoë", "管理者", "x" * MAX_NAME_LENGTH, "🤖"])
    def test_visible_text_is_a_name(self, name: str):
        assert parse_name(name) == name

    @pytest.mark.parametrize(
        ("name", "reason"),
        [
            ("", "is empty: it must have 1 to 100 characters"),
            ("x" * 101, "has 101 characters: a token's name must have 1 to 100"),
            ("x" * 10_000, "has 10,000 characters: a token's name must have 1 to 100"),
            (" alice", "begins or ends with a space: remove the space before it"),
            ("alice ", "begins or ends with a space: remove the space after it"),
            ("a\nb", 'the name "a\\nb" has control or invisible characters'),
            ("a\x00", "has control or invisible characters"),
            ("a\u202eb", "has control or invisible characters"),
            ("a\u200bb", "has control or invisible characters"),
            ("a\u00a0b", "has control or invisible characters"),
            ("\ud800", "has control or invisible characters"),
            ("Token:1a2b3c4d", "begins with token:, which is for tokens without a name"),
            ("\uff34oken\uff1a1a2b3c4d", "begins with token:, which is for tokens without a name"),
            ("root (Command Line)", "ends with (command line), which is for people who run commands"),
            ("root \uff08command line\uff09", "ends with (command line), which is for people who run commands"),
        ],
    )
    def test_other_text_is_rejected_with_its_reason(self, name: str, reason: str):
        with pytest.raises(TokenError, match=re.escape(reason)) as raised:
            parse_name(name)
        assert len(str(raised.value)) < 200
        assert str(raised.value).isprintable()

    def test_accents_are_one_character(self):
        assert parse_name("Zoe\u0308") == "Zoë"

    @given(st.text(max_size=120))
    def test_every_name_is_shown_as_it_is(self, text: str):
        try:
            name = parse_name(text)
        except TokenError as error:
            message = str(error)
        else:
            assert 1 <= len(name) <= MAX_NAME_LENGTH
            assert name == name.strip() == parse_name(name)
            message = name
        assert printable(message) == message
        assert message.encode()


class TestAdding:
    def test_only_the_hash_is_stored(self, database: Database):
        add(database)
        with database.read_transaction() as connection:
            row = connection.execute(select(tokens)).one()
        assert (row.digest, row.access, row.revoked_at, row.last_used_at) == (DIGEST, "write", None, None)
        assert TOKEN not in str(row)

    def test_name_is_unique_among_valid_tokens(self, database: Database):
        add(database)
        for name in ("alice", "Alice", "\uff41lice", "\uff21LICE"):
            with pytest.raises(TokenError, match='there is already a token "alice": choose another name, or revoke'):
                add(database, name, "another")
        revoke(database)
        add(database, "Alice", "another")
        assert names(database) == [("Alice", True), ("alice", False)]

    def test_letters_and_accents_may_be_one_character_or_several(self, database: Database):
        add(database, "\u0390")
        with pytest.raises(TokenError, match="there is already a token"):
            add(database, "\u03aa\u0301", "another")  # in upper case, with an accent of its own

    def test_of_several_processes_one_gets_the_name(self, database: Database, migrated_url: str):
        def add_in_another_process(number: int) -> bool:
            with open_database(migrated_url) as other:
                try:
                    add(other, "alice", f"token {number}")
                except TokenError:
                    return False
                return True

        with ThreadPoolExecutor(4) as threads:
            assert sorted(threads.map(add_in_another_process, range(4))) == [False, False, False, True]
        assert names(database) == [("alice", True)]

    def test_existing_token_can_be_renamed(self, database: Database):
        add(database)
        add(database, "bob")
        assert names(database) == [("bob", True)]
        with pytest.raises(TokenError, match='"bob", has write access: to rename it, leave out --read-only; to change'):
            add(database, "bob", access=Access.READ)

    def test_revoked_token_stays_invalid(self, database: Database):
        add(database)
        revoke(database)
        with pytest.raises(TokenError, match=r'"alice", was revoked on [\d-]{10} and stays invalid: create a new'):
            add(database, "bob")

    def test_hash_that_looks_like_another_in_audit_events_is_rejected(self, database: Database):
        add(database)
        similar = DIGEST[:8] + "0" * 56
        with database.write_transaction() as connection, pytest.raises(TokenError, match="begins like that of another"):
            add_token(connection, "bob", similar, Access.WRITE)


class TestRevoking:
    def test_unknown_name_has_a_suggestion(self, database: Database):
        with pytest.raises(TokenError, match='there is no token "alice": no token has a name'):
            revoke(database)
        add(database)
        for name, hint in (("alcie", 'did you mean "alice"\\?'), ("x\x00" * 5000, 'the names are "alice"')):
            with pytest.raises(TokenError, match=hint) as raised:
                revoke(database, name)
            assert len(str(raised.value)) < 200

    def test_second_revocation_is_rejected(self, database: Database):
        add(database)
        revoke(database)
        with pytest.raises(TokenError, match=r'the token "alice" was already revoked on 20\d\d-\d\d-\d\d'):
            revoke(database)

    def test_of_two_at_once_one_wins(self, database: Database, migrated_url: str):
        add(database)
        with open_database(migrated_url) as other:
            revoke(other)
        with pytest.raises(TokenError, match="already revoked"):
            revoke(database)

    def test_last_write_token_needs_a_confirmation(self, database: Database):
        def revoke(name: str, configured: dict[str, Access], confirmed: bool = False) -> None:
            with database.write_transaction() as connection:
                (id_,) = (each.id for each in load_tokens(connection) if each.is_valid and each.name == name)
                revoke_by_id(connection, id_, "token:1a2b3c4d", configured, confirmed=confirmed)

        add(database)
        add(database, "bob", "bob")
        add(database, "reader", "reader", Access.READ)
        revoke("bob", {})
        for configured in ({}, {DIGEST: Access.WRITE}, {hash_token("bob"): Access.WRITE}, {"0" * 64: Access.READ}):
            with pytest.raises(LastWriteToken, match='"alice" is the last token with write access'):
                revoke("alice", configured)
        revoke("reader", {})
        revoke("alice", {"0" * 64: Access.WRITE})
        add(database, "carol", "carol")
        revoke("carol", {}, confirmed=True)
        with database.read_transaction() as connection:
            assert {each.revoked_by for each in load_tokens(connection)} == {"token:1a2b3c4d"}


class TestAccess:
    def test_stored_token_grants_its_access(self, database: Database):
        add(database)
        add(database, "reader", "another-token", Access.READ)
        for token, access, name in ((TOKEN, Access.WRITE, "alice"), ("another-token", Access.READ, "reader")):
            caller = check(database, bearer(token)).caller
            assert caller
            assert (caller.access, caller.display_name, caller.actor) == (access, name, actor_of(hash_token(token)))

    def test_revoked_token_and_its_sessions_grant_nothing(self, database: Database):
        add(database)
        cookie = f"{SESSION_COOKIE}={open_session_for(database, TOKEN).cookie}"
        assert check(database, {"Cookie": cookie}).caller
        revoke(database)
        for headers in ({"Cookie": cookie}, bearer(TOKEN)):
            with count_statements(database) as statements:
                assert check(database, headers) == AuthenticationResult(None, revoked="alice")
            assert len(statements) == 1

    def test_configured_token_that_is_named_and_revoked_grants_nothing(self, database: Database):
        cookie = f"{SESSION_COOKIE}={open_session_for(database).cookie}"
        add(database, token=WRITE)
        for headers in ({"Cookie": cookie}, bearer(WRITE)):
            caller = check(database, headers).caller
            assert caller
            assert (caller.display_name, caller.actor) == ("alice", actor_of(hash_token(WRITE)))
        revoke(database)
        for headers in ({"Cookie": cookie}, bearer(WRITE)):
            assert check(database, headers).caller is None

    def test_stored_access_overrides_configured_access(self, database: Database):
        add(database, token=WRITE, access=Access.READ)
        caller = check(database, bearer(WRITE)).caller
        assert caller
        assert caller.access is Access.READ


class TestActorNames:
    def test_actor_is_shown_by_name_after_renaming_and_revocation(self, database: Database):
        with database.read_transaction() as connection:
            assert load_actor_names(connection).display_name(actor_of(DIGEST)) == actor_of(DIGEST)
        add(database)
        add(database, "bob")
        revoke(database, "bob")
        with database.read_transaction() as connection, count_statements(database) as statements:
            actor_names = load_actor_names(connection)
        assert len(statements) == 1
        assert actor_names.display_name(actor_of(DIGEST)) == "bob"
        assert actor_names.display_name("token:00000000") == "token:00000000"
        assert actor_names.actors_named("bob") == [actor_of(DIGEST)]
        assert actor_names.actors_named("token:00000000") == ["token:00000000"]


class TestLastUse:
    def use(self, database: Database, *used: str) -> None:
        """Use tokens, and wait for what is recorded."""
        recorder = LastUse(database)
        authentication = Authentication(*Hashes(), recorder.note)
        for token in used or (TOKEN,):
            assert check(database, bearer(token), authentication).caller
        recorder.close()

    def test_use_is_recorded_once_in_five_minutes(self, database: Database):
        add(database)
        self.use(database)
        first = last_use(database)
        assert first
        with count_statements(database) as statements:
            self.use(database, TOKEN, TOKEN)
        assert len(statements) == 2  # those of the authentication
        with database.write_transaction() as connection:
            connection.execute(update(tokens).values(last_used_at=first - timedelta(minutes=6)))
        with count_statements(database) as statements:
            self.use(database, TOKEN, TOKEN, TOKEN)
        assert len([each for each in statements if each.startswith("UPDATE")]) == 1
        recorded = last_use(database)
        assert recorded
        assert first <= recorded <= datetime.now(UTC)

    def test_use_is_not_recorded_while_the_database_is_busy(self, database: Database, migrated_url: str):
        add(database)
        with open_database(migrated_url) as other, other.write_transaction():
            self.use(database)
        assert last_use(database) is None
        assert not database.outages.last_write_failed
        self.use(database)
        assert last_use(database)

    @pytest.mark.parametrize("error", [DatabaseUnavailable("the database is read-only"), RuntimeError("a defect")])
    def test_failure_to_record_fails_no_request(
        self, database: Database, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, error: Exception
    ):
        def fail(until: float) -> None:
            raise error

        add(database)
        with monkeypatch.context() as patch:
            patch.setattr(database, "exclusive_transaction", fail)
            self.use(database, TOKEN, TOKEN)
        assert last_use(database) is None
        assert ("the last use of a token was not recorded" in caplog.text) is isinstance(error, RuntimeError)
        assert TOKEN not in caplog.text
