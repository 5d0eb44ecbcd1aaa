"""Trial periods: since when a model has been offered without interruption."""

from collections.abc import Iterator
from datetime import date, timedelta

import pytest

from roster.check.trial_period import find_trials
from roster.git.file_history import FileVersion
from roster.rules.base.identity import Identity

TODAY = date(2026, 6, 30)
IDENTITY = Identity(("identifier", "family"), families=["a", "b"])
OFFERED, OTHER, BROKEN = b"- name: Claude 4\n", b"- name: Claude 3\n", b"- name: 'Claude 4\n"
SAME = b"  identifier: a/b-1\n  family: a\n"
RETIRED = b"- name: Claude 4\n  retirement: {notice: 2026-01-01, last_day: 2026-06-%02d}\n"


def since(*contents: bytes, sufficient: date = date.min) -> date | None:
    """Return the start of the trial period for versions of the days before today, newest first."""
    versions = (FileVersion(TODAY - timedelta(days), content) for days, content in enumerate(contents, start=1))
    trial = find_trials(versions, IDENTITY, TODAY, sufficient).get("claude_4")
    return trial.since if trial else None


@pytest.mark.parametrize(
    ("contents", "days"),
    [
        ([OFFERED], 1),
        ([OFFERED, OFFERED, OTHER, OFFERED], 2),
        ([OFFERED, b"", OFFERED], 1),
        ([OFFERED, b"- name: Another\n  id: claude_4\n", OTHER], 2),
        ([OFFERED, b'- name: "Cl\\u0061ude 4"\n', "- name: Claudé 4\n".encode(), OTHER], 3),
        ([OFFERED, b"- name: Claude 4\n  id: other\n"], 1),
        ([OFFERED, b"# " + OFFERED + OTHER], 1),
        ([OFFERED, BROKEN, OFFERED], 3),
        ([OFFERED, b"name: Claude 4\n", OTHER], 1),
        ([OFFERED, RETIRED % 28], 1),
        ([OTHER + OFFERED, OTHER + RETIRED % 28], 1),
        ([OFFERED, RETIRED % 29], 2),
        ([OFFERED, RETIRED % 29, OTHER], 2),
        ([OFFERED, RETIRED.replace(b"}", b", features: [a]}") % 1], 2),
        ([OFFERED, RETIRED % 99], 2),
        ([OFFERED + SAME, OFFERED + b"  identifier: a/b-2\n"], 1),
        ([OFFERED + SAME, OFFERED + b"  family: b\n"], 1),
        ([OFFERED + SAME, OFFERED + SAME], 2),
        ([OFFERED + SAME, OFFERED + b"  identifier: invalid\n  family: misspelled\n", OTHER], 2),
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

    trials = find_trials(versions(), IDENTITY, TODAY, TODAY - timedelta(7))
    assert trials["claude_4"].since == TODAY - timedelta(7)


def test_trials_of_several_models_start_on_their_own_days():
    versions = [FileVersion(TODAY - timedelta(1), OFFERED + OTHER), FileVersion(TODAY - timedelta(2), OTHER)]
    trials = find_trials(versions, IDENTITY, TODAY, date.min)
    assert {id_: (TODAY - trial.since).days for id_, trial in trials.items()} == {"claude_4": 1, "claude_3": 2}
