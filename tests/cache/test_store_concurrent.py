"""Eight writers and eight readers of one store: every version is whole, was accepted, and none is followed by an older.

``STORE_SECONDS`` makes it go on for longer.
"""

import os
import random
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from roster.cache.store import Kept
from tests.cache.keeping import opened

SECONDS = float(os.environ.get("STORE_SECONDS", "4"))


def version(sequence: int) -> Kept:
    """What is published under a sequence; its size says which it is, too."""
    return Kept(b"%d\n" % sequence * (1 + sequence % 5_000), f'"{sequence}"', None, sequence)


def write(folder: Path, seed: int, until: float) -> tuple[int, list[str]]:
    """Keep versions, some of them older; return how many were kept, and what went wrong."""
    chance, kept, wrong, newest = random.Random(seed), 0, [], 0
    while time.monotonic() < until:
        newest += chance.randint(0, 20)
        store = opened(folder)  # as a gateway that starts anew
        kept += store.save(version(max(0, newest - chance.randint(0, 30))))
        wrong += [store.why_not] if store.why_not else []
    return kept, wrong


def read(folder: Path, until: float) -> tuple[int, list[str]]:
    """Load what is kept; return how many different versions were seen, and what was wrong with them."""
    store, seen, wrong = opened(folder), [0], []
    while time.monotonic() < until:
        kept = store.load()
        if store.why_not:
            wrong.append(store.why_not)
        elif kept and kept.sequence != seen[-1]:
            wrong += [] if kept == version(kept.sequence or 0) else [f"{kept.sequence} is not whole"]
            wrong += [] if (kept.sequence or 0) > seen[-1] else [f"{kept.sequence} after {seen[-1]}"]
            seen.append(kept.sequence or 0)
    return len(seen), wrong


def test_eight_writers_and_eight_readers(tmp_path: Path):
    folder = tmp_path / "store"
    with ProcessPoolExecutor(16) as pool:
        until = time.monotonic() + SECONDS
        writers = [pool.submit(write, folder, seed, until) for seed in range(8)]
        readers = [pool.submit(read, folder, until) for _ in range(8)]
        written, seen = [done.result() for done in writers], [done.result() for done in readers]
    assert [wrong for _, wrong in written + seen if wrong] == []
    assert sum(kept for kept, _ in written) > 8
    assert max(versions for versions, _ in seen) > 2
    assert len(list(folder.iterdir())) == 1, "no temporary file is left"
