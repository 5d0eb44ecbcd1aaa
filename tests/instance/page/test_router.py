"""The page's routes: headers, signing in and out, CSRF, escaping, and the feature flag."""

import re
import time
from collections.abc import Iterator
from html import escape
from pathlib import Path

import pytest
from sqlalchemy import delete, select
from starlette.testclient import TestClient

from roster.instance.auth.sessions import SESSION_COOKIE
from roster.instance.database import feature_flag, worker_threads
from roster.instance.database.connections import Database
from roster.instance.database.tables import lists, sessions
from roster.instance.page import sign_in
from roster.instance.page.responses import own_page
from roster.instance.page.static_files import ASSETS
from roster.settings.secret import Secret
from tests.instance.auth.test_token_authentication import READ, WRITE
from tests.instance.page.page_server import PAGE, SIGN_IN, SIGN_OUT, end_sessions, fail_sync, leave_out, make_app
from tests.instance.page.sample_state import HOSTILE
from tests.instance.sync.sync_helpers import open_database

SAME_ORIGIN = {"Origin": "http://127.0.0.1:8080"}
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
    monkeypatch.setattr(sign_in, "FAILED_SIGN_IN_DELAY", 0)
    with TestClient(make_app(database), base_url="http://127.0.0.1:8080", follow_redirects=False) as opened:
        yield opened


def sign_in_as(client: TestClient, token: str = WRITE) -> str:
    """Sign in; return the page."""
    assert client.post(SIGN_IN, data={"token": token}, headers=SAME_ORIGIN).status_code == 303
    return client.get(PAGE).text


def open_feature(client: TestClient, name: str) -> str:
    """Return the page of a feature, which has its form."""
    response = client.get(PAGE, params={"feature": name})
    assert response.status_code == 200
    return response.text


def csrf_token(page: str) -> str:
    match = re.search(r'<meta name="csrf-token" content="([\w-]+)">', page)
    assert match
    return match[1]


def test_csrf_token_differs_in_each_response_and_none_shows_the_stored_one(client: TestClient, database: Database):
    pages = [sign_in_as(client), client.get(PAGE).text]
    assert csrf_token(pages[0]) != csrf_token(pages[1])
    with database.read_transaction() as connection:
        stored = connection.scalars(select(sessions.c.csrf_token)).one()
    assert stored not in "".join(pages)
    assert client.post(SIGN_OUT, data={"csrf_token": csrf_token(pages[0])}, headers=SAME_ORIGIN).status_code == 303
    assert client.get(PAGE).status_code == 303


def test_page_redirects_to_sign_in_and_back(client: TestClient):
    redirect = client.get(PAGE)
    assert (redirect.status_code, redirect.headers["location"]) == (303, SIGN_IN)
    assert 'type="password"' in client.get(SIGN_IN).text
    signed_in = client.post(SIGN_IN, data={"token": WRITE}, headers=SAME_ORIGIN)
    assert (signed_in.status_code, signed_in.headers["location"]) == (303, PAGE)
    assert client.get(PAGE).status_code == 200
    assert client.get(SIGN_IN).headers["location"] == PAGE


@pytest.mark.parametrize("target", ["https://evil.example.com", "//evil.example.com", "/\\evil.example.com"])
def test_sign_in_ignores_redirect_targets(client: TestClient, target: str):
    names = ("next", "return_to", "redirect")
    form = {"token": WRITE} | dict.fromkeys(names, target)
    response = client.post(SIGN_IN, params=dict.fromkeys(names, target), data=form, headers=SAME_ORIGIN)
    assert response.headers["location"] == PAGE


def test_sign_in_leads_back_to_the_requested_page(client: TestClient):
    requested = f"{PAGE}?feature=glab_ask&q=a%20b"
    redirect = client.get(requested).headers["location"]
    assert redirect == f"{SIGN_IN}?return_to={PAGE}%3Ffeature%3Dglab_ask%26q%3Da%2520b"
    for token, status in (("wrong", 403), (WRITE, 303)):
        page = client.get(redirect).text
        fields = re.findall(r'<input type="hidden" name="(return_to)" value="([^"]+)">', page)
        assert fields == [("return_to", requested.replace("&", "&amp;"))]
        response = client.post(SIGN_IN, data={"token": token, "return_to": requested}, headers=SAME_ORIGIN)
        assert response.status_code == status
    assert response.headers["location"] == requested
    assert client.get(redirect).headers["location"] == requested


def test_sign_in_leads_to_own_pages_only():
    for path in (PAGE, f"{PAGE}/history", f"{PAGE}/models/compare?model=a&model=b%20c", f"{PAGE}/export.csv"):
        assert own_page(path) == path
    others = ["", "/", "//evil.com", "https://evil.com", "/admin/sign_out", "/api/graphql", "javascript:alert(1)"]
    suffixes = ["@evil.com", ".evil.com", "//evil.com", "/..//evil.com", "/../sign_out", "/%2e%2e/", "\\evil.com"]
    suffixes += ["/\t/evil.com", "\r\nSet-Cookie: a=b", "?q=\n", "?" + "x" * 3000]
    for path in [*others, *(PAGE + suffix for suffix in suffixes)]:
        assert own_page(path) == PAGE, path


@pytest.mark.parametrize("path", [PAGE, SIGN_IN])
def test_pages_have_strict_security_headers_and_are_not_cached(client: TestClient, path: str):
    sign_in_as(client)
    if path == SIGN_IN:
        client.cookies.clear()
    response = client.get(path)
    assert response.status_code == 200
    assert set(response.headers["content-security-policy"].split("; ")) == POLICY
    assert response.headers["x-content-type-options"] == "nosniff"
    assert response.headers["referrer-policy"] == "same-origin"
    assert response.headers["cache-control"] == "no-store"
    scripts = r"<script(?![^>]* src=| type=.application/json)|<style|\sstyle=|\son\w+=|javascript:"
    assert not re.search(scripts, response.text)
    links = re.sub(r'<a class="documentation" href="https://', "", response.text)
    assert not re.search(r"""(src|href|action)="(?!/admin/|#|\?feature=)""", links)


def test_asset_names_contain_a_hash_and_are_cached_forever(client: TestClient):
    page = sign_in_as(client)
    assert set(re.findall(r'(?:src|href)="/admin/assets/([^"]+)"', page)) <= set(ASSETS)
    types = {}
    for name in ASSETS:
        response = client.get(f"/admin/assets/{name}")
        assert response.content == ASSETS[name].content
        assert response.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert response.headers["x-content-type-options"] == "nosniff"
        types[name.rpartition(".")[2]] = response.headers["content-type"].partition(";")[0]
    assert types == {"css": "text/css", "js": "text/javascript", "svg": "image/svg+xml"}


def test_modules_import_each_other_by_names_with_a_hash():
    for name, asset in ASSETS.items():
        imported = re.findall(rb"""(?:from|import) "\./([^"]+)";""", asset.content)
        assert {module.decode() for module in imported} <= set(asset.imports) <= set(ASSETS), name
        assert name.rpartition(".")[2] == "js" or not asset.imports


@pytest.mark.parametrize("name", ["page.css", "page.0000000000000000.css", "..%2Frouter.py", "%2e%2e/view.py"])
def test_unknown_asset_is_not_found(client: TestClient, name: str):
    assert client.get(f"/admin/assets/{name}").status_code == 404


@pytest.mark.parametrize("token", ["", "unknown", "\x00", WRITE + "x", "é𝒳", "x" * 3000])
def test_invalid_token_opens_no_session(client: TestClient, token: str):
    response = client.post(SIGN_IN, data={"token": token}, headers=SAME_ORIGIN)
    assert (response.status_code, "set-cookie" in response.headers) == (403, False)
    assert "Invalid access token." in response.text
    assert not token.strip() or token not in response.text


def test_response_to_invalid_token_is_delayed(client: TestClient, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sign_in, "FAILED_SIGN_IN_DELAY", 0.2)
    started = time.monotonic()
    client.post(SIGN_IN, data={"token": "a guess"}, headers=SAME_ORIGIN)
    assert time.monotonic() - started >= 0.2


def test_oversized_form_is_rejected(client: TestClient):
    assert client.post(SIGN_IN, content=b"token=" + b"x" * 5000, headers=SAME_ORIGIN).status_code == 413


@pytest.mark.parametrize(
    "headers",
    [{"Origin": "https://evil.example.com"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"} | SAME_ORIGIN],
    ids=["origin", "null", "cross-site"],
)
def test_cross_site_sign_in_is_rejected(client: TestClient, headers: dict[str, str]):
    response = client.post(SIGN_IN, data={"token": WRITE}, headers=headers)
    assert (response.status_code, "set-cookie" in response.headers) == (403, False)
    assert "did not come from this page" in response.text


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
def test_cookie_attributes(client: TestClient, database: Database, origin: str, secure: bool):
    scheme, _, host = origin.partition("://")
    # The test client of older versions of Starlette cannot parse [::1] in a URL.
    with TestClient(make_app(database), base_url=f"{scheme}://host", follow_redirects=False) as other_client:
        response = other_client.post(SIGN_IN, data={"token": WRITE}, headers={"Origin": origin, "Host": host})
    attributes = {each.strip().lower() for each in response.headers["set-cookie"].split(";")[1:]}
    assert {"httponly", "samesite=lax", "path=/", "max-age=28800"} <= attributes
    assert ("secure" in attributes) is secure


def test_sign_out_closes_the_session(client: TestClient):
    page = sign_in_as(client)
    cookie = client.cookies[SESSION_COOKIE]
    response = client.post(SIGN_OUT, data={"csrf_token": csrf_token(page)}, headers=SAME_ORIGIN)
    assert (response.status_code, response.headers["location"]) == (303, SIGN_IN)
    assert SESSION_COOKIE not in client.cookies
    client.cookies[SESSION_COOKIE] = cookie
    assert client.get(PAGE).status_code == 303


@pytest.mark.parametrize(
    ("token", "headers"), [("wrong", SAME_ORIGIN), ("é", SAME_ORIGIN), (None, {"Origin": "https://evil.com"})]
)
def test_cross_site_sign_out_is_rejected(client: TestClient, token: str | None, headers: dict[str, str]):
    page = sign_in_as(client)
    response = client.post(SIGN_OUT, data={"csrf_token": token or csrf_token(page)}, headers=headers)
    assert response.status_code == 403
    assert client.get(PAGE).status_code == 200


def test_sign_out_of_expired_session_succeeds(client: TestClient, database: Database):
    sign_in_as(client)
    end_sessions(database)
    assert client.post(SIGN_OUT, data={"csrf_token": "old"}, headers=SAME_ORIGIN).headers["location"] == SIGN_IN


def test_sign_out_with_get_is_not_allowed(client: TestClient):
    sign_in_as(client)
    assert client.get(SIGN_OUT).status_code == 405
    assert client.get(PAGE).status_code == 200


def test_page_while_flag_is_off_says_how_to_turn_it_on_and_contains_no_data(client: TestClient, database: Database):
    page = sign_in_as(client)
    with database.write_transaction() as connection:
        feature_flag.set_enabled(connection, False)
    responses = [
        client.get(PAGE),
        client.get(SIGN_IN),
        client.post(SIGN_IN, data={"token": WRITE}, headers=SAME_ORIGIN),
        client.post(SIGN_OUT, data={"csrf_token": csrf_token(page)}, headers=SAME_ORIGIN),
    ]
    client.cookies.clear()
    responses.append(client.get(PAGE))
    for response in responses:
        assert (response.status_code, response.text) == (404, responses[0].text)
    assert "<code>roster instance flag on</code>" in responses[0].text
    assert "GitLab" not in responses[0].text
    for name in re.findall(r'/admin/assets/([^"]+)"', responses[0].text):
        assert client.get(f"/admin/assets/{name}").status_code == 200


def test_page_is_back_after_flag_is_turned_on_again(client: TestClient, database: Database):
    sign_in_as(client)
    for enabled, status in ((False, 404), (True, 200)):
        with database.write_transaction() as connection:
            feature_flag.set_enabled(connection, enabled)
        assert client.get(PAGE).status_code == status


def test_hostile_model_name_is_escaped(client: TestClient):
    page = sign_in_as(client)
    assert HOSTILE not in page
    assert "<script>alert" not in page
    assert f"<bdi>{str(escape(HOSTILE)).replace('&quot;', '&#34;')}</bdi>" in page


def test_read_only_session_gets_no_script_that_saves_and_a_notice(client: TestClient):
    page = sign_in_as(client, READ)
    assert "Read-only access:" in page
    assert re.findall(r"<script [^>]*/(\w+)\.\w+\.js", page) == ["time", "forms_on_demand", "search", "read_only"]
    assert not re.search(r"/(saving|unsaved_bar|bulk)\.", page)
    form = open_feature(client, "duo_chat")
    assert ">Save</button>" not in form
    assert 'id="unsaved-changes"' not in page + form
    assert re.findall("<fieldset([^>]*)>", form) == [" disabled", ' class="modes"', ' class="options"']


def test_unavailable_models_are_explained(client: TestClient):
    pages = sign_in_as(client), open_feature(client, "code-completion")
    text = " ".join(re.sub(r"<[^>]+>", "", "".join(pages)).split())
    notice = "Your selection is kept and applies again when the model returns."
    replacement = "its replacement, GitLab: Claude Sonnet 4, serves the feature instead"
    default = "the roster default, GitLab: Claude Sonnet 4, serves the feature instead"
    for sentence in (
        f"GitLab: Claude 3.5 Haiku was retired on 30 June 2026; {replacement}. {notice}",
        f"GitLab: Claude 3.5 Sonnet is unavailable; {default}. {notice}",
        "GitLab: Claude 3.5 Sonnet is allowed but currently unavailable.",
        "No model serves this feature anymore. Your selection, GitLab: Claude 3.5 Sonnet, is kept",
        "List last synced 12 minutes ago",
        "The roster default, GitLab: Codestral 25.01, applies",
    ):
        assert sentence in text
    assert re.search(
        r"retires on 1 December 2026 \(.+?\); its replacement is GitLab: Claude Sonnet 4\.|was retired on 1", text
    )


def test_sync_failure_is_shown_escaped(client: TestClient, database: Database):
    fail_sync(database, "<no> response")
    page = sign_in_as(client)
    assert "The list of models could not be updated:" in page
    assert "<bdi>&lt;no&gt; response</bdi>" in page


def test_entries_left_out_of_the_list_are_shown_escaped(client: TestClient, database: Database):
    assert "The list is incomplete:" not in sign_in_as(client)
    leave_out(database, 'the model "<a>" is left out: x', "2 more are left out")
    page = sign_in_as(client)
    assert "The list is incomplete:" in page
    assert "<bdi>the model &#34;&lt;a&gt;&#34; is left out: x</bdi>" in page
    assert "<bdi>2 more are left out</bdi>" in page


def test_page_without_list_has_an_empty_state(client: TestClient, database: Database):
    with database.write_transaction() as connection:
        connection.execute(delete(lists))
    assert "No list of models yet" in sign_in_as(client)


def test_links_respect_the_root_path(database: Database, monkeypatch: pytest.MonkeyPatch):
    with TestClient(
        make_app(database), base_url="http://127.0.0.1:8080/", root_path="/ai", follow_redirects=False
    ) as other_client:
        redirect = other_client.get("/ai" + PAGE)
        assert redirect.headers["location"] == "/ai" + SIGN_IN
        assert f'action="/ai{SIGN_IN}"' in other_client.get("/ai" + SIGN_IN).text


def test_page_with_feature_parameter_has_one_form(client: TestClient):
    sign_in_as(client)
    page = client.get(PAGE, params={"feature": "glab_ask"}).text
    assert re.findall(r'<form data-feature="([^"]+)"', page) == ["glab_ask"]


def test_page_of_unknown_feature_says_so_and_leads_back(client: TestClient):
    sign_in_as(client)
    page = open_feature(client, "<b>")
    assert "No model serves a feature with the name <code><bdi>&lt;b&gt;</bdi></code>" in page
    assert f'<a href="{PAGE}">All features</a>' in page


def test_busy_database_responds_503(client: TestClient, migrated_url: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(worker_threads, "WRITE_WAIT_SECONDS", 0.1)
    form = {"csrf_token": csrf_token(sign_in_as(client))}
    with open_database(migrated_url) as other, other.write_transaction():
        for path, fields in ((SIGN_IN, {"token": WRITE}), (SIGN_OUT, form)):
            response = client.post(path, data=fields, headers=SAME_ORIGIN)
            assert (response.status_code, response.headers["retry-after"]) == (503, "10")
            assert "The database is busy" in response.text
        assert client.get(PAGE).status_code == 200
    assert client.post(SIGN_OUT, data=form, headers=SAME_ORIGIN).status_code == 303


@pytest.mark.parametrize("path", [PAGE, SIGN_IN])
def test_unavailable_database_responds_503(path: str, tmp_path: Path, caplog: pytest.LogCaptureFixture):
    unavailable = Database(Secret(f"sqlite:///{tmp_path}/no/folder.db"))
    with TestClient(make_app(unavailable), base_url="http://127.0.0.1:8080", follow_redirects=False) as other_client:
        response = other_client.get(path)
    assert (response.status_code, response.headers["retry-after"]) == (503, "10")
    assert "The database is unavailable" in response.text
    assert response.headers["content-security-policy"]
    assert f"the sqlite database {tmp_path}/no/folder.db cannot be used: unable to open" in caplog.text
