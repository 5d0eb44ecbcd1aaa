"""The offered list after a download: what the download contains, completed from the previous list."""

import json
from collections.abc import Mapping
from datetime import date
from typing import Any

import pytest

from roster.accept.accepted_list import AcceptedList, AcceptedModel, Tombstone
from roster.instance.selection.offered_list import (
    EMPTY_LIST,
    ListedModel,
    OfferedFeature,
    OfferedList,
    OfferedRetirement,
    build_offered_list,
)
from tests.instance.selection.offered_lists import LAST_DAY, list_serving

NOTICE = date(2026, 8, 5)


def accepted_list(
    models: Mapping[str, tuple[str, ...]],
    *,
    kind: Any = "definitions",
    defaults: Mapping[str, str] | None = None,
    retired: tuple[Tombstone, ...] = (),
    ends: Mapping[str, Any] | None = None,
    ends_for: Mapping[tuple[str, str], Any] | None = None,
    states: Mapping[str, str] | None = None,
    about: str | None = "Balanced",
) -> AcceptedList:
    """Return an accepted list by the features of each model; a plain list's definitions are empty."""
    plain = kind == "offered_models"
    states = states or {}
    features = dict.fromkeys(feature for served in models.values() for feature in served)
    definitions = {
        "models": [
            {
                "identifier": id_,
                "provider": None if plain else "Bedrock",
                "description": None if plain else about,
                "cost_indicator": None if plain else "$$",
                "deprecation": (ends or {}).get(id_),
            }
            for id_ in models
        ],
        "unit_primitives": [
            {
                "feature": feature,
                "title": feature if plain else f"Title of {feature}",
                "category": "" if plain else "code_suggestions",
                "deprecated_models": [
                    {"identifier": id_, **end} for (id_, name), end in (ends_for or {}).items() if name == feature
                ],
            }
            for feature in [*features, "served-by-nobody"]
        ],
    }
    offered = tuple(
        AcceptedModel(f"GitLab: {id_}", id_, states.get(id_, "GA"), served) for id_, served in models.items()
    )
    body = json.dumps(definitions).encode()
    return AcceptedList(kind, None, None, None, offered, b"", {}, defaults or {}, retired, body, body, "0" * 64)


def end(replacement: str | None = "gemini") -> dict[str, Any]:
    return {"deprecation_date": "2026-08-05", "removal_version": "2026-12-01", "replacement": replacement}


FULL = accepted_list(
    {"claude": ("duo_chat", "code-generation"), "gemini": ("duo_chat",)},
    defaults={"duo_chat": "gemini", "code-generation": "claude"},
    retired=(Tombstone("llama", LAST_DAY, "claude"), Tombstone("mistral", LAST_DAY, "gemini", ("duo_chat", "x"))),
    ends={"claude": end()},
)
BEFORE = build_offered_list(FULL, EMPTY_LIST)


def default_of_chat(offered: OfferedList) -> tuple[str | None, str]:
    chat = offered.features["duo_chat"]
    return chat.default, chat.default_source


class TestDefinitions:
    def test_list_has_everything_from_definitions(self):
        assert list(BEFORE.features) == ["duo_chat", "code-generation"]
        chat = BEFORE.features["duo_chat"]
        assert chat._replace(models={}) == OfferedFeature(
            "duo_chat", "Title of duo_chat", "code_suggestions", "gemini", "list", True, {}
        )
        assert dict(chat.models) == {"claude": OfferedRetirement(NOTICE, LAST_DAY, "gemini"), "gemini": None}
        assert BEFORE.models["claude"] == ListedModel(
            "claude", "GitLab: claude", "GA", "Bedrock", "Balanced", "$$", True,
        )  # fmt: skip

    def test_tombstones_are_split_by_feature(self):
        assert {key: (tombstone.replacement, tombstone.features) for key, tombstone in BEFORE.retired.items()} == {
            ("llama", ""): ("claude", ()),
            ("mistral", "duo_chat"): ("gemini", ("duo_chat",)),
            ("mistral", "x"): ("gemini", ("x",)),
        }

    def test_retirement_for_one_feature_applies_there_only(self):
        offered = build_offered_list(
            accepted_list(
                {"claude": ("duo_chat", "code-generation")},
                ends_for={
                    ("claude", "duo_chat"): {"deprecation_date": None, "removal_version": None, "replacement": "x"}
                },
            ),
            EMPTY_LIST,
        )
        assert offered.features["duo_chat"].models["claude"] == OfferedRetirement(None, None, "x")
        assert offered.features["code-generation"].models["claude"] is None

    def test_empty_deprecation_is_no_retirement(self):
        nothing = dict.fromkeys(("deprecation_date", "removal_version", "replacement"))
        offered = build_offered_list(accepted_list({"claude": ("duo_chat",)}, ends={"claude": nothing}), EMPTY_LIST)
        assert offered.features["duo_chat"].models["claude"] is None

    def test_feature_without_default(self):
        offered = build_offered_list(accepted_list({"claude": ("duo_chat",)}), EMPTY_LIST)
        assert default_of_chat(offered) == (None, "list")

    def test_definitions_replace_previous_values(self):
        offered = build_offered_list(accepted_list({"claude": ("duo_chat",)}, about=None), BEFORE)
        assert offered.models["claude"].description is None
        assert offered.retired == {}
        assert offered.features["duo_chat"].models["claude"] is None

    def test_same_download_changes_nothing(self):
        assert build_offered_list(FULL, BEFORE) == BEFORE
        assert list(build_offered_list(FULL, BEFORE).features) == list(BEFORE.features)


class TestNoLongerOffered:
    AFTER = build_offered_list(accepted_list({"gemini": ("duo_chat",)}, defaults={"duo_chat": "gemini"}), BEFORE)

    def test_model_is_kept_as_not_offered(self):
        assert self.AFTER.models["claude"] == BEFORE.models["claude"]._replace(offered=False)
        assert list(self.AFTER.models) == ["gemini", "claude"]

    def test_feature_is_kept_without_models(self):
        gone = self.AFTER.features["code-generation"]
        assert (gone.offered, dict(gone.models)) == (False, {})
        assert gone.title == "Title of code-generation"
        assert not self.AFTER.serves("claude", "code-generation")

    def test_model_can_return(self):
        assert build_offered_list(FULL, self.AFTER) == BEFORE


class TestPlainLists:
    @staticmethod
    def after(models: Mapping[str, tuple[str, ...]], before: OfferedList = BEFORE, **more: Any) -> OfferedList:
        return build_offered_list(accepted_list(models, kind="offered_models", **more), before)

    def test_missing_values_are_kept(self):
        offered = self.after({"claude": ("duo_chat", "code-generation"), "gemini": ("duo_chat",)})
        assert offered.models == BEFORE.models
        assert offered.retired == BEFORE.retired
        assert offered.features == {
            name: feature._replace(default_source="kept") for name, feature in BEFORE.features.items()
        }

    def test_present_values_are_replaced(self):
        offered = self.after({"claude": ("duo_chat",)}, states={"claude": "BETA"})
        assert offered.models["claude"].release_state == "BETA"
        assert list(offered.features["duo_chat"].models) == ["claude"]
        assert not offered.models["gemini"].offered

    def test_kept_default_remains_kept(self):
        models = {"claude": ("duo_chat",), "gemini": ("duo_chat",)}
        assert default_of_chat(self.after(models, self.after(models))) == ("gemini", "kept")

    @pytest.mark.parametrize(
        ("states", "default"),
        [
            ({}, "claude"),
            ({"claude": "BETA"}, "llama"),
            ({"claude": "BETA", "llama": "EXPERIMENT"}, "claude"),
        ],
    )
    def test_unavailable_default_is_replaced_by_first_model(self, states: dict[str, str], default: str):
        offered = self.after({"claude": ("duo_chat",), "llama": ("duo_chat",)}, states=states)
        assert default_of_chat(offered) == (default, "first")

    def test_first_model_is_determined_for_each_list(self):
        offered = self.after({"llama": ("duo_chat",)}, EMPTY_LIST)
        offered = self.after({"claude": ("duo_chat",), "llama": ("duo_chat",)}, offered)
        assert default_of_chat(offered) == ("claude", "first")

    def test_definitions_replace_fallback_default(self):
        offered = self.after({"claude": ("duo_chat",), "llama": ("duo_chat",)})
        assert default_of_chat(build_offered_list(FULL, offered)) == ("gemini", "list")

    def test_first_list_may_be_plain(self):
        offered = self.after({"claude": ("duo_chat",)}, EMPTY_LIST)
        chat, claude = offered.features["duo_chat"], offered.models["claude"]
        assert chat._replace(models={}) == OfferedFeature("duo_chat", "duo_chat", "", "claude", "first", True, {})
        assert (claude.provider, claude.description, claude.cost_indicator, claude.offered) == (None, None, None, True)

    def test_returning_model_keeps_its_description(self):
        offered = self.after({"gemini": ("duo_chat",)})
        offered = self.after({"claude": ("duo_chat",)}, offered)
        assert offered.models["claude"] == BEFORE.models["claude"]


@pytest.mark.parametrize(
    ("retired", "successor"),
    [
        ({}, None),
        ({("old", ""): "claude"}, "claude"),
        ({("old", ""): "older", ("older", ""): "claude"}, "claude"),
        ({("old", "duo_chat"): "claude", ("old", ""): "gemini"}, "claude"),
        ({("old", "other"): "claude"}, None),
        ({("old", "other"): "claude", ("old", ""): "gemini"}, "gemini"),
        ({("old", ""): "ghost"}, None),
        ({("old", ""): "coder"}, None),
        ({("old", ""): "older", ("older", ""): "old"}, None),
        ({("old", ""): "old"}, None),
        ({("old", ""): "a", ("a", ""): "b", ("b", ""): "a"}, None),
    ],
)
def test_replacements_follow_tombstones(retired: dict[tuple[str, str], str], successor: str | None):
    offered = list_serving({"duo_chat": ["claude", "gemini"], "other": ["coder"]}, retired=retired)
    assert offered.replacement_for("old", "duo_chat") == successor
