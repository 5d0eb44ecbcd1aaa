"""A list from outside takes a time that grows in proportion to its size."""

import time
from collections.abc import Callable
from typing import Any

import pytest

from roster.accept.acceptance import accept
from roster.instance.selection.offered_list import EMPTY_LIST, build_offered_list
from tests.accept.example_downloads import as_bytes
from tests.accept.hostile_downloads import definitions
from tests.accept.test_accept_definitions import INSTANCE


def cpu_seconds(function: Callable[[], Any]) -> tuple[Any, float]:
    started = time.process_time()
    return function(), time.process_time() - started


@pytest.mark.slow
def test_many_features_and_models():
    content = definitions(2_500_000)
    ids = [model["identifier"] for model in content["models"]]
    base = content["unit_primitives"][0] | {"default_model": None, "default_models": []}
    content["unit_primitives"] = [
        base | {"feature_setting": f"f{number}", "selectable_models": ids[number::900]} for number in range(900)
    ]
    accepted = accept(as_bytes(content), INSTANCE, None)
    offered, seconds = cpu_seconds(lambda: build_offered_list(accepted, EMPTY_LIST))
    assert (len(offered.features), len(offered.models)) == (900, len(ids))
    assert seconds < 2  # far above 0.2, which an idle machine takes: only quadratic time is a failure


@pytest.mark.slow
def test_long_chain_of_replacements():
    content = definitions(1000)
    count = 50_000
    content["retired"] = [
        {"id": f"r{number}", "last_day": "2026-01-01", "replacement": f"r{(number + 1) % count}"}
        for number in range(count)
    ]
    offered = build_offered_list(accept(as_bytes(content), INSTANCE, None), EMPTY_LIST)
    replacement, seconds = cpu_seconds(lambda: {offered.replacement_for(f"r{number}", "f0") for number in range(100)})
    assert replacement == {None}
    assert seconds < 0.5
