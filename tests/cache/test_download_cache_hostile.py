"""A hostile temporary folder: files that other users could have planted or could change are not used."""

import os
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from roster.cache.cache_file import pack
from tests.cache.cached_downloads import NEW, OLD, file_in, open_cache, save

SOMEBODY = 12_345
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can change the owner of a file")


def refused(folder: Path, why: str) -> None:
    """Check that the cache reports a problem, and loads and saves nothing."""
    cache = open_cache(folder)
    assert cache.problem == f"{folder} is not used: {why}"
    assert (cache.load(), save(cache, NEW)) == (None, False)
    assert cache.problem == f"{folder} is not used: {why}"


def linked(path: Path) -> None:
    target = path.with_name("target")
    target.mkdir(0o700)
    path.symlink_to(target)


def given_away(path: Path) -> None:
    path.mkdir(0o700)
    os.chown(path, SOMEBODY, -1)


def open_to(mode: int) -> Callable[[Path], None]:
    def make(path: Path) -> None:
        path.mkdir()
        path.chmod(mode)

    return make


FOLDERS: dict[str, tuple[Callable[[Path], None], str]] = {
    "a link to a folder": (linked, "not a directory"),
    "a dangling link": (lambda path: path.symlink_to("nothing"), "not a directory"),
    "a FIFO": (os.mkfifo, "not a directory"),
    "a file": (Path.touch, "not a directory"),
    "everybody may list it": (open_to(0o704), "the folder can be read or changed by others"),
    "the group may enter it": (open_to(0o710), "the folder can be read or changed by others"),
    "everybody may do everything": (open_to(0o1777), "the folder can be read or changed by others"),
}


@pytest.mark.parametrize("case", FOLDERS)
def test_hostile_folder_is_not_used(case: str, tmp_path: Path):
    make, why = FOLDERS[case]
    make(tmp_path / "cache")
    refused(tmp_path / "cache", why)
    assert not list(tmp_path.glob("target/*"))


@as_root
def test_folder_of_other_user_is_not_used(tmp_path: Path):
    given_away(tmp_path / "cache")
    refused(tmp_path / "cache", "the folder belongs to another user")


@pytest.mark.parametrize("depth", [0, 2], ids=["the parent", "one further up"])
def test_folder_in_world_writable_parent_is_not_used(depth: int, tmp_path: Path):
    above = tmp_path / "open"
    folder = above.joinpath(*["inner"] * depth, "store")
    folder.parent.mkdir(parents=True)
    above.chmod(0o777)
    refused(folder, f"its parent folder {above} is writable by everyone and has no sticky bit")
    above.chmod(0o1777)
    assert save(open_cache(folder), NEW), "as /tmp is"


@as_root
@pytest.mark.parametrize("mode", [0o755, 0o1777])
def test_folder_in_parent_of_other_user_is_not_used(mode: int, tmp_path: Path):
    above = tmp_path / "theirs"
    above.mkdir()
    above.chmod(mode)
    os.chown(above, SOMEBODY, -1)
    refused(above / "cache", f"its parent folder {above} belongs to another user")


def test_links_in_path_are_resolved_before_checks(tmp_path: Path):
    (tmp_path / "open").mkdir()
    (tmp_path / "open").chmod(0o777)
    (tmp_path / "link").symlink_to("open")
    refused(
        tmp_path / "link" / "cache", f"its parent folder {tmp_path}/open is writable by everyone and has no sticky bit"
    )


def planted_link(file: Path) -> None:
    elsewhere = file.parent.with_name("elsewhere")
    elsewhere.write_bytes(pack(OLD, 1))
    elsewhere.chmod(0o600)
    file.symlink_to(elsewhere)


def planted_file(mode: int, owner: int = -1) -> Callable[[Path], None]:
    def make(file: Path) -> None:
        file.write_bytes(pack(OLD, 1))
        file.chmod(mode)
        os.chown(file, owner, -1)

    return make


FILES: dict[str, tuple[Callable[[Path], None], str]] = {
    "a link": (planted_link, "too many levels of symbolic links"),
    "a FIFO": (os.mkfifo, "the cache file is not a regular file"),
    "a folder": (Path.mkdir, "the cache file is not a regular file"),
    "others may read it": (planted_file(0o644), "the cache file can be read or changed by others"),
    "others may write it": (planted_file(0o602), "the cache file can be read or changed by others"),
    "owned by another user": (planted_file(0o600, SOMEBODY), "the cache file belongs to another user"),
}


@pytest.mark.parametrize("case", [pytest.param(case, marks=as_root if "else" in case else ()) for case in FILES])
def test_planted_file_is_not_used(case: str, tmp_path: Path):
    folder = tmp_path / "cache"
    assert save(open_cache(folder), OLD)
    file = file_in(folder)
    file.unlink()
    make, why = FILES[case]
    make(file)
    cache = open_cache(folder)
    assert (cache.problem, cache.load(), save(cache, NEW)) == ("", None, False)
    assert cache.problem == f"{folder} is not used: {why}"
    assert not (tmp_path / "elsewhere").exists() or (tmp_path / "elsewhere").read_bytes() == pack(OLD, 1)


@pytest.mark.parametrize("make", [planted_link, os.mkfifo], ids=["a link", "a FIFO"])
def test_planted_temporary_file_is_removed_not_followed(make: Callable[[Path], None], tmp_path: Path):
    cache = open_cache(tmp_path / "cache")
    assert save(cache, OLD)
    file = file_in(tmp_path / "cache")
    make(file.with_name(f"{file.name}.tmp"))
    assert save(cache, NEW)
    assert cache.load() == NEW
    assert file_in(tmp_path / "cache") == file
    assert stat.S_ISREG(file.lstat().st_mode)
    assert not (tmp_path / "elsewhere").exists() or (tmp_path / "elsewhere").read_bytes() == pack(OLD, 1)


def test_planted_temporary_folder_is_reported(tmp_path: Path):
    cache = open_cache(tmp_path / "cache")
    assert save(cache, OLD)
    file = file_in(tmp_path / "cache")
    file.with_name(f"{file.name}.tmp").mkdir()
    assert not save(cache, NEW)
    assert cache.problem == f"{tmp_path}/cache is not used: file exists"
    assert cache.load() == OLD
