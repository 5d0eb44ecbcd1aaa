"""Eight writers and eight readers of one cache: every loaded version is complete, and none is followed by an older one.

``STORE_SECONDS`` makes it go on for longer.
"""

import os
import random
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import pytest

from roster.download.download_result import Download
from tests.cache.cached_downloads import open_cache

SECONDS = float(os.environ.get("STORE_SECONDS", "4"))


def version(sequence: int) -> Download:
    """Return the download of a sequence; its size depends on the sequence, too."""
    return Download(b"%d\n" % sequence * (1 + sequence % 5_000), f'"{sequence}"')


def write(folder: Path, seed: int, until: float) -> tuple[int, list[str]]:
    """Save versions, some of them older; return how many were written, and the problems."""
    chance, cached, wrong, newest = random.Random(seed), 0, [], 0
    while time.monotonic() < until:
        newest += chance.randint(0, 20)
        cache = open_cache(folder)  # like a gateway that restarts
        sequence = max(0, newest - chance.randint(0, 30))
        cached += cache.save(version(sequence), sequence)
        wrong += [cache.problem] if cache.problem else []
    return cached, wrong


def read(folder: Path, until: float) -> tuple[int, list[str]]:
    """Load the cached version repeatedly; return how many versions were seen, and the problems."""
    cache, sequences, wrong = open_cache(folder), [0], []
    while time.monotonic() < until:
        cached = cache.load()
        if cache.problem:
            wrong.append(cache.problem)
        elif cached and (sequence := int(cached.body.split(b"\n")[0])) != sequences[-1]:
            wrong += [] if cached == version(sequence) else [f"{sequence} is not whole"]
            wrong += [] if sequence > sequences[-1] else [f"{sequence} after {sequences[-1]}"]
            sequences.append(sequence)
    return len(sequences), wrong


@pytest.mark.slow
def test_concurrent_readers_see_complete_increasing_versions(tmp_path: Path):
    folder = tmp_path / "cache"
    with ProcessPoolExecutor(16) as pool:
        until = time.monotonic() + SECONDS
        writers = [pool.submit(write, folder, seed, until) for seed in range(8)]
        readers = [pool.submit(read, folder, until) for _ in range(8)]
        written, sequences = [done.result() for done in writers], [done.result() for done in readers]
    assert [wrong for _, wrong in written + sequences if wrong] == []
    assert sum(cached for cached, _ in written) > 8
    assert max(versions for versions, _ in sequences) > 2
    assert len(list(folder.iterdir())) == 1, "no temporary file is left"
