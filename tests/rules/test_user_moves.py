"""Moves of users by retirements and suspensions: along chains and cycles, and to every default."""

import time
from datetime import date
from typing import Any

from roster.roster import Roster
from roster.rules.base.user_moves import user_moves

TODAY = date(2026, 6, 15)
END = {"notice": "2026-01-01", "last_day": "2026-12-31"}


def model(name: str, *regions: str, **keys: Any) -> dict[str, Any]:
    return {"name": name, "features": ["duo_chat"], "processed_in": [*regions]} | keys


def moves(*models: dict[str, Any]) -> list[str]:
    roster = Roster.of("roster.yaml", "production", [*models])
    return [str(move) for _, move in user_moves(roster, lambda each: bool(each.processed_in), TODAY)]


def test_path_leads_through_models_that_state_nothing():
    chain = [
        model("a", "eu", retirement=END | {"replacement": "b"}),
        model("b", retirement=END | {"replacement": "c"}),
        model("c", suspended={"since": "2026-01-01", "reason": "incident"}),
        model("d", "us", default_for=["duo_chat"]),
    ]
    assert moves(*chain) == ["duo_chat: a → b → c → d"]


def test_many_features_are_counted():
    features = [f"feature_{number}" for number in range(1, 36)]
    (move,) = moves(
        model("a", "eu", features=features, retirement=END | {"replacement": "b"}),
        model("b", "us", features=features),
    )
    assert move.endswith("feature_7, feature_8, 27 more: a → b")


def test_path_ends_at_first_model_that_states_a_value():
    chain = [
        model("a", "eu", retirement=END | {"replacement": "b"}),
        model("b", "eu", retirement=END | {"replacement": "c"}),
        model("c", "us"),
    ]
    assert moves(*chain) == ["duo_chat: a → b", "duo_chat: b → c"]


def test_fallback_leads_to_every_default_with_a_share():
    defaults = [model("b", "eu", default_for={"duo_chat": 80}), model("c", "us", default_for={"duo_chat": 20})]
    assert sorted(moves(model("a", "eu", retirement=END), *defaults)) == ["duo_chat: a → b", "duo_chat: a → c"]


def test_suspended_default_leads_to_the_other_default():
    suspended = model("a", "eu", default_for={"duo_chat": 80}, suspended={"since": "2026-07-01", "reason": "incident"})
    assert moves(suspended, model("b", "us", default_for={"duo_chat": 20})) == ["duo_chat: a → b"]


def test_replacement_may_be_an_earlier_id():
    assert moves(model("a", "eu", retirement=END | {"replacement": "z"}), model("b", "us", aliases=["z"])) == [
        "duo_chat: a → b"
    ]


def test_no_move_without_a_successor():
    assert moves(model("a", "eu", retirement=END | {"replacement": "missing"})) == []
    assert moves(model("a", "eu", retirement=END, default_for=["duo_chat"])) == []
    assert moves(model("a", "eu", retirement=END | {"replacement": "a"})) == []
    over = {"notice": "2025-01-01", "last_day": "2025-12-31", "replacement": "b"}
    assert moves(model("a", "eu", retirement=over), model("b", "us")) == [], "these users have moved already"
    cycle = [model(name, retirement=END | {"replacement": other}) for name, other in (("b", "c"), ("c", "b"))]
    assert moves(model("a", "eu", retirement=END | {"replacement": "b"}), *cycle) == []


def test_long_chain_takes_bounded_time():
    chain = [model(f"m{index}", retirement=END | {"replacement": f"m{index + 1}"}) for index in range(100)]
    starts = [model(f"s{index}", "eu", retirement=END | {"replacement": "m0"}) for index in range(2_000)]
    before = time.process_time()
    assert moves(*starts, *chain) == []
    assert time.process_time() - before < 10
