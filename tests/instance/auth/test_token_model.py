"""Stateful test of tokens against a reference model, on both databases.

Set ``MODEL_EXAMPLES`` to run more examples.
"""

from typing import Any, ClassVar, NamedTuple

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as some
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from roster.instance.auth.actor_names import actor_of, load_actor_names
from roster.instance.auth.sessions import SESSION_COOKIE
from roster.instance.auth.token_authentication import Authentication
from roster.instance.auth.token_names import TokenError
from roster.instance.auth.token_revocation import LastWriteToken, revoke_by_id, revoke_by_name
from roster.instance.auth.tokens import Access, add_token, hash_token, load_tokens
from roster.instance.database.connections import Database
from roster.settings.secret import Secret
from tests.instance.auth.test_token_authentication import open_session_for, request
from tests.instance.database.databases import Databases
from tests.instance.sync.test_model import EXAMPLES, delete_all_rows

pytestmark = pytest.mark.slow

STEPS = 40
CONFIGURED = {"configured reader": Access.READ, "configured writer": Access.WRITE}
secrets = some.sampled_from(["one", "two", "three", "four", *CONFIGURED])
VALID_NAMES = ("alice", "Alice", "bob", "Zo\u00eb")
names = some.sampled_from([*VALID_NAMES, "Zoe\u0308", "", " x", "a\u202eb", "token:1", "x" * 101])
access = some.sampled_from(Access)
maybe = some.booleans()


class ReferenceToken(NamedTuple):
    """A token with a name."""

    name: str
    access: Access
    revoked: bool = False


class TokenStateMachine(RuleBasedStateMachine):
    """An instance's tokens, and a dictionary of what each secret should grant."""

    url: ClassVar[str]

    def __init__(self) -> None:
        super().__init__()
        self.database = Database(Secret(self.url))
        delete_all_rows(self.database)
        self.tokens: dict[str, ReferenceToken] = {}
        self.cookies: dict[str, str] = {}
        hashes = {
            kind: [hash_token(secret) for secret, access in CONFIGURED.items() if access is kind] for kind in Access
        }
        self.authentication = Authentication(hashes[Access.READ], hashes[Access.WRITE])

    def teardown(self) -> None:
        self.database.close()

    def granted(self, secret: str) -> Access | None:
        """Return the access that a secret should grant."""
        token = self.tokens.get(secret)
        if token:
            return None if token.revoked else token.access
        return CONFIGURED.get(secret)

    @rule(name=names, secret=secrets, access=access)
    def adds_or_renames(self, name: str, secret: str, access: Access) -> None:
        stored, existing = name.replace("e\u0308", "\u00eb"), self.tokens.get(secret)
        taken = {token.name.lower() for other, token in self.tokens.items() if not token.revoked and other != secret}
        is_valid = stored in VALID_NAMES and stored.lower() not in taken
        fits = existing is None or (not existing.revoked and existing.access is access)
        if self.succeeds(lambda connection: add_token(connection, name, hash_token(secret), access)):
            assert is_valid
            assert fits
            self.tokens[secret] = ReferenceToken(stored, access)
        else:
            assert not (is_valid and fits)

    @rule(name=names)
    def revokes_by_name(self, name: str) -> None:
        stored = name.replace("e\u0308", "\u00eb")
        named = [secret for secret, token in self.tokens.items() if token.name == stored and not token.revoked]
        assert self.succeeds(lambda connection: revoke_by_name(connection, name)) == bool(named)
        for secret in named:
            self.tokens[secret] = self.tokens[secret]._replace(revoked=True)

    @precondition(lambda self: self.tokens)
    @rule(data=some.data(), confirmed=maybe)
    def revokes_on_the_page(self, data: some.DataObject, confirmed: bool) -> None:
        secret = data.draw(some.sampled_from(sorted(self.tokens)))
        token = self.tokens[secret]
        others = {self.granted(each) for each in {*self.tokens, *CONFIGURED} - {secret}}
        is_last = token.access is Access.WRITE and Access.WRITE not in others
        configured = self.authentication.configured.access_by_hash
        with self.database.read_transaction() as connection:
            (id_,) = (each.id for each in load_tokens(connection) if each.digest == hash_token(secret))
        try:
            with self.database.write_transaction() as connection:
                revoke_by_id(connection, id_, "token:0", configured, confirmed=confirmed)
        except LastWriteToken:
            assert is_last
            assert not confirmed
            assert not token.revoked
        except TokenError:
            assert token.revoked
        else:
            assert not token.revoked
            assert confirmed or not is_last
            self.tokens[secret] = token._replace(revoked=True)

    @rule(secret=secrets)
    def signs_in(self, secret: str) -> None:
        if self.granted(secret):
            self.cookies[secret] = f"{SESSION_COOKIE}={open_session_for(self.database, secret).cookie}"

    @rule()
    def restarts(self) -> None:
        self.database.close()
        self.database = Database(Secret(self.url))

    def succeeds(self, change: Any) -> bool:
        """Return whether a change succeeds; otherwise nothing may change."""
        with self.database.read_transaction() as connection:
            before = load_tokens(connection)
        try:
            with self.database.write_transaction() as connection:
                change(connection)
        except TokenError:
            with self.database.read_transaction() as connection:
                assert load_tokens(connection) == before
            return False
        return True

    @invariant()
    def matches_reference(self) -> None:
        with self.database.read_transaction() as connection:
            stored = {(token.name, token.digest, token.access, not token.is_valid) for token in load_tokens(connection)}
            shown = load_actor_names(connection)
            for secret in ("one", "two", "three", "four", "unknown", *CONFIGURED):
                cookie = self.cookies.get(secret)
                sent = [{"Authorization": f"Bearer {secret}"}] + ([{"Cookie": cookie}] if cookie else [])
                for headers in sent:
                    caller = self.authentication.authenticate(request(**headers), connection)
                    assert (caller and caller.access) == self.granted(secret), (secret, headers)
                    if caller:
                        assert caller.display_name == shown.display_name(actor_of(hash_token(secret)))
        assert stored == {
            (token.name, hash_token(secret), token.access, token.revoked) for secret, token in self.tokens.items()
        }


def test_tokens_match_reference(databases: Databases):
    class OnOneDatabase(TokenStateMachine):
        url = databases.migrated()

    checks = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]
    long = settings(max_examples=EXAMPLES, stateful_step_count=STEPS, deadline=None, suppress_health_check=checks)
    run_state_machine_as_test(OnOneDatabase, settings=long)
