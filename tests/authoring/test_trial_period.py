"""Trial periods: since when a model has been offered without interruption."""

from collections.abc import Iterator
from datetime import date, timedelta

import pytest

from roster.authoring.trial_period import offered_since
from roster.git.commit_tree import FileVersion
from roster.yaml.document import Document, parse

TODAY = date(2026, 6, 30)
OFFERED, OTHER, BROKEN = b"- name: Claude 4\n", b"- name: Claude 3\n", b"- name: 'Claude 4\n"
RETIRED = b"- name: Claude 4\n  retirement: {notice: 2026-01-01, last_day: 2026-06-%02d}\n"


def since(*contents: bytes, sufficient: date = date.min) -> date | None:
    """Return the start of the trial period for versions of the days before today, newest first."""
    versions = (FileVersion(TODAY - timedelta(days), content) for days, content in enumerate(contents, start=1))
    return offered_since(versions, "claude_4", TODAY, sufficient)


@pytest.mark.parametrize(
    ("contents", "days"),
    [
        ([OFFERED], 1),
        ([OFFERED, OFFERED, OTHER, OFFERED], 2),
        ([OFFERED, b"", OFFERED], 1),
        ([OFFERED, b"- name: Another\n  id: claude_4\n", OTHER], 2),
        ([OFFERED, b'- name: "Cl\\u0061ude 4"\n', "- name: Claudé 4\n".encode(), OTHER], 3),
        ([OFFERED, b"- name: Claude 4\n  id: other\n"], 1),
        ([OFFERED, BROKEN, OFFERED], 3),
        ([OFFERED, b"name: Claude 4\n", OTHER], 1),
        ([OFFERED, RETIRED % 28], 1),
        ([OFFERED, RETIRED % 29], 2),
        ([OFFERED, RETIRED.replace(b"}", b", features: [a]}") % 1], 2),
        ([OFFERED, RETIRED % 99], 2),
        ([OFFERED, b"- name: Claude 4\n- 5\n- name: 5\n  id: []\n"], 2),
    ],
)
def test_trial_starts_with_first_version_without_interruption(contents: list[bytes], days: int):
    assert since(*contents) == TODAY - timedelta(days)


@pytest.mark.parametrize("contents", [[], [OTHER, OFFERED], [RETIRED % 29, OFFERED], [BROKEN]])
def test_model_that_is_not_offered_has_no_trial(contents: list[bytes]):
    assert since(*contents) is None


def test_search_ends_at_sufficient_day():
    def versions() -> Iterator[FileVersion]:
        yield FileVersion(TODAY, OFFERED)
        yield FileVersion(TODAY - timedelta(7), OFFERED)
        raise AssertionError("the search continues past the sufficient day")

    assert offered_since(versions(), "claude_4", TODAY, TODAY - timedelta(7)) == TODAY - timedelta(7)


@pytest.mark.parametrize(
    ("contents", "days"),
    [
        ([OFFERED, RETIRED % 29, OTHER], 2),
        ([OFFERED + OTHER, RETIRED % 28 + OTHER], 1),
        ([OTHER + OFFERED, OTHER + RETIRED % 28], 1),
        ([OFFERED + OTHER, b"# " + OFFERED + OTHER], 1),
        ([b"- {name: Claude 4}\n- {name: A}\n", b"# - {name: Claude 4}\n- {name: A}\n"], 1),
        ([b"- {name: Claude 4}\r- {name: A}\r", b"# - {name: Claude 4}\r- {name: A}\r"], 1),
        ([b"[{name: Claude 4}, {name: A}]", b"[{name: Claude 4, id: a}, {name: A}]"], 1),
        ([OFFERED, OFFERED + b"# c\n\n  id: a\n"], 1),
        ([b"  - name: Claude 4\n", b"  - name: Claude 4\n    id: a\n"], 1),
        ([b"- name: Claude\n  id: claude_4\n", b"- name: Claude\n  id: claude_4_1\n"], 1),
    ],
)
def test_similar_version_is_not_mistaken_for_unchanged(contents: list[bytes], days: int):
    assert since(*contents) == TODAY - timedelta(days)


def test_version_that_changes_other_models_is_not_parsed(monkeypatch: pytest.MonkeyPatch):
    contents = []

    def counted(path: str, content: bytes, *, dates: frozenset[str]) -> Document:
        contents.append(content)
        return parse(path, content, dates=dates)

    monkeypatch.setattr("roster.authoring.trial_period.parse", counted)
    changed = OTHER.replace(b"3", b"5")
    assert since(OTHER + OFFERED + changed, OFFERED + OTHER, OFFERED + changed, b"- name: Qwen\n") == TODAY - timedelta(
        3
    )
    assert contents == [OTHER + OFFERED + changed]
