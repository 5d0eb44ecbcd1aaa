"""A private folder: accessible to this user only, and held open so that nobody can replace it meanwhile."""

import fcntl
import os
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from roster.atomic_write import TEMPORARY_SUFFIX, write_private_file
from roster.cache.cache_file import CacheUnusable

_GROUP_AND_OTHERS = stat.S_IRWXG | stat.S_IRWXO
_LOCK_TIMEOUT_SECONDS, _LOCK_RETRY_SECONDS = 20.0, 0.001
"""A short retry interval avoids starvation: with eight busy writers, one that retried every 10 ms once waited for more
than 5 s; retrying every 1 ms, like a blocking wait, took about 1 s (measured)."""
_MAX_FILE_BYTES = 64 * 1024 * 1024
"""Far more than any accepted download has."""


class PrivateFolder:
    """The open folder; its files are addressed by name."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    @classmethod
    @contextmanager
    def opened(cls, folder: Path) -> Iterator["PrivateFolder"]:
        """Open a folder, creating it if it is missing, after checking that no other user can change it.

        Raises:
            CacheUnusable: another user could change it.
            OSError: it cannot be created or opened.
        """
        parent = Path(os.path.realpath(folder.absolute().parent))
        for ancestor in (parent, *parent.parents):
            _check_ancestor(ancestor)
        with suppress(FileExistsError):
            os.mkdir(parent / folder.name, stat.S_IRWXU)
        flags = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
        descriptor = os.open(parent / folder.name, flags)
        try:
            _check_private(os.fstat(descriptor), "the folder")
            yield cls(descriptor)
        finally:
            os.close(descriptor)

    @contextmanager
    def locked(self, seconds: float = _LOCK_TIMEOUT_SECONDS) -> Iterator[None]:
        """Lock the folder against other writers, and remove temporary files that killed writers left.

        The lock is on the folder itself: a lock file could be planted, left over or deleted. It is released when the
        process ends.

        Raises:
            CacheUnusable: another writer held the lock for too long.
        """
        deadline = time.monotonic() + seconds
        while True:
            try:
                fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() >= deadline:
                    raise CacheUnusable(f"another gateway has held the lock for {seconds:.0f} s") from None
                time.sleep(_LOCK_RETRY_SECONDS)
        try:
            self._remove_temporary_files()
            yield
        finally:
            # Unlock explicitly: a process forked meanwhile has the folder open too and would keep it locked.
            fcntl.flock(self._descriptor, fcntl.LOCK_UN)

    def clean_up(self) -> None:
        """Remove temporary files that a killed writer left, unless another writer is active, which does it itself."""
        with suppress(CacheUnusable), self.locked(seconds=0):
            pass

    def _remove_temporary_files(self) -> None:
        for name in os.listdir(self._descriptor):
            if name.endswith(TEMPORARY_SUFFIX):
                with suppress(OSError):
                    os.unlink(name, dir_fd=self._descriptor)

    def read(self, name: str) -> bytes | None:
        """Return the content of a file; None if it does not exist.

        Raises:
            CacheUnusable: it is not a regular file, belongs to another user, or is too large.
        """
        try:
            # O_NONBLOCK, because opening a FIFO would block until a writer opens it.
            flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
            descriptor = os.open(name, flags, dir_fd=self._descriptor)
        except FileNotFoundError:
            return None
        try:
            status = os.fstat(descriptor)
            if not stat.S_ISREG(status.st_mode):
                raise CacheUnusable("the cache file is not a regular file")
            _check_private(status, "the cache file")
            if status.st_size > _MAX_FILE_BYTES:
                raise CacheUnusable("the cache file is too large")
            with open(descriptor, "rb", closefd=False) as file:
                return file.read(status.st_size)  # files are replaced, never modified
        finally:
            os.close(descriptor)

    def write(self, name: str, data: bytes) -> None:
        """Write a file atomically.

        Raises:
            OSError: the old file is still there, or the new one may not survive a power failure.
        """
        write_private_file(name, data, self._descriptor)


def _check_ancestor(folder: Path) -> None:
    """Check that no other user can replace the content of a folder; with the sticky bit, only a file's owner can."""
    status = os.stat(folder)
    if status.st_uid not in (0, os.geteuid()):
        raise CacheUnusable(f"its parent folder {folder} belongs to another user")
    if status.st_mode & stat.S_IWOTH and not status.st_mode & stat.S_ISVTX:
        raise CacheUnusable(f"its parent folder {folder} is writable by everyone and has no sticky bit")


def _check_private(status: os.stat_result, what: str) -> None:
    if status.st_uid != os.geteuid():
        raise CacheUnusable(f"{what} belongs to another user")
    if status.st_mode & _GROUP_AND_OTHERS:
        raise CacheUnusable(f"{what} can be read or changed by others")
