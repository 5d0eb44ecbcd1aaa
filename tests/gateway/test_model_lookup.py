"""Models by id and earlier id, and defaults by share, as embedding apps look them up."""

from collections import Counter
from typing import Any

import pytest

from roster.accept.acceptance import accept
from roster.accept.accepted_list import AcceptedList
from roster.gateway.model_lookup import find_model, pick_default
from tests.accept.example_downloads import CRITERIA, as_bytes, envelope

IDS = {
    "retired": [{"id": "gpt", "last_day": "2026-06-14", "replacement": "gemini"}],
    "retired_without_replacement": [{"id": "gpt_3", "last_day": "2026-06-13"}],
    "suspended": [{"id": "codestral", "since": "2026-06-12", "reason": "provider incident"}],
    "aliases": {"claude_old": "claude", "gpt_old": "gpt", "codestral_old": "codestral"},
}


def accepted(**shares: Any) -> AcceptedList:
    content = envelope(**IDS)
    if shares:
        content["default_shares"] = {"duo_chat": shares}
    return accept(as_bytes(content), CRITERIA, None)


def test_model_is_found_by_earlier_id():
    assert [find_model(accepted(), id_) for id_ in ("claude", "claude_old")] == ["claude", "claude"]


@pytest.mark.parametrize(
    ("model_id", "message"),
    [
        ("gpt", "gpt was retired after 2026-06-14, and gemini replaces it"),
        ("gpt_old", "gpt was retired after 2026-06-14, and gemini replaces it"),
        ("gpt_3", "gpt_3 was retired after 2026-06-13"),
        ("codestral", "codestral has been suspended since 2026-06-12: provider incident"),
        ("codestral_old", "codestral has been suspended since 2026-06-12: provider incident"),
        ("unheard-of", "unheard-of"),
    ],
)
def test_model_that_is_not_offered_raises_key_error(model_id: str, message: str):
    with pytest.raises(KeyError) as error:
        find_model(accepted(), model_id)
    assert error.value.args == (message,)


def test_one_default_is_always_picked():
    assert {pick_default(accepted(), "duo_chat", key) for key in ("a", "b", None)} == {"gemini"}
    with pytest.raises(KeyError):
        pick_default(accepted(), "unheard-of", "a")


def test_defaults_are_picked_by_share():
    served = accepted(gemini=80, mistral=20)
    keys = [f"user-{number}" for number in range(2_000)]
    picked = {key: pick_default(served, "duo_chat", key) for key in keys}
    assert picked == {key: pick_default(served, "duo_chat", key) for key in keys}, "the same key gets the same model"
    assert 1_500 < Counter(picked.values())["gemini"] < 1_700
    changed = accepted(gemini=90, mistral=10)
    moved = {picked[key] for key in keys if pick_default(changed, "duo_chat", key) != picked[key]}
    assert moved == {"mistral"}, "no key of the other model moved"
    assert {pick_default(served, "duo_chat") for _ in range(500)} == {"gemini", "mistral"}
