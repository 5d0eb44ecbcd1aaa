"""Cache of the last accepted download on disk, for starts at which the source does not answer.

A cache that cannot be read or written never stops a gateway: the cause is in ``problem``, and it serves from memory.
"""

import os
import tempfile
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from hashlib import sha256
from pathlib import Path

from roster.cache.cache_file import CacheDamaged, CacheUnusable, pack, unpack
from roster.cache.private_folder import PrivateFolder
from roster.download.download_result import Download


class DownloadCache:
    """The cached download of one source. Several gateways can share a cache, and several sources a folder.

    Args:
        folder: private to the gateway and created if missing; None for a folder in the temporary folder.
        url: the URL of the download. The file is named by a digest of it, which does not reveal it.
        environment: the required environment.
        allow_older: let a download with a lower sequence replace one with a higher one.

    Attributes:
        problem: one sentence that says why the cache or its content is not used; empty if there is no problem.
    """

    def __init__(
        self, folder: Path | None, url: str, environment: str | None = None, *, allow_older: bool = False
    ) -> None:
        self._folder, self._allow_older, self.problem = folder, allow_older, ""
        self._rejected: Download | None = None
        self._name = sha256(f"{url}\n{environment or ''}".encode()).hexdigest()[:32]
        with self._recording_problems(), self._private_folder() as private:
            private.clean_up()

    def load(self) -> Download | None:
        """Return the cached download, which must be accepted again; None if there is none or it is unusable."""
        with self._recording_problems(), self._private_folder() as private:
            cached = self._read(private)
            return cached and cached[0]
        return None

    def save(self, download: Download, sequence: int | None) -> bool:
        """Cache an accepted download unless it is older than the cached one; return whether it was written."""
        with self._recording_problems(), self._private_folder() as private, private.locked():
            cached = None
            with suppress(CacheDamaged):
                cached = self._read(private)
            if cached and cached[0] != self._rejected and not self._allow_older and _is_older(sequence, cached[1]):
                return False
            private.write(self._name, pack(download, sequence))
            self._rejected = None
            return True
        return False

    def reject(self, download: Download) -> None:
        """Let any download replace this cached one, because it was not accepted again."""
        self._rejected = download

    def _read(self, private: PrivateFolder) -> tuple[Download, int | None] | None:
        data = private.read(self._name)
        return None if data is None else unpack(data)

    def _private_folder(self) -> AbstractContextManager[PrivateFolder]:
        if self._folder is None:
            self._folder = Path(tempfile.gettempdir()) / f"roster-gateway-{os.geteuid()}"
        return PrivateFolder.opened(self._folder)

    @contextmanager
    def _recording_problems(self) -> Iterator[None]:
        """Record errors in ``problem`` instead of raising them."""
        try:
            yield
        except (OSError, CacheUnusable) as error:
            reason = (error.strerror or str(error)).lower() if isinstance(error, OSError) else str(error)
            self.problem = f"{self._folder or 'the temporary folder'} is not used: {reason}"
        else:
            self.problem = ""


def _is_older(sequence: int | None, cached: int | None) -> bool:
    """Compare sequences; a download without one never replaces one that has a sequence."""
    return cached is not None and (sequence is None or sequence < cached)
