"""The timeline as a calendar: read back by the library, and valid under RFC 5545."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from icalendar import Calendar

from roster.timeline import timeline_ics
from roster.timeline.events import Timeline
from tests.timeline.rosters import TODAY, Entry, model, retiring, timeline_of

END = {"bedrock/claude": {"ends": "2026-10-14"}}
CLAUDE = retiring("Claude 3.7 Sonnet", "duo_chat", default_for=("duo_chat",)) | {"identifier": "bedrock/claude"}
REVISED = datetime(2026, 8, 4, 12, 30, tzinfo=UTC)


def calendar(timeline: Timeline) -> Any:
    """Return the calendar of a timeline as the library reads it."""
    ics = timeline_ics.write(timeline, {})
    lines = ics.encode().split(b"\r\n")
    assert lines.pop() == b""
    assert all(len(line) <= 75 and b"\n" not in line for line in lines), "RFC 5545, 3.1: folded lines"
    parsed: Any = Calendar.from_ical(ics)
    assert {"PRODID", "VERSION", "X-WR-CALNAME"} == set(parsed), "a calendar that is published has no METHOD"
    assert parsed["VERSION"] == "2.0"
    return parsed


def uids(**arguments: Any) -> list[str]:
    return [str(event["UID"]) for event in calendar(timeline_of(**arguments)).events]


def test_notice_last_day_and_end_at_provider_are_all_day_events():
    parsed = calendar(timeline_of(ends=END, revised=REVISED, staging=[], production=[CLAUDE, model("Gemini")]))
    assert str(parsed["X-WR-CALNAME"]) == "Model retirements: staging / production"
    assert [(event["DTSTART"].dt, str(event["SUMMARY"]), event.categories) for event in parsed.events] == [
        (
            date(2026, 8, 5),
            "Claude 3.7 Sonnet: retirement notice begins (production)",
            ["Retirement notice", "production"],
        ),
        (date(2026, 10, 14), "Claude 3.7 Sonnet: end at Amazon Bedrock (production)", ["Provider's end", "production"]),
        (date(2026, 12, 1), "Claude 3.7 Sonnet: last day (production)", ["Last day", "production"]),
    ]
    for event in parsed.events:
        assert (event["TRANSP"], event["DTSTAMP"].dt, event["DTSTART"].params["VALUE"]) == (
            "TRANSPARENT",
            REVISED,
            "DATE",
        )
        assert not event.errors


def test_description_has_replacement_defaults_features_and_file():
    _, last_day = calendar(timeline_of(production=[CLAUDE])).events
    assert str(last_day["DESCRIPTION"]).splitlines() == [
        "claude_3_7_sonnet: last day; gemini replaces it.",
        "The default for duo_chat must move by the end of this day.",
        "Features: duo_chat.",
        "Source: env/production/offered_models_metadata.yaml",
    ]


def test_summary_has_id_where_a_model_without_events_has_the_same_name():
    twin = model("Claude 3.7 Sonnet", id="claude_vertex")
    summaries = [str(event["SUMMARY"]) for event in calendar(timeline_of(staging=[twin], production=[CLAUDE])).events]
    assert summaries == [
        "Claude 3.7 Sonnet (claude_3_7_sonnet): retirement notice begins (production)",
        "Claude 3.7 Sonnet (claude_3_7_sonnet): last day (production)",
    ]


def test_retirement_of_some_features_names_them():
    partly = retiring("Claude", "duo_chat", "code-generation", only=("duo_chat",))
    summaries = [str(event["SUMMARY"]) for event in calendar(timeline_of(production=[partly])).events]
    assert summaries == [
        "Claude: retirement notice begins for duo_chat (production)",
        "Claude: last day for duo_chat (production)",
    ]


def test_earliest_possible_end_is_named():
    ends = {"bedrock/claude": {"ends": "2026-10-14", "ends_earliest": True}}
    (event,) = calendar(timeline_of(ends=ends, production=[model("Claude", identifier="bedrock/claude")])).events
    assert event["SUMMARY"] == "Claude: earliest possible end at Amazon Bedrock (production)"


def test_uid_depends_on_environment_model_kind_and_features():
    first = uids(ends=END, production=[CLAUDE])
    later = CLAUDE | {"retirement": CLAUDE["retirement"] | {"notice": "2026-08-06", "replacement": None}}
    more = later | {"features": ["duo_chat", "code-generation"]}
    ends = {"bedrock/claude": {"ends": "2026-10-15"}}
    assert uids(ends=ends, on=date(2026, 9, 9), production=[model("Gemini"), more]) == first
    parts = [
        {"notice": "2026-08-05", "last_day": "2026-12-01", "features": [feature]}
        for feature in ("duo_chat", "code-generation")
    ]
    partly = uids(production=[more | {"retirement": parts}])
    staging = uids(ends=END, staging=[CLAUDE])
    repeated = uids(production=[CLAUDE, CLAUDE])  # an invalid roster
    assert len({*first, *partly, *staging}) == len(first) + 4 + len(staging)
    assert len(set(repeated)) == 4


def test_bytes_do_not_depend_on_today():
    ics = {
        timeline_ics.write(timeline_of(day, END, REVISED, production=[CLAUDE]), {})
        for day in (TODAY, date(2026, 11, 1))
    }
    assert len(ics) == 1


def test_without_commit_the_stamp_is_today():
    event = calendar(timeline_of(production=[CLAUDE])).events[0]
    assert event["DTSTAMP"].dt == datetime(2026, 9, 1, tzinfo=UTC)


def test_calendar_without_events():
    assert calendar(timeline_of(production=[model("Gemini")])).events == []


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ('Claude, the 3rd; \\n: "a"', 'Claude, the 3rd; \\n: "a"'),
        ("模型" * 60, "模型" * 60),
        ("Ünïcödé 🤖" * 12, "Ünïcödé 🤖" * 12),
        ("a\r\nEND:VEVENT\nb", "a\\r\\nEND:VEVENT\\nb"),
        ("\x00\x1b[31m\ud800", "\\x00\\x1b[31m\\ud800"),
    ],
)
def test_values_are_escaped_and_folded(name: str, shown: str):
    entry: Entry = retiring(name, replacement=None) | {"id": "claude"}
    notice, last_day = calendar(timeline_of(production=[entry])).events
    assert notice["SUMMARY"] == f"{shown}: retirement notice begins (production)"
    assert last_day["SUMMARY"] == f"{shown}: last day (production)"
