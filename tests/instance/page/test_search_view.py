"""The data of the search, without a browser."""

import json
import re
from datetime import date
from typing import Any

from markupsafe import escape

from roster.instance.page.responses import compact_json
from roster.instance.page.search_view import FilterChoices, build_search
from roster.instance.page.view_model import build_page
from roster.instance.selection.offered_list import OfferedList
from tests.instance.page.large_list import large_list
from tests.instance.page.sample_state import HOSTILE, LIST, NOW, state

TODAY = NOW.date()


def search_data(offered: OfferedList, *features: str, today: date = TODAY) -> dict[str, Any]:
    """Return the data as the script reads it."""
    return json.loads(json.dumps(build_search(offered, features, today).data))


def test_features_with_the_same_models_share_a_set():
    data = search_data(LIST, "duo_chat_explain_code", "duo_chat", "duo_chat_write_tests")
    ids = data["models"]["id"]
    assert data["features"] == {"duo_chat_explain_code": 0, "duo_chat": 1, "duo_chat_write_tests": 0}
    names = [[ids[index] for index in each["models"]] for each in data["sets"]]
    assert names == [["sonnet_4", "opus_4"], ["sonnet_4", "sonnet_3_7", "opus_4", "gemini"]]


def test_models_have_the_facts_that_are_searched():
    facts = search_data(LIST)["models"]
    models = {id_: {name: values[index] for name, values in facts.items()} for index, id_ in enumerate(facts["id"])}
    assert models["sonnet_4"] == {
        "id": "sonnet_4",
        "name": "GitLab: Claude Sonnet 4",
        "provider": "Vertex AI",
        "state": "GA",
        "regions": ["eu", "us"],
        "capabilities": ["tools", "vision"],
    }
    assert (models["hostile"]["name"], models["hostile"]["provider"], models["hostile"]["regions"]) == (HOSTILE, "", [])
    assert "haiku_3_5" not in models, "it is not offered"


def test_retirement_counts_from_its_notice_on():
    for today, retiring in ((date(2026, 8, 4), []), (date(2026, 8, 5), [1])):
        assert search_data(LIST, "duo_chat", today=today)["sets"][0]["retiring"] == retiring


def test_state_for_a_feature_is_separate():
    chat = LIST.features["duo_chat"]._replace(release_states={"sonnet_3_7": "BETA"})
    data = search_data(LIST._replace(features={"duo_chat": chat}), "duo_chat")
    assert data["sets"][0]["states"] == {"1": "BETA"}


def test_feature_that_is_no_longer_offered_has_no_models():
    assert search_data(LIST, "glab_ask", "unknown")["sets"] == [{"models": [], "retiring": [], "states": {}}]


def test_filters_have_the_values_that_models_have():
    sonnet = LIST.models["sonnet_4"]._replace(processed_in=("eu-west-1", "eu", "us"))
    offered = LIST._replace(models={**LIST.models, "sonnet_4": sonnet})
    assert build_search(offered, ["duo_chat"], TODAY).choices == FilterChoices(
        provider=("Bedrock", "Fireworks AI", "Vertex AI"),
        state=("GA", "BETA", "EXPERIMENT", "RETIRING"),
        region=("eu", "eu-west-1", "us"),
        capability=("tools", "vision"),
    )


def test_only_the_page_of_all_features_has_a_search():
    assert build_page(state(), NOW).search is not None
    assert build_page(state(), NOW, "duo_chat").search is None


def test_no_name_can_end_the_script_element():
    text = compact_json({"name": "</script><!--'\u2028 & <b>"})
    assert not re.search(r"[<>&']", text)
    assert json.loads(text) == {"name": "</script><!--'\u2028 & <b>"}
    assert escape(text) == text


def test_data_of_a_large_list_is_small():
    offered = large_list()
    data = compact_json(build_search(offered, offered.features, TODAY).data)
    assert len(data) < 10_000
    assert len(build_search(offered, offered.features, TODAY).data["sets"]) < len(offered.features) / 2
