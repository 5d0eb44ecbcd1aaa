"""The SVG timeline: well-formed, readable in light and dark, and without overlaps for any roster."""

import re
from datetime import date
from itertools import pairwise
from xml.etree import ElementTree

import pytest
from hypothesis import example, given
from hypothesis import strategies as some

from roster.timeline import timeline_svg
from roster.timeline.events import Timeline
from roster.timeline.text_metrics import text_width, truncate, wrap
from roster.timeline.time_axis import TimeAxis
from roster.timeline.timeline_svg import END, LEFT, RIGHT, ROW_HEIGHT, TRACK_HEIGHT, TextLine, build_layout
from tests.timeline.rosters import TODAY, Entry, model, retiring, timeline_of
from tests.timeline.test_events import models, some_days

SVG = "{http://www.w3.org/2000/svg}"
CLAUDE = retiring("Claude 3.7 Sonnet", "duo_chat", "code-generation", default_for=("duo_chat",))
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


def svg_element(timeline: Timeline) -> ElementTree.Element:
    return ElementTree.fromstring(timeline_svg.write(timeline, {}).encode())


def texts(element: ElementTree.Element, tag: str = "text") -> list[str]:
    return ["".join(each.itertext()) for each in element.iter(f"{SVG}{tag}")]


def test_svg_describes_all_events_for_screen_readers():
    element = svg_element(timeline_of(production=[CLAUDE]))
    title, desc = element.find(f"{SVG}title"), element.find(f"{SVG}desc")
    assert title is not None
    assert desc is not None
    assert element.get("role") == "img"
    assert element.get("aria-labelledby") == f"{title.get('id')} {desc.get('id')}"
    assert title.text == "Retirements as of 2026-09-01"
    must_move = "the default for duo_chat must move to gemini by the end of this day"
    assert (desc.text or "").strip().splitlines() == [
        "2026-12-01, claude_3_7_sonnet (production): last day; gemini replaces it.",
        f"2026-12-01, claude_3_7_sonnet (production): {must_move}.",
        "not shown: 1 past event.",
    ]


def test_model_is_one_line_for_all_environments():
    later = retiring("Claude 3.7 Sonnet", last_day="2026-12-03")
    timeline = timeline_of(staging_ref=[], staging=[later], production=[CLAUDE, retiring("Qwen"), model("Gemini")])
    layout = build_layout(timeline)
    assert len(layout.tracks) == 2
    assert [text.text for text in layout.texts if text.bold][1:] == ["today", "Claude 3.7 Sonnet", "Qwen"]
    assert [bar.tooltip for bar in layout.bars if bar.tooltip] == [
        "Claude 3.7 Sonnet (production): notice 2026-08-05, last day 2026-12-01",
        "Claude 3.7 Sonnet (staging): notice 2026-08-05, last day 2026-12-03",
        "Qwen (production): notice 2026-08-05, last day 2026-12-01",
    ]
    same = build_layout(timeline_of(staging=[CLAUDE], production=[CLAUDE]))
    (bar,) = [bar for bar in same.bars if bar.tooltip]
    assert bar.tooltip.startswith("Claude 3.7 Sonnet (staging and production): ")


def test_line_shows_environments_only_if_others_differ():
    shown = texts(svg_element(timeline_of(staging=[CLAUDE], production=[])))
    assert "staging" in shown
    assert "staging" not in texts(svg_element(timeline_of(staging=[CLAUDE])))


def test_models_with_the_same_name_have_their_ids():
    models = [retiring("Claude") | {"id": id_} for id_ in ("claude_on_vertex", "claude_on_bedrock")]
    mistral = [retiring("Mistral"), model("Mistral") | {"id": "mistral_without_retirement"}]
    shown = texts(svg_element(timeline_of(production=[*models, retiring("Qwen"), *mistral])))
    assert [text for text in shown if text.casefold().startswith(("claude", "qwen", "mistral"))] == [
        "claude_on_vertex",
        "claude_on_bedrock",
        "Qwen",
        "mistral",
    ]


def test_line_shows_day_of_action_or_of_next_event():
    shown = texts(svg_element(timeline_of(production=[CLAUDE, retiring("Qwen", notice="2026-09-05")])))
    assert "default 2026-12-01" in shown
    assert "notice 2026-09-05" in shown
    assert not any(text.startswith("last day ") for text in shown)
    assert shown.index("Qwen") < shown.index("Claude 3.7 Sonnet"), "the earlier day is first"


def test_models_without_anything_ahead_are_counted():
    retired = [retiring("Claude", last_day="2026-08-31"), retiring("Qwen", last_day="2026-08-31")]
    timeline = timeline_of(production=retired)
    assert build_layout(timeline).tracks == []
    assert "not shown: 4 past events" in texts(svg_element(timeline))


@pytest.mark.parametrize(
    ("on", "kind", "diamond_kind"),
    [("2026-08-04", "ahead", "due"), ("2026-08-05", "running", "due"), ("2026-12-02", "over", "late")],
)
def test_kind_of_bar_and_diamond_depends_on_day(on: str, kind: str, diamond_kind: str):
    element = svg_element(timeline_of(date.fromisoformat(on), production=[CLAUDE]))
    (rectangle,) = [each for each in element.iter(f"{SVG}rect") if each.find(f"{SVG}title") is not None]
    assert rectangle.get("class") == kind
    *_, diamond = element.iter(f"{SVG}path")
    assert diamond.get("class") == diamond_kind


def test_moved_default_has_no_diamond():
    element = svg_element(timeline_of(production=[retiring("Claude"), model("Gemini", default_for=("duo_chat",))]))
    assert list(element.iter(f"{SVG}path")) == []


def test_bar_spans_notice_to_end_of_last_day():
    layout = build_layout(timeline_of(date(2026, 9, 1), production=[CLAUDE]))
    (bar,) = [box for box in layout.bars if box.tooltip]
    axis = TimeAxis([date(2026, 8, 5), date(2026, 12, 1)], LEFT, 196)
    assert bar.x == axis.x(date(2026, 8, 5))
    assert bar.x + bar.width == pytest.approx(axis.x(date(2026, 12, 2)))
    assert layout.today == pytest.approx(axis.x(date(2026, 9, 1), 0.5))


def test_svg_without_retirements():
    for timeline in (timeline_of(), timeline_of(production=[model("Gemini")])):
        element = svg_element(timeline)
        assert "".join(texts(element, "desc")).strip() == "No retirements announced."
        assert list(element.iter(f"{SVG}line")) == []
        assert "no retirements announced" in texts(element)


@pytest.mark.parametrize("name", HOSTILE)
def test_svg_escapes_names(name: str):
    timeline = timeline_of(production=[retiring(name, name, replacement=name, default_for=(name,))])
    svg = timeline_svg.write(timeline, {})
    element = ElementTree.fromstring(svg.encode())
    tags = {each.tag.removeprefix(SVG) for each in element.iter()}
    assert tags <= {"svg", "title", "desc", "style", "rect", "line", "path", "text"}
    assert not [key for each in element.iter() for key in each.attrib if key.startswith("on")]
    assert svg.replace("\n", "").isprintable()
    assert_nothing_overlaps(timeline)


def test_svg_is_self_contained():
    svg = timeline_svg.write(timeline_of(production=[CLAUDE]), {})
    assert re.findall("https?://[^\"']+|url\\(|@import|href", svg) == ["http://www.w3.org/2000/svg"]


# Colors


def schemes(written: str) -> dict[str, dict[str, str]]:
    """Return the fill, or the stroke of lines, of each class in light and dark."""
    style = written[written.index("<style>") : written.index("</style>")]
    light, _, dark = style.partition("@media (prefers-color-scheme: dark)")
    rule = r"\.([a-z-]+) { (?:fill|stroke): (#[0-9a-f]{6})"
    colors = {"light": dict(re.findall(rule, light)), "dark": dict(re.findall(rule, dark))}
    assert colors["light"].keys() == colors["dark"].keys()
    return colors


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of two colors: https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio."""
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def luminance(color: str) -> float:
    channels = (int(color[start : start + 2], 16) / 255 for start in (1, 3, 5))
    linear = [value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in channels]
    return sum(share * value for share, value in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def test_contrast_of_known_colors():
    assert contrast("#ffffff", "#000000") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_texts_and_shapes_have_sufficient_contrast(scheme: str):
    overdue = retiring("Old", "review", last_day="2026-08-31", default_for=("review",))
    moved = retiring("Claude", "duo_chat")
    suspended = model("Qwen", suspended={"since": "2026-09-01", "reason": "maintenance"})
    ends = {"bedrock/a": {"ends": "2026-08-31"}, "bedrock/b": {"ends": "2026-10-14"}}
    at_provider = [model(name, identifier=f"bedrock/{name}") for name in ("a", "b")]
    models = [overdue, moved, CLAUDE, suspended, retiring("Later", notice="2026-10-01"), *at_provider]
    timeline = timeline_of(ends=ends, production=models, staging=[])
    element, colors = svg_element(timeline), schemes(timeline_svg.write(timeline, {}))[scheme]
    kinds = {(each.get("class") or "").split()[0] for each in element.iter(f"{SVG}text")}
    assert kinds == {"text", "muted", "due", "late", "on-pill"}
    for kind in kinds:
        for background in ("pill",) if kind == "on-pill" else ("page",):
            assert contrast(colors[kind], colors[background]) >= 4.5, (kind, background)
    for kind in ("running", "over", "due", "late", "today", "ending", "ended", "suspended"):
        assert contrast(colors[kind], colors["page"]) >= 3, kind


# Overlaps


def bounding_box(text: TextLine) -> tuple[float, float, float, float]:
    start = text.x - (text.width / 2 if text.anchor == "middle" else 0)
    return start, text.y - text.size, start + text.width, text.y + 0.25 * text.size


def assert_nothing_overlaps(timeline: Timeline) -> None:
    """Assert that no text leaves the picture or overlaps another or a bar, and that bars stay in their tracks."""
    layout = build_layout(timeline)
    boxes = [bounding_box(text) for text in layout.texts]
    for number, (left, top, right, bottom) in enumerate(boxes):
        assert left >= LEFT
        assert right <= END
        assert bottom <= layout.height
        for before in boxes[:number]:
            assert right <= before[0] or before[2] <= left or bottom <= before[1] or before[3] <= top
        for track in layout.tracks:
            assert bottom <= track or top >= track + TRACK_HEIGHT or left >= RIGHT
    assert all(after - before == ROW_HEIGHT for before, after in pairwise(layout.tracks))
    for bar in layout.bars:
        if bar.tooltip:
            assert any(track <= bar.y and bar.y + bar.height <= track + TRACK_HEIGHT for track in layout.tracks)
            assert bar.x >= LEFT - 1
            assert bar.x + bar.width <= RIGHT - 8
    for diamond in layout.diamonds:
        if diamond.tooltip:
            assert diamond.x + 8 <= RIGHT


@example([retiring("A", notice="0001-01-01", last_day="9998-12-31")], TODAY)
@example([retiring("A", notice="2026-09-01", last_day="2026-09-01"), retiring("B", last_day="2026-09-02")], TODAY)
@example([retiring("A", notice="2027-09-01", last_day="2026-09-01")], TODAY)
@given(some.lists(models, max_size=6), some_days)
def test_nothing_overlaps_for_any_dates(offered: list[Entry], on: date):
    assert_nothing_overlaps(timeline_of(on, production=offered, staging_ref=offered[:2]))


@given(some.lists(some.text(max_size=60), min_size=1, max_size=4))
def test_nothing_overlaps_for_any_names(names: list[str]):
    entries = [retiring(name, *names, only=(name,), replacement=name, default_for=(name,)) for name in names]
    timeline = timeline_of(production=entries)
    assert_nothing_overlaps(timeline)
    svg_element(timeline)


def test_more_models_increase_only_height():
    models = [retiring(f"M{index}") for index in range(200)]
    few, many = (svg_element(timeline_of(production=models[:count])) for count in (2, 200))
    assert few.get("width") == many.get("width") == "400", "a phone shows it without shrinking its text"
    assert float(many.get("height") or 0) - float(few.get("height") or 0) == 198 * ROW_HEIGHT


@given(some.dates(date(1, 1, 1), date(9998, 12, 31)), some.dates(date(1, 1, 1), date(9998, 12, 31)))
def test_month_labels_keep_min_distance(one: date, other: date):
    axis = TimeAxis([one, other], 100, 400)
    places = [x for x, _ in axis.months(78)]
    assert all(after - before >= 78 for before, after in pairwise(places))
    assert all(100 <= x <= 500 for x in places)
    assert len({name for _, name in axis.months(78)}) == len(places)


def test_text_of_unknown_width_is_squeezed():
    element = svg_element(timeline_of(production=[retiring("模型 ﷽", "duo_chat")]))
    (name,) = [each for each in element.iter(f"{SVG}text") if each.text == "模型 ﷽"]
    assert float(name.get("textLength") or 0) <= END - LEFT
    assert all(each.get("textLength") is None for each in element.iter(f"{SVG}text") if (each.text or "").isascii())


@given(some.text(max_size=80), some.floats(30, 300))
def test_truncated_and_wrapped_text_fits(text: str, max_width: float):
    assert text_width(truncate(text, 12, max_width), 12) <= max_width
    lines = list(wrap(text, 12, max_width))
    assert lines
    assert all(text_width(line, 12) <= max_width for line in lines)
