"""An old and a new download, which differ in every part, and a cache to save them in."""

from pathlib import Path

from roster.cache.download_cache import DownloadCache
from roster.download.download_result import Download

SOURCE = "https://gitlab.example.com/production.gateway.json?private_token=glpat-canary"
OLD = Download(b"old\n" * 10, '"old"', b"\x00old signature")
NEW = Download(b"new\n" * 500, '"new"')
"""As small as a real list, so that it fits into the buffer of a file, which must be flushed before fsync."""
SEQUENCES = {OLD: 1, NEW: 2}


def open_cache(folder: Path | None) -> DownloadCache:
    return DownloadCache(folder, SOURCE, "production")


def save(cache: DownloadCache, download: Download) -> bool:
    """Save one of the two downloads with its sequence."""
    return cache.save(download, SEQUENCES[download])


def file_in(folder: Path) -> Path:
    """Return the only file in a cache folder."""
    (file,) = folder.iterdir()
    return file
