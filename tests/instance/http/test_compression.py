"""Compression of responses: which are compressed, for whom, and that their content is unchanged."""

import gzip
from collections.abc import Iterator

import pytest
from fastapi import FastAPI, Response
from fastapi.responses import StreamingResponse
from fastapi.testclient import TestClient

from roster.instance.http.compression import CompressionMiddleware

TEXT = "a feature, a model and 200,000 tokens of context; " * 100
RANDOM_ORDER = "".join(chr(32 + number * number * 7919 % 95) for number in range(200_000))


@pytest.fixture(scope="module")
def client() -> TestClient:
    app = FastAPI()
    app.add_middleware(CompressionMiddleware)

    @app.get("/page")
    def page(size: int = len(TEXT), kind: str = "text/html") -> Response:
        return Response(TEXT[:size], media_type=kind, headers={"Vary": "Accept"})

    @app.get("/large")
    def large() -> Response:
        return Response(RANDOM_ORDER, media_type="application/json")

    @app.get("/rows")
    def rows() -> Response:
        def lines() -> Iterator[str]:
            yield "feature,model\n"
            yield from (f"feature_{number},model\n" for number in range(50))

        return StreamingResponse(lines(), media_type="text/csv")

    @app.get("/encoded")
    def encoded() -> Response:
        return Response(gzip.compress(TEXT.encode()), media_type="text/html", headers={"Content-Encoding": "gzip"})

    @app.get("/empty")
    def empty() -> Response:
        return Response(status_code=204)

    return TestClient(app)


GZIP, NONE = {"Accept-Encoding": "gzip, deflate, br"}, {"Accept-Encoding": "identity"}


def test_text_is_compressed_for_clients_that_accept_gzip(client: TestClient):
    compressed, plain = client.get("/page", headers=GZIP), client.get("/page", headers=NONE)
    assert (compressed.headers["content-encoding"], "content-encoding" in plain.headers) == ("gzip", False)
    assert int(compressed.headers["content-length"]) < 200 < int(plain.headers["content-length"]) == len(TEXT)
    assert compressed.text == plain.text == TEXT
    for response in (compressed, plain):
        assert response.headers["vary"] == "Accept, Accept-Encoding"


@pytest.mark.parametrize("accepted", ["gzip;q=0", "br", "gzip;q=0, *"])
def test_client_that_refuses_gzip_gets_plain_text(client: TestClient, accepted: str):
    assert "content-encoding" not in client.get("/page", headers={"Accept-Encoding": accepted}).headers


def test_small_response_is_sent_as_it_is(client: TestClient):
    response = client.get("/page?size=999", headers=GZIP)
    assert ("content-encoding" in response.headers, response.text) == (False, TEXT[:999])


@pytest.mark.parametrize(
    ("kind", "is_compressed"),
    [
        ("application/json", True),
        ("application/graphql-response+json; charset=utf-8", True),
        ("text/javascript", True),
        ("text/css", True),
        ("image/svg+xml", True),
        ("image/png", False),
        ("application/octet-stream", False),
    ],
)
def test_only_text_is_compressed(client: TestClient, kind: str, is_compressed: bool):
    response = client.get("/page", params={"kind": kind}, headers=GZIP)
    assert ("content-encoding" in response.headers) is is_compressed
    assert (response.headers["vary"] == "Accept, Accept-Encoding") is is_compressed
    assert response.text == TEXT


def test_large_response_is_unchanged(client: TestClient):
    response = client.get("/large", headers=GZIP)
    assert response.headers["content-encoding"] == "gzip"
    assert response.text == RANDOM_ORDER


def test_stream_is_compressed_as_it_is_produced(client: TestClient):
    response = client.get("/rows", headers=GZIP)
    assert (response.headers["content-encoding"], "content-length" in response.headers) == ("gzip", False)
    assert response.text == client.get("/rows", headers=NONE).text
    assert response.text.count("\n") == 51


def test_encoded_and_empty_responses_are_unchanged(client: TestClient):
    assert client.get("/encoded", headers=GZIP).text == TEXT
    assert client.get("/empty", headers=GZIP).content == b""
