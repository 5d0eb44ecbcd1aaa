"""The headers ``Deprecation``, ``Sunset`` and ``Link`` for retiring and retired models, as embedding apps get them."""

import json
from datetime import date, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import pytest

from roster.accept.acceptance import accept
from roster.accept.accepted_list import AcceptedList
from roster.accept.announced_ends import announced_ends
from roster.gateway.retirement_headers import retirement_headers
from tests.accept.example_downloads import CRITERIA, DAY, model, rendered

NOTICE, LAST_DAY = date(2026, 6, 1), date(2026, 12, 1)
IDS = ("gemini", "mistral")
MODEL_URL = "/v1/models/{id}"
DEPRECATION = {"Deprecation": "@1780272000"}
SUNSET = {"Sunset": "Wed, 02 Dec 2026 00:00:00 GMT"}
LINK = {"Link": '</v1/models/gemini>; rel="successor-version"'}


def retirement(
    *features: str, notice: date = NOTICE, last_day: date = LAST_DAY, replacement: str | None = "gemini"
) -> str:
    """Return an item of a list of retirements."""
    values: dict[str, Any] = {"notice": notice, "last_day": last_day, "replacement": replacement}
    values["features"] = f"[{', '.join(features)}]" if features else None
    return f"    - {{{', '.join(f'{key}: {value}' for key, value in values.items() if value)}}}\n"


def served(*retirements: str, kind: str = "gateway", more: str = "") -> AcceptedList:
    """Return a list with Claude, Gemini, and a Mistral with an alias that retires."""
    keys = "  aliases: [mistral_old]\n" + ("  retirement:\n" + "".join(retirements) if retirements else "")
    gemini, mistral = (model(name).replace("duo_chat]\n", "duo_chat, code-completion]\n", 1) for name in IDS)
    roster = model("claude") + gemini + mistral + keys + more
    body = roster.encode() if kind == "roster" else rendered(kind, roster)
    return accept(body, CRITERIA, None)


def headers(accepted: AcceptedList, model_id: str = "mistral", feature: str | None = None, on: date = DAY):
    return retirement_headers(accepted, model_id, feature, on, MODEL_URL)


@pytest.mark.parametrize("kind", ["gateway", "roster"])
def test_retiring_model_has_headers_from_notice_on(kind: str):
    accepted = served(retirement(), kind=kind)
    expected = DEPRECATION | SUNSET | LINK
    lookups = [("mistral", None), ("mistral_old", None), ("mistral", "duo_chat"), ("mistral", "code_completions")]
    assert [headers(accepted, *lookup) for lookup in lookups] == [expected] * 4
    assert headers(accepted, on=NOTICE) == expected
    assert headers(accepted, on=NOTICE - timedelta(days=1)) == {}
    assert headers(accepted, "gemini") == headers(accepted, "unheard-of") == {}


def test_model_without_announced_retirement_has_no_headers():
    later = retirement(notice=DAY + timedelta(days=1))
    assert headers(served()) == headers(served(later)) == headers(served(retirement(), kind="offered_models")) == {}


def test_sunset_is_the_end_of_the_last_day_in_utc():
    sunset = parsedate_to_datetime(headers(served(retirement()))["Sunset"])
    assert sunset.isoformat() == "2026-12-02T00:00:00+00:00"


def test_link_needs_a_url_and_an_offered_replacement():
    accepted = served(retirement())
    assert retirement_headers(accepted, "mistral", None, DAY, None) == DEPRECATION | SUNSET
    assert headers(served(retirement(replacement=None))) == DEPRECATION | SUNSET


def test_link_follows_retired_replacement_to_an_offered_one():
    over = "  retirement: {notice: 2026-01-01, last_day: 2026-06-14, replacement: gemini}\n"
    accepted = served(retirement(replacement="gpt"), more=model("gpt", over))
    assert headers(accepted) == DEPRECATION | SUNSET | LINK


def test_retirement_of_a_feature_gives_headers_only_for_that_feature():
    accepted = served(retirement("duo_chat"))
    assert headers(accepted, feature="duo_chat") == DEPRECATION | SUNSET | LINK
    assert headers(accepted) == headers(accepted, feature="code-completion") == {}


def test_retirements_of_all_features_end_the_model_with_the_last_one():
    later = retirement("code-completion", notice=DAY, last_day=date(2027, 1, 31), replacement="claude")
    accepted = served(retirement("duo_chat"), later)
    assert headers(accepted) == {"Deprecation": "@1781481600", "Sunset": "Mon, 01 Feb 2027 00:00:00 GMT"}
    assert headers(accepted, feature="duo_chat") == DEPRECATION | SUNSET | LINK


def test_retired_model_has_past_sunset():
    over = retirement(notice=date(2026, 1, 1), last_day=date(2026, 6, 14))
    expected = {"Sunset": "Mon, 15 Jun 2026 00:00:00 GMT"} | LINK
    assert headers(served(over)) == headers(served(over), "mistral_old") == expected
    partly = served(retirement("duo_chat", notice=date(2026, 1, 1), last_day=date(2026, 6, 14)))
    assert headers(partly, feature="duo_chat") == expected
    assert headers(partly) == {}


def test_values_of_another_shape_are_ignored():
    content = json.loads(rendered("gateway"))
    for entry in content["definitions"]["models"]:
        entry["deprecation"] = {"deprecation_date": 5, "removal_version": "18.0", "replacement": ["x"]}
    for entry in content["definitions"]["unit_primitives"]:
        entry["deprecated_models"] = ["gemini", {"identifier": "gemini", "deprecation_date": "2026-02-30"}]
    content["definitions"]["models"][0] |= {"features": None, "deprecation": {"deprecation_date": "2026-06-01"}}
    assert announced_ends(content["definitions"]) == {}
    accepted = accept(json.dumps(content).encode(), CRITERIA, None)
    assert [headers(accepted, id_) for id_ in IDS] == [{}, {}]
