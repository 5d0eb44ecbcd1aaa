"""Atomic writes: a reader, a full disk or a kill at any point finds each file old or new, never half-written.

Data goes to a temporary file in the same folder, is flushed to disk (fsync), and then takes the name of the old file.
"""

import os
import stat
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path

TEMPORARY_SUFFIX = ".tmp"
_DEFAULT_MODE = 0o666
"""Permissions of a new file before the umask applies."""
_PRIVATE_MODE = stat.S_IRUSR | stat.S_IWUSR


def write_files(files: Mapping[Path, bytes], outdated: Iterable[Path] = ()) -> None:
    """Write several files; each existing file keeps its permissions.

    All files are complete on disk before the first one is replaced.

    Args:
        outdated: files that must not exist next to the new ones; they are deleted before any file is replaced.

    Raises:
        OSError: no file was replaced, but outdated files may be deleted.
    """
    temporaries: dict[Path, Path] = {}
    try:
        for path, data in files.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            _delete_leftovers(path)
            temporaries[path] = path.with_name(f".{path.name}.{os.getpid()}{TEMPORARY_SUFFIX}")
            mode = stat.S_IMODE(path.stat().st_mode) if path.exists() else None
            _write_synced(temporaries[path], data, mode)
        for path in outdated:
            path.unlink(missing_ok=True)
        for path, temporary in temporaries.items():
            temporary.replace(path)
        for folder in {path.parent for path in files}:
            _sync_folder(folder)
    finally:
        for temporary in temporaries.values():
            temporary.unlink(missing_ok=True)


def write_private_file(name: str, data: bytes, folder: int) -> None:
    """Write a file that only this user can read, in the folder open as the descriptor ``folder``.

    Raises:
        OSError: the old file is still there, or the new file may not survive a power failure.
    """
    temporary = name + TEMPORARY_SUFFIX
    try:
        _write_synced(temporary, data, folder=folder)
        os.replace(temporary, name, src_dir_fd=folder, dst_dir_fd=folder)
    except OSError:
        with suppress(OSError):
            os.unlink(temporary, dir_fd=folder)
        raise
    os.fsync(folder)


def _write_synced(path: Path | str, data: bytes, mode: int | None = None, folder: int | None = None) -> None:
    """Create a file with its data on disk; ``folder`` makes it private and ``path`` relative to that descriptor."""

    def create(name: str, flags: int) -> int:
        permissions = _DEFAULT_MODE if folder is None else _PRIVATE_MODE
        return os.open(name, flags | os.O_NOFOLLOW, permissions, dir_fd=folder)

    with open(path, "xb", opener=create) as file:
        if mode is not None:
            os.fchmod(file.fileno(), mode)
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _delete_leftovers(path: Path) -> None:
    """Delete the temporary files of killed writers."""
    from glob import escape  # most runs write nothing

    for leftover in path.parent.glob(f".{escape(path.name)}.*{TEMPORARY_SUFFIX}"):
        leftover.unlink(missing_ok=True)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
