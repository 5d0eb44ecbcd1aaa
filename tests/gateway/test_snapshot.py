"""Snapshots: prepared and cached responses."""

import gzip
import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from itertools import combinations

import pytest

from roster.accept.acceptance import accept
from roster.gateway import snapshot as module
from roster.gateway.prepared_response import PreparedResponse
from roster.gateway.snapshot import Snapshot
from tests.accept.example_downloads import CRITERIA, KINDS, as_bytes

FEATURES = [f"feature-{number}" for number in range(12)]


def version(body: bytes = KINDS["gateway"]) -> Snapshot:
    return Snapshot(accept(body, CRITERIA, None), "download", datetime.now(UTC))


def many() -> Snapshot:
    """Return a list in which every subset of features gives a different response."""
    offered = {"release_state": "GA"}
    models = [
        offered | {"name": f"Model {number}", "id": f"model_{number}", "features": [feature]}
        for number, feature in enumerate(FEATURES)
    ]
    return version(as_bytes(models))


@pytest.mark.parametrize("kind", KINDS)
def test_list_equals_offered_models_json(kind: str):
    assert version(KINDS[kind]).list.body == KINDS["offered_models"]


def test_gzip_is_deterministic():
    served = version()
    assert served.list is served.list
    assert served.filtered([], []) is served.list
    assert gzip.decompress(served.list.gzip_body) == served.list.body
    assert PreparedResponse.of(b"x").gzip_body == PreparedResponse.of(b"x").gzip_body


def test_each_encoding_has_its_own_etag():
    one, other = PreparedResponse.of(b"x"), PreparedResponse.of(b"y")
    assert len({one.etag, one.gzip_etag, other.etag, other.gzip_etag}) == 4
    assert all(etag[0] == etag[-1] == '"' for etag in (one.etag, one.gzip_etag))


def test_filtered_response_is_cached():
    served = version()
    assert served.filtered(["duo_chat"], ["GA"]) is served.filtered(["duo_chat", "duo_chat"], ["GA"])


def test_unserved_features_do_not_fill_cache():
    served = version()
    content = served.filtered(["duo_chat"], [])
    assert served.filtered(["duo_chat", "made-up"], []) is content
    assert served.filtered(["made-up"], []) is served.filtered(["made-up", "too"], ["GA"])
    assert served.filtered(["made-up"], []).body == b"[]\n"


def test_response_cache_is_bounded(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(module, "_MAX_CACHED_RESPONSES", 5)
    served = many()
    for chosen in combinations(FEATURES, 2):
        ids = [each["features"] for each in json.loads(served.filtered(chosen, []).body)]
        assert ids == [[name] for name in chosen]
        assert served._filter.cache_info().currsize <= 5


def test_filtering_is_thread_safe(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(module, "_MAX_CACHED_RESPONSES", 3)
    served = many()

    def right(number: int) -> bool:
        chosen = FEATURES[number % 12]
        return all(each["features"] == [chosen] for each in json.loads(served.filtered([chosen], []).body))

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(right, range(2000)))


def test_name_has_sequence_and_revision_or_digest():
    assert version().name == "42-4b825dc642cb"
    listed = version(KINDS["offered_models"])
    assert listed.name == listed.accepted.digest[:12]
