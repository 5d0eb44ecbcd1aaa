"""Who may ask: callers with a JWT that the relay's issuer signed, as instances carry it. Off unless configured."""

import logging
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from fastapi import HTTPException, Request

from roster.gateway.caller import Caller

ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "ES256", "ES384", "EdDSA")
"""Asymmetric ones only: with a shared secret, whoever can check a token could make one."""
_REFRESH_SECONDS = 300
_UNKNOWN_KEY_SECONDS = 10
"""How soon after a look at the keys an unknown key makes for another one: rotation is seen at once, and nobody can make
the gateway ask its issuer with every request."""
_LEEWAY_SECONDS = 10
_MAX_BYTES = 1 << 20
_SECONDS = 5.0
"""How long one look at the keys may take."""

log = logging.getLogger("roster.gateway")


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
        except jwt.PyJWTError as error:
            raise _refusal(f"the token is not accepted: {type(error).__name__}") from None
        return claims

    def _key(self, kid: str | None) -> Any:
        """Return the key of a token; only whoever has one that is not known waits for a look at the keys."""
        if self._due(kid) and self._reading.acquire(blocking=kid not in self._keys):
            try:
                if self._due(kid):
                    self._read()
            finally:
                self._reading.release()
        keys = self._keys  # another thread may replace them
        if not keys:
            raise HTTPException(503, "the keys of callers cannot be read", {"Retry-After": str(_UNKNOWN_KEY_SECONDS)})
        if kid not in keys:
            raise _refusal("the token is signed with a key that is not known")
        return keys[kid]

    def _due(self, kid: str | None) -> bool:
        if self._read_at is None:
            return True
        return self._clock() - self._read_at > (_REFRESH_SECONDS if kid in self._keys else _UNKNOWN_KEY_SECONDS)

    def _read(self) -> None:
        """Read the keys; the ones known before stay when that fails."""
        import jwt

        from roster.download.refusal import Refused

        try:
            keys = jwt.PyJWKSet.from_json(_content(self._caller.jwks).decode()).keys
            public = {key.key_id: key for key in keys if key.key_type != "oct"}
            if not public:
                raise ValueError("none of them is public")
        except (OSError, Refused, ValueError, TypeError, AttributeError, RecursionError, jwt.PyJWTError) as error:
            log.warning("the keys of callers cannot be read: %s", type(error).__name__)
        else:
            self._keys = public
        finally:
            self._read_at = self._clock()


def _content(source: str) -> bytes:
    if "://" not in source:
        return Path(source).read_bytes()
    from roster.download.deadline import within
    from roster.download.http_exchange import Exchanges

    secure = source.lower().startswith("https:")
    answer = within(_SECONDS, lambda deadline: Exchanges(deadline, None, secure=secure).ask(source, {}, _MAX_BYTES))
    if answer.body is None:
        raise OSError("it is somewhere else")
    return answer.body


def _refusal(why: str) -> HTTPException:
    return HTTPException(401, why, {"WWW-Authenticate": "Bearer"})
