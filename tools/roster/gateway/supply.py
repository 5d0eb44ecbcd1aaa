"""What is served, and how it is replaced: by a download that was accepted, or not at all."""

import logging
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any, NamedTuple, Protocol

from roster.consume.accepted import Accepted
from roster.consume.fetch import Fetched
from roster.consume.record import Kept
from roster.consume.refused import Refused
from roster.gateway.version import Version

log = logging.getLogger("roster.gateway")


class Keeping(Protocol):
    """Where the last good body is kept."""

    why_not: str

    def load(self) -> Kept | None:
        """Return what was kept."""

    def save(self, kept: Kept) -> bool:
        """Keep a download, unless a newer one is kept; say whether it is."""


class Failure(NamedTuple):
    """Why a download is not served.

    Attributes:
        name: one of ``roster.consume.refused.REASONS``.
        message: one sentence.
        version: what was refused: its digest's first digits; empty where nothing arrived.
        at: when, in UTC.
    """

    name: str
    message: str
    version: str
    at: datetime

    def about(self) -> dict[str, Any]:
        """Return what readiness says of it."""
        return self._asdict() | {"at": self.at.isoformat(timespec="seconds")}


class Supply:
    """The active version, and the way to the next one. One thread polls; any number may read ``active``.

    Attributes:
        active: the version that is served; None while there is none.
        last_check: when the source last said what it has, in UTC: a download that was accepted, or that nothing is new.
        last_error: why the newest attempt failed; None after one that did not.
        last_refused: the newest download that arrived and was not accepted, for as long as the gateway lives.
    """

    def __init__(
        self,
        fetch: Callable[[str | None], Fetched],
        accept: Callable[[bytes, bytes | None, Accepted | None], Accepted],
        store: Keeping,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._fetch, self._accept, self._store, self._now = fetch, accept, store, now
        self._polling = threading.Lock()
        self._etag: str | None = None
        self.active: Version | None = None
        self.last_check: datetime | None = None
        self.last_error: Failure | None = None
        self.last_refused: Failure | None = None
        self.polls: dict[str, int] = {"accepted": 0, "unchanged": 0}

    @property
    def not_kept(self) -> str:
        """Why nothing is kept on disk; empty where it is."""
        return self._store.why_not

    def start(self) -> None:
        """Serve what was kept, then what the source has."""
        if kept := self._store.load():
            try:
                self._activate(self._accept(kept.body, kept.signature, None), "cache")
                self._etag = kept.etag
            except Refused as refused:
                log.warning("what was kept is not served: %s", refused)
        self.poll()

    def poll(self) -> bool:
        """Ask the source once, and say whether that went well; whatever fails changes nothing of what is served."""
        with self._polling:
            body = b""
            try:
                fetched = self._fetch(self._etag)
                if fetched.body is None:
                    self._went_well("unchanged")
                    return True
                body = fetched.body
                accepted = self._accept(body, fetched.signature, self.active.accepted if self.active else None)
            except Refused as refused:
                self._went_wrong(refused, body)
                return False
            if self.active is None or accepted.digest != self.active.accepted.digest:
                self._activate(accepted, "download")
            self._keep(Kept(body, fetched.etag, fetched.signature, accepted.sequence))
            self._etag = fetched.etag  # only now: an ETag of what was refused would hide what comes after it
            self._went_well("accepted")
            return True

    def _activate(self, accepted: Accepted, source: str) -> None:
        version = Version(accepted, source, self._now())
        _ = version.list, version.definitions  # prepared before anybody asks for them
        self.active = version
        log.info("version %s is active, from the %s: %d models", version.name, source, len(accepted.offered_models))

    def _keep(self, kept: Kept) -> None:
        was = self._store.why_not
        self._store.save(kept)
        if self._store.why_not and self._store.why_not != was:
            log.warning("nothing is kept on disk: %s", self._store.why_not)

    def _went_well(self, outcome: str) -> None:
        self.polls[outcome] += 1
        self.last_check, self.last_error = self._now(), None

    def _went_wrong(self, refused: Refused, body: bytes) -> None:
        self.polls[refused.name] = self.polls.get(refused.name, 0) + 1
        version = sha256(body).hexdigest()[:12] if body else ""
        self.last_error = Failure(refused.name, refused.message, version, self._now())
        if body:
            self.last_refused = self.last_error
        log.warning("the list is not replaced: %s", refused)
