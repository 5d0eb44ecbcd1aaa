"""Atomic writes: permissions, leftovers and errors; tests/cli/test_render_interrupted.py kills the writer."""

import os
from pathlib import Path

import pytest

from roster.atomic_write import write_files, write_private_file


def test_existing_file_keeps_its_permissions(tmp_path: Path):
    file = tmp_path / "a"
    file.write_bytes(b"old")
    file.chmod(0o640)
    write_files({file: b"new"})
    assert (file.read_bytes(), file.stat().st_mode & 0o777) == (b"new", 0o640)


def test_missing_folders_are_created(tmp_path: Path):
    write_files({tmp_path / "a/b": b"new"})
    assert (tmp_path / "a/b").read_bytes() == b"new"


def test_outdated_files_and_leftovers_are_deleted(tmp_path: Path):
    for name in ("a.sig", ".a.123.tmp", "other.tmp"):
        (tmp_path / name).touch()
    write_files({tmp_path / "a": b"new"}, [tmp_path / "a.sig", tmp_path / "missing"])
    assert {path.name for path in tmp_path.iterdir()} == {"a", "other.tmp"}


def test_no_file_is_replaced_if_one_cannot_be_written(tmp_path: Path):
    (tmp_path / "a").write_bytes(b"old")
    (tmp_path / "file").touch()
    with pytest.raises(OSError, match="file"):
        write_files({tmp_path / "a": b"new", tmp_path / "file/b": b"new"})
    assert (tmp_path / "a").read_bytes() == b"old"
    assert {path.name for path in tmp_path.iterdir()} == {"a", "file"}


def test_private_file_is_readable_by_its_user_only(tmp_path: Path):
    folder = os.open(tmp_path, os.O_RDONLY)
    try:
        write_private_file("a", b"old", folder)
        write_private_file("a", b"new", folder)
    finally:
        os.close(folder)
    assert ((tmp_path / "a").read_bytes(), (tmp_path / "a").stat().st_mode & 0o777) == (b"new", 0o600)
