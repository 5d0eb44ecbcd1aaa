"""Timeline events: the days of each retirement, the state of each default, and the text and JSON reports."""

import json
from collections import Counter
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as some

from roster.findings import Place
from roster.report.terminal_text import width
from roster.roster import roster_path
from roster.timeline import timeline_report, timeline_svg
from roster.timeline.attention import Attention
from roster.timeline.events import Event, ModelRetirement, Timeline
from roster.timeline.timeline_report import sentences
from roster.timeline.timeline_rows import Rows
from tests.timeline.rosters import TODAY, Entry, model, retiring, timeline_of

GEMINI = model("Gemini", "duo_chat", "code-generation")
SECRET = "glpat-x9Kq2LmN7pRt4VwY8zBc"


def event_labels(timeline: Timeline) -> list[str]:
    return [
        f"{event.day} {event.kind} {event.subject.environment} {event.subject.model}" for event in timeline.events()
    ]


def line_numbers(timeline: Timeline) -> dict[Place, int]:
    return {event.place: number for number, event in enumerate(timeline.events(), start=1)}


def test_events_are_sorted_by_day_then_environment():
    late = retiring("Claude", notice="2026-08-06")
    timeline = timeline_of(staging_ref=[], staging=[late, GEMINI], production=[retiring("Claude"), GEMINI])
    assert event_labels(timeline) == [
        "2026-08-05 notice production claude",
        "2026-08-06 notice staging claude",
        "2026-12-01 last-day staging claude",
        "2026-12-01 last-day production claude",
    ]
    assert list(timeline.retirements) == ["staging-ref", "staging", "production"]


def test_event_place_is_key_in_roster():
    timeline = timeline_of(production=[GEMINI, retiring("Claude", default_for=("duo_chat",))])
    path = roster_path("production")
    assert [event.place for event in timeline.events()] == [
        Place(path, (1, "retirement", "notice")),
        Place(path, (1, "retirement", "last_day")),
        Place(path, (1, "default_for", 0)),
    ]


def test_retirement_lists_only_its_features():
    (retirement,) = timeline_of(
        production=[retiring("Claude", "duo_chat", "code-generation", only=("duo_chat",))]
    ).retirements["production"]
    assert (retirement.features, retirement.all_features) == (("duo_chat",), False)
    (retirement,) = timeline_of(production=[retiring("Claude", "duo_chat", only=("duo_chat",))]).retirements[
        "production"
    ]
    assert retirement.all_features


DEFAULTS: dict[str, tuple[list[Entry], list[tuple[str, str, bool]]]] = {
    "retiring model is default": (
        [retiring("Claude", default_for=("duo_chat",)), GEMINI],
        [("duo_chat", "claude", False)],
    ),
    "retiring model and another one are default": (
        [GEMINI | {"default_for": ["duo_chat"]}, retiring("Claude", default_for=("duo_chat",))],
        [("duo_chat", "claude", False)],
    ),
    "another model is default": (
        [retiring("Claude"), GEMINI | {"default_for": ["duo_chat"]}],
        [("duo_chat", "gemini", True)],
    ),
    "default retires on the same day": ([retiring("Claude"), retiring("Gemini", default_for=("duo_chat",))], []),
    "default retires later": (
        [retiring("Claude"), retiring("Gemini", last_day="2026-12-02", default_for=("duo_chat",))],
        [("duo_chat", "gemini", True)],
    ),
    "no default": ([retiring("Claude"), GEMINI], []),
    "default of a remaining feature": (
        [
            retiring(
                "Claude",
                "duo_chat",
                "code-generation",
                only=("duo_chat",),
                default_for=("code-generation",),
            )
        ],
        [],
    ),
    "defaults of two features": (
        [
            retiring("Claude", "duo_chat", "code-generation", default_for=("code-generation",)),
            GEMINI | {"default_for": ["duo_chat"]},
        ],
        [("duo_chat", "gemini", True), ("code-generation", "claude", False)],
    ),
}


@pytest.mark.parametrize("case", DEFAULTS)
def test_retirement_lists_defaults_that_must_move_or_have_moved(case: str):
    models, expected = DEFAULTS[case]
    retirement = timeline_of(production=models).retirements["production"][0]
    assert [(move.feature, move.default, move.moved) for move in retirement.default_moves] == expected


@pytest.mark.parametrize(
    ("on", "state"),
    [
        (date(2026, 8, 4), (False, False, False)),
        (date(2026, 8, 5), (True, False, False)),
        (date(2026, 12, 1), (True, False, False)),
        (date(2026, 12, 2), (False, True, True)),
    ],
)
def test_state_of_retirement_depends_on_day(on: date, state: tuple[bool, bool, bool]):
    timeline = timeline_of(on, production=[retiring("Claude", default_for=("duo_chat",))])
    (end,) = timeline.retirements["production"]
    assert (end.is_in_notice(on), end.has_ended(on), timeline.events()[-1].is_overdue(on)) == state
    assert not any(event.is_overdue(on) for event in timeline.events()[:-1])


def test_timeline_omits_missing_values_of_invalid_roster():
    models = [
        retiring("Claude", notice=None, replacement=None, only=("",), default_for=("duo_chat",)),
        retiring("Qwen", last_day=None, default_for=("duo_chat",)),
        retiring("Gemma", notice=None, last_day=None),
        {"retirement": {"notice": "2026-10-01"}},
    ]
    timeline = timeline_of(production=models)
    assert event_labels(timeline) == [
        "2026-08-05 notice production qwen",
        "2026-10-01 notice production ",
        "2026-12-01 last-day production claude",
    ]
    assert timeline.retirements["production"][0].replacement is None
    report = timeline_report.write_text(timeline, line_numbers(timeline))
    assert (
        report
        == """\
2026-09-01  today
2026-10-01  a model without a name (production): notice begins
2026-12-01  claude (production): last day for some features; the default
            replaces it
not shown: 1 past event
"""
    )


def test_upcoming_suspension_is_an_event():
    suspended = model("Claude", suspended={"since": "2026-09-01", "reason": "maintenance"})
    earlier = model("Qwen", suspended={"since": "2026-08-31", "reason": "incident"})
    timeline = timeline_of(production=[suspended, earlier, retiring("Gemini")])
    assert event_labels(timeline)[1] == "2026-09-01 suspension production claude"
    assert len(timeline.events()) == 3
    assert timeline.events()[1].place.pointer == (0, "suspended", "since")
    report = timeline_report.write_text(timeline, line_numbers(timeline))
    assert "2026-09-01  claude (production): suspended from this day on: maintenance\n" in report
    event = json.loads(timeline_report.write_json(timeline, line_numbers(timeline)))["events"][1]
    assert (event["event"], event["reason"], event["features"]) == ("suspension", "maintenance", ["duo_chat"])
    assert "suspended from 2026-09-01: maintenance" in timeline_svg.write(timeline, {})


def test_reports_contain_no_secret():
    retired = retiring(SECRET, SECRET, replacement=SECRET, default_for=(SECRET,))
    timeline = timeline_of(production=[retired, model("Claude", SECRET, default_for=(SECRET,))])
    for report in (
        timeline_report.write_text(timeline, line_numbers(timeline)),
        timeline_report.write_json(timeline, line_numbers(timeline)),
        *sentences(timeline),
    ):
        assert SECRET not in report
        assert SECRET.lower().replace("-", "_") not in report


def text_of(timeline: Timeline) -> str:
    return timeline_report.write_text(timeline, line_numbers(timeline))


def test_text_has_actions_and_what_will_be_noticed_and_counts_the_rest():
    claude = retiring("Claude", "duo_chat", "review", only=("duo_chat",), default_for=("duo_chat",))
    timeline = timeline_of(production=[claude, GEMINI], staging=[retiring("Old", last_day="2026-08-31"), GEMINI])
    assert text_of(timeline) == (
        f"""\
2026-09-01  today
2026-12-01  claude (production): last day for duo_chat; gemini replaces it
2026-12-01  claude (production): the default for duo_chat must move to gemini by
            the end of this day
            {roster_path("production")}:5
not shown: 3 past events
"""
    )


def test_same_words_in_several_environments_are_one_line():
    claude, other = retiring("Claude", default_for=("duo_chat",)), retiring("Claude", last_day="2026-12-02")
    timeline = timeline_of(staging_ref=[other, GEMINI], staging=[claude, GEMINI], production=[claude, GEMINI])
    assert text_of(timeline) == (
        f"""\
2026-09-01  today
2026-12-01  claude (staging and production): last day; gemini replaces it
2026-12-01  claude (staging and production): the default for duo_chat must move
            to gemini by the end of this day
            {roster_path("staging")}:5
            {roster_path("production")}:7
2026-12-02  claude (staging-ref): last day; gemini replaces it
not shown: 3 past events
"""
    )


def test_places_of_many_environments_are_shortened():
    environments = {f"ring_{number}": [retiring("Claude", default_for=("duo_chat",))] for number in range(1, 71)}
    timeline = timeline_of(TODAY, None, None, **environments)
    *_, second, third, others, counted = text_of(timeline).splitlines()
    assert "claude (ring-1, ring-2, ring-3, ring-4 and 66 more): last day" in text_of(timeline)
    assert second.strip().startswith(roster_path("ring-2"))
    assert third.strip().startswith(roster_path("ring-3"))
    assert others.strip() == "and 67 more files"
    assert counted == "not shown: 70 past events"


def test_text_distinguishes_overdue_and_moved_defaults():
    late = timeline_of(date(2026, 12, 2), production=[retiring("Claude", default_for=("duo_chat",)), GEMINI])
    first, second, _, today, _ = text_of(late).splitlines()
    assert first == "2026-12-01  claude (production): overdue: the default for duo_chat had to move"
    assert second.strip() == "to gemini by the end of this day"
    assert today == "2026-12-02  today"
    moved = timeline_of(production=[retiring("Claude"), GEMINI | {"default_for": ["duo_chat"]}])
    assert "default for" not in text_of(moved)
    assert text_of(moved).endswith("not shown: 1 feature with another default already, 1 past event\n")


def test_defaults_of_several_features_that_must_move_are_one_line():
    features = ("duo_chat", "code-generation")
    timeline = timeline_of(production=[retiring("Claude", *features, default_for=features)])
    assert text_of(timeline).count("the default for") == 1
    assert "the default for duo_chat and code-generation" in text_of(timeline)
    assert event_labels(timeline).count("2026-12-01 default production claude") == 2


@pytest.mark.parametrize(
    ("models", "words"),
    [
        (
            [retiring("Claude", replacement=None), GEMINI],
            "last day; the default replaces it, but duo_chat has none: name a replacement",
        ),
        ([retiring("Claude", replacement=None), GEMINI | {"default_for": ["duo_chat"]}], ""),
        ([retiring("Claude", replacement=""), GEMINI], "last day; no model replaces it: name a replacement"),
        ([retiring("Claude", replacement="gemini"), GEMINI], ""),
    ],
)
def test_missing_replacement_needs_an_action(models: list[Entry], words: str):
    rows = [row for row in Rows.of(timeline_of(production=models)).shown if row.attention is Attention.ACTION]
    assert [row.text for row in rows] == ([words] if words else [])


def test_32_retirements_fit_80_columns_and_show_no_past_event_and_no_moved_default():
    features = ("duo_chat", "code-generation")
    gemini = model("Gemini", *features, default_for=features)
    models = [
        retiring(
            f"Claude {number} 模型 on Amazon Bedrock in Frankfurt",
            *features,
            last_day=f"2026-12-{number:02}" if number < 32 else "2026-08-31",
            notice="2026-09-02" if number < 3 else "2026-08-05",
        )
        | {"id": f"claude_{number}_on_amazon_bedrock_in_the_region_eu_central_1"}
        for number in range(1, 33)
    ]
    timeline = timeline_of(staging=[*models, gemini], production=[*models, gemini])
    report = text_of(timeline).splitlines()
    assert max(map(width, report)) <= 80
    days = [line[:10] for line in report if line.startswith("20")]
    assert days == sorted(days)
    assert len(days) == 1 + 31 + 2, "today, the last days ahead, and the notices ahead"
    assert " ".join(report).endswith(" not shown: 2 features with another default already, 62 past events")
    events = json.loads(timeline_report.write_json(timeline, line_numbers(timeline)))["events"]
    assert len(events) == 2 * 32 * 4, "JSON has every event"
    assert Counter(event["attention"] for event in events) == {"none": 190, "visible": 66}


HOSTILE = [
    "W" * 300,
    "模型" * 100,
    "❤️" * 99,
    "a\n2026-09-01  today",
    "\x1b[31mred",
    "\u202eevil",
    "e" + "\u0301" * 99,
    "﷽" * 50,
]


def test_hostile_names_are_text_within_80_columns():
    for name in HOSTILE:
        ended = retiring(name, name, replacement=name, default_for=(name,)) | {"id": name}
        suspended = model(f"{name}2", name, suspended={"since": "2026-10-01", "reason": name})
        report = text_of(timeline_of(production=[ended, suspended]))
        assert report.replace("\n", "").isprintable(), name
        assert [line for line in report.splitlines() if width(line) > 80] == [], name
        assert [line for line in report.splitlines() if line.endswith("  today")] == ["2026-09-01  today"], name


def test_text_without_retirements():
    for timeline in (timeline_of(), timeline_of(production=[GEMINI])):
        assert timeline_report.write_text(timeline, {}) == "no retirements announced\n"


def test_text_escapes_control_characters():
    timeline = timeline_of(production=[retiring("Cl\x1b[31maude", "duo\x07chat", default_for=("duo\x07chat",))])
    report = timeline_report.write_text(timeline, line_numbers(timeline))
    assert report.replace("\n", "").isprintable()


some_days = some.dates(date(2026, 1, 1), date(2027, 12, 31))
models = some.builds(
    lambda name, features, notice, last_day, default: retiring(
        name,
        *features,
        notice=notice and str(notice),
        last_day=last_day and str(last_day),
        default_for=tuple(features[:default]),
    ),
    some.sampled_from(["Claude", "Gemini", "Qwen", "Codestral"]),
    some.lists(some.sampled_from(["duo_chat", "code-generation", "review"]), min_size=1, unique=True),
    some.none() | some_days,
    some.none() | some_days,
    some.integers(0, 3),
)


@given(some.lists(models, max_size=5), some_days)
def test_every_day_in_roster_is_one_event(offered: list[Entry], on: date):
    timeline = timeline_of(on, production=offered)
    events = timeline.events()
    event_days = [str(event.day) for event in events if not event.move]
    named = [model["retirement"][key] for model in offered for key in ("notice", "last_day")]
    assert sorted(event_days) == sorted(filter(None, named))
    assert events == sorted(events, key=day_of)
    for event in events:
        assert event.is_overdue(on) <= (event.day < on)
        assert isinstance(event.subject, ModelRetirement)
        assert not (event.subject.is_in_notice(on) and event.subject.has_ended(on))
        if event.move:
            assert event.day == event.subject.last_day
            assert event.features == (event.move.feature,)
            default = offered[int(event.place.pointer[0])]
            assert event.move.feature in default["default_for"]
            if event.move.moved:
                ends = default["retirement"]["last_day"]
                assert ends is None or ends >= str(event.day + timedelta(days=1))


def day_of(event: Event) -> date:
    return event.day


def test_timeline_keeps_given_day():
    assert timeline_of(production=[]).on == TODAY
