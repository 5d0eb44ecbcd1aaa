"""The ends of models at their providers in the timeline, as text, JSON and SVG."""

import json
from datetime import date
from typing import Any
from xml.etree import ElementTree

import pytest

from roster.check.loading import load_schema
from roster.findings import Place
from roster.report import palette
from roster.repository import Repository
from roster.roster import roster_path
from roster.timeline import timeline_report, timeline_svg
from roster.timeline.events import Timeline
from roster.timeline.timeline_rows import timeline_rows
from tests.conftest import ROOT
from tests.timeline.rosters import TODAY, Entry, model, retiring, timeline_of

END = {"bedrock/claude": {"ends": "2026-10-14"}}
CLAUDE = model("Claude", identifier="bedrock/claude")


def retired_after(last_day: str, **keys: str) -> Entry:
    return retiring("Claude", last_day=last_day) | {"identifier": "bedrock/claude"} | keys


def texts(timeline: Timeline) -> list[str]:
    lines = {event.place: number for number, event in enumerate(timeline.events(), start=1)}
    return timeline_report.write_text(timeline, lines).splitlines()


def end_of(timeline: Timeline) -> str:
    return next(row.text for row in timeline_rows(timeline) if " at Amazon Bedrock" in row.text)


def test_end_is_an_event_at_the_identifier():
    timeline = timeline_of(ends=END, staging=[model("Gemini")], production=[CLAUDE])
    assert [event.place for event in timeline.events()] == [Place(roster_path("production"), (0, "identifier"))]
    assert texts(timeline) == [
        "2026-09-01  today",
        "2026-10-14  claude (production): ends at Amazon Bedrock; the roster announces no",
        "            last day",
        f"            {roster_path('production')}:1",
    ]


@pytest.mark.parametrize(
    ("entry", "facts", "words"),
    [
        (CLAUDE, {}, "ends at Amazon Bedrock; the roster announces no last day"),
        (CLAUDE, {"ends": "2026-09-01"}, "ended at Amazon Bedrock; the roster announces no last day"),
        (
            CLAUDE,
            {"ends_earliest": True},
            "does not end at Amazon Bedrock before this day; the roster announces no last day",
        ),
        (
            retired_after("2026-10-13"),
            {},
            "ends at Amazon Bedrock; the last day in the roster, 2026-10-13, is before that",
        ),
        (
            retired_after("2026-10-14"),
            {},
            "ends at Amazon Bedrock; the last day in the roster, 2026-10-14, is not before that",
        ),
    ],
)
def test_words_compare_the_end_with_the_last_day(entry: Entry, facts: Entry, words: str):
    timeline = timeline_of(ends={"bedrock/claude": END["bedrock/claude"] | facts}, production=[entry])
    assert end_of(timeline) == words


def test_last_day_is_that_of_the_last_feature():
    first = {"notice": "2026-08-05", "last_day": "2026-09-30", "features": ["duo_chat"]}
    second = first | {"last_day": "2026-10-10", "features": ["code-generation"]}
    both = model("Claude", "duo_chat", "code-generation", identifier="bedrock/claude")
    assert "2026-10-10, is before that" in end_of(
        timeline_of(ends=END, production=[both | {"retirement": [first, second]}])
    )
    assert "no last day" in end_of(timeline_of(ends=END, production=[both | {"retirement": [first]}]))


def test_only_models_with_facts_that_are_still_offered_have_an_end():
    retired = retired_after("2026-08-31")
    assert timeline_of(ends=END, production=[retired, model("Claude", identifier="bedrock/other")]).provider_ends == {
        "production": ()
    }
    without_end = {"bedrock/claude": {"context_window": 5}}
    assert timeline_of(ends=without_end, production=[CLAUDE]).events() == []


def test_json_is_valid_against_schema():
    timeline = timeline_of(ends=END, production=[CLAUDE])
    report = timeline_report.write_json(timeline, {event.place: 1 for event in timeline.events()})
    load_schema(Repository(ROOT), "schemas/timeline.schema.json").require_valid(report.encode(), "timeline")
    assert json.loads(report)["events"] == [
        {
            "day": "2026-10-14",
            "past": False,
            "event": "provider-end",
            "attention": "action",
            "environment": "production",
            "model": "claude",
            "name": "Claude",
            "features": ["duo_chat"],
            "whole": True,
            "replacement": None,
            "provider": "Amazon Bedrock",
            "earliest": False,
            "last_day": None,
            "retired_before": False,
            "path": roster_path("production"),
            "line": 1,
        }
    ]


@pytest.mark.parametrize(
    ("entry", "facts", "kind"),
    [
        (CLAUDE, {}, "ending"),
        (CLAUDE, {"ends_earliest": True}, "ending"),
        (CLAUDE, {"ends": "2026-08-31"}, "ended"),
        (CLAUDE, {"ends": "2026-08-31", "ends_earliest": True}, "ending"),
        (retired_after("2026-10-14"), {}, "ending"),
    ],
)
def test_svg_has_a_bar_from_the_end_on(entry: Entry, facts: Entry, kind: str):
    timeline = timeline_of(ends={"bedrock/claude": END["bedrock/claude"] | facts}, production=[entry])
    layout = timeline_svg.build_layout(timeline)
    day_text = next(text for text in layout.texts if text.text.startswith("provider "))
    assert day_text.kind == ("late" if kind == "ended" else "due")
    (bar,) = (bar for bar in layout.bars if " at Amazon Bedrock 2026" in bar.tooltip)
    assert bar.kind == kind
    assert bar.tooltip.startswith("Claude (production): ")
    ElementTree.fromstring(timeline_svg.write(timeline, {}))
    assert "no retirements announced" not in timeline_svg.write(timeline, {})


def test_end_after_the_last_day_is_counted():
    timeline = timeline_of(ends=END, production=[retired_after("2026-10-13")])
    assert texts(timeline)[-1] == "not shown: 1 end at the provider after the last day, 1 past event"
    assert not any(" at Amazon Bedrock" in bar.tooltip for bar in timeline_svg.build_layout(timeline).bars)


@pytest.mark.parametrize(
    ("on", "color"), [(TODAY, palette.WARNING), (date(2026, 10, 14), palette.BAD), (date(2027, 1, 1), palette.BAD)]
)
def test_color_of_text_depends_on_day(on: date, color: int):
    timeline = timeline_of(on, END, production=[CLAUDE])
    colors: list[int | None] = []

    def paint(text: str, **style: Any) -> str:
        colors.append(style.get("fg"))
        return text

    timeline_report.write_text(timeline, {event.place: 1 for event in timeline.events()}, paint=paint)
    assert color in colors
