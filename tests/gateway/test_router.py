"""The list over HTTP: filters, compression and conditional requests."""

import gzip
import re
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from roster import http_paths
from tests.accept.example_downloads import KINDS, envelope
from tests.download.scripted_server import ScriptedServer, answer, ok
from tests.gateway.gateway_helpers import DEFINITIONS, LIST, client, updater

GZIP = {"Accept-Encoding": "gzip"}


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def asking(tmp_path: Path) -> TestClient:
    """A client of a served list."""
    return of(tmp_path)


def of(folder: Path, kind: str = "gateway") -> TestClient:
    with ScriptedServer(ok(KINDS[kind])) as server:
        source = updater(server.origin, folder / "kept")
        source.start()
    return client(source)


def ids(asking: TestClient, query: str) -> list[str]:
    response = asking.get(f"{LIST}?{query}")
    assert response.status_code == 200
    return [model["id"] for model in response.json()]


class TestList:
    def test_list_equals_offered_models_json(self, tmp_path: Path, kind: str):
        response = of(tmp_path, kind).get(LIST)
        assert response.status_code == 200
        assert response.content == KINDS["offered_models"]
        assert response.headers["content-type"] == "application/json"
        assert response.headers["content-length"] == str(len(KINDS["offered_models"]))
        assert response.headers["cache-control"] == "private, no-cache"

    def test_head_has_headers_of_get(self, asking: TestClient):
        for path in (LIST, DEFINITIONS, http_paths.LIVENESS):
            head, got = asking.head(path), asking.get(path)
            assert (head.status_code, head.headers, head.content) == (200, got.headers, b"")

    def test_head_of_changing_responses(self, asking: TestClient):
        for path in (http_paths.READINESS, http_paths.METRICS):
            head, got = asking.head(path), asking.get(path)
            assert (head.status_code, head.headers.keys(), head.content) == (200, got.headers.keys(), b"")
        assert client(None).head(LIST).status_code == 404

    def test_other_methods_are_rejected(self, asking: TestClient):
        assert {asking.request(method, LIST).status_code for method in ("POST", "PUT", "PATCH", "DELETE")} == {405}


class TestFilters:
    @pytest.mark.parametrize(
        ("query", "expected"),
        [
            ("feature=duo_chat", ["gemini", "mistral"]),
            ("feature=duo_chat&feature=code-completion", ["claude", "gemini", "mistral"]),
            ("feature=code-completion&feature=unheard-of", ["claude"]),
            ("feature=unheard-of", []),
            ("feature=", []),
            ("feature=DUO_CHAT", []),
            ("release_state=GA", ["claude", "gemini", "mistral"]),
            ("release_state=BETA", []),
            ("release_state=BETA&release_state=GA&feature=code-generation", ["claude"]),
            ("feature=duo_chat&release_state=EXPERIMENT", []),
            ("other=x", ["claude", "gemini", "mistral"]),
        ],
    )
    def test_filters_select_models(self, asking: TestClient, query: str, expected: list[str]):
        assert ids(asking, query) == expected

    def test_filtered_list_has_same_format(self, asking: TestClient):
        everything = asking.get(f"{LIST}?release_state=GA").content
        assert everything == KINDS["offered_models"]
        assert asking.get(f"{LIST}?feature=unheard-of").content == b"[]\n"

    def test_unknown_release_state_is_422(self, asking: TestClient):
        response = asking.get(f"{LIST}?release_state=ga")
        assert response.status_code == 422
        assert "'GA', 'BETA' or 'EXPERIMENT'" in response.text

    @pytest.mark.parametrize("query", ["release_state=no&" * 2000, f"release_state={'no' * 20_000}"])
    def test_error_is_short_for_many_and_long_values(self, asking: TestClient, query: str):
        response = asking.get(f"{LIST}?{query}")
        assert response.status_code == 422
        assert len(response.content) < 2000
        assert "'GA', 'BETA' or 'EXPERIMENT'" in response.text

    def test_each_filter_has_its_own_etag(self, asking: TestClient):
        chat = asking.get(f"{LIST}?feature=duo_chat").headers["etag"]
        assert chat != asking.get(LIST).headers["etag"]
        assert asking.get(f"{LIST}?feature=duo_chat", headers={"If-None-Match": chat}).status_code == 304


class TestDefinitions:
    def test_definitions_equal_those_of_gateway_json(self, asking: TestClient):
        assert asking.get(DEFINITIONS).json() == envelope()["definitions"]

    def test_roster_gives_same_definitions(self, tmp_path: Path):
        assert of(tmp_path, "roster").get(DEFINITIONS).json() == envelope()["definitions"]

    def test_definitions_have_etag(self, asking: TestClient):
        etag = asking.get(DEFINITIONS).headers["etag"]
        assert asking.get(DEFINITIONS, headers={"If-None-Match": etag}).status_code == 304


class TestETag:
    def test_etag_is_strong_and_depends_on_encoding(self, asking: TestClient):
        plain, zipped = asking.get(LIST), asking.get(LIST, headers=GZIP)
        assert plain.headers["etag"] != zipped.headers["etag"]
        assert plain.headers["etag"].startswith('"')
        assert zipped.headers["etag"].startswith('"')
        assert {each.headers["vary"] for each in (plain, zipped)} == {"Accept-Encoding, Authorization"}

    @pytest.mark.parametrize("form", ["identity", "gzip"])
    @pytest.mark.parametrize("header", ["{}", "W/{}", '"other", {}', '"a,b",W/{} , "c"', "*", " * "])
    def test_matching_if_none_match_is_304(self, asking: TestClient, header: str, form: str):
        etag = asking.get(LIST, headers={"Accept-Encoding": form}).headers["etag"]
        response = asking.get(LIST, headers={"Accept-Encoding": form, "If-None-Match": header.format(etag)})
        assert response.status_code == 304
        assert response.content == b""
        assert response.headers["etag"] == etag
        assert "content-length" not in response.headers

    def test_several_if_none_match_headers_are_joined(self, asking: TestClient):
        etag = asking.get(LIST).headers["etag"]
        for several in ((etag, '"other"'), ('"other"', etag)):
            headers = [("If-None-Match", each) for each in several]
            assert asking.get(LIST, headers=headers).status_code == 304

    @pytest.mark.parametrize("header", ['"other"', "", "{bare}", '"*"', "w/{etag}", '"other", *'])
    def test_other_if_none_match_is_200(self, asking: TestClient, header: str):
        etag = asking.get(LIST).headers["etag"]
        headers = {"If-None-Match": header.format(etag=etag, bare=etag.strip('"'))}
        assert asking.get(LIST, headers=headers).content == KINDS["offered_models"]

    def test_gzip_etag_does_not_match_plain_response(self, asking: TestClient):
        """A cache would otherwise serve the compressed form to a client that cannot decode it."""
        zipped = asking.get(LIST, headers=GZIP).headers["etag"]
        assert asking.get(LIST, headers={"If-None-Match": zipped}).status_code == 200


class TestGzip:
    @pytest.mark.parametrize(
        ("accepted", "zipped"),
        [
            ("gzip", True),
            ("GZIP", True),
            ("br, gzip;q=0.1", True),
            ("deflate;q=1.0, gzip ; q=1.000", True),
            ("*", True),
            ("*;q=0, gzip", True),
            ("", False),
            ("identity", False),
            ("br, deflate", False),
            ("gzip;q=0", False),
            ("gzip;q=0.000", False),
            ("*;q=0", False),
            ("gzip;q=0, *", False),
        ],
    )
    def test_gzip_is_sent_if_accepted(self, asking: TestClient, accepted: str, zipped: bool):
        with asking.stream("GET", LIST, headers={"Accept-Encoding": accepted}) as response:
            raw = b"".join(response.iter_raw())
        assert response.headers.get("content-encoding") == ("gzip" if zipped else None)
        assert (gzip.decompress(raw) if zipped else raw) == KINDS["offered_models"]
        assert response.headers["content-length"] == str(len(raw))


class TestNoList:
    def test_feature_off_is_reported(self):
        asking = client(None)
        for path in (LIST, DEFINITIONS):
            response = asking.get(path)
            assert response.status_code == 404
            assert response.json()["detail"].startswith("model switching is off")
        readiness = asking.get("/-/readiness")
        assert (readiness.status_code, readiness.json()) == (200, {"status": "off"})
        assert re.findall("^[a-z_]+", asking.get("/metrics").text, re.MULTILINE) == ["roster_gateway_build_info"]

    def test_503_before_first_list(self, tmp_path: Path):
        with ScriptedServer(answer("401 Unauthorized")) as server:
            source = updater(server.origin, tmp_path / "kept")
            source.start()
        asking = client(source)
        for path in (LIST, DEFINITIONS, f"{LIST}?feature=duo_chat"):
            response = asking.get(path, headers={"If-None-Match": "*"})
            assert (response.status_code, response.headers["retry-after"]) == (503, "30")
            assert response.json() == {"detail": "no list has been accepted yet"}
        readiness = asking.get("/-/readiness")
        assert (readiness.status_code, readiness.json()["status"]) == (503, "not ready")
        assert readiness.json()["active"] is None
        assert asking.get("/-/liveness").json() == {"status": "alive"}
        assert "roster_active_version{" not in asking.get("/metrics").text


def test_model_has_required_keys(asking: TestClient):
    assert list(asking.get(LIST).json()[0]) == ["name", "id", "release_state", "features"]
