"""Versions of GitLab and their release days."""

from datetime import date, timedelta

from roster.gitlab_versions import next_release, release_day


def test_release_days_are_third_thursdays():
    expected = {
        "17.0": date(2024, 5, 16),
        "18.0": date(2025, 5, 15),
        "18.8": date(2026, 1, 15),
        "18.8.2": date(2026, 1, 15),
        "18.11": date(2026, 4, 16),
        "19.0": date(2026, 5, 21),
    }
    assert {version: release_day(version) for version in expected} == expected


def test_other_texts_have_no_release_day():
    assert [release_day(text) for text in ("", "18", "18.12", "16.5", "next", "118.1")] == [None] * 6


def test_next_release_is_the_first_one_that_is_not_before_a_day():
    for days in range(0, 1_000, 3):
        day = date(2025, 5, 1) + timedelta(days)
        released = release_day(next_release(day))
        assert released
        assert day <= released <= day + timedelta(35)
    assert next_release(date(2026, 1, 15)) == "18.8"
    assert next_release(date(2026, 1, 16)) == "18.9"
