"""What is kept in the tests of the store: an old download and a new one, told apart by every part."""

from pathlib import Path

from roster.cache.store import Kept, Store

SOURCE = "https://gitlab.example.com/production.gateway.json?private_token=glpat-canary"
OLD = Kept(b"old\n" * 10, '"old"', b"\x00old signature", 1)
NEW = Kept(b"new\n" * 50_000, '"new"', None, 2)


def opened(folder: Path | None) -> Store:
    return Store.open(folder, SOURCE, "production")


def file_in(folder: Path) -> Path:
    """The only file in a store's folder."""
    (file,) = folder.iterdir()
    return file
