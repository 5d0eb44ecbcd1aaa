"""A folder that only this user can read or write, held open, so that nothing can be put in its place meanwhile."""

import fcntl
import os
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from roster.atomic_write import TEMPORARY_SUFFIX, write_private_file
from roster.cache.cache_file import CacheUnusable

_OTHERS = stat.S_IRWXG | stat.S_IRWXO
_LOCK_SECONDS, _ASKED_EVERY = 20.0, 0.001
"""How long to wait for other writers, and how often to ask. Who asks seldom starves: of eight busy writers, one that
asked every 10 ms once waited for more than 5 s; every 1 ms, as in a blocking wait, for about 1 s (measured)."""
_BYTES = 64 * 1024 * 1024
"""The size of a file that is read: far more than any download that is accepted."""


class PrivateFolder:
    """The open folder: its files by their names."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    @classmethod
    @contextmanager
    def opened(cls, folder: Path) -> Iterator["PrivateFolder"]:
        """Open a folder, made where there is none, and hold that nobody else can change it.

        Raises:
            CacheUnusable: somebody else could.
            OSError: it cannot be made or opened.
        """
        parent = Path(os.path.realpath(folder.absolute().parent))
        for above in (parent, *parent.parents):
            _hold_above(above)
        with suppress(FileExistsError):
            os.mkdir(parent / folder.name, stat.S_IRWXU)
        flags = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
        descriptor = os.open(parent / folder.name, flags)
        try:
            _hold_private(os.fstat(descriptor), "it")
            yield cls(descriptor)
        finally:
            os.close(descriptor)

    @contextmanager
    def locked(self, seconds: float = _LOCK_SECONDS) -> Iterator[None]:
        """Keep every other writer out; what they left unfinished is nobody's any more, and is removed.

        The folder itself is locked: no other file could be planted, left over or tidied away. The end of the process
        unlocks it.

        Raises:
            CacheUnusable: another writer has been at it for too long.
        """
        until = time.monotonic() + seconds
        while True:
            try:
                fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() >= until:
                    raise CacheUnusable(f"another gateway has been writing there for {seconds:.0f} s") from None
                time.sleep(_ASKED_EVERY)
        try:
            self._remove_temporary_files()
            yield
        finally:
            # a process that was forked meanwhile holds the folder open, too, and would keep it locked
            fcntl.flock(self._descriptor, fcntl.LOCK_UN)

    def clean_up(self) -> None:
        """Remove temporary files that a killed writer left, unless another writer is active, which does it itself."""
        with suppress(CacheUnusable), self.locked(seconds=0):
            pass

    def _remove_temporary_files(self) -> None:
        for name in os.listdir(self._descriptor):
            if name.endswith(TEMPORARY_SUFFIX):
                self._remove(name)

    def read(self, name: str) -> bytes | None:
        """Return a file's bytes; None where there is no such file.

        Raises:
            CacheUnusable: it is no file, is somebody else's, or is very large.
        """
        try:
            # without O_NONBLOCK a FIFO would keep its reader waiting for a writer
            flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
            descriptor = os.open(name, flags, dir_fd=self._descriptor)
        except FileNotFoundError:
            return None
        try:
            status = os.fstat(descriptor)
            if not stat.S_ISREG(status.st_mode):
                raise CacheUnusable("what is kept there is no file")
            _hold_private(status, "what is kept there")
            if status.st_size > _BYTES:
                raise CacheUnusable("what is kept there is very large")
            with open(descriptor, "rb", closefd=False) as file:
                return file.read(status.st_size)  # it is never written to again
        finally:
            os.close(descriptor)

    def write(self, name: str, data: bytes) -> None:
        """Write a file so that a reader, a full disk or a kill at any point finds it old or new, and whole.

        Raises:
            OSError: what was there before is still there, or the new file may not outlive a loss of power.
        """
        write_private_file(name, data, self._descriptor)

    def _remove(self, name: str) -> None:
        with suppress(OSError):
            os.unlink(name, dir_fd=self._descriptor)


def _hold_above(folder: Path) -> None:
    """Hold that nobody else can replace what lies in a folder: in a sticky one, only the owner of each file can."""
    status = os.stat(folder)
    if status.st_uid not in (0, os.geteuid()):
        raise CacheUnusable(f"{folder}, above it, belongs to another user")
    if status.st_mode & stat.S_IWOTH and not status.st_mode & stat.S_ISVTX:
        raise CacheUnusable(f"everybody can change {folder}, above it, and its sticky bit is not set")


def _hold_private(status: os.stat_result, what: str) -> None:
    if status.st_uid != os.geteuid():
        raise CacheUnusable(f"{what} belongs to another user")
    if status.st_mode & _OTHERS:
        raise CacheUnusable(f"{what} can be read or changed by others")
