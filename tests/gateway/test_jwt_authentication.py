"""JWT authentication: tokens, key sets and their refresh."""

import base64
import hashlib
import hmac
import json
import logging
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from fastapi import HTTPException
from fastapi.testclient import TestClient
from jwt.algorithms import ECAlgorithm, OKPAlgorithm, RSAAlgorithm

from roster.findings import ConfigurationError
from roster.gateway import Gateway
from roster.gateway.jwt_authentication import ALGORITHMS, JwtAuthentication
from roster.gateway.jwt_settings import JwtSettings, read_jwt_settings
from tests.accept.example_downloads import KINDS
from tests.download.scripted_server import Ending, Play, ScriptedServer, answer, endless, head, ok, redirect
from tests.gateway.gateway_helpers import DEFINITIONS, LIST, running, until, variables

AUDIENCE, ISSUER = "roster-gateway", "https://issuer.example.com"
PRIVATE: dict[str, Any] = {
    "RS256": rsa.generate_private_key(65537, 2048),
    "ES256": ec.generate_private_key(ec.SECP256R1()),
    "EdDSA": ed25519.Ed25519PrivateKey.generate(),
}
ANOTHER = rsa.generate_private_key(65537, 2048)
_AS_JWK: dict[str, Any] = {"RS256": RSAAlgorithm, "ES256": ECAlgorithm, "EdDSA": OKPAlgorithm}


def key_set(*names: str, **others: Any) -> bytes:
    """Return a key set: keys of ``PRIVATE``, whose ids are their algorithms, and other RSA keys by id."""
    keys = [_AS_JWK[name].to_jwk(PRIVATE[name].public_key(), as_dict=True) | {"kid": name} for name in names]
    keys += [RSAAlgorithm.to_jwk(key.public_key(), as_dict=True) | {"kid": kid} for kid, key in others.items()]
    return json.dumps({"keys": keys}).encode()


ALL = key_set(*PRIVATE)


def claims(**changes: Any) -> dict[str, Any]:
    now = int(time.time())
    valid_claims = {"aud": AUDIENCE, "iss": ISSUER, "exp": now + 60, "nbf": now - 60, "sub": "instance-1"} | changes
    return {name: value for name, value in valid_claims.items() if value is not None}


def token(algorithm: str = "RS256", key: Any = None, kid: str | None = "", **changes: Any) -> str:
    """Return a valid token with changed claims; a claim that is None is left out."""
    headers = {"kid": algorithm if kid == "" else kid} if kid is not None else {}
    return jwt.encode(claims(**changes), key or PRIVATE[algorithm], algorithm, headers)


def by_hand(header: dict[str, Any], key: bytes | None = None) -> str:
    """Return a token that no library would create."""

    def part(value: Any) -> str:
        return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")

    signed = f"{part(header)}.{part(claims())}"
    if key is None:
        return f"{signed}."
    mac = hmac.new(key, signed.encode(), hashlib.sha256).digest()
    return f"{signed}.{base64.urlsafe_b64encode(mac).decode().rstrip('=')}"


class Clock:
    """A clock that tests advance."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds


def guard(jwks: str, clock: Clock | None = None) -> JwtAuthentication:
    return JwtAuthentication(JwtSettings(jwks, AUDIENCE, ISSUER), clock or Clock())


def status(guarding: JwtAuthentication, bearer: str) -> int:
    """Return the status for a token; 200 if it is valid."""
    try:
        guarding.claims(bearer)
    except HTTPException as refusal:
        return refusal.status_code
    return 200


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "jwks.json"
    path.write_bytes(ALL)
    return path


@pytest.fixture
def asking(tmp_path: Path, file: Path) -> Iterator[TestClient]:
    """A client of a gateway with authentication."""
    callers = {"ROSTER_GATEWAY_JWKS": str(file), "ROSTER_GATEWAY_AUDIENCE": AUDIENCE, "ROSTER_GATEWAY_ISSUER": ISSUER}
    with ScriptedServer(ok(KINDS["gateway"])) as server:
        gateway = Gateway.from_environment(variables(server.origin, tmp_path / "kept") | callers)
        with running(gateway) as client:
            yield client


class TestSettings:
    CALLERS = {"ROSTER_GATEWAY_JWKS": "/a", "ROSTER_GATEWAY_AUDIENCE": "b", "ROSTER_GATEWAY_ISSUER": "c"}  # noqa: RUF012

    def test_authentication_is_off_by_default(self):
        assert read_jwt_settings({}) is None
        assert read_jwt_settings({"ROSTER_GATEWAY_JWKS": " "}) is None

    def test_all_variables_enable_authentication(self):
        assert read_jwt_settings(self.CALLERS) == JwtSettings("/a", "b", "c")

    @pytest.mark.parametrize("name", CALLERS)
    def test_incomplete_variables_are_rejected(self, name: str):
        with pytest.raises(ConfigurationError, match=f"^authentication is configured incompletely: {name} not set$"):
            read_jwt_settings(self.CALLERS | {name: ""})

    @pytest.mark.parametrize(
        "address", ["http://keys.example.com", "ftp://a/b", "file:///a", "https://u:p@a/b", "x://"]
    )
    def test_insecure_jwks_url_is_rejected(self, address: str):
        with pytest.raises(
            ConfigurationError, match=r"^ROSTER_GATEWAY_JWKS is invalid: must be the path of a file or an https URL$"
        ):
            read_jwt_settings(self.CALLERS | {"ROSTER_GATEWAY_JWKS": address})


class TestValidTokens:
    @pytest.mark.parametrize("algorithm", PRIVATE)
    def test_supported_algorithm_is_accepted(self, asking: TestClient, algorithm: str):
        headers = {"Authorization": f"Bearer {token(algorithm)}"}
        for path in (LIST, DEFINITIONS):
            assert asking.get(path, headers=headers).status_code == 200
        assert asking.get(LIST, headers=headers).content == KINDS["offered_models"]

    @pytest.mark.parametrize("algorithm", [*ALGORITHMS, "RS512", "PS384", "ES512"])
    def test_unsupported_algorithm_is_rejected(self, tmp_path: Path, algorithm: str):
        curves = {"ES384": ec.SECP384R1(), "ES512": ec.SECP521R1()}
        like = {"RS": "RS256", "PS": "RS256", "ES": "ES256", "Ed": "EdDSA"}[algorithm[:2]]
        key = ec.generate_private_key(curves[algorithm]) if algorithm in curves else PRIVATE[like]
        jwk = _AS_JWK[like].to_jwk(key.public_key(), as_dict=True) | {"kid": algorithm, "alg": algorithm}
        (tmp_path / "jwks").write_text(json.dumps({"keys": [jwk]}))
        expected = 200 if algorithm in ALGORITHMS else 401
        assert status(guard(str(tmp_path / "jwks")), token(algorithm, key)) == expected

    def test_scheme_is_case_insensitive(self, asking: TestClient):
        assert asking.get(LIST, headers={"Authorization": f"bearer {token()}"}).status_code == 200

    def test_one_of_several_audiences_is_sufficient(self, file: Path):
        assert status(guard(str(file)), token(aud=["another", AUDIENCE])) == 200

    def test_clock_leeway_is_accepted(self, file: Path):
        now = int(time.time())
        assert status(guard(str(file)), token(exp=now - 5)) == 200
        assert status(guard(str(file)), token(nbf=now + 5)) == 200

    def test_key_without_id_is_accepted(self, tmp_path: Path):
        (key,) = json.loads(key_set("RS256"))["keys"]
        del key["kid"]
        (tmp_path / "jwks").write_text(json.dumps({"keys": [key]}))
        assert status(guard(str(tmp_path / "jwks")), token(kid=None)) == 200
        assert status(guard(str(tmp_path / "jwks")), token()) == 401


PUBLIC_PEM = PRIVATE["RS256"].public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
BAD = {
    "another audience": lambda: token(aud="another"),
    "no audience": lambda: token(aud=None),
    "another issuer": lambda: token(iss="https://issuer.example.com.evil.example"),
    "no issuer": lambda: token(iss=None),
    "expired": lambda: token(exp=int(time.time()) - 60),
    "no expiry": lambda: token(exp=None),
    "an expiry that is no time": lambda: token(exp="tomorrow"),
    "not yet": lambda: token(nbf=int(time.time()) + 60),
    "made in the future": lambda: token(iat=int(time.time()) + 60),
    "another key": lambda: token(key=ANOTHER),
    "an unknown key id": lambda: token(kid="unknown"),
    "no key id": lambda: token(kid=None),
    "a key of another kind": lambda: token("ES256", kid="RS256"),
    "another algorithm of the same key": lambda: token("RS512", PRIVATE["RS256"], kid="RS256"),
    "not signed": lambda: by_hand({"alg": "none", "kid": "RS256"}),
    "not signed, in capitals": lambda: by_hand({"alg": "NONE", "kid": "RS256"}),
    "signed with the public key": lambda: by_hand({"alg": "HS256", "kid": "RS256"}, PUBLIC_PEM),
    "unsigned": lambda: by_hand({"alg": "HS256", "kid": "RS256"}, b""),
    "a list for an algorithm": lambda: by_hand({"alg": ["RS256"], "kid": "RS256"}),
    "a number for a key id": lambda: by_hand({"alg": "RS256", "kid": 1}),
    "a key id in a list": lambda: by_hand({"alg": "RS256", "kid": ["RS256"]}),
    "cut off": lambda: token()[:-9],
    "changed": lambda: token()[:-9] + "AAAAAAAAA",
    "no token": lambda: "x",
    "nearly one": lambda: "a.b.c",
    "not in ASCII": lambda: "ä.ö.ü",
}


@pytest.mark.parametrize("make", BAD.values(), ids=BAD)
def test_invalid_token_is_rejected(file: Path, make: Any):
    guarding = guard(str(file))
    assert status(guarding, token()) == 200
    bad = make()
    with pytest.raises(HTTPException) as refusal:
        guarding.claims(bad)
    assert refusal.value.status_code == 401
    assert refusal.value.headers == {"WWW-Authenticate": "Bearer"}
    assert bad not in str(refusal.value.detail)


class TestRequests:
    @pytest.mark.parametrize("header", ["", "Bearer", "Bearer ", "Basic YTpi", token(), f"Token {token()}"])
    def test_missing_bearer_token_is_rejected(self, asking: TestClient, header: str):
        for path in (LIST, DEFINITIONS):
            response = asking.get(path, headers={"Authorization": header})
            assert (response.status_code, response.json()) == (401, {"detail": "a bearer token is required"})
            assert response.headers["www-authenticate"] == "Bearer"

    def test_unauthenticated_response_has_no_content(self, asking: TestClient):
        etag = asking.get(LIST, headers={"Authorization": f"Bearer {token()}"}).headers["etag"]
        for headers in ({"If-None-Match": etag}, {"If-None-Match": "*"}):
            response = asking.get(LIST, headers=headers)
            assert response.status_code == 401
            assert "etag" not in response.headers
        assert asking.head(LIST).status_code == 401

    def test_monitoring_needs_no_authentication(self, asking: TestClient):
        for path in ("/-/liveness", "/-/readiness", "/metrics"):
            assert asking.get(path).status_code == 200

    def test_openapi_describes_authentication(self, asking: TestClient):
        described = asking.get("/openapi.json").json()["paths"]
        assert "401" in described[LIST]["get"]["responses"]
        assert "401" not in described["/metrics"]["get"]["responses"]

    def test_token_is_not_logged(self, asking: TestClient, caplog: pytest.LogCaptureFixture):
        caplog.set_level(logging.DEBUG)
        bad = token(aud="another")
        response = asking.get(LIST, headers={"Authorization": f"Bearer {bad}"})
        assert response.json() == {"detail": "the token is invalid: InvalidAudienceError"}
        assert bad not in caplog.text + asking.get("/metrics").text


class TestKeys:
    def test_keys_are_downloaded(self):
        with ScriptedServer(ok(ALL)) as server:
            guarding = guard(f"{server.origin}/jwks")
            assert [status(guarding, token(name)) for name in PRIVATE] == [200] * 3
        assert len(server.requests) == 1

    def test_new_key_is_accepted_without_restart(self):
        clock = Clock()
        with ScriptedServer(ok(key_set("RS256")), ok(key_set("RS256", "ES256"))) as server:
            guarding = guard(server.origin, clock)
            assert status(guarding, token()) == 200
            assert status(guarding, token("ES256")) == 401
            clock.seconds += 11
            assert status(guarding, token("ES256")) == 200
            assert status(guarding, token()) == 200
        assert len(server.requests) == 2

    def test_removed_key_is_rejected(self):
        clock = Clock()
        with ScriptedServer(ok(key_set("RS256")), ok(key_set("ES256"))) as server:
            guarding = guard(server.origin, clock)
            assert status(guarding, token()) == 200
            clock.seconds += 299
            assert status(guarding, token()) == 200
            clock.seconds += 2
            assert status(guarding, token()) == 401

    def test_replaced_key_with_same_id_is_used(self):
        clock = Clock()
        with ScriptedServer(ok(key_set("RS256")), ok(key_set(RS256=ANOTHER))) as server:
            guarding = guard(server.origin, clock)
            assert status(guarding, token(key=ANOTHER)) == 401
            clock.seconds += 301
            assert status(guarding, token(key=ANOTHER)) == 200

    def test_unknown_keys_trigger_one_refresh_per_ten_seconds(self):
        clock = Clock()
        with ScriptedServer(ok(ALL)) as server:
            guarding = guard(server.origin, clock)
            with ThreadPoolExecutor(8) as pool:
                for _ in range(3):
                    bad = [token(kid=f"unknown-{number}") for number in range(16)]
                    assert set(pool.map(status, [guarding] * 16, bad)) == {401}
                    assert status(guarding, token()) == 200
                    clock.seconds += 11
        assert len(server.requests) == 3

    @pytest.mark.parametrize(
        "play",
        [
            answer("500 Internal Server Error"),
            redirect("https://evil.example/"),
            ok(b""),
            ok(b"<html>"),
            ok(b"[]"),
            ok(b"null"),
            ok(b'{"keys": []}'),
            ok(b'{"keys": {}}'),
            ok(b'{"keys": [1, null, {"kty": "RSA"}]}'),
            ok(b"[" * 100_000),
            ok(b"\xff"),
            ok(json.dumps({"keys": [{"kty": "oct", "k": "c2VjcmV0", "kid": "RS256"}]}).encode()),
            endless(head("HTTP/1.1 200 OK", "Content-Length: 9999999"), b" " * 65536),
            [Ending.CLOSE],
            [head("HTTP/1.1 200 OK", "Content-Length: 99"), b"{", Ending.CLOSE],
        ],
    )
    def test_failed_refresh_keeps_previous_keys(self, play: Play):
        clock = Clock()
        with ScriptedServer(play) as server:
            guarding = guard(server.origin, clock)
            assert status(guarding, token()) == 503
            requested = len(server.requests)
            assert status(guarding, token()) == 503
            assert len(server.requests) == requested, "an unavailable server is not requested each time"

            server.plays = [ok(ALL), play]
            clock.seconds += 11
            assert status(guarding, token()) == 200
            clock.seconds += 301
            assert status(guarding, token()) == 200
            assert status(guarding, token(kid="unknown")) == 401
            assert len(server.requests) == requested + 2

    def test_slow_jwks_download_is_cut_off(self, monkeypatch: pytest.MonkeyPatch):
        monkeypatch.setattr("roster.gateway.jwt_authentication._JWKS_TIMEOUT_SECONDS", 0.3)
        with ScriptedServer(endless(head("HTTP/1.1 200 OK", "Content-Length: 9999"), b" ", 0.05)) as server:
            started = time.monotonic()
            assert status(guard(server.origin), token()) == 503
        assert time.monotonic() - started < 2

    @pytest.mark.slow
    def test_known_key_does_not_wait_for_refresh(self):
        clock = Clock()
        with ScriptedServer(ok(ALL), [2.0, *ok(ALL)]) as server, ThreadPoolExecutor(2) as pool:
            guarding = guard(server.origin, clock)
            assert status(guarding, token()) == 200
            clock.seconds += 11
            unknown = pool.submit(status, guarding, token(kid="unknown"))
            until(lambda: len(server.requests) == 2)
            started = time.monotonic()
            clock.seconds += 301
            assert status(guarding, token()) == 200
            assert time.monotonic() - started < 1
            assert unknown.result() == 401

    def test_missing_file_is_read_later(self, file: Path):
        clock = Clock()
        file.rename(file.with_suffix(".later"))
        guarding = guard(str(file), clock)
        with pytest.raises(HTTPException) as refusal:
            guarding.claims(token())
        assert (refusal.value.status_code, refusal.value.headers) == (503, {"Retry-After": "10"})
        file.with_suffix(".later").rename(file)
        clock.seconds += 11
        assert status(guarding, token()) == 200
