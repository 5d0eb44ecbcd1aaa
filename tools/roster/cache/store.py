"""The last good download on the disk, for a start at which there is no other.

Nothing here stops a gateway: what cannot be kept or read is said in ``why_not``, and it serves from memory.
"""

import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from hashlib import sha256
from pathlib import Path

from roster.cache.cache_file import Damaged, Kept, Unusable, pack, unpack
from roster.cache.private_folder import PrivateFolder

__all__ = ["Kept", "Store", "not_older"]


def not_older(new: Kept, old: Kept) -> bool:
    """Say whether a download may replace another; one without a sequence replaces only what has none either."""
    return old.sequence is None or (new.sequence is not None and new.sequence >= old.sequence)


class Store:
    """What is kept of one source; several gateways can share it, and several sources a folder.

    Attributes:
        why_not: one sentence that says why the disk is not used, or not what it holds; empty when all is well.
    """

    def __init__(self, folder: Path | None, name: str) -> None:
        self._folder, self._name, self.why_not = folder, name, ""

    @classmethod
    def open(cls, folder: Path | None, source: str, environment: str | None = None) -> "Store":
        """Return the store of a source, and clear away what a kill left in its folder.

        Args:
            folder: one of the gateway's own, made where there is none; None for one in the temporary folder.
            source: the address of the download; the file's name is a digest of it, and does not tell it.
            environment: the one that is insisted on.
        """
        store = cls(folder, sha256(f"{source}\n{environment or ''}".encode()).hexdigest()[:32])
        with store._telling(), store._private() as private, suppress(Unusable), private.locked(seconds=0):
            pass  # a gateway that is at work clears up itself
        return store

    def load(self) -> Kept | None:
        """Return what is kept, to be accepted anew; None where that is nothing, or nothing that can be used."""
        with self._telling(), self._private() as private:
            return self._kept(private)
        return None

    def save(self, kept: Kept, *, replaces: Callable[[Kept, Kept], bool] = not_older) -> bool:
        """Keep a download; say whether it is on the disk now.

        Args:
            kept: the download.
            replaces: is asked with it and with what is there, if anything is, while nobody else can write.
        """
        with self._telling(), self._private() as private, private.locked():
            before = None
            with suppress(Damaged):
                before = self._kept(private)
            if before and not replaces(kept, before):
                return False
            private.write(self._name, pack(kept))
            return True
        return False

    def _kept(self, private: PrivateFolder) -> Kept | None:
        data = private.read(self._name)
        return None if data is None else unpack(data)

    def _private(self) -> AbstractContextManager[PrivateFolder]:
        if self._folder is None:
            self._folder = Path(tempfile.gettempdir()) / f"roster-gateway-{os.geteuid()}"
        return PrivateFolder.opened(self._folder)

    @contextmanager
    def _telling(self) -> Iterator[None]:
        """Let what goes wrong be told, and be no more than that."""
        try:
            yield
        except (OSError, Unusable) as error:
            reason = (error.strerror or str(error)).lower() if isinstance(error, OSError) else str(error)
            self.why_not = f"{self._folder or 'the temporary folder'} is not used: {reason}"
        else:
            self.why_not = ""
