"""Who may ask: callers with a JWT that the relay's issuer signed, as instances carry it. Off unless configured."""

import json
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from fastapi import HTTPException, Request

from roster.diagnostic import ConfigurationError

ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "ES256", "ES384", "EdDSA")
"""Asymmetric ones only: with a shared secret, whoever can check a token could make one."""
_REFRESH_SECONDS = 300
_UNKNOWN_KEY_SECONDS = 10
"""How soon after a look at the keys an unknown key makes for another one: rotation is seen at once, and nobody can make
the gateway ask its issuer with every request."""
_LEEWAY_SECONDS = 10
_MAX_BYTES = 1 << 20


class Caller(NamedTuple):
    """What a token has to say.

    Attributes:
        jwks: the key set's file or https address.
    """

    jwks: str
    audience: str
    issuer: str


def caller_from(environ: Mapping[str, str]) -> Caller | None:
    """Return what callers have to show, None when anybody may ask.

    Raises:
        ConfigurationError: only some of the three variables are set, or the address is not https.
    """
    names = ("ROSTER_GATEWAY_JWKS", "ROSTER_GATEWAY_AUDIENCE", "ROSTER_GATEWAY_ISSUER")
    values = [environ.get(name, "").strip() for name in names]
    if not any(values):
        return None
    if missing := [name for name, value in zip(names, values, strict=True) if not value]:
        raise ConfigurationError(f"callers cannot be authenticated: {' and '.join(missing)} not set")
    parts = urlsplit(values[0])
    if parts.scheme == "http" and parts.hostname not in ("localhost", "127.0.0.1", "::1"):
        raise ConfigurationError("ROSTER_GATEWAY_JWKS has to be a file or an https address")
    return Caller(*values)


class Authentication:
    """A FastAPI dependency that lets a request pass when its bearer token is signed, in time and meant for us."""

    def __init__(self, caller: Caller, clock: Callable[[], float] = time.monotonic) -> None:
        self._caller, self._clock = caller, clock
        self._keys: dict[str | None, Any] = {}
        self._read_at: float | None = None
        self._reading = threading.Lock()

    def __call__(self, request: Request) -> dict[str, Any]:
        """Return the token's claims; FastAPI calls this in a thread, as it may have to read the keys.

        Raises:
            HTTPException: 401 without a good token, 503 when the keys cannot be read.
        """
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not token.strip():
            raise _refusal("a bearer token is needed")
        return self.claims(token.strip())

    def claims(self, token: str) -> dict[str, Any]:
        """Return the claims of a good token."""
        import jwt

        try:
            header = jwt.get_unverified_header(token)
            if header.get("alg") not in ALGORITHMS:
                raise _refusal("the token is signed in a way that is not accepted")
            claims: dict[str, Any] = jwt.decode(
                token,
                self._key(header.get("kid")),
                algorithms=[header["alg"]],
                audience=self._caller.audience,
                issuer=self._caller.issuer,
                leeway=_LEEWAY_SECONDS,
                options={"require": ["exp", "aud", "iss"]},
            )
        except jwt.InvalidTokenError as error:
            raise _refusal(f"the token is not accepted: {type(error).__name__}") from None
        return claims

    def _key(self, kid: str | None) -> Any:
        with self._reading:
            age = None if self._read_at is None else self._clock() - self._read_at
            if age is None or age > _REFRESH_SECONDS or (kid not in self._keys and age > _UNKNOWN_KEY_SECONDS):
                self._read()
            if kid not in self._keys:
                raise _refusal("the token is signed with a key that is not known")
            return self._keys[kid]

    def _read(self) -> None:
        """Read the keys; the ones known before stay when that fails."""
        import jwt

        self._read_at = self._clock()
        try:
            keys = jwt.PyJWKSet.from_dict(json.loads(_content(self._caller.jwks))).keys
        except (OSError, ValueError, jwt.PyJWTError):
            if not self._keys:
                self._read_at = None
                raise HTTPException(503, "the keys of callers cannot be read", {"Retry-After": "10"}) from None
            return
        self._keys = {key.key_id: key for key in keys if key.key_type != "oct"}


def _content(source: str) -> bytes:
    if not source.startswith(("http://", "https://")):
        return Path(source).read_bytes()
    import urllib3

    try:
        answer = urllib3.PoolManager().request(
            "GET", source, timeout=5, retries=False, redirect=False, preload_content=False
        )
        body = answer.read(_MAX_BYTES + 1)
    except urllib3.exceptions.HTTPError as error:
        raise OSError(str(error)) from None
    if answer.status != 200 or len(body) > _MAX_BYTES:
        raise OSError(f"status {answer.status}")
    return bytes(body)


def _refusal(why: str) -> HTTPException:
    return HTTPException(401, why, {"WWW-Authenticate": "Bearer"})
