"""What is served, and how it is replaced: by a download that was accepted, or not at all."""

import logging
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from hashlib import sha256
from typing import Any, NamedTuple, Protocol

from roster.accept.accepted import Accepted
from roster.cache.cache_file import Kept
from roster.cache.store import not_older
from roster.download.fetch import Fetched
from roster.download.refusal import Refused
from roster.gateway.snapshot import Version

log = logging.getLogger("roster.gateway")


def utc_now() -> datetime:
    """Return the time, in UTC."""
    return datetime.now(UTC)


class Keeping(Protocol):
    """Where the last good body is kept."""

    why_not: str

    def load(self) -> Kept | None:
        """Return what was kept."""

    def save(self, kept: Kept, *, replaces: Callable[[Kept, Kept], bool]) -> bool:
        """Keep a download where it replaces what is kept; say whether it is there now."""


class Failure(NamedTuple):
    """Why a download is not served.

    Attributes:
        name: one of ``roster.download.refusal.REASONS``; ``defect`` where the gateway itself failed.
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
        last_refused: the newest body that was at hand and not accepted, for as long as the gateway lives.
        polls: how often the source was asked, by outcome: ``accepted``, ``unchanged``, or a failure's name.
    """

    def __init__(
        self,
        fetch: Callable[[str | None], Fetched],
        accept: Callable[[bytes, bytes | None, Accepted | None, date], Accepted],
        store: Keeping,
        replaces: Callable[[Kept, Kept], bool] = not_older,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self._fetch, self._accept, self._store, self._replaces, self._now = fetch, accept, store, replaces, now
        self._polling = threading.Lock()
        self._kept: Kept | None = None
        self._accepted_on: date | None = None
        self.active: Version | None = None
        self.last_check: datetime | None = None
        self.last_error: Failure | None = None
        self.last_refused: Failure | None = None
        self.polls = Counter({"accepted": 0, "unchanged": 0})

    @property
    def not_kept(self) -> str:
        """Why nothing is kept on disk; empty where it is."""
        return self._store.why_not

    def start(self) -> None:
        """Serve what was kept, then what the source has."""
        with self._polling:
            if kept := self._store.load():
                with self._telling(kept.body):
                    self._take(kept, "cache")
        self.poll()

    def poll(self) -> bool:
        """Ask the source once, and say whether that went well; whatever fails changes nothing of what is served."""
        with self._polling:
            outcome = ""
            with self._telling():
                outcome = self._look_at(self._fetch(self._kept.etag if self._kept else None))
            self._act_on_the_day()
            self.polls[self.last_error.name if self.last_error else outcome] += 1
            return self.last_error is None

    def _look_at(self, fetched: Fetched) -> str:
        if fetched.body is None:
            if self.not_kept:
                self._keep()
            self._went_well()
            return "unchanged"
        with self._telling(fetched.body):
            self._take(Kept(fetched.body, fetched.etag, fetched.signature), "download")
            self._keep()
            self._went_well()
        return "accepted"

    def _act_on_the_day(self) -> None:
        """Accept a roster anew once a day: its dates act, also where its source has nothing new, or does not answer."""
        if not self._kept or not self.active or self.active.accepted.kind != "roster":
            return
        if self._accepted_on != self._now().date():
            with self._telling(self._kept.body):
                self._take(self._kept, self.active.source)

    def _take(self, kept: Kept, source: str) -> None:
        """Accept a body, and serve it where it says something else than what is served."""
        on, current = self._now().date(), self.active.accepted if self.active else None
        accepted = self._accept(kept.body, kept.signature, current, on)
        if accepted != current:
            self._activate(accepted, source)
        # Only now: the ETag of what was refused would hide what comes after it.
        self._kept, self._accepted_on = kept._replace(sequence=accepted.sequence), on

    def _activate(self, accepted: Accepted, source: str) -> None:
        version = Version(accepted, source, self._now())
        _ = version.list, version.definitions  # prepared before anybody asks for them
        self.active = version
        log.info("version %s is active, from the %s: %d models", version.name, source, len(accepted.offered_models))

    def _keep(self) -> None:
        if self._kept:
            was = self._store.why_not
            self._store.save(self._kept, replaces=self._replaces)
            if self._store.why_not and self._store.why_not != was:
                log.warning("nothing is kept on disk: %s", self._store.why_not)

    def _went_well(self) -> None:
        self.last_check, self.last_error = self._now(), None

    @contextmanager
    def _telling(self, body: bytes = b"") -> Iterator[None]:
        """Let a failure be told, and be no more than that."""
        try:
            yield
        except Refused as refused:
            log.warning("the list is not replaced: %s", refused)
            self._went_wrong(refused.name, refused.message, body)
        except Exception as defect:
            log.exception("the list is not replaced")
            self._went_wrong("defect", f"the gateway failed with {type(defect).__name__}", body)

    def _went_wrong(self, name: str, message: str, body: bytes) -> None:
        version = sha256(body).hexdigest()[:12] if body else ""
        self.last_error = Failure(name, message, version, self._now())
        if body:
            self.last_refused = self.last_error
