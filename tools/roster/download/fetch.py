"""Download what the settings name: the file, its signature, and the pointer that leads to them.

The token goes to one origin only, whatever the source answers. A connection that fails and an answer that may be
better soon are tried again until the deadline.
"""

import random
import re
import time
from base64 import b64encode
from collections.abc import Callable
from email.utils import parsedate_to_datetime
from hashlib import sha256
from typing import NamedTuple
from urllib.parse import urljoin, urlsplit

from roster.download.deadline import Deadline, within
from roster.download.download_settings import Settings
from roster.download.http_exchange import ETAG, Again, Answer, Exchanges
from roster.download.pointer import Pointer, pointer
from roster.download.refusal import Refused
from roster.naming import quote
from roster.settings.urls import beside, origin, shown

_ATTEMPTS = 5
_REDIRECTS = 5
_FIRST_WAIT, _LONGEST_WAIT = 0.5, 8.0
"""Seconds; each wait is twice the one before."""
_SIGNATURE = 16 * 1024


class Fetched(NamedTuple):
    """What came of a download.

    Attributes:
        body: the file's bytes, whole; None where the source has nothing newer than the ETag that was handed in.
        etag: to hand in the next time, once the body was accepted and not before; it is good for this ``url`` of the
            settings only. None where the source gives none.
        signature: the bytes of the file's ``.sig``; None where there is none, or none was asked for.
        address: where the body is, without a query; with a pointer, where that led.
        requests: how many it took.
    """

    body: bytes | None
    etag: str | None
    signature: bytes | None
    address: str
    requests: int


class Waits(NamedTuple):
    """Time and chance, which tests replace.

    Attributes:
        pause: waits so many seconds.
        chance: a number from 0 up to 1.
        now: the seconds since 1970.
    """

    pause: Callable[[float], None] = time.sleep
    chance: Callable[[], float] = random.random
    now: Callable[[], float] = time.time


_REAL = Waits()


def fetch(settings: Settings, etag: str | None, waits: Waits = _REAL) -> Fetched:
    """Return the file that the settings name, or that nothing is new since ``etag``.

    Raises:
        Refused: within the settings' deadline; no file came that could be looked at.
    """
    return within(settings.deadline_seconds, lambda deadline: _Download(settings, deadline, waits).run(etag))


class _Download:
    """One download: a few requests with one token, over connections that end with one deadline."""

    def __init__(self, settings: Settings, deadline: Deadline, waits: Waits) -> None:
        self._settings, self._deadline, self._waits = settings, deadline, waits
        self._origin = origin(settings.url)
        self._exchanges = Exchanges(deadline, settings.proxy, secure=self._origin.scheme == "https")
        self._requests = 0

    def run(self, etag: str | None) -> Fetched:
        """Return what came of it."""
        try:
            return self._run(etag)
        except Refused as refused:
            raise Refused(refused.name, self._without_token(refused.message)) from None
        finally:
            self._exchanges.close()

    def _run(self, etag: str | None) -> Fetched:
        address, most = self._settings.url, self._settings.max_bytes
        answer = self._get(address, most, etag=etag)
        body = answer.body
        if body is None:
            return Fetched(None, etag, None, shown(address), self._requests)
        if found := pointer(body):
            address = found.address(address)
            body = self._pointed(found, address)
        signature = self._signature(address) if self._settings.public_keys else None
        return Fetched(body, answer.etag, signature, shown(address), self._requests)

    def _pointed(self, found: Pointer, address: str) -> bytes | None:
        insisted = self._settings.environment
        if insisted and found.environment != insisted:
            raise Refused("wrong-environment", f"the pointer is for {quote(found.environment)}, not {quote(insisted)}")
        body = self._get(address, self._settings.max_bytes, length_needed=False).body or b""
        if sha256(body).hexdigest() != found.sha256:
            raise Refused("truncated", "the file is not the one whose sha256 the pointer names")
        return body

    def _signature(self, address: str) -> bytes | None:
        try:
            return self._get(beside(address, ".sig"), _SIGNATURE).body
        except Refused as refused:
            if refused.name == "not-found":
                return None
            raise

    def _get(self, url: str, most: int, *, etag: str | None = None, length_needed: bool = True) -> Answer:
        """Return an answer, after as many attempts as make sense."""
        headers = self._token() | ({"If-None-Match": etag} if etag and ETAG.fullmatch(etag) else {})
        for attempt in range(_ATTEMPTS):
            try:
                return self._follow(url, headers, most, length_needed)
            except Again as again:
                wait = self._wait(attempt, again.after)
                if attempt + 1 == _ATTEMPTS or wait >= self._deadline.left():
                    raise
            self._waits.pause(wait)
        raise AssertionError("the last attempt returns or raises")

    def _follow(self, url: str, headers: dict[str, str], most: int, length_needed: bool) -> Answer:
        """Return an answer that is no redirect. Those that stay within the origin are followed."""
        for _ in range(1 + _REDIRECTS):
            self._requests += 1
            answer = self._exchanges.ask(url, headers, most, length_needed=length_needed)
            if answer.location is None:
                return answer
            url = self._next(url, answer.location)
        raise Refused("bad-status", f"the source redirects more than {_REDIRECTS} times")

    def _next(self, url: str, location: str) -> str:
        """Return where a redirect leads.

        Raises:
            Refused: out of the origin, or nowhere.
        """
        try:
            target = urljoin(url, location) if location else ""
            leads_to = origin(target)
        except ValueError:
            raise Refused("bad-status", "the source redirects to something that is no address") from None
        if leads_to != self._origin or "@" in urlsplit(target).netloc:
            scheme, host, port = leads_to
            where = quote(f"{scheme}://{host}:{port}")
            raise Refused("redirected-away", f"the source redirects to {where}, which is not where the token belongs")
        return target

    def _without_token(self, message: str) -> str:
        """Return a message without the token, which a source may repeat."""
        token = self._settings.token
        return re.sub(re.escape(token.reveal()), "…", message, flags=re.IGNORECASE) if token else message

    def _token(self) -> dict[str, str]:
        """Return the header that carries the token; none where there is no token."""
        if self._settings.token is None:
            return {}
        kind, token = self._settings.header, self._settings.token.reveal()
        if kind == "Bearer":
            return {"Authorization": f"Bearer {token}"}
        if kind == "Basic":
            return {"Authorization": f"Basic {b64encode(token.encode()).decode()}"}
        return {kind: token}

    def _wait(self, attempt: int, after: str | None) -> float:
        """Return how many seconds to wait before the next attempt: never less than the source asks for.

        A part of it is chance, so that gateways that failed together do not come back together.
        """
        backoff = min(_LONGEST_WAIT, _FIRST_WAIT * 2.0**attempt)
        return self._asked_for(after or "") + backoff * (0.5 + self._waits.chance() / 2)

    def _asked_for(self, after: str) -> float:
        """Return the seconds that Retry-After means (RFC 9110, 10.2.3): a number of them, or a date."""
        if re.fullmatch("[0-9]+", after):
            return float(after)
        try:
            return max(0.0, parsedate_to_datetime(after).timestamp() - self._waits.now())
        except (ValueError, OverflowError):
            return 0.0
