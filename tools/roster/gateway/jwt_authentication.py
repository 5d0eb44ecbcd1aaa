"""JWT authentication of callers: bearer tokens signed by the configured issuer. Off unless it is configured."""

import logging
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from fastapi import HTTPException, Request
from fastapi.openapi.models import HTTPBearer
from fastapi.security.base import SecurityBase

from roster.gateway.jwt_settings import JwtSettings
from roster.http_headers import AUTHORIZATION, RETRY_AFTER, WWW_AUTHENTICATE, bearer_token

ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "ES256", "ES384", "EdDSA")
"""Asymmetric algorithms only: with a shared secret, a program that can verify tokens could also sign them."""
_REFRESH_SECONDS = 300
_UNKNOWN_KEY_REFRESH_SECONDS = 10
"""How soon an unknown key id may trigger another refresh: soon enough for key rotation, and rarely enough that callers
cannot make the gateway send a request to the issuer for each of theirs."""
_LEEWAY_SECONDS = 10
_MAX_JWKS_BYTES = 1 << 20
_JWKS_TIMEOUT_SECONDS = 5.0

log = logging.getLogger("roster.gateway")


class JwtAuthentication(SecurityBase):
    """A FastAPI dependency that verifies the bearer token of a request: signature, expiry, audience and issuer."""

    def __init__(self, settings: JwtSettings, clock: Callable[[], float] = time.monotonic) -> None:
        self.model = HTTPBearer(bearerFormat="JWT", description="A JSON Web Token of the configured issuer.")
        self.scheme_name = "bearerToken"
        self._settings, self._clock = settings, clock
        self._keys: dict[str | None, Any] = {}
        self._refreshed_at: float | None = None
        self._refreshing = threading.Lock()

    def __call__(self, request: Request) -> dict[str, Any]:
        """Return the claims of the token. FastAPI calls this in a thread, because it may have to read the keys.

        Raises:
            HTTPException: 401 without a valid token, 503 if the keys cannot be read.
        """
        token = bearer_token(request.headers.get(AUTHORIZATION, ""))
        if not token:
            raise _unauthorized("a bearer token is required")
        return self.claims(token)

    def claims(self, token: str) -> dict[str, Any]:
        """Verify a token and return its claims."""
        import jwt

        try:
            header = jwt.get_unverified_header(token)
            if header.get("alg") not in ALGORITHMS:
                raise _unauthorized("the signature algorithm of the token is not accepted")
            claims: dict[str, Any] = jwt.decode(
                token,
                self._key(header.get("kid")),
                algorithms=[header["alg"]],
                audience=self._settings.audience,
                issuer=self._settings.issuer,
                leeway=_LEEWAY_SECONDS,
                options={"require": ["exp", "aud", "iss"]},
            )
        except jwt.PyJWTError as error:
            raise _unauthorized(f"the token is invalid: {type(error).__name__}") from None
        return claims

    def _key(self, key_id: str | None) -> Any:
        """Return a key; only requests with an unknown key id wait for a refresh in progress."""
        if self._needs_refresh(key_id) and self._refreshing.acquire(blocking=key_id not in self._keys):
            try:
                if self._needs_refresh(key_id):
                    self._refresh()
            finally:
                self._refreshing.release()
        keys = self._keys  # another thread may replace them
        if not keys:
            retry_after = {RETRY_AFTER: str(_UNKNOWN_KEY_REFRESH_SECONDS)}
            raise HTTPException(503, "the public keys for authentication cannot be read", retry_after)
        if key_id not in keys:
            raise _unauthorized("the token is signed with an unknown key")
        return keys[key_id]

    def _needs_refresh(self, key_id: str | None) -> bool:
        if self._refreshed_at is None:
            return True
        interval = _REFRESH_SECONDS if key_id in self._keys else _UNKNOWN_KEY_REFRESH_SECONDS
        return self._clock() - self._refreshed_at > interval

    def _refresh(self) -> None:
        """Read the keys; keep the previous ones if that fails."""
        import jwt

        from roster.download.rejection import Rejected

        try:
            keys = jwt.PyJWKSet.from_json(_read_jwks(self._settings.jwks).decode()).keys
            public = {key.key_id: key for key in keys if key.key_type != "oct"}
            if not public:
                raise ValueError("none of them is public")
        except (OSError, Rejected, ValueError, TypeError, AttributeError, RecursionError, jwt.PyJWTError) as error:
            log.warning("the public keys for authentication cannot be read: %s", type(error).__name__)
        else:
            self._keys = public
        finally:
            self._refreshed_at = self._clock()


def _read_jwks(source: str) -> bytes:
    if "://" not in source:
        return Path(source).read_bytes()
    from roster.download.deadline import run_with_deadline
    from roster.download.http_client import HttpClient

    tls = source.lower().startswith("https:")
    response = run_with_deadline(
        _JWKS_TIMEOUT_SECONDS, lambda deadline: HttpClient(deadline, None, tls=tls).get(source, {}, _MAX_JWKS_BYTES)
    )
    if response.body is None:
        raise OSError("the server redirects")
    return response.body


def _unauthorized(detail: str) -> HTTPException:
    return HTTPException(401, detail, {WWW_AUTHENTICATE: "Bearer"})
