"""Arbitrary bytes are accepted or rejected, and take at most two seconds and 256 MiB."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as some

from roster.accept.acceptance import accept
from roster.accept.accepted_list import AcceptedList
from roster.download.rejection import Rejected
from tests.accept.example_downloads import CRITERIA, KINDS, as_bytes, envelope
from tests.conftest import ROOT
from tests.resource_limits import run_within_limits
from tests.yaml import test_hostile

SERVED = accept(KINDS["gateway"], CRITERIA, None)


def answer(body: bytes, current: AcceptedList | None = None) -> AcceptedList | Rejected:
    """Return the accepted list or the rejection; check that an accepted list can be served."""
    try:
        served = accept(body, CRITERIA, current)
    except Rejected as rejected:
        return rejected
    listed = json.loads(served.list_bytes)
    assert [entry["id"] for entry in listed] == [model.id for model in served.offered_models]
    assert listed
    assert all(entry.keys() == {"name", "id", "release_state", "features"} for entry in listed)
    assert set(served.defaults.values()) <= served.deployments.keys()
    return served


@given(some.binary(max_size=200), some.sampled_from([None, SERVED]))
@example(b"[", None)
@example(b"{", None)
@example(b"\xff", None)
@example(b'[{"identifier": 1}]', None)
@example(b"[!!bool x]", None)
@example(b'"\\ud800"', None)
def test_arbitrary_bytes_are_accepted_or_rejected(body: bytes, current: AcceptedList | None):
    answer(body, current)


values = some.recursive(
    some.none() | some.booleans() | some.integers() | some.floats() | some.text(max_size=5),
    lambda inner: some.lists(inner, max_size=4) | some.dictionaries(some.text(max_size=5), inner, max_size=4),
    max_leaves=10,
)


@given(values, some.sampled_from(["", *envelope()]))
def test_arbitrary_json_is_accepted_or_rejected(value: Any, key: str):
    answer(as_bytes(envelope(**{key: value}) if key else value), SERVED)
    answer(as_bytes([value]))


def positions(value: Any) -> list[tuple[Any, Any]]:
    """Return every list and mapping in a value with each of its keys or indexes."""
    keys = list(value) if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
    return [(value, key) for key in keys] + [position for key in keys for position in positions(value[key])]


@given(some.data(), values)
def test_arbitrary_value_in_envelope_is_accepted_or_rejected(data: some.DataObject, value: Any):
    content = envelope()
    parent, key = data.draw(some.sampled_from(positions(content)))
    parent[key] = value
    answer(as_bytes(content), SERVED)


@given(some.sampled_from(sorted(KINDS)), some.integers(0, 5000), some.integers(0, 40), some.binary(max_size=12))
def test_mutated_download_is_accepted_or_rejected(kind: str, at: int, removed: int, added: bytes):
    body = KINDS[kind]
    answer(body[: at % len(body)] + added + body[at % len(body) + removed :])


def models(count: int, more: str) -> bytes:
    entry = '{"name":"m","id":"m%d","release_state":"GA","features":["f%d"]' + more + "}"
    return f"[{','.join(entry % (number, number) for number in range(count))}]".encode()


HOSTILE: dict[str, Callable[[], bytes]] = {
    **{f"{name} (YAML)": make for name, make in test_hostile.HOSTILE.items()},
    "nested lists": lambda: b"[" * test_hostile.MEBIBYTE,
    "nested objects": lambda: b'{"a":' * test_hostile.MEBIBYTE,
    "numbers": lambda: b"[" + b"1," * 490_000 + b"1]",
    "empty objects": lambda: b"[" + b"{}," * 240_000 + b"{}]",
    "small objects": lambda: b"[" + b",".join(b'{"k%d":{}}' % number for number in range(160_000)) + b"]",
    "an object with many keys": lambda: b"{" + b",".join(b'"k%d":1' % number for number in range(490_000)) + b"}",
    "a long string": lambda: b'["' + b"x" * 8_000_000 + b'"]',
    "a long name of wide characters": lambda: models(1, "").replace(
        b'"m"', b'"' + "\U0001f600日".encode() * 1_100_000 + b'"'
    ),
    "escapes": lambda: b'["' + b"\\u200b" * 1_300_000 + b'"]',
    "digits": lambda: b"[" + b"9" * 8_000_000 + b"]",
    "features": lambda: as_bytes([{"name": "m", "id": "m", "release_state": "GA", "features": ["f"] * 480_000}]),
    "wrong features": lambda: as_bytes([{"name": "m", "id": "m", "release_state": "GA", "features": [1] * 480_000}]),
    "features of valid names": lambda: as_bytes(
        [{"name": "m", "id": "m", "release_state": "GA", "features": [f"f{number}" for number in range(400_000)]}]
    ),
    "defaults": lambda: as_bytes(envelope(defaults={f"f{number}": "claude" for number in range(300_000)})),
    "tombstones": lambda: as_bytes(
        envelope(retired=[{"id": "x", "last_day": "2026-01-01", "replacement": "x"}] * 80_000)
    ),
    "many models": lambda: models(80_000, ""),
    "models with the same id": lambda: models(80_000, "").replace(b"m%d", b"m"),
    "models with unknown keys": lambda: models(50_000, ',"a":1,"b":2,"c":3'),
}

ACCEPT = """
import sys
from pathlib import Path
from roster.accept.acceptance import accept
from roster.download.rejection import Rejected
from tests.accept.example_downloads import CRITERIA
try:
    print(accept(Path(sys.argv[1]).read_bytes(), CRITERIA._replace(max_bytes=64 * 1024 * 1024), None).kind)
except Rejected as rejected:
    print(rejected)
"""


@pytest.mark.slow
@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_download_is_cheap_to_reject(name: str, tmp_path: Path):
    (tmp_path / "body").write_bytes(HOSTILE[name]())
    status = run_within_limits(tmp_path, "-c", ACCEPT, "body", env={"PYTHONPATH": str(ROOT)})
    assert status == 0, (tmp_path / "err").read_text()[-500:]
    assert (tmp_path / "out").read_text()
