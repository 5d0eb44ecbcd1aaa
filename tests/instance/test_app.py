"""The app: its routes, and its responses without a usable database."""

import json
import logging
from collections import Counter
from typing import Any

import pytest
from fastapi.testclient import TestClient

from roster import http_paths
from roster.findings import ConfigurationError
from roster.instance.app import create_app, require_write_token
from roster.instance.auth.token_authentication import Authentication
from roster.instance.auth.token_revocation import revoke_by_name
from roster.instance.auth.tokens import Access, add_token, hash_token
from roster.instance.database import feature_flag
from roster.instance.database.connections import Database
from roster.instance.http import paths
from roster.instance.instance_settings import GATEWAY_URL, PREFIX, load_settings
from roster.instance.page.graphiql import router as graphiql
from roster.instance.page.static_files import ASSETS
from roster.settings.secret import Secret
from tests.download.download_helpers import CANARY
from tests.download.scripted_server import ScriptedServer, ok
from tests.gateway.gateway_helpers import until
from tests.instance.http.test_monitoring import request_counts
from tests.instance.selection.offered_lists import store_selection
from tests.instance.sync.sync_helpers import OLD
from tests.instance.test_serve import FEATURES, TOKEN, variables
from tests.instance.webhook.receiver import SECRET, receiving

_GET_AND_HEAD = ("GET", "HEAD")
AUTHORIZED = {"Authorization": f"Bearer {TOKEN}"}


def client(url: str, **more: str) -> TestClient:
    settings, _ = load_settings(variables(url, **more))
    return TestClient(create_app(settings, Database(Secret(url))), raise_server_exceptions=False)


@pytest.fixture
def url(migrated_url: str) -> str:
    database = Database(Secret(migrated_url))
    with database.write_transaction() as connection:
        feature_flag.set_enabled(connection, True)
    database.close()
    return migrated_url


class TestResponses:
    @pytest.mark.parametrize("path", ["/docs", "/redoc", "/openapi.json"])
    def test_framework_routes_are_disabled(self, url: str, path: str):
        assert client(url).get(path).status_code == 404

    def test_root_redirects_to_the_page(self, url: str):
        response = client(url).get("/", follow_redirects=False)
        assert (response.status_code, response.headers["location"]) == (303, paths.PAGE)

    def test_internal_error_of_a_page_has_the_request_id(self, url: str, monkeypatch: pytest.MonkeyPatch):
        http = client(url)
        monkeypatch.setattr(Authentication, "check", lambda *_: 1 / 0)
        response = http.get(paths.EXPORT_JSON, headers=AUTHORIZED | {"X-Request-Id": "caller-1"})
        assert (response.status_code, response.text) == (500, "Internal Server Error")
        assert response.headers["X-Request-Id"] == "caller-1"
        assert response.headers["Content-Security-Policy"] == "default-src 'none'; frame-ancestors 'none'"
        assert request_counts(http)["GET", paths.EXPORT_JSON, "500"] == 1

    def test_other_origins_use_the_api_only_if_configured(self, url: str):
        preflight = {"Origin": "https://console.example.com", "Access-Control-Request-Method": "POST"}
        preflight["Access-Control-Request-Headers"] = "authorization,content-type"

        def post(api: TestClient, origin: str = preflight["Origin"]) -> Any:
            query = {"query": "{ rosterVersion }"}
            return api.post(paths.API, json=query, headers=AUTHORIZED | {"Origin": origin})

        api = client(url)
        assert "access-control-allow-origin" not in api.options(paths.API, headers=preflight).headers
        assert "access-control-allow-origin" not in post(api).headers
        origins = "https://other.example.com, https://console.example.com"
        settings, _ = load_settings(variables(url, CORS_ORIGINS=origins))
        api = TestClient(create_app(settings, Database(Secret(url))))
        for response in (api.options(paths.API, headers=preflight), post(api)):
            assert response.status_code == 200
            assert response.headers["access-control-allow-origin"] == "https://console.example.com"
            assert "access-control-allow-credentials" not in response.headers
        assert "access-control-allow-origin" not in post(api, "https://evil.example.com").headers
        assert "access-control-allow-origin" not in api.get(paths.SIGN_IN, headers=preflight).headers

    def test_no_response_redirects_to_host_of_request(self, url: str):
        pages = [paths.ROOT, paths.PAGE, paths.SIGN_IN, paths.SIGN_OUT, paths.ASSETS, paths.API]
        for path in [*pages, f"{paths.PAGE}/duo_chat", http_paths.READINESS, http_paths.METRICS]:
            for method in ("GET", "POST", "HEAD"):
                for each in (path, f"{path}/"):
                    headers = {"Host": "evil.example"}
                    response = client(url).request(method, each, headers=headers, follow_redirects=False)
                    assert "evil.example" not in response.headers.get("location", ""), (method, each)

    def test_requests_are_counted_by_path_template(self, url: str):
        with client(url) as http:
            http.post("/api/graphql", json={"query": FEATURES}, headers=AUTHORIZED)
            http.get("/admin/assets/none.css")
            http.get("/admin/sign_in")
            assert request_counts(http) == {
                ("POST", "/api/graphql", "200"): 1,
                ("GET", "/admin/assets/{file}", "404"): 1,
                ("GET", "/admin/sign_in", "200"): 1,
            }

    def test_head_is_answered_as_get_without_a_body(self, url: str):
        own_paths = {path for name, path in vars(paths).items() if name.isupper() and isinstance(path, str)}
        assets = {f"{paths.ASSETS}/{name}" for name in (*ASSETS, "none.css")}
        assets |= {f"{paths.GRAPHIQL_ASSETS}/{file.url_name}" for file in graphiql.FILES.by_name.values()}
        statuses = Counter[int]()
        with client(url) as http:
            for path in sorted(own_paths | assets | {*http_paths.MONITORING_PATHS, "/nowhere"}):
                for authorization in (AUTHORIZED, {}):
                    headers = authorization | {"X-Request-Id": "of-this-test"}
                    get, head = (http.request(m, path, headers=headers, follow_redirects=False) for m in _GET_AND_HEAD)
                    assert (head.status_code, head.content) == (get.status_code, b""), path
                    if path in (*http_paths.MONITORING_PATHS, paths.GRAPHIQL):  # each has another content and nonce
                        for name in ("Content-Length", "Content-Security-Policy"):
                            get.headers.pop(name), head.headers.pop(name)
                    assert head.headers == get.headers, path
                    statuses[get.status_code] += 1
        assert statuses.keys() == {200, 303, 400, 401, 404, 405}

    def test_request_id_is_returned_and_logged(self, url: str, caplog: pytest.LogCaptureFixture):
        http = client(url)
        with caplog.at_level(logging.INFO, "roster.instance.access"):
            for path in ("/admin/sign_in", "/api/graphql", "/-/liveness", "/nowhere"):
                response = http.get(path, headers={"X-Request-Id": "of-this-test"})
                assert response.headers.get_list("X-Request-Id") == ["of-this-test"], path
        assert len(caplog.records) == 4

    def test_probes_can_be_left_out_of_the_log(self, url: str, caplog: pytest.LogCaptureFixture):
        http = client(url, LOG_PROBES="false")
        with caplog.at_level(logging.INFO, "roster.instance.access"):
            for path in (*http_paths.MONITORING_PATHS, "/admin/sign_in"):
                http.get(path)
        assert [vars(record)["path"] for record in caplog.records] == ["/admin/sign_in"]

    def test_metrics_of_the_process_are_served(self, url: str):
        assert "process_resident_memory_bytes" in client(url).get("/metrics").text

    @pytest.mark.parametrize(
        ("path", "status"),
        [("/admin/sign_in", 200), ("/admin/model_selection", 303), ("/api/graphql", 401), ("/-/readiness", 200)],
    )
    def test_security_headers_are_set(self, url: str, path: str, status: int):
        answer = client(url).get(path, follow_redirects=False)
        assert answer.status_code == status
        policy = answer.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["X-Frame-Options"] == "DENY"
        assert answer.headers["Cache-Control"] == "no-store"


def test_stored_write_token_is_enough_to_start(database: Database):
    settings, _ = load_settings({})
    with database.write_transaction() as connection:
        add_token(connection, "reader", hash_token("reader"), Access.READ)
    with pytest.raises(ConfigurationError, match="no token has write access"):
        require_write_token(settings, database)
    with database.write_transaction() as connection:
        add_token(connection, "alice", hash_token("alice"), Access.WRITE)
    require_write_token(settings, database)
    with database.write_transaction() as connection:
        revoke_by_name(connection, "alice")
    with pytest.raises(ConfigurationError, match="no token has write access"):
        require_write_token(settings, database)


class TestUnusableDatabase:
    URL = f"postgresql+psycopg://roster:{CANARY}@127.0.0.1:1/roster"

    @pytest.mark.parametrize("path", ["/admin/model_selection", "/admin/sign_in"])
    def test_page_responds_with_503(self, path: str, caplog: pytest.LogCaptureFixture):
        answer = client(self.URL).get(path)
        assert answer.status_code == 503
        assert "127.0.0.1" not in answer.text
        assert "the postgresql database roster@127.0.0.1:1/roster cannot be used: connection failed" in caplog.text
        assert CANARY not in caplog.text + answer.text

    def test_api_responds_with_503(self, caplog: pytest.LogCaptureFixture):
        with caplog.at_level(logging.DEBUG):
            answer = client(self.URL).post("/api/graphql", json={"query": FEATURES}, headers=AUTHORIZED)
        assert answer.status_code == 503
        assert answer.json()["errors"]
        assert "127.0.0.1" not in answer.text
        assert CANARY not in caplog.text + answer.text

    def test_app_is_alive_and_not_ready(self):
        http = client(self.URL)
        assert http.get("/-/liveness").status_code == 200
        assert http.get("/-/readiness").status_code == 503

    def test_app_shuts_down(self):
        with client(self.URL) as http:
            assert http.get("/-/liveness").status_code == 200


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        ({"method": "DELETE"}, 405),
        ({"method": "POST", "content": json.dumps({"query": FEATURES})}, 415),
        ({"method": "POST", "json": {"query": FEATURES}, "headers": {"Authorization": "Bearer x"}}, 401),
        ({"method": "POST", "json": {"query": FEATURES}, "headers": {}}, 401),
    ],
    ids=["DELETE", "no content type", "an unknown token", "no token"],
)
def test_documented_request_errors(url: str, request_: dict, status: int):
    answer = client(url).request(url="/api/graphql", **{"headers": AUTHORIZED} | request_)
    assert answer.status_code == status


class TestWebhook:
    def test_leader_sends_new_notices_after_a_sync(self, url: str):
        database = Database(Secret(url))
        with database.write_transaction() as connection:
            store_selection(connection, "duo_chat", "gone")
        database.close()
        with ScriptedServer(ok(OLD)) as gateway, receiving() as receiver:
            webhook = {f"{PREFIX}WEBHOOK_URL": receiver.url, f"{PREFIX}WEBHOOK_SECRET": SECRET}
            settings, _ = load_settings(variables(url) | {GATEWAY_URL: gateway.origin} | webhook)
            with TestClient(create_app(settings, Database(Secret(url)))) as http:
                until(lambda: len(receiver.messages) == 2)
                until(lambda: 'webhook_deliveries_total{outcome="delivered"} 2' in http.get("/metrics").text)
        kinds = {message.content["data"]["kind"] for message in receiver.messages}
        assert kinds == {"default_unavailable", "new_models"}
        assert all(message.is_signed() for message in receiver.messages)
