"""An instance behind a reverse proxy: below a path of its host, and with the headers of proxies that it trusts."""

import re

import pytest
from fastapi.testclient import TestClient
from starlette.datastructures import Headers

from roster import http_paths
from roster.instance.app import create_app
from roster.instance.auth.sessions import SESSION_COOKIE, session_cookie
from roster.instance.database import feature_flag
from roster.instance.database.connections import Database
from roster.instance.http import paths
from roster.instance.instance_settings import load_settings
from roster.instance.page.static_files import ASSETS
from roster.settings.secret import Secret
from tests.instance.selection.offered_lists import SMALL_LIST, store_list
from tests.instance.test_serve import TOKEN, variables

HOST = "127.0.0.1:8080"
SAME_ORIGIN = {"Origin": f"http://{HOST}"}
LINK = re.compile(r'(?:src|href|action|content|data-models)="(/[^"]*)"')


@pytest.fixture
def url(migrated_url: str) -> str:
    database = Database(Secret(migrated_url))
    with database.write_transaction() as connection:
        feature_flag.set_enabled(connection, True)
        store_list(connection, SMALL_LIST)
    database.close()
    return migrated_url


def client(url: str, peer: str = "127.0.0.1", **more: str) -> TestClient:
    """Return a client whose requests come from an address."""
    settings, _ = load_settings(variables(url, **more))
    app = create_app(settings, Database(Secret(url)))
    return TestClient(app, f"http://{HOST}", client=(peer, 50000), follow_redirects=False)


class TestRootPath:
    @pytest.mark.parametrize("prefix", ["", "/ai"], ids=["removed by the proxy", "kept by the proxy"])
    def test_signing_in_and_all_links_stay_below_it(self, url: str, prefix: str):
        http = client(url, ROOT_PATH="/ai/")
        assert http.get(f"{prefix}/").headers["Location"] == f"/ai{paths.PAGE}"
        location = http.get(f"{prefix}{paths.MODELS}?q=a").headers["Location"]
        assert location == f"/ai{paths.SIGN_IN}?return_to={paths.MODELS}%3Fq%3Da"
        form = {"token": TOKEN, "return_to": f"{paths.MODELS}?q=a"}
        signed_in = http.post(prefix + paths.SIGN_IN, data=form, headers=SAME_ORIGIN)
        assert signed_in.headers["Location"] == f"/ai{paths.MODELS}?q=a"
        assert "; Path=/ai;" in signed_in.headers["Set-Cookie"]
        cookie = {"Cookie": signed_in.headers["Set-Cookie"].partition(";")[0]}
        http.cookies.clear()  # the client stores the cookie of requests with the prefix only
        for path in (paths.SIGN_IN, *paths.NAVIGATION.values()):
            page = http.get(prefix + path, headers={} if path == paths.SIGN_IN else cookie)
            links = LINK.findall(page.text)
            assert (page.status_code, len(links) > 3) == (200, True), path
            assert [link for link in links if not link.startswith("/ai/")] == [], path
            for link in dict.fromkeys(links):
                answer = http.get(link if prefix else link.removeprefix("/ai"), headers=cookie)
                assert answer.status_code in (200, 303, 400, 405), link
        csrf = re.findall(r'name="csrf_token" value="([^"]+)"', page.text)[0]
        signed_out = http.post(prefix + paths.SIGN_OUT, data={"csrf_token": csrf}, headers={**SAME_ORIGIN, **cookie})
        assert signed_out.headers["Location"] == f"/ai{paths.SIGN_IN}"
        assert "; Path=/ai;" in signed_out.headers["Set-Cookie"]

    def test_paths_with_and_without_it_are_answered_alike(self, url: str):
        http = client(url, ROOT_PATH="/ai")
        asset = f"{paths.ASSETS}/{next(iter(ASSETS))}"
        for path in ("/", paths.PAGE, asset, paths.API, paths.EXPORT_CSV, http_paths.READINESS, "/nowhere"):
            with_root_path, without = http.get(f"/ai{path}"), http.get(path)
            assert with_root_path.status_code == without.status_code, path
            assert with_root_path.headers.get("Location") == without.headers.get("Location"), path
        assert http.get("/ai").headers["Location"] == f"/ai{paths.PAGE}"
        assert http.get(f"/aix{http_paths.LIVENESS}").status_code == 404

    def test_requests_are_counted_by_path_template_without_it(self, url: str):
        http = client(url, ROOT_PATH="/ai")
        http.get(f"/ai{http_paths.LIVENESS}")
        labels = f'method="GET",path="{http_paths.LIVENESS}",status="200"'
        assert f"roster_instance_request_seconds_count{{{labels}}} 1.0" in http.get(http_paths.METRICS).text


class TestTrustedProxies:
    def test_cookie_is_secure_if_a_trusted_proxy_terminates_tls(self, url: str):
        """The host is this machine's, to which a cookie without TLS is not marked as secure."""
        headers = {"Origin": f"https://{HOST}", "X-Forwarded-Proto": "https", "X-Forwarded-For": "192.0.2.1"}
        for trusted, secure, others in (
            (None, ["127.0.0.1", "::1"], ["10.0.0.7"]),
            ("10.0.0.0/24, 2001:db8::/32", ["10.0.0.7", "2001:db8::7"], ["10.0.1.7", "127.0.0.1"]),
            ("none", [], ["127.0.0.1"]),
        ):
            for peer in secure + others:
                http = client(url, peer, **({"TRUSTED_PROXIES": trusted} if trusted else {}))
                response = http.post(paths.SIGN_IN, data={"token": TOKEN}, headers=headers)
                assert response.status_code == 303
                assert ("; Secure" in response.headers["Set-Cookie"]) == (peer in secure), (trusted, peer)

    def test_origin_is_compared_with_the_host_behind_tls(self, url: str):
        http = client(url)
        for origin, status in ((f"https://{HOST}", 303), ("https://evil.example", 403), (f"https://{HOST}0", 403)):
            headers = {"Origin": origin, "X-Forwarded-Proto": "https", "X-Forwarded-Host": "evil.example"}
            assert http.post(paths.SIGN_IN, data={"token": TOKEN}, headers=headers).status_code == status, origin


@pytest.mark.parametrize(
    ("cookies", "expected"),
    [
        ([], ""),
        (["other=x"], ""),
        ([f"other=x; {SESSION_COOKIE}=ours; {SESSION_COOKIE}=of-a-shorter-path"], "ours"),
        ([f"x{SESSION_COOKIE}=x", f"{SESSION_COOKIE}=ours"], "ours"),
    ],
)
def test_first_session_cookie_is_used(cookies: list[str], expected: str):
    assert session_cookie(Headers(raw=[(b"cookie", cookie.encode()) for cookie in cookies])) == expected
