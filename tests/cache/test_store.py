"""The last good download is kept for the next start, and whatever is wrong with it stops nothing."""

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
from roster.cache.cache_file import Damaged, Unusable, pack, unpack
from roster.cache.private_folder import PrivateFolder
from roster.cache.store import Kept, Store
from tests.accept.downloads import KINDS, TERMS
from tests.cache.keeping import NEW, OLD, SOURCE, file_in, opened


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "store"


def test_nothing_is_kept_at_first(folder: Path):
    store = opened(folder)
    assert (store.load(), store.why_not) == (None, "")


def test_what_is_kept_is_there_at_the_next_start(folder: Path):
    assert opened(folder).save(NEW)
    store = opened(folder)
    assert (store.load(), store.why_not) == (NEW, "")


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_kept_is_accepted_at_the_next_start(folder: Path, kind: str):
    served = accept(KINDS[kind], TERMS, None)
    assert opened(folder).save(Kept(served.body, None, None, served.sequence))
    kept = opened(folder).load()
    assert kept
    assert accept(kept.body, TERMS, None) == served


kept = some.builds(
    Kept, some.binary(), some.none() | some.text(), some.none() | some.binary(), some.none() | some.integers()
)


@given(kept)
def test_every_download_can_be_kept(download: Kept):
    assert unpack(pack(download)) == download


def test_only_this_user_can_read_it(folder: Path):
    before = os.umask(0)
    try:
        assert opened(folder).save(NEW)
    finally:
        os.umask(before)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE(file_in(folder).stat().st_mode) == 0o600


def test_the_temporary_folder_is_the_default(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    assert opened(None).save(NEW)
    assert file_in(tmp_path / f"roster-gateway-{os.geteuid()}").is_file()


def test_the_address_stands_nowhere(folder: Path):
    assert opened(folder).save(OLD)
    assert "canary" not in file_in(folder).name
    assert b"canary" not in file_in(folder).read_bytes()


def test_every_source_and_every_environment_has_its_own_file(folder: Path):
    stores = [Store.open(folder, source, name) for source in ("a", "b") for name in (None, "staging", "production")]
    for number, store in enumerate(stores):
        assert store.save(Kept(b"x", sequence=number))
    assert [store.load() for store in stores] == [Kept(b"x", sequence=number) for number in range(6)]


@pytest.mark.parametrize(
    ("before", "after", "replaced"), [(1, 2, True), (2, 2, True), (2, 1, False), (None, 1, True), (1, None, False)]
)
def test_older_never_replaces_newer(folder: Path, before: int | None, after: int | None, replaced: bool):
    store, old, new = opened(folder), Kept(b"old", sequence=before), Kept(b"new", sequence=after)
    assert store.save(old)
    assert (store.save(new), store.why_not) == (replaced, "")
    assert store.load() == (new if replaced else old)


def test_an_operator_can_let_older_replace_newer(folder: Path):
    store = opened(folder)
    assert store.save(NEW)
    assert store.save(OLD, replaces=lambda new, old: (new, old) == (OLD, NEW))
    assert store.load() == OLD


def test_a_folder_that_was_tidied_away_is_made_again(folder: Path):
    store = opened(folder)
    assert store.save(OLD)
    file_in(folder).unlink()
    folder.rmdir()
    assert (store.load(), store.why_not) == (None, "")
    assert store.save(NEW)
    assert store.load() == NEW


RECORD = pack(OLD)
CORRUPT = {
    "empty": b"",
    "another file": b"[]\n",
    "NUL bytes": bytes(len(RECORD)),
    "from the future": RECORD.replace(b"roster-store 1", b"roster-store 2"),
    "longer": RECORD + b"\n",
}


@pytest.mark.parametrize("case", CORRUPT)
def test_a_corrupt_file_stops_nothing(folder: Path, case: str):
    assert opened(folder).save(OLD)
    file_in(folder).write_bytes(CORRUPT[case])
    store = opened(folder)
    assert (store.why_not, store.load()) == ("", None)
    assert store.why_not.startswith(f"{folder} is not used: ")
    assert store.save(OLD)
    assert (store.load(), store.why_not) == (OLD, "")


def test_a_file_that_breaks_off_anywhere_is_not_used():
    for length in range(len(RECORD)):
        with pytest.raises(Damaged):
            unpack(RECORD[:length])


def test_a_bit_that_flips_anywhere_is_found():
    for bit in range(8 * len(RECORD)):
        flipped = bytearray(RECORD)
        flipped[bit // 8] ^= 1 << bit % 8
        with pytest.raises(Damaged):
            unpack(bytes(flipped))


@pytest.mark.parametrize("head", [b"", b"{", b"[]", b'"x"', b"{}", b'{"etag": null, "signature": 3, "sequence": 1}'])
def test_a_whole_file_that_says_something_else_is_not_used(head: bytes):
    rest = head + b"\nbody"
    with pytest.raises(Damaged):
        unpack(b"roster-store 1\n" + sha256(rest).hexdigest().encode() + b"\n" + rest)


def test_a_very_large_file_is_not_read(folder: Path):
    store = opened(folder)
    assert store.save(OLD)
    with file_in(folder).open("r+b") as file:
        file.truncate(10**12)
    assert store.load() is None
    assert store.why_not == f"{folder} is not used: what is kept there is very large"


def test_without_a_temporary_folder_it_serves_from_memory(monkeypatch: pytest.MonkeyPatch):
    def none() -> str:
        raise FileNotFoundError(2, "No usable temporary directory found")

    monkeypatch.setattr(tempfile, "gettempdir", none)
    store = opened(None)
    assert store.why_not == "the temporary folder is not used: no usable temporary directory found"
    assert (store.load(), store.save(OLD)) == (None, False)


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path):
    store = opened(tmp_path / "missing" / "store")
    assert store.why_not == f"{tmp_path}/missing/store is not used: no such file or directory"
    assert (store.load(), store.save(OLD)) == (None, False)
    (tmp_path / "missing").mkdir()
    assert store.save(OLD)
    assert store.why_not == "", "it tries again each time"


@contextmanager
def at_work(folder: Path) -> Iterator[None]:
    """Another gateway, in the middle of writing."""
    with PrivateFolder.opened(folder) as private, private.locked():
        (folder / "unfinished.tmp").write_bytes(b"half")
        yield


def test_what_a_living_gateway_writes_is_left_alone(folder: Path):
    with at_work(folder):
        start = time.monotonic()
        store = opened(folder)
        assert time.monotonic() - start < 2, "a start waits for nobody"
        assert store.why_not == ""
        assert (folder / "unfinished.tmp").exists()
        assert store.load() is None, "and reading neither"
    opened(folder)
    assert not list(folder.iterdir()), "nobody's any more"


def test_writers_wait_for_each_other(folder: Path):
    store, released = opened(folder), threading.Event()

    def wait_and_tell() -> None:
        store.save(OLD)
        released.set()

    with at_work(folder):
        writer = threading.Thread(target=wait_and_tell)
        writer.start()
        assert not released.wait(0.2)
    writer.join(10)
    assert (store.load(), store.why_not) == (OLD, "")


def test_a_process_that_was_forked_meanwhile_keeps_nobody_waiting(folder: Path):
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


def test_a_writer_does_not_wait_for_ever(folder: Path):
    with (
        at_work(folder),
        PrivateFolder.opened(folder) as private,
        pytest.raises(Unusable, match="another gateway has been writing there"),
        private.locked(seconds=0.05),
    ):
        pytest.fail("it is locked")


def test_sources_are_told_apart_by_more_than_their_end(folder: Path):
    assert Store.open(folder, SOURCE, None).save(OLD)
    assert Store.open(folder, SOURCE + "x", None).load() is None
