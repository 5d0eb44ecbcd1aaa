"""The page's paths: headers, signing in and out, forgery, escaping, and nothing of it while the feature is off."""

import re
import time
from collections.abc import Iterator
from html import escape
from pathlib import Path

import pytest
from sqlalchemy import delete
from starlette.testclient import TestClient

from roster.instance.auth.sessions import SESSION_COOKIE
from roster.instance.database import feature_flag
from roster.instance.database.connections import Database
from roster.instance.database.tables import lists
from roster.instance.page import sign_in
from roster.instance.page.assets import ASSETS
from roster.settings.secret import Secret
from tests.instance.page.given import HOSTILE
from tests.instance.page.served import PAGE, READ, SIGN_IN, SIGN_OUT, WRITE, app, end_sessions, fail_sync

OURS = {"Origin": "http://127.0.0.1:8080"}
POLICY = {
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self'",
    "connect-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
}


@pytest.fixture
def client(database: Database, monkeypatch: pytest.MonkeyPatch) -> Iterator[TestClient]:
    monkeypatch.setattr(sign_in, "GUESS_SECONDS", 0)
    with TestClient(app(database), base_url="http://127.0.0.1:8080", follow_redirects=False) as opened:
        yield opened


def signed_in(client: TestClient, token: str = WRITE) -> str:
    """Sign in; return the page."""
    assert client.post(SIGN_IN, data={"token": token}, headers=OURS).status_code == 303
    return client.get(PAGE).text


def csrf_token(page: str) -> str:
    found = re.search(r'<meta name="csrf-token" content="([\w-]+)">', page)
    assert found
    return found[1]


def test_who_is_not_signed_in_is_sent_to_sign_in_and_back(client: TestClient):
    away = client.get(PAGE)
    assert (away.status_code, away.headers["location"]) == (303, SIGN_IN)
    assert 'type="password"' in client.get(SIGN_IN).text
    back = client.post(SIGN_IN, data={"token": WRITE}, headers=OURS)
    assert (back.status_code, back.headers["location"]) == (303, PAGE)
    assert client.get(PAGE).status_code == 200
    assert client.get(SIGN_IN).headers["location"] == PAGE


@pytest.mark.parametrize("wanted", ["https://evil.example.com", "//evil.example.com", "/\\evil.example.com"])
def test_signing_in_leads_nowhere_else(client: TestClient, wanted: str):
    names = ("next", "return_to", "redirect")
    form = {"token": WRITE} | dict.fromkeys(names, wanted)
    answer = client.post(SIGN_IN, params=dict.fromkeys(names, wanted), data=form, headers=OURS)
    assert answer.headers["location"] == PAGE


@pytest.mark.parametrize("path", [PAGE, SIGN_IN])
def test_pages_are_held_to_a_strict_policy_and_kept_nowhere(client: TestClient, path: str):
    signed_in(client)
    if path == SIGN_IN:
        client.cookies.clear()
    answer = client.get(path)
    assert answer.status_code == 200
    assert set(answer.headers["content-security-policy"].split("; ")) == POLICY
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "same-origin"
    assert answer.headers["cache-control"] == "no-store"
    assert not re.search(r"<script(?![^>]* src=)|<style|\sstyle=|\son\w+=|javascript:", answer.text)
    assert not re.search(r"""(src|href|action)="(?!/admin/|#)""", answer.text)


def test_assets_are_named_by_their_content_and_kept_for_ever(client: TestClient):
    page = signed_in(client)
    named = set(re.findall(r'(?:src|href)="/admin/assets/([^"]+)"', page))
    assert named == set(ASSETS)
    types = {}
    for name in named:
        answer = client.get(f"/admin/assets/{name}")
        assert answer.content == ASSETS[name].content
        assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert answer.headers["x-content-type-options"] == "nosniff"
        types[name.rpartition(".")[2]] = answer.headers["content-type"].partition(";")[0]
    assert types == {"css": "text/css", "js": "text/javascript", "svg": "image/svg+xml"}


@pytest.mark.parametrize("name", ["page.css", "page.0000000000000000.css", "..%2Frouter.py", "%2e%2e/view.py"])
def test_there_is_no_other_asset(client: TestClient, name: str):
    assert client.get(f"/admin/assets/{name}").status_code == 404


@pytest.mark.parametrize("token", ["", "unknown", "\x00", WRITE + "x", "é𝒳", "x" * 3000])
def test_a_token_that_is_not_known_opens_nothing(client: TestClient, token: str):
    answer = client.post(SIGN_IN, data={"token": token}, headers=OURS)
    assert (answer.status_code, "set-cookie" in answer.headers) == (403, False)
    assert "This token is not known here." in answer.text
    assert not token.strip() or token not in answer.text


def test_whoever_guesses_waits(client: TestClient, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sign_in, "GUESS_SECONDS", 0.2)
    started = time.monotonic()
    client.post(SIGN_IN, data={"token": "a guess"}, headers=OURS)
    assert time.monotonic() - started >= 0.2


def test_a_form_that_is_too_long_is_not_read(client: TestClient):
    assert client.post(SIGN_IN, content=b"token=" + b"x" * 5000, headers=OURS).status_code == 413


@pytest.mark.parametrize(
    "headers",
    [{"Origin": "https://evil.example.com"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"} | OURS],
    ids=["origin", "null", "cross-site"],
)
def test_another_site_signs_nobody_in(client: TestClient, headers: dict[str, str]):
    answer = client.post(SIGN_IN, data={"token": WRITE}, headers=headers)
    assert (answer.status_code, "set-cookie" in answer.headers) == (403, False)
    assert "did not come from this page" in answer.text


@pytest.mark.parametrize(
    ("origin", "secure"),
    [
        ("http://127.0.0.1:8080", False),
        ("http://localhost:8080", False),
        ("http://[::1]:8080", False),
        ("https://127.0.0.1", True),
        ("http://roster.example.com", True),
        ("https://roster.example.com", True),
        ("http://127.0.0.1.example.com", True),
    ],
)
def test_the_cookie_is_for_the_browser_and_this_site_only(
    client: TestClient, database: Database, origin: str, secure: bool
):
    with TestClient(app(database), base_url=origin, follow_redirects=False) as there:
        answer = there.post(SIGN_IN, data={"token": WRITE}, headers={"Origin": origin})
    attributes = {each.strip().lower() for each in answer.headers["set-cookie"].split(";")[1:]}
    assert {"httponly", "samesite=strict", "path=/", "max-age=28800"} <= attributes
    assert ("secure" in attributes) is secure


def test_signing_out_closes_the_session(client: TestClient):
    page = signed_in(client)
    cookie = client.cookies[SESSION_COOKIE]
    answer = client.post(SIGN_OUT, data={"csrf_token": csrf_token(page)}, headers=OURS)
    assert (answer.status_code, answer.headers["location"]) == (303, SIGN_IN)
    assert SESSION_COOKIE not in client.cookies
    client.cookies[SESSION_COOKIE] = cookie
    assert client.get(PAGE).status_code == 303


@pytest.mark.parametrize(("token", "headers"), [("wrong", OURS), ("é", OURS), (None, {"Origin": "https://evil.com"})])
def test_another_site_signs_nobody_out(client: TestClient, token: str | None, headers: dict[str, str]):
    page = signed_in(client)
    answer = client.post(SIGN_OUT, data={"csrf_token": token or csrf_token(page)}, headers=headers)
    assert answer.status_code == 403
    assert client.get(PAGE).status_code == 200


def test_signing_out_when_the_session_is_over_is_fine(client: TestClient, database: Database):
    signed_in(client)
    end_sessions(database)
    assert client.post(SIGN_OUT, data={"csrf_token": "old"}, headers=OURS).headers["location"] == SIGN_IN


def test_nothing_is_changed_with_get(client: TestClient):
    signed_in(client)
    assert client.get(SIGN_OUT).status_code == 405
    assert client.get(PAGE).status_code == 200


def test_off_there_is_no_page(client: TestClient, database: Database):
    page = signed_in(client)
    with database.write_transaction() as connection:
        feature_flag.set_enabled(connection, False)
    for path in (PAGE, SIGN_IN, *(f"/admin/assets/{name}" for name in ASSETS)):
        assert client.get(path).status_code == 404
    assert client.post(SIGN_IN, data={"token": WRITE}, headers=OURS).status_code == 404
    assert client.post(SIGN_OUT, data={"csrf_token": csrf_token(page)}, headers=OURS).status_code == 404
    with database.write_transaction() as connection:
        feature_flag.set_enabled(connection, True)
    assert client.get(PAGE).text == page


def test_a_name_is_text_whatever_it_holds(client: TestClient):
    page = signed_in(client)
    assert HOSTILE not in page
    assert "<script>alert" not in page
    assert f"<bdi>{str(escape(HOSTILE)).replace('&quot;', '&#34;')}</bdi>" in page


def test_who_may_only_read_gets_no_script_and_is_told_why(client: TestClient):
    page = signed_in(client, READ)
    assert "You can look, but not change anything" in page
    assert "<script" not in page
    assert ">Save</button>" not in page
    assert page.count("<fieldset") == page.count("<fieldset disabled>") == 8


def test_what_is_not_available_is_told_in_sentences(client: TestClient):
    told = " ".join(re.sub(r"<[^>]+>", "", signed_in(client)).split())
    kept = "Your choice is kept and counts again when the model returns."
    default = "GitLab: Claude Sonnet 4, the roster's default, serves instead"
    for sentence in (
        f"GitLab: Claude 3.5 Haiku ended on 30 June 2026; GitLab: Claude Sonnet 4 took over and serves instead. {kept}",
        f"GitLab: Claude 3.5 Sonnet is not available; {default}. {kept}",
        "GitLab: Claude 3.5 Sonnet is allowed, but not available at present.",
        "No model serves this feature any more. Your choice, GitLab: Claude 3.5 Sonnet, is kept",
        "List last synced 12 minutes ago",
        "Roster's default: GitLab: Codestral 25.01",
    ):
        assert sentence in told
    assert re.search(r"ends on 1 December 2026 \(.+?\); GitLab: Claude Sonnet 4 takes over\.|ended on 1 December", told)


def test_why_the_list_is_not_newer_is_told(client: TestClient, database: Database):
    fail_sync(database, "<nobody> answers")
    told = signed_in(client)
    assert "The list could not be brought up to date:" in told
    assert "<bdi>&lt;nobody&gt; answers</bdi>" in told


def test_before_the_first_list_the_page_says_so(client: TestClient, database: Database):
    with database.write_transaction() as connection:
        connection.execute(delete(lists))
    assert "There is no list yet" in signed_in(client)


def test_links_start_where_the_app_is_mounted(database: Database, monkeypatch: pytest.MonkeyPatch):
    with TestClient(app(database), base_url="http://127.0.0.1:8080/", root_path="/ai", follow_redirects=False) as there:
        away = there.get("/ai" + PAGE)
        assert away.headers["location"] == "/ai" + SIGN_IN
        assert f'action="/ai{SIGN_IN}"' in there.get("/ai" + SIGN_IN).text


def test_a_page_with_one_feature_has_the_form_of_that(client: TestClient):
    signed_in(client)
    page = client.get(PAGE, params={"feature": "glab_ask"}).text
    assert re.findall(r'<form data-feature="([^"]+)"', page) == ["glab_ask"]
    assert client.get(PAGE, params={"feature": "<b>"}).status_code == 200


@pytest.mark.parametrize("path", [PAGE, SIGN_IN, f"/admin/assets/{next(iter(ASSETS))}"])
def test_a_database_that_cannot_be_used_is_told(path: str, tmp_path: Path, caplog: pytest.LogCaptureFixture):
    gone = Database(Secret(f"sqlite:///{tmp_path}/no/folder.db"))
    with TestClient(app(gone), base_url="http://127.0.0.1:8080", follow_redirects=False) as there:
        answer = there.get(path)
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "10")
    assert "The database cannot be used" in answer.text
    assert answer.headers["content-security-policy"]
    assert "the sqlite database cannot be used" in caplog.text
