"""Artifacts of older and newer versions of the toolkit, as a gateway or an instance of this version reads them."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from typing import Any

import pytest

from roster.accept.acceptance import accept
from roster.accept.accepted_list import AcceptedList, DownloadKind
from roster.download.rejection import Rejected
from tests.accept.example_downloads import CRITERIA, ROSTER, as_bytes, model, rendered, retiring

RETIRING = model("gpt", retiring(last_day="2026-12-01", replacement="gemini"))
READS: frozenset[DownloadKind] = frozenset({"gateway", "offered_models", "definitions"})
Change = Callable[[Any], object]


def downloads() -> dict[str, Any]:
    """Return the content of each artifact; one model is retired, one retiring."""
    roster = ROSTER + RETIRING.replace("Gpt", "Qwen").replace("gpt", "qwen").replace("GPT", "QWEN")
    return {kind: json.loads(rendered(kind, roster)) for kind in ("gateway", "offered_models", "definitions")}


def accepted(content: Any) -> AcceptedList:
    return accept(as_bytes(content), CRITERIA._replace(kinds=READS), None)


def with_unknown_keys(content: Any) -> Any:
    """Return JSON with a new key in every object whose keys are not names."""
    if isinstance(content, list):
        return [with_unknown_keys(item) for item in content]
    if not isinstance(content, dict):
        return content
    extended = {key: with_unknown_keys(value) for key, value in content.items()}
    is_map_of_names = not content or content.keys() <= {"code-completion", "code-generation", "duo_chat"}
    is_map_of_routes = all(isinstance(value, dict) and "endpoint" in value for value in content.values())
    return extended if is_map_of_names or is_map_of_routes else extended | {"of_a_newer_version": {"a": [1]}}


def without(*keys: str) -> Change:
    """Return a change that removes keys everywhere in an artifact."""

    def remove(content: Any) -> None:
        for value in content.values() if isinstance(content, dict) else content if isinstance(content, list) else ():
            remove(value)
        for key in keys:
            if isinstance(content, dict):
                content.pop(key, None)

    return remove


FIRST_DEFINITIONS = without("feature", "title", "category", "replacement", "retired", "release_state", "features")
"""GitLab's keys only, as the first versions rendered them."""
OLDER: dict[str, tuple[str, Change]] = {
    "envelope without definitions": ("gateway", lambda content: content.pop("definitions")),
    "envelope with the first definitions": ("gateway", lambda content: FIRST_DEFINITIONS(content["definitions"])),
    "definitions with GitLab's keys only": ("definitions", FIRST_DEFINITIONS),
}


def test_unknown_keys_of_newer_artifacts_are_ignored():
    for kind, content in downloads().items():
        newer = accepted(with_unknown_keys(content))
        older = accepted(content)
        assert json.loads(newer.list_bytes) == json.loads(older.list_bytes), kind
        assert (newer.defaults, newer.retired, newer.deployments) == (older.defaults, older.retired, older.deployments)
        if kind != "gateway":  # a gateway passes on its definitions, also those that only newer instances read
            assert newer.definitions == older.definitions, kind


@pytest.mark.parametrize("name", OLDER)
def test_artifact_of_older_version_is_accepted(name: str):
    kind, change = OLDER[name]
    content = downloads()[kind]
    older = copy.deepcopy(content)
    change(older)
    assert older != content
    assert {each["id"]: each["features"] for each in json.loads(accepted(older).list_bytes)} == {
        each["id"]: each["features"] for each in json.loads(accepted(content).list_bytes)
    }


def test_newer_format_is_rejected_with_both_numbers():
    with pytest.raises(Rejected, match="its format is 2, but this version reads format 1") as rejected:
        accepted(downloads()["gateway"] | {"format": 2})
    assert rejected.value.reason == "unknown-format"


def test_feature_and_family_of_newer_registries_are_accepted():
    text = json.dumps(downloads()["gateway"]).replace('"duo_chat"', '"duo_of_tomorrow"')
    text = text.replace('"family": "mistral"', '"family": "family_of_tomorrow"')
    served = accepted(json.loads(text))
    assert b"duo_of_tomorrow" in served.list_bytes
    assert served.deployments["mistral"].family == "family_of_tomorrow"
