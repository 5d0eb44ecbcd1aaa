"""Ids in the history of a roster: given to another model, looked up, traced."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from roster.check.former_models import find_former_models
from roster.check.id_history import trace_id
from roster.check.pipeline import check
from roster.check.trial_period import base_version
from roster.git.file_history import FileVersion
from roster.repository import Repository
from roster.roster import roster_path
from tests.check.test_changed_since import model, text_of

PRODUCTION = roster_path("production")
TODAY = date(2026, 12, 1)
GEMINI = model("Gemini", default_for=["duo_chat"])
CLAUDE = model("Claude", identifier="bedrock/claude-1")
OTHER = model("Claude", identifier="bedrock/claude-2")
RENAMED = model("Sonnet", identifier="bedrock/claude-1")
ENDED = CLAUDE | {"retirement": {"notice": "2025-01-01", "last_day": "2025-12-31", "replacement": "gemini"}}


def version(day: str, *models: dict[str, Any]) -> FileVersion:
    return FileVersion(date.fromisoformat(day), text_of(*models).encode(), f"commit of {day}")


HISTORY = [
    version("2026-06-01", GEMINI),
    version("2026-05-01", GEMINI, CLAUDE, model("Qwen")),
    version("2026-04-01", GEMINI, model("Mistral")),
]


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        ([GEMINI, OTHER], '"claude" was the id of another model until 2026-05-01: "bedrock/claude-1"'),
        ([GEMINI, model("Haiku", id="claude", **{"api-key": "AIGW_MODEL_CLAUDE_API_KEY"})], '"claude" was the id of'),
        ([GEMINI, model("Haiku", aliases=["claude"])], '"claude" was the id of another model until 2026-05-01'),
        ([GEMINI | {"aliases": ["claude"]}], '"claude" was the id of another model until 2026-05-01'),
        ([GEMINI | {"aliases": ["mistral"]}], '"mistral" was the id of another model until 2026-04-01'),
        ([GEMINI, CLAUDE], ""),
        ([GEMINI, RENAMED | {"aliases": ["claude"]}], ""),
        ([GEMINI, model("Llama", aliases=["llama_3"])], ""),
    ],
    ids=[
        "name", "pinned id", "alias of new model", "alias of model that was there", "older alias",
        "the same model again", "renamed while it was away", "new ids",
    ],
)  # fmt: skip
def test_id_of_earlier_model(without_rosters: Path, now: list[dict[str, Any]], expected: str):
    before = Repository(without_rosters, {PRODUCTION: HISTORY[0].content})
    base = base_version(check(before, TODAY), lambda _: HISTORY, TODAY)
    after = Repository(without_rosters, {PRODUCTION: text_of(*now).encode()})
    messages = [each.message for each in check(after, TODAY, base=base).diagnostics if each.rule == "reused-id"]
    assert len(messages) == bool(expected)
    assert not messages or messages[0].startswith(expected)


def test_former_model_is_the_last_with_an_id():
    history = [version("2026-06-01", GEMINI), version("2026-05-01", OTHER), version("2026-04-01", CLAUDE)]
    former = find_former_models(history, ["claude", "qwen"])
    assert {id_: (str(each.day), each.values["identifier"]) for id_, each in former.items()} == {
        "claude": ("2026-05-01", "bedrock/claude-2")
    }


def test_versions_are_read_only_until_all_ids_are_found():
    def versions() -> Iterator[FileVersion]:
        yield version("2026-06-01", CLAUDE)
        pytest.fail("a second version was read")

    assert find_former_models(versions(), ["claude"]).keys() == {"claude"}


def test_version_that_cannot_be_read_has_no_ids():
    history = [FileVersion(TODAY, b"- name: [Claude"), version("2026-05-01", CLAUDE)]
    assert str(find_former_models(history, ["claude"])["claude"].day) == "2026-05-01"


@pytest.mark.parametrize(
    ("id_", "expected"),
    [
        ("gemini", ("2026-04-01", None, "gemini")),
        ("claude", ("2026-05-01", "2026-06-01", "claude")),
        ("mistral", ("2026-04-01", "2026-05-01", "mistral")),
        ("llama", None),
    ],
)
def test_trace_of_id(id_: str, expected: tuple[str, str | None, str] | None):
    history = trace_id(HISTORY, id_, is_current=id_ == "gemini")
    days = history and (
        history.since and str(history.since.day),
        history.removed and str(history.removed.day),
        history.id,
    )
    assert days == expected


def test_trace_of_alias_starts_when_it_led_to_the_model():
    renamed = RENAMED | {"aliases": ["claude"]}
    history = [version("2026-06-01", renamed), version("2026-05-01", renamed), version("2026-04-01", CLAUDE)]
    trace = trace_id(history, "claude", is_current=True)
    assert trace is not None
    assert trace.since is not None
    assert (str(trace.since.day), trace.removed, trace.id) == ("2026-05-01", None, "sonnet")
