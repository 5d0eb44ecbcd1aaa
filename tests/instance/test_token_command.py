"""``roster instance token``: creating, naming, listing and revoking tokens."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import pytest
from sqlalchemy import select

from roster.check.loading import load_schema
from roster.instance.auth.token_authentication import Authentication
from roster.instance.auth.tokens import Access, hash_token
from roster.instance.database.connections import Database
from roster.instance.database.tables import tokens
from roster.instance.instance_settings import DATABASE_URL, READ_TOKEN_HASHES, WRITE_TOKEN_HASHES
from roster.repository import Repository
from tests.conftest import ROOT, Run
from tests.instance.auth.test_token_authentication import request

Command = Callable[..., "CompletedProcess[str]"]
HASH = hash_token("configured")
ACTOR = f"token:{HASH[:8]}"


@pytest.fixture
def token(roster: Run, migrated_url: str) -> Command:
    """Runs ``roster instance token`` on a migrated database; omits the line that names it."""

    def run(*arguments: str, **environment: str) -> "CompletedProcess[str]":
        process = roster("instance", "token", *arguments, **{DATABASE_URL: migrated_url}, **environment)
        assert "Traceback" not in process.stderr
        process.stderr = re.sub(r"^using the .*\n", "", process.stderr)
        return process

    return run


def access(database: Database, token: str) -> Access | None:
    with database.read_transaction() as connection:
        caller = Authentication((), ()).authenticate(request(Authorization=f"Bearer {token}"), connection)
    return caller.access if caller else None


def test_created_token_is_printed_once_and_valid(token: Command, database: Database):
    created = token("--name", "alice")
    assert (created.returncode, created.stderr) == (
        0,
        '"alice" has write access; the token is not stored and cannot be shown again\n',
    )
    label, secret = created.stdout.split()
    assert (label, access(database, secret)) == ("token:", Access.WRITE)
    assert access(database, token("--name", "dashboard", "--read-only").stdout.split()[1]) is Access.READ
    listed = token("--list")
    assert [line.split()[:2] for line in listed.stdout.splitlines()[1:]] == [["alice", "write"], ["dashboard", "read"]]
    with database.read_transaction() as connection:
        stored = str(connection.execute(select(tokens)).all())
    assert secret not in stored + listed.stdout + listed.stderr
    assert hash_token(secret) not in listed.stdout


def test_revoked_token_is_invalid_and_stays_in_the_list(token: Command, database: Database):
    secret = token("--name", "alice").stdout.split()[1]
    revoked = token("--revoke", "alice")
    assert (revoked.returncode, revoked.stdout, revoked.stderr.splitlines()) == (
        0,
        "",
        [
            'revoked "alice"',
            "warning: no token with write access is left; create one with roster instance token --name NAME",
        ],
    )
    assert access(database, secret) is None
    assert re.search(
        r"^alice  write   20\d\d-\d\d-\d\d \d\d:\d\d  never      20\d\d-", token("--list").stdout, re.MULTILINE
    )
    assert token("--revoke", "alice").stderr.startswith('roster: the token "alice" was already revoked on 20')
    assert 'there is no token "bob"' in token("--revoke", "bob").stderr
    token("--name", "alice")
    assert token("--revoke", "alice", **{WRITE_TOKEN_HASHES: HASH}).stderr == 'revoked "alice"\n'


def test_configured_token_is_named(token: Command):
    environment = {READ_TOKEN_HASHES: HASH}
    assert token("--list", **environment).stderr == f"configured by hash, without a name: {ACTOR}\n"
    refused = token("--name", "alice", "--hash", HASH, **environment)
    assert (refused.returncode, refused.stderr) == (
        2,
        f"roster: the hash is in {READ_TOKEN_HASHES}, which grants read access only: add --read-only\n",
    )
    named = token("--name", "alice", "--hash", HASH.upper(), "--read-only", **environment)
    assert (named.returncode, named.stdout, named.stderr) == (0, "", f'{ACTOR} is named "alice" and has read access\n')
    assert token("--list", **environment).stderr == ""
    other = token("--name", "bob", "--hash", hash_token("x"), "--read-only", **{WRITE_TOKEN_HASHES: hash_token("x")})
    assert "which grants write access: leave out --read-only" in other.stderr


def test_json_list_has_no_hash(token: Command):
    token("--name", 'a "b" é', "--hash", HASH)
    listed = token("--list", "--format", "json").stdout
    load_schema(Repository(ROOT), "schemas/tokens.schema.json").require_valid(listed.encode(), "tokens")
    (only,) = json.loads(listed)["tokens"]
    assert (only["name"], only["actor"], only["access"]) == ('a "b" é', ACTOR, "write")
    assert HASH not in listed


def test_empty_list(token: Command):
    assert token("--list").stdout == "no tokens have a name: create one with roster instance token --name NAME\n"
    assert json.loads(token("--list", "--format", "json").stdout) == {"format": 1, "tokens": []}


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--name", ""], "the name of a token is empty"),
        (["--name", "x" * 10_000], "has 10,000 characters"),
        (["--name", "a\u202eb"], "has control or invisible characters"),
        (["--name", "a", "--list"], "--name and --list cannot be used together"),
        (["--name", "a", "--revoke", "b"], "--name and --revoke cannot be used together"),
        (["--read-only"], "--read-only needs --name"),
        (["--list", "--hash", HASH], "--hash needs --name"),
        (["--format", "json"], "--format needs --list"),
        (["--revoke", "x\u202e" * 5000], "there is no token"),
    ],
)
def test_wrong_usage_is_explained(roster: Run, tmp_path: Path, options: list[str], message: str):
    url = f"sqlite:///{tmp_path}/instance.db"
    if options[0] == "--revoke":
        roster("instance", "migrate", **{DATABASE_URL: url})
    process = roster("instance", "token", *options, **{DATABASE_URL: url})
    assert (process.returncode, process.stdout) == (2, "")
    assert message in process.stderr
    assert len(process.stderr) < 500
    assert "\u202e" not in process.stderr
    assert options[0] == "--revoke" or not (tmp_path / "instance.db").exists()


def test_token_in_place_of_its_hash_is_not_repeated(token: Command):
    process = token("--name", "alice", "--hash", "my-secret-token")
    assert process.returncode == 2
    assert "--hash must be the SHA-256 of a token in 64 hexadecimal digits, not the token" in process.stderr
    assert "my-secret" not in process.stderr


@pytest.mark.parametrize("options", [["--list"], ["--revoke", "alice"]])
def test_missing_database_is_not_created(roster: Run, tmp_path: Path, options: list[str]):
    process = roster("instance", "token", *options, cwd=tmp_path)
    assert process.returncode == 2
    assert f"there is no sqlite database {tmp_path}/roster-instance.db" in process.stderr
    assert not list(tmp_path.glob("*.db*"))
