"""How long a model is offered: without a gap, as far back as anybody wants to know."""

from collections.abc import Iterator
from datetime import date, timedelta

import pytest

from roster.authoring.trial_period import offered_since
from roster.git.commit_tree import Version
from roster.yaml.document import Document, read

TODAY = date(2026, 6, 30)
OFFERED, OTHER, BROKEN = b"- name: Claude 4\n", b"- name: Claude 3\n", b"- name: 'Claude 4\n"
RETIRED = b"- name: Claude 4\n  retirement: {notice: 2026-01-01, last_day: 2026-06-%02d}\n"


def since(*contents: bytes, enough: date = date.min) -> date | None:
    """Ask with versions of the days before today, the last one first."""
    versions = (Version(TODAY - timedelta(days), content) for days, content in enumerate(contents, start=1))
    return offered_since(versions, "claude_4", TODAY, enough)


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
def test_it_counts_from_the_first_version_without_a_gap(contents: list[bytes], days: int):
    assert since(*contents) == TODAY - timedelta(days)


@pytest.mark.parametrize("contents", [[], [OTHER, OFFERED], [RETIRED % 29, OFFERED], [BROKEN]])
def test_what_is_not_offered_now_is_not_on_trial(contents: list[bytes]):
    assert since(*contents) is None


def test_nobody_looks_further_than_needed():
    def versions() -> Iterator[Version]:
        yield Version(TODAY, OFFERED)
        yield Version(TODAY - timedelta(7), OFFERED)
        raise AssertionError("enough is known")

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
def test_a_version_that_looks_alike_is_not_taken_for_the_same(contents: list[bytes], days: int):
    assert since(*contents) == TODAY - timedelta(days)


def test_a_version_that_is_about_other_models_is_not_read(monkeypatch: pytest.MonkeyPatch):
    contents = []

    def counted(path: str, content: bytes, *, dates: frozenset[str]) -> Document:
        contents.append(content)
        return read(path, content, dates=dates)

    monkeypatch.setattr("roster.authoring.trial_period.read", counted)
    changed = OTHER.replace(b"3", b"5")
    assert since(OTHER + OFFERED + changed, OFFERED + OTHER, OFFERED + changed, b"- name: Qwen\n") == TODAY - timedelta(
        3
    )
    assert contents == [OTHER + OFFERED + changed]
