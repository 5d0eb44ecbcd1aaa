"""The download cache: saving, loading, permissions, corruption and locking."""

import os
import signal
import stat
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as some

from roster.accept.acceptance import accept
from roster.cache.cache_file import CacheDamaged, CacheUnusable, pack, unpack
from roster.cache.download_cache import DownloadCache
from roster.cache.private_folder import PrivateFolder
from roster.download.download_result import Download
from tests.accept.example_downloads import CRITERIA, KINDS
from tests.cache.cached_downloads import NEW, OLD, SOURCE, file_in, open_cache, save


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "cache"


def test_new_cache_is_empty(folder: Path):
    cache = open_cache(folder)
    assert (cache.load(), cache.problem) == (None, "")


def test_saved_download_is_loaded_at_next_start(folder: Path):
    assert save(open_cache(folder), NEW)
    cache = open_cache(folder)
    assert (cache.load(), cache.problem) == (NEW, "")


@pytest.mark.parametrize("kind", KINDS)
def test_cached_download_is_accepted_again(folder: Path, kind: str):
    served = accept(KINDS[kind], CRITERIA, None)
    assert open_cache(folder).save(Download(served.body), served.sequence)
    cached = open_cache(folder).load()
    assert cached
    assert accept(cached.body, CRITERIA, None) == served


parts = some.tuples(some.binary(), some.none() | some.text(), some.none() | some.binary())


@given(parts.map(lambda values: Download(*values)), some.none() | some.integers())
def test_every_download_can_be_cached(download: Download, sequence: int | None):
    assert unpack(pack(download, sequence)) == (download, sequence)


def test_cache_is_private_to_user(folder: Path):
    before = os.umask(0)
    try:
        assert save(open_cache(folder), NEW)
    finally:
        os.umask(before)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE(file_in(folder).stat().st_mode) == 0o600


def test_default_folder_is_in_temporary_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    assert save(open_cache(None), NEW)
    assert file_in(tmp_path / f"roster-gateway-{os.geteuid()}").is_file()


def test_url_is_not_stored(folder: Path):
    assert save(open_cache(folder), OLD)
    assert "canary" not in file_in(folder).name
    assert b"canary" not in file_in(folder).read_bytes()


def test_source_and_environment_have_own_file(folder: Path):
    caches = [DownloadCache(folder, source, name) for source in ("a", "b") for name in (None, "staging", "production")]
    for number, cache in enumerate(caches):
        assert cache.save(Download(b"%d" % number), number)
    assert [cache.load() for cache in caches] == [Download(b"%d" % number) for number in range(6)]


@pytest.mark.parametrize(
    ("before", "after", "replaced"), [(1, 2, True), (2, 2, True), (2, 1, False), (None, 1, True), (1, None, False)]
)
def test_older_download_does_not_replace_newer(folder: Path, before: int | None, after: int | None, replaced: bool):
    cache, old, new = open_cache(folder), Download(b"old"), Download(b"new")
    assert cache.save(old, before)
    assert (cache.save(new, after), cache.problem) == (replaced, "")
    assert cache.load() == (new if replaced else old)


def test_allow_older_lets_older_replace_newer(folder: Path):
    cache = DownloadCache(folder, SOURCE, allow_older=True)
    assert save(cache, NEW)
    assert save(cache, OLD)
    assert cache.load() == OLD


def test_deleted_folder_is_created_again(folder: Path):
    cache = open_cache(folder)
    assert save(cache, OLD)
    file_in(folder).unlink()
    folder.rmdir()
    assert (cache.load(), cache.problem) == (None, "")
    assert save(cache, NEW)
    assert cache.load() == NEW


RECORD = pack(OLD, 1)
CORRUPT = {
    "empty": b"",
    "another file": b"[]\n",
    "NUL bytes": bytes(len(RECORD)),
    "from the future": RECORD.replace(b"roster-store 1", b"roster-store 2"),
    "longer": RECORD + b"\n",
}


@pytest.mark.parametrize("case", CORRUPT)
def test_corrupt_file_is_reported_and_replaced(folder: Path, case: str):
    assert save(open_cache(folder), OLD)
    file_in(folder).write_bytes(CORRUPT[case])
    cache = open_cache(folder)
    assert (cache.problem, cache.load()) == ("", None)
    assert cache.problem.startswith(f"{folder} is not used: ")
    assert save(cache, OLD)
    assert (cache.load(), cache.problem) == (OLD, "")


def test_truncated_file_is_rejected():
    for length in range(len(RECORD)):
        with pytest.raises(CacheDamaged):
            unpack(RECORD[:length])


def test_flipped_bit_is_detected():
    for bit in range(8 * len(RECORD)):
        flipped = bytearray(RECORD)
        flipped[bit // 8] ^= 1 << bit % 8
        with pytest.raises(CacheDamaged):
            unpack(bytes(flipped))


@pytest.mark.parametrize(
    "head", [b"", b"{", b"[]", b'"x"', b"{}", b"[" * 9999, b'{"etag": null, "signature": 3, "sequence": 1}']
)
def test_invalid_metadata_is_rejected(head: bytes):
    rest = head + b"\nbody"
    with pytest.raises(CacheDamaged):
        unpack(b"roster-store 1\n" + sha256(rest).hexdigest().encode() + b"\n" + rest)


def test_oversized_file_is_not_read(folder: Path):
    cache = open_cache(folder)
    assert save(cache, OLD)
    with file_in(folder).open("r+b") as file:
        file.truncate(10**12)
    assert cache.load() is None
    assert cache.problem == f"{folder} is not used: the cache file is too large"


def test_missing_temporary_folder_is_reported(monkeypatch: pytest.MonkeyPatch):
    def none() -> str:
        raise FileNotFoundError(2, "No usable temporary directory found")

    monkeypatch.setattr(tempfile, "gettempdir", none)
    cache = open_cache(None)
    assert cache.problem == "the temporary folder is not used: no usable temporary directory found"
    assert (cache.load(), save(cache, OLD)) == (None, False)


def test_failed_folder_creation_is_reported(tmp_path: Path):
    cache = open_cache(tmp_path / "missing" / "cache")
    assert cache.problem == f"{tmp_path}/missing/cache is not used: no such file or directory"
    assert (cache.load(), save(cache, OLD)) == (None, False)
    (tmp_path / "missing").mkdir()
    assert save(cache, OLD)
    assert cache.problem == "", "it tries again each time"


@contextmanager
def at_work(folder: Path) -> Iterator[None]:
    """Simulate another gateway that is writing."""
    with PrivateFolder.opened(folder) as private, private.locked():
        (folder / "unfinished.tmp").write_bytes(b"half")
        yield


def test_temporary_file_of_active_writer_remains(folder: Path):
    with at_work(folder):
        start = time.monotonic()
        cache = open_cache(folder)
        assert time.monotonic() - start < 2, "a start does not wait for the lock"
        assert cache.problem == ""
        assert (folder / "unfinished.tmp").exists()
        assert cache.load() is None, "and reading neither"
    open_cache(folder)
    assert not list(folder.iterdir()), "nobody's any more"


def test_writer_waits_for_lock(folder: Path):
    cache, released = open_cache(folder), threading.Event()

    def wait_and_tell() -> None:
        save(cache, OLD)
        released.set()

    with at_work(folder):
        writer = threading.Thread(target=wait_and_tell)
        writer.start()
        assert not released.wait(0.2)
    writer.join(10)
    assert (cache.load(), cache.problem) == (OLD, "")


def test_forked_process_does_not_hold_lock(folder: Path):
    with at_work(folder):
        forked = os.fork()
        if not forked:
            signal.pause()
    try:
        with PrivateFolder.opened(folder) as private, private.locked(seconds=0):
            pass
    finally:
        os.kill(forked, signal.SIGKILL)
        os.waitpid(forked, 0)


def test_waiting_for_lock_times_out(folder: Path):
    with (
        at_work(folder),
        PrivateFolder.opened(folder) as private,
        pytest.raises(CacheUnusable, match="another gateway has held the lock"),
        private.locked(seconds=0.05),
    ):
        pytest.fail("it is locked")


def test_sources_with_common_suffix_are_distinct(folder: Path):
    assert save(DownloadCache(folder, SOURCE, None), OLD)
    assert DownloadCache(folder, SOURCE + "x", None).load() is None
