"""The picture: well-formed, readable in light and dark, and no text on another, whatever rosters hold."""

import re
from datetime import date
from itertools import pairwise
from xml.etree import ElementTree

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as some

from roster.timeline import timeline_svg
from roster.timeline.axis import Axis
from roster.timeline.events import Timeline
from roster.timeline.picture import CHART, END, LEFT, RIGHT, Text, picture
from roster.timeline.text_width import cut, width, wrap
from tests.timeline.rosters import TODAY, Entry, announced, ending, model
from tests.timeline.test_events import models, some_days

SVG = "{http://www.w3.org/2000/svg}"
CLAUDE = ending("Claude 3.7 Sonnet", "duo_chat", "code-generation", default_for=("duo_chat",))
HOSTILE = [
    "</text><script>alert(1)</script>",
    "]]>&lt;&#0;<!--",
    'a" onload="alert(1)',
    "{{ 7 * 7 }}",
    "\x00\x08\x1b[31m\ufffe\ud800",
    "\u202eevil",
    "W" * 300,
    "模型" * 100,
    "﷽" * 9,
    "e" + "\u0301" * 50,
]


def drawn(found: Timeline) -> ElementTree.Element:
    return ElementTree.fromstring(timeline_svg.write(found, {}).encode())


def words(element: ElementTree.Element, tag: str = "text") -> list[str]:
    return ["".join(each.itertext()) for each in element.iter(f"{SVG}{tag}")]


def test_it_says_everything_in_words_too():
    element = drawn(announced(production=[CLAUDE]))
    title, desc = element.find(f"{SVG}title"), element.find(f"{SVG}desc")
    assert title is not None
    assert desc is not None
    assert element.get("role") == "img"
    assert element.get("aria-labelledby") == f"{title.get('id')} {desc.get('id')}"
    assert title.text == "Retirements as of 2026-09-01"
    assert (desc.text or "").strip().splitlines() == [
        f"{day}, production, claude_3_7_sonnet: {event}."
        for day, event in (
            ("2026-08-05", "notice begins: gemini takes over after 2026-12-01"),
            ("2026-12-01", "last day; gemini takes over"),
            ("2026-12-01", "the default of duo_chat has to move to gemini by the end of this day"),
        )
    ]


def test_each_environment_is_a_band_and_each_model_a_bar():
    found = announced(staging_ref=[], staging=[CLAUDE], production=[CLAUDE, ending("Qwen"), model("Gemini")])
    element = drawn(found)
    assert [text for text in words(element) if text in found.endings] == ["staging-ref", "staging", "production"]
    assert words(element).count("nothing is announced") == 1
    bars = [each for each in element.iter(f"{SVG}rect") if each.find(f"{SVG}title") is not None]
    claude = "notice 2026-08-05, end 2026-12-01; gemini takes over; the default of duo_chat has to move"
    assert [bar[0].text for bar in bars] == [
        f"claude_3_7_sonnet: {claude}",
        f"claude_3_7_sonnet: {claude}",
        "qwen: notice 2026-08-05, end 2026-12-01; gemini takes over",
    ]


@pytest.mark.parametrize(
    ("on", "bar", "mark"),
    [("2026-08-04", "ahead", "due"), ("2026-08-05", "running", "due"), ("2026-12-02", "over", "late")],
)
def test_what_a_day_makes_of_a_bar(on: str, bar: str, mark: str):
    element = drawn(announced(date.fromisoformat(on), production=[CLAUDE]))
    (found,) = [each for each in element.iter(f"{SVG}rect") if each.find(f"{SVG}title") is not None]
    assert found.get("class") == bar
    *_, diamond = element.iter(f"{SVG}path")
    assert diamond.get("class") == mark


def test_a_default_that_has_moved_has_no_mark():
    legend = len(list(drawn(announced(production=[CLAUDE])).iter(f"{SVG}path"))) - 1
    element = drawn(announced(production=[ending("Claude"), model("Gemini", default_for=("duo_chat",))]))
    assert len(list(element.iter(f"{SVG}path"))) == legend


def test_a_bar_reaches_from_the_notice_to_the_end_of_the_last_day():
    found = picture(announced(date(2026, 9, 1), production=[CLAUDE]))
    (bar,) = [box for box in found.bars if box.says]
    axis = Axis([date(2026, 8, 5), date(2026, 12, 1)], CHART, 426)
    assert bar.x == axis.at(date(2026, 8, 5))
    assert bar.x + bar.width == pytest.approx(axis.at(date(2026, 12, 2)))
    assert found.today == pytest.approx(axis.at(date(2026, 9, 1), 0.5))


def test_where_nothing_is_announced_it_says_so():
    for found in (announced(), announced(production=[model("Gemini")])):
        element = drawn(found)
        assert "".join(words(element, "desc")).strip() == "Nothing is announced."
        assert list(element.iter(f"{SVG}line")) == []
    assert "nothing is announced" in words(element)


@pytest.mark.parametrize("name", HOSTILE)
def test_names_are_only_ever_text(name: str):
    found = announced(production=[ending(name, name, replacement=name, default_for=(name,))])
    written = timeline_svg.write(found, {})
    element = ElementTree.fromstring(written.encode())
    tags = {each.tag.removeprefix(SVG) for each in element.iter()}
    assert tags <= {"svg", "title", "desc", "style", "rect", "line", "path", "text"}
    assert not [key for each in element.iter() for key in each.attrib if key.startswith("on")]
    assert written.replace("\n", "").isprintable()
    held_apart(found)


def test_it_needs_no_other_file():
    written = timeline_svg.write(announced(production=[CLAUDE]), {})
    assert re.findall("https?://[^\"']+|url\\(|@import|href", written) == ["http://www.w3.org/2000/svg"]


# Colours


def schemes(written: str) -> dict[str, dict[str, str]]:
    """The fill, or for lines the stroke, of each class in light and in dark."""
    style = written[written.index("<style>") : written.index("</style>")]
    light, _, dark = style.partition("@media (prefers-color-scheme: dark)")
    rule = r"\.([a-z-]+) { (?:fill|stroke): (#[0-9a-f]{6})"
    found = {"light": dict(re.findall(rule, light)), "dark": dict(re.findall(rule, dark))}
    assert found["light"].keys() == found["dark"].keys()
    return found


def contrast(one: str, other: str) -> float:
    """The contrast ratio of two colours: https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio."""
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def luminance(colour: str) -> float:
    channels = (int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5))
    linear = [value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in channels]
    return sum(share * value for share, value in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def test_the_contrast_is_computed_as_it_should_be():
    assert contrast("#ffffff", "#000000") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_all_text_and_all_shapes_can_be_told_from_what_is_behind_them(scheme: str):
    late = ending("Old", "review", last_day="2026-08-31", default_for=("review",))
    moved = ending("Claude", "duo_chat")
    found = announced(production=[late, moved, CLAUDE, ending("Later", notice="2026-10-01")], staging=[])
    element, colours = drawn(found), schemes(timeline_svg.write(found, {}))[scheme]
    kinds = {(each.get("class") or "").split()[0] for each in element.iter(f"{SVG}text")}
    assert kinds == {"text", "muted", "due", "late", "on-pill"}
    for kind in kinds:
        for behind in ("pill",) if kind == "on-pill" else ("page", "band"):
            assert contrast(colours[kind], colours[behind]) >= 4.5, (kind, behind)
    for kind in ("running", "over", "due", "late", "today"):
        assert contrast(colours[kind], colours["page"]) >= 3, kind


# Room


def box_of(text: Text) -> tuple[float, float, float, float]:
    start = text.x - (text.width / 2 if text.anchor == "middle" else 0)
    return start, text.y - text.size, start + text.width, text.y + 0.25 * text.size


def held_apart(found: Timeline) -> None:
    """No two texts overlap, none leaves its column or the picture, and no bar or mark reaches a text."""
    shown = picture(found)
    boxes = [box_of(text) for text in shown.texts]
    for number, (left, top, right, bottom) in enumerate(boxes):
        assert left >= LEFT
        assert right <= END
        assert bottom <= shown.height
        for before in boxes[:number]:
            assert right <= before[0] or before[2] <= left or bottom <= before[1] or before[3] <= top
    for left, top, right, bottom in boxes:
        names_a_band = any(band.y <= top and bottom <= band.y + band.height for band in shown.bands)
        assert top < shown.top or names_a_band or right <= CHART or left >= RIGHT
    for bar in shown.bars:
        if bar.says:
            assert bar.x >= CHART - 1
            assert bar.x + bar.width <= RIGHT - 8
    for mark in shown.marks:
        assert mark.x + 8 <= RIGHT


@settings(deadline=None)
@example([ending("A", notice="0001-01-01", last_day="9998-12-31")], TODAY)
@example([ending("A", notice="2026-09-01", last_day="2026-09-01"), ending("B", last_day="2026-09-02")], TODAY)
@example([ending("A", notice="2027-09-01", last_day="2026-09-01")], TODAY)
@given(some.lists(models, max_size=6), some_days)
def test_nothing_overlaps_whatever_the_dates(offered: list[Entry], on: date):
    held_apart(announced(on, production=offered, staging_ref=offered[:2]))


@settings(deadline=None)
@given(some.lists(some.text(max_size=60), min_size=1, max_size=4))
def test_nothing_overlaps_whatever_the_names(names: list[str]):
    entries = [ending(name, *names, only=(name,), replacement=name, default_for=(name,)) for name in names]
    found = announced(production=entries)
    held_apart(found)
    drawn(found)


def test_many_models_make_it_higher_and_not_wider():
    few, many = (drawn(announced(production=[ending(f"M{index}") for index in range(count)])) for count in (2, 200))
    assert few.get("width") == many.get("width")
    assert float(many.get("height") or 0) > 50 * float(few.get("height") or 0) / 3


@given(some.dates(date(1, 1, 1), date(9998, 12, 31)), some.dates(date(1, 1, 1), date(9998, 12, 31)))
def test_months_are_named_far_enough_apart_and_near_enough(one: date, other: date):
    axis = Axis([one, other], 100, 400)
    places = [x for x, _ in axis.months(78)]
    assert all(after - before >= 78 for before, after in pairwise(places))
    assert all(100 <= x <= 500 for x in places)
    assert len({name for _, name in axis.months(78)}) == len(places)


def test_letters_whose_width_is_unknown_are_squeezed_into_their_room():
    element = drawn(announced(production=[ending("模型 ﷽", "duo_chat")]))
    (name,) = [each for each in element.iter(f"{SVG}text") if each.text == "模型 ﷽"]
    assert float(name.get("textLength") or 0) <= CHART - LEFT
    assert all(each.get("textLength") is None for each in element.iter(f"{SVG}text") if (each.text or "").isascii())


@given(some.text(max_size=80), some.floats(30, 300))
def test_what_is_cut_or_wrapped_fits(text: str, room: float):
    assert width(cut(text, 12, room), 12) <= room
    lines = list(wrap(text, 12, room))
    assert lines
    assert all(width(line, 12) <= room for line in lines)
