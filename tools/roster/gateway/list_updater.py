"""Updates of the served list: replaced by an accepted download, and left unchanged by anything else."""

import logging
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from functools import partial
from hashlib import sha256
from typing import Any, NamedTuple

from roster.cache.download_cache import DownloadCache
from roster.download.download_result import Download
from roster.download.download_settings import DownloadSettings
from roster.download.fetch import fetch
from roster.download.rejection import Rejected
from roster.download.repeated_token import reject_repeated_token
from roster.download.retry import REAL_TIMING, RetryTiming
from roster.gateway.snapshot import Snapshot
from roster.gateway.verification import require_valid_keys, verify_and_accept

log = logging.getLogger("roster.gateway")
_UTC_NOW = partial(datetime.now, UTC)


class UpdateFailure(NamedTuple):
    """Why an update failed.

    Attributes:
        reason: one of ``roster.download.rejection.REASONS``; ``defect`` if the gateway itself failed.
        message: one sentence.
        version: the first digits of the rejected body's digest; empty if no body arrived.
        at: when, in UTC.
    """

    reason: str
    message: str
    version: str
    at: datetime

    def status(self) -> dict[str, Any]:
        """Return what the readiness endpoint reports about the failure."""
        return {
            "name": self.reason,
            "message": self.message,
            "version": self.version,
            "at": self.at.isoformat(timespec="seconds"),
        }


class ListUpdater:
    """Owns the active snapshot and replaces it. One thread polls; any number of threads may read ``active``.

    Attributes:
        active: the served snapshot; None if there is none.
        last_check: when the source last sent a list that was accepted, or reported no change, in UTC.
        last_error: why the newest update failed; None if it succeeded.
        last_rejected: the newest body that arrived and was rejected; kept until the process ends.
        polls: number of polls by outcome: ``accepted``, ``unchanged``, or the reason of a failure.

    Raises:
        ConfigurationError: a public key is invalid.
    """

    def __init__(
        self,
        settings: DownloadSettings,
        timing: RetryTiming = REAL_TIMING,
        now: Callable[[], datetime] = _UTC_NOW,
    ) -> None:
        require_valid_keys(settings.public_keys)
        self._settings, self._timing, self._now = settings, timing, now
        # If older lists may be served, they may be cached as well: a restart must not undo a rollback.
        self._cache = DownloadCache(
            settings.cache_folder, settings.url, settings.environment, allow_older=settings.allow_older
        )
        self._logged_problem = ""
        self._polling = threading.Lock()
        self._download: Download | None = None
        self._accepted_on: date | None = None
        self.active: Snapshot | None = None
        self.last_check: datetime | None = None
        self.last_error: UpdateFailure | None = None
        self.last_rejected: UpdateFailure | None = None
        self.polls = Counter({"accepted": 0, "unchanged": 0})

    @property
    def cache_problem(self) -> str:
        """Why the list is not cached on disk; empty if it is."""
        return self._cache.problem

    def start(self) -> None:
        """Activate the cached list, then poll the source."""
        self.load_cache()
        self.poll()

    def load_cache(self) -> None:
        """Activate the cached list, if there is one that is still acceptable."""
        with self._polling:
            if cached := self._cache.load():
                with self._recording_failure(cached.body, "the cached list is not used"):
                    reject_repeated_token(self._settings, cached.body)
                    self._activate(cached, "cache")
                if not self.active:
                    self._cache.reject(cached)
            self._log_cache_problem()

    def poll(self) -> bool:
        """Download once and return whether that succeeded; a failure leaves the served list unchanged."""
        with self._polling:
            outcome = ""
            with self._recording_failure():
                etag = self._download.etag if self._download else None
                outcome = self._update(fetch(self._settings, etag, self._timing))
            self._reevaluate_daily()
            self.polls[self.last_error.reason if self.last_error else outcome] += 1
            return self.last_error is None

    def _update(self, download: Download | None) -> str:
        if download is None:
            if self.cache_problem:
                self._save_to_cache()
            self._record_success()
            return "unchanged"
        with self._recording_failure(download.body):
            self._activate(download, "download")
            self._save_to_cache()
            self._record_success()
        return "accepted"

    def _reevaluate_daily(self) -> None:
        """Accept a roster again once a day, because its dates take effect even if the source has nothing new."""
        if not self._download or not self.active or self.active.accepted.kind != "roster":
            return
        if self._accepted_on != self._now().date():
            with self._recording_failure(self._download.body):
                self._activate(self._download, self.active.source)

    def _activate(self, download: Download, source: str) -> None:
        """Accept a download, and serve it if it differs from the active list."""
        on, current = self._now().date(), self.active.accepted if self.active else None
        accepted = verify_and_accept(self._settings, download, current, on)
        if accepted != current:
            self.active = snapshot = Snapshot(accepted, source, self._now())
            log.info("activated version %s from the %s: %d models", snapshot.name, source, len(accepted.offered_models))
        # Only after acceptance: with the ETag of a rejected body, the source would answer 304 to the next request.
        self._download, self._accepted_on = download, on

    def _save_to_cache(self) -> None:
        if self._download and self.active:
            self._cache.save(self._download, self.active.accepted.sequence)
            self._log_cache_problem()

    def _log_cache_problem(self) -> None:
        """Log why the cache is not used, once for each cause in a row."""
        if self.cache_problem and self.cache_problem != self._logged_problem:
            log.warning("the list is not cached on disk: %s", self.cache_problem)
        self._logged_problem = self.cache_problem

    def _record_success(self) -> None:
        self.last_check, self.last_error = self._now(), None

    @contextmanager
    def _recording_failure(self, body: bytes = b"", consequence: str = "the list is not replaced") -> Iterator[None]:
        """Log and record exceptions instead of raising them."""
        try:
            yield
        except Rejected as rejected:
            log.warning("%s: %s", consequence, rejected)
            self._record_failure(rejected.reason, rejected.message, body)
        except Exception as defect:
            log.exception(consequence)
            self._record_failure("defect", f"the gateway failed with {type(defect).__name__}", body)

    def _record_failure(self, reason: str, message: str, body: bytes) -> None:
        version = sha256(body).hexdigest()[:12] if body else ""
        self.last_error = UpdateFailure(reason, message, version, self._now())
        if body:
            self.last_rejected = self.last_error
