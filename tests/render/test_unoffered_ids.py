"""Ids in artifacts that are not offered: tombstones, suspensions and aliases."""

from datetime import date
from typing import Any

from roster.model import RetiredModel, Retirement
from roster.render.unoffered_ids import UnofferedIds
from tests.render.test_artifacts import CLAUDE, DAY, GEMINI, rendered, roster

OVER = {"notice": "2026-01-01", "last_day": "2026-06-14"}
SUSPENDED = {"since": "2026-06-15", "reason": "provider incident"}
SUSPENSION = {"id": "gemini_pro"} | SUSPENDED
MISTRAL = GEMINI | {"name": "Mistral", "api-key": "AIGW_MODEL_MISTRAL_API_KEY", "default_for": []}


def keys(*models: dict[str, Any], on: date = DAY, removed: dict[str, RetiredModel] | None = None) -> dict[str, Any]:
    """Return the keys about ids that are not offered; both artifacts must have them."""
    found = UnofferedIds(roster(*models).with_retired_models(removed or {}), on).keys
    if not removed:
        for artifact in ("gateway", "definitions"):
            content = rendered(artifact, *models, on=on)
            assert {key: content.get(key) for key in found} == found
    return found


def test_roster_without_new_keys_has_only_retired():
    assert keys(CLAUDE, GEMINI) == {"retired": []}


def test_model_is_suspended_from_its_first_day_on():
    gemini = GEMINI | {"suspended": SUSPENDED}
    assert keys(CLAUDE, gemini, on=date(2026, 6, 14)) == {"retired": []}
    assert keys(CLAUDE, gemini) == {"retired": [], "suspended": [SUSPENSION]}
    envelope = rendered("gateway", CLAUDE, gemini)
    assert "gemini_pro" not in (*envelope["routes"], *envelope["defaults"].values())


def test_suspended_model_that_retired_is_only_retired():
    gemini = GEMINI | {"suspended": SUSPENDED, "retirement": OVER | {"replacement": "claude_3_7_sonnet"}}
    assert keys(CLAUDE, gemini) == {
        "retired": [{"id": "gemini_pro", "last_day": "2026-06-14", "replacement": "claude_3_7_sonnet"}]
    }


def test_retirements_with_and_without_replacement_have_tombstones():
    retirement = [
        OVER | {"replacement": "gemini_pro", "features": ["duo_chat"]},
        OVER | {"features": ["code-generation"]},
    ]
    assert keys(CLAUDE | {"retirement": retirement}, GEMINI) == {
        "retired": [
            {"id": "claude_3_7_sonnet", "last_day": "2026-06-14", "replacement": "gemini_pro", "features": ["duo_chat"]}
        ],
        "retired_without_replacement": [
            {"id": "claude_3_7_sonnet", "last_day": "2026-06-14", "features": ["code-generation"]}
        ],
    }


def test_earlier_consumers_get_no_tombstone_that_they_reject():
    """They require each replacement in ``retired`` to be offered or in ``retired``, also through several tombstones."""
    removed = {
        "first": RetiredModel((Retirement(None, DAY, "second"),)),
        "second": RetiredModel((Retirement(None, DAY, "gemini_pro"),)),
        "third": RetiredModel((Retirement(None, DAY, "claude_3_7_sonnet"),)),
        "fourth": RetiredModel((Retirement(None, DAY, None),)),
        "fifth": RetiredModel((Retirement(None, DAY, "fourth"),)),
    }
    after = date(2026, 6, 16)
    found = keys(CLAUDE, GEMINI | {"suspended": SUSPENDED}, on=after, removed=removed)
    assert [each["id"] for each in found["retired"]] == ["third"]
    assert [each["id"] for each in found["retired_without_replacement"]] == ["fifth", "first", "fourth", "second"]
    found = keys(CLAUDE, GEMINI, on=after, removed=removed)
    assert [each["id"] for each in found["retired"]] == ["first", "second", "third"]


def test_partly_retired_model_without_replacement_still_replaces_others():
    retirement = OVER | {"features": ["duo_chat"]}
    removed = {"first": RetiredModel((Retirement(None, DAY, "claude_3_7_sonnet"),))}
    found = keys(CLAUDE | {"retirement": retirement}, GEMINI, on=date(2026, 6, 16), removed=removed)
    assert [each["id"] for each in found["retired"]] == ["first"]


def test_suspended_replacement_is_not_announced():
    retirement = {"notice": "2026-01-01", "last_day": "2026-12-01", "replacement": "gemini_pro"}
    for suspended, expected in ((GEMINI | {"suspended": SUSPENDED}, None), (GEMINI, "gemini_pro")):
        definitions = rendered("definitions", CLAUDE | {"retirement": retirement}, suspended)
        assert definitions["models"][0]["deprecation"]["replacement"] == expected


def test_aliases_lead_to_models_and_tombstones():
    removed = {"gpt": RetiredModel((Retirement(None, DAY, "pro"),), ("gpt_old", "claude"))}
    claude, gemini = CLAUDE | {"aliases": ["claude"]}, GEMINI | {"aliases": ["pro"], "suspended": SUSPENDED}
    found = keys(claude, gemini, MISTRAL, on=date(2026, 6, 16), removed=removed)
    assert found["aliases"] == {"claude": "claude_3_7_sonnet", "gpt_old": "gpt", "pro": "gemini_pro"}


def test_replacement_by_an_earlier_id_becomes_current():
    gemini = GEMINI | {"aliases": ["pro"]}
    removed = {"gpt": RetiredModel((Retirement(None, DAY, "pro"),))}
    found = keys(CLAUDE, gemini, on=date(2026, 6, 16), removed=removed)
    assert found["retired"] == [{"id": "gpt", "last_day": "2026-06-15", "replacement": "gemini_pro"}]
