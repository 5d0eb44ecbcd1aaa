"""What happens when: every announced end gives its events, and says where the default of each feature stands."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as some

from roster.findings import Place
from roster.repository import roster_path
from roster.timeline import timeline_json, timeline_text
from roster.timeline.events import Event, Timeline
from roster.timeline.timeline_text import told
from tests.timeline.rosters import TODAY, Entry, announced, ending, model

GEMINI = model("Gemini", "duo_chat", "code-generation")
SECRET = "glpat-x9Kq2LmN7pRt4VwY8zBc"


def days(found: Timeline) -> list[str]:
    return [f"{event.day} {event.kind} {event.ending.environment} {event.ending.model}" for event in found.events()]


def lines(found: Timeline) -> dict[Place, int]:
    return {event.place: number for number, event in enumerate(found.events(), start=1)}


def test_events_are_sorted_by_day_and_then_by_environment():
    late = ending("Claude", notice="2026-08-06")
    found = announced(staging_ref=[], staging=[late, GEMINI], production=[ending("Claude"), GEMINI])
    assert days(found) == [
        "2026-08-05 notice production claude",
        "2026-08-06 notice staging claude",
        "2026-12-01 last-day staging claude",
        "2026-12-01 last-day production claude",
    ]
    assert list(found.endings) == ["staging-ref", "staging", "production"]


def test_an_event_stands_where_the_file_says_so():
    found = announced(production=[GEMINI, ending("Claude", default_for=("duo_chat",))])
    path = roster_path("production")
    assert [event.place for event in found.events()] == [
        Place(path, (1, "retirement", "notice")),
        Place(path, (1, "retirement", "last_day")),
        Place(path, (1, "default_for", 0)),
    ]


def test_a_retirement_of_some_features_is_about_those():
    (found,) = announced(production=[ending("Claude", "duo_chat", "code-generation", only=("duo_chat",))]).endings[
        "production"
    ]
    assert (found.features, found.whole) == (("duo_chat",), False)
    (found,) = announced(production=[ending("Claude", "duo_chat", only=("duo_chat",))]).endings["production"]
    assert found.whole


DEFAULTS: dict[str, tuple[list[Entry], list[tuple[str, str, bool]]]] = {
    "on the model that ends": (
        [ending("Claude", default_for=("duo_chat",)), GEMINI],
        [("duo_chat", "claude", False)],
    ),
    "on both": (
        [GEMINI | {"default_for": ["duo_chat"]}, ending("Claude", default_for=("duo_chat",))],
        [("duo_chat", "claude", False)],
    ),
    "moved": ([ending("Claude"), GEMINI | {"default_for": ["duo_chat"]}], [("duo_chat", "gemini", True)]),
    "on one that ends as well": ([ending("Claude"), ending("Gemini", default_for=("duo_chat",))], []),
    "on one that ends later": (
        [ending("Claude"), ending("Gemini", last_day="2026-12-02", default_for=("duo_chat",))],
        [("duo_chat", "gemini", True)],
    ),
    "nowhere": ([ending("Claude"), GEMINI], []),
    "on a feature that stays": (
        [ending("Claude", "duo_chat", "code-generation", only=("duo_chat",), default_for=("code-generation",))],
        [],
    ),
    "of two features": (
        [
            ending("Claude", "duo_chat", "code-generation", default_for=("code-generation",)),
            GEMINI | {"default_for": ["duo_chat"]},
        ],
        [("duo_chat", "gemini", True), ("code-generation", "claude", False)],
    ),
}


@pytest.mark.parametrize("where", DEFAULTS)
def test_a_default_has_to_move_or_has_moved(where: str):
    models, expected = DEFAULTS[where]
    found = announced(production=models).endings["production"][0]
    assert [(move.feature, move.default, move.moved) for move in found.moves] == expected


@pytest.mark.parametrize(
    ("on", "state"),
    [
        (date(2026, 8, 4), (False, False, False)),
        (date(2026, 8, 5), (True, False, False)),
        (date(2026, 12, 1), (True, False, False)),
        (date(2026, 12, 2), (False, True, True)),
    ],
)
def test_what_a_day_makes_of_it(on: date, state: tuple[bool, bool, bool]):
    found = announced(on, production=[ending("Claude", default_for=("duo_chat",))])
    (end,) = found.endings["production"]
    assert (end.running(on), end.over(on), found.events()[-1].overdue(on)) == state
    assert not any(event.overdue(on) for event in found.events()[:-1])


def test_what_a_roster_with_errors_lacks_is_left_out():
    models = [
        ending("Claude", notice=None, replacement=None, only=("",), default_for=("duo_chat",)),
        ending("Qwen", last_day=None, default_for=("duo_chat",)),
        ending("Gemma", notice=None, last_day=None),
        {"retirement": {"notice": "2026-10-01"}},
    ]
    found = announced(production=models)
    assert days(found) == [
        "2026-08-05 notice production qwen",
        "2026-10-01 notice production ",
        "2026-12-01 last-day production claude",
    ]
    assert found.endings["production"][0].replacement is None
    written = timeline_text.write(found, lines(found))
    assert "claude                  last day for some features; another model takes over" in written
    assert "a model without a name  notice begins  (" in written


def test_no_secret_is_told():
    secret = ending(SECRET, SECRET, replacement=SECRET, default_for=(SECRET,))
    found = announced(production=[secret, model("Claude", SECRET, default_for=(SECRET,))])
    for written in (timeline_text.write(found, lines(found)), timeline_json.write(found, lines(found)), *told(found)):
        assert SECRET not in written
        assert SECRET.lower().replace("-", "_") not in written


def test_the_text_says_each_event_in_a_line():
    claude = ending("Claude", "duo_chat", "review", only=("duo_chat",), default_for=("duo_chat",))
    found = announced(production=[claude, GEMINI], staging=[ending("Old", last_day="2026-08-31"), GEMINI])
    path = roster_path("production")
    assert timeline_text.write(found, lines(found)) == (
        f"""\
2026-08-05  production  claude  notice begins for duo_chat: gemini takes over after 2026-12-01  ({path}:1)
2026-08-05  staging     old     notice begins: gemini takes over after 2026-08-31  ({roster_path("staging")}:2)
2026-08-31  staging     old     last day; gemini takes over  ({roster_path("staging")}:3)
2026-09-01  today
2026-12-01  production  claude  last day for duo_chat; gemini takes over  ({path}:4)
2026-12-01  production  claude  the default of duo_chat has to move to gemini by the end of this day  ({path}:5)
"""
    )


def test_the_text_says_what_became_of_a_default():
    late = announced(date(2026, 12, 2), production=[ending("Claude", default_for=("duo_chat",)), GEMINI])
    assert (
        "the default of duo_chat had to move to gemini by the end of this day, and has not  ("
        in timeline_text.write(late, lines(late))
    )
    moved = announced(production=[ending("Claude"), GEMINI | {"default_for": ["duo_chat"]}])
    assert "the default of duo_chat is gemini already  (" in timeline_text.write(moved, lines(moved))


def test_nothing_is_announced():
    for found in (announced(), announced(production=[GEMINI])):
        assert timeline_text.write(found, {}) == "nothing is announced\n"


def test_a_terminal_obeys_no_name():
    found = announced(production=[ending("Cl\x1b[31maude", "duo\x07chat", default_for=("duo\x07chat",))])
    written = timeline_text.write(found, lines(found))
    assert written.replace("\n", "").isprintable()


some_days = some.dates(date(2026, 1, 1), date(2027, 12, 31))
models = some.builds(
    lambda name, features, notice, last_day, default: ending(
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
def test_every_day_that_a_roster_names_is_told_once(offered: list[Entry], on: date):
    found = announced(on, production=offered)
    events = found.events()
    told_days = [str(event.day) for event in events if not event.move]
    named = [model["retirement"][key] for model in offered for key in ("notice", "last_day")]
    assert sorted(told_days) == sorted(filter(None, named))
    assert events == sorted(events, key=day_of)
    for event in events:
        assert event.overdue(on) <= (event.day < on)
        assert not (event.ending.running(on) and event.ending.over(on))
        if event.move:
            assert event.day == event.ending.last_day
            assert event.features == (event.move.feature,)
            holder = offered[int(event.place.pointer[0])]
            assert event.move.feature in holder["default_for"]
            if event.move.moved:
                ends = holder["retirement"]["last_day"]
                assert ends is None or ends >= str(event.day + timedelta(days=1))


def day_of(event: Event) -> date:
    return event.day


def test_the_day_that_counts_is_the_one_that_was_given():
    assert announced(production=[]).on == TODAY
