"""The page of tokens: what it lists, who may revoke, and what a revocation does to open sessions."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from html import escape, unescape

import pytest
from sqlalchemy import insert, update
from starlette.testclient import TestClient

from roster.instance.auth.token_revocation import revoke_by_name
from roster.instance.auth.tokens import Access, Token, add_token, hash_token, load_tokens
from roster.instance.database.connections import Database
from roster.instance.database.tables import tokens
from roster.instance.page import sign_in
from roster.instance.page.tokens_view import build_tokens, parse_page_number
from tests.instance.auth.test_token_authentication import READ, WRITE
from tests.instance.database.statements import count_statements
from tests.instance.page.page_server import PAGE, SIGN_IN, make_app
from tests.instance.page.test_router import SAME_ORIGIN, csrf_token, sign_in_as

TOKENS = f"{PAGE}/tokens"
HOSTILE = "<script>alert(1)</script>"


@pytest.fixture
def client(database: Database, monkeypatch: pytest.MonkeyPatch) -> Iterator[TestClient]:
    monkeypatch.setattr(sign_in, "FAILED_SIGN_IN_DELAY", 0)
    for name, token in (("alice", WRITE), ("bob", "bob's"), (HOSTILE, "hostile")):
        add(database, name, token)
    with TestClient(make_app(database), base_url="http://127.0.0.1:8080", follow_redirects=False) as opened:
        yield opened


def add(database: Database, name: str, token: str, access: Access = Access.WRITE) -> None:
    with database.write_transaction() as connection:
        add_token(connection, name, hash_token(token), access)


def stored(database: Database) -> dict[str, Token]:
    with database.read_transaction() as connection:
        return {token.name: token for token in load_tokens(connection)}


def text_of(page: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", "", page)).split())


def revoke(client: TestClient, database: Database, name: str, **fields: str):
    page = client.get(TOKENS).text
    form = {"csrf_token": csrf_token(page), "id": str(stored(database)[name].id)} | fields
    return client.post(TOKENS, data=form, headers=SAME_ORIGIN)


def test_header_shows_who_is_signed_in(client: TestClient, database: Database):
    assert "Signed in as alice Write access" in text_of(sign_in_as(client))
    client.cookies.clear()
    assert re.search("Signed in as token:[0-9a-f]{8} Read-only", text_of(sign_in_as(client, READ)))


def test_tokens_are_listed_with_their_last_use(client: TestClient, database: Database):
    used = datetime.now(UTC) - timedelta(hours=3)
    with database.write_transaction() as connection:
        connection.execute(update(tokens).where(tokens.c.name == "bob").values(last_used_at=used))
    sign_in_as(client)
    with count_statements(database) as statements:
        page = client.get(TOKENS).text
    assert len(statements) == 3  # the feature flag, the session and the tokens
    assert re.search("bob Write access Last used [^·]* UTC, 3 hours ago ·", text_of(page))
    assert "alice Write access You Never used" in text_of(page)
    assert f"<bdi>{escape(HOSTILE)}</bdi>" in page
    assert HOSTILE not in page
    assert text_of(page).count("Configured by its hash in an environment variable.") == 2
    assert not re.search("[0-9a-f]{64}", page)


def test_revoked_token_is_listed_with_who_revoked_it(client: TestClient, database: Database):
    sign_in_as(client)
    response = revoke(client, database, "bob")
    assert (response.status_code, response.headers["location"]) == (303, TOKENS)
    assert not stored(database)["bob"].is_valid
    assert re.search(r"bob Write access Revoked .*? UTC by alice", text_of(client.get(TOKENS).text))
    again = text_of(revoke(client, database, "bob").text)
    assert 'the token "bob" was already revoked on' in again


def test_revocation_of_own_token_signs_out(client: TestClient, database: Database):
    sign_in_as(client)
    response = revoke(client, database, "alice")
    assert (response.status_code, response.headers["location"]) == (303, SIGN_IN)
    assert "This access token was revoked. Sign in with another one." in client.get(SIGN_IN).text
    assert client.get(PAGE).status_code == 303
    rejected = client.post(SIGN_IN, data={"token": WRITE}, headers=SAME_ORIGIN)
    assert (rejected.status_code, "This access token was revoked." in rejected.text) == (403, True)


def test_last_write_token_needs_a_confirmation(client: TestClient, database: Database):
    sign_in_as(client)
    for name in ("bob", HOSTILE):
        revoke(client, database, name)
    response = revoke(client, database, "alice")
    assert response.status_code == 409
    assert '"alice" is the last token with write access' in text_of(response.text)
    assert re.search('<details class="revoke" open>.*?name="confirmed" value="yes" required', response.text, re.DOTALL)
    assert stored(database)["alice"].is_valid
    assert revoke(client, database, "alice", confirmed="yes").status_code == 303
    assert not stored(database)["alice"].is_valid


def test_only_write_access_sees_and_revokes(client: TestClient, database: Database):
    page = sign_in_as(client, READ)
    listed = text_of(client.get(TOKENS).text)
    assert "Read-only access: to see the tokens of this instance, sign in with a token" in listed
    assert "alice" not in listed
    form = {"csrf_token": csrf_token(page), "id": str(stored(database)["alice"].id)}
    assert client.post(TOKENS, data=form, headers=SAME_ORIGIN).status_code == 403
    assert stored(database)["alice"].is_valid


@pytest.mark.parametrize(
    ("token", "headers"), [("wrong", SAME_ORIGIN), ("", SAME_ORIGIN), (None, {"Origin": "https://evil.example.com"})]
)
def test_cross_site_revocation_is_rejected(
    client: TestClient, database: Database, token: str | None, headers: dict[str, str]
):
    page = sign_in_as(client)
    form = {"csrf_token": csrf_token(page) if token is None else token, "id": str(stored(database)["bob"].id)}
    assert client.post(TOKENS, data=form, headers=headers).status_code == 403
    assert stored(database)["bob"].is_valid


def test_form_of_an_earlier_session_is_explained(client: TestClient, database: Database):
    old = csrf_token(sign_in_as(client))
    sign_in_as(client)
    response = revoke(client, database, "bob", csrf_token=old)
    assert response.status_code == 403
    assert "nothing was revoked, because you signed in again in the meantime: try again." in text_of(response.text)
    assert revoke(client, database, "bob").status_code == 303


@pytest.mark.parametrize("id_", ["", "x", "-1", "0", "9" * 3000])
def test_unknown_token_is_reported(client: TestClient, database: Database, id_: str):
    sign_in_as(client)
    assert "there is no such token: reload the list." in text_of(revoke(client, database, "bob", id=id_).text)


def test_revocation_without_a_session_leads_to_sign_in(client: TestClient, database: Database):
    response = client.post(TOKENS, data={"id": "1"}, headers=SAME_ORIGIN)
    assert (response.status_code, response.headers["location"]) == (303, SIGN_IN)
    assert stored(database)["alice"].is_valid


def test_view_marks_tokens_that_are_also_configured():
    now = datetime.now(UTC)
    token = Token(1, "alice", hash_token("a"), "token:1", Access.WRITE, now, now + timedelta(hours=1), None, None)
    (view,) = build_tokens([token], {hash_token("a"): Access.WRITE}, "token:2", now).valid
    assert (view.is_configured, view.is_own, view.is_last_write, view.unused_for) == (True, False, True, timedelta())
    other = {hash_token("b"): Access.WRITE}
    tokens = build_tokens([token], other, "token:2", now)
    assert (tokens.valid[0].is_last_write, tokens.unnamed[0].can_write) == (False, True)
    revoked = token._replace(revoked_at=now, revoked_by="token:9")
    assert build_tokens([revoked], other, "token:2", now).revoked[0].revoked_by == "token:9"


def test_many_tokens_are_on_several_pages(client: TestClient, database: Database):
    now = datetime.now(UTC)
    rows = [
        {"name": f"token {number}", "digest": f"{number:064}", "actor": f"token:{number:08}", "access": "write"}
        | {"created_at": now, "revoked_at": now if number % 2 else None}
        for number in range(100)
    ]
    with database.write_transaction() as connection:
        connection.execute(insert(tokens), rows)
    sign_in_as(client)
    names: list[str] = []
    for number, count in ((1, 50), (2, 50), (3, 3)):
        page = client.get(TOKENS, params={"page": str(number)}).text
        assert page.count("<b><bdi>") == count
        assert f"Page {number} of 3" in text_of(page)
        names += re.findall("<b><bdi>(.*?)</bdi>", page)
    assert (len(names), len(set(names))) == (103, 103)
    form = {"csrf_token": csrf_token(page), "id": str(stored(database)["token 98"].id)}
    response = client.post(f"{TOKENS}?page=3", data=form, headers=SAME_ORIGIN)
    assert (response.status_code, response.headers["location"]) == (303, f"{TOKENS}?page=3")


def test_number_of_a_page_that_does_not_exist_shows_another_page():
    now = datetime.now(UTC)
    stored = [Token(n, f"{n}", f"{n}", f"token:{n}", Access.READ, now, None, None, None) for n in range(120)]
    cases = {None: 1, "3": 3, "99": 3, "0": 1, "x" * 3000: 1, "-1": 1, "9" * 3000: 1, "²": 1}
    for text, shown in cases.items():
        view = build_tokens(stored, {}, "token:0", now, parse_page_number(text))
        assert (view.page, view.pages) == (shown, 3), text
    assert build_tokens([], {}, "token:0", now, 2).pages == 1


def test_revocation_by_command_has_no_actor(client: TestClient, database: Database):
    with database.write_transaction() as connection:
        revoke_by_name(connection, "bob")
    sign_in_as(client)
    assert re.search(r"bob Write access Revoked [^·]*? UTC · Never used", text_of(client.get(TOKENS).text))
