"""The page that shows what will serve on a future day."""

import re
from datetime import date

import pytest

from roster.instance.page.preview import PreviewView, build_preview
from roster.instance.page.responses import TEMPLATES
from roster.instance.selection.namespace_selections import NamespaceCounts
from tests.instance.page.sample_state import NOW, SELECTIONS, state
from tests.instance.page.test_view_model import CALLER

TODAY = NOW.date()


def html_of(view: PreviewView) -> str:
    context = {"root": "", "csrf_token": "", "can_write": True, "current_path": "", "caller": CALLER}
    return TEMPLATES.get_template("preview.html").render(view=view, **context)


def text_of(at: str | None, namespaces: NamespaceCounts | None = None) -> str:
    """Return the text of the page on one line."""
    html = html_of(build_preview(state(*SELECTIONS), namespaces or {}, at, TODAY))
    text = re.sub(r"<[^>]*>", "", html[html.index("<main") :])
    return re.sub(r"\s+", " ", text)


def test_changes_and_their_reasons_are_listed():
    text = text_of("2027-01-31")
    assert "Changes until 31 January 2027" in text
    assert (
        "2 December 2026: Code Review Summary goes from GitLab: Claude 3.7 Sonnet to GitLab: Claude Sonnet 4 "
        "GitLab: Claude 3.7 Sonnet retires, with 1 December 2026 as its last day; "
        "its replacement, GitLab: Claude Sonnet 4, serves instead."
    ) in text
    assert "All 7 features, 6 of them unchanged" in text


def test_namespaces_that_move_are_counted():
    text = text_of("2027-01-31", {"summarize_mr_review": {"sonnet_3_7": 3, "sonnet_4": 2}, "glab_ask": {"opus_4": 9}})
    assert "5 namespaces go from GitLab: Claude 3.7 Sonnet to GitLab: Claude Sonnet 4. " in text
    assert " Then GitLab: Claude Sonnet 4 (5 namespaces move) " in text


def test_namespaces_that_move_alone_are_counted():
    html = html_of(build_preview(state(), {"duo_chat": {"sonnet_3_7": 1, "gemini": 2}}, "2027-01-31", TODAY))
    text = re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", html))
    assert "General Chat : 1 namespace with a selection 1 namespace goes from GitLab: Claude 3.7 Sonnet to " in text
    assert "All 7 features, 6 of them unchanged" in text


def test_day_before_the_first_change_and_page_without_a_day():
    assert "Nothing changes." in text_of("2026-12-01")
    assert build_preview(state(), {}, None, TODAY).at == "2027-02-20"


@pytest.mark.parametrize(
    ("at", "problem"),
    [
        ("2026-11-21", "2026-11-21 is in the past: enter a day from today, 2026-11-22, on"),
        ("9999-12-31", "9999-12-31 is too far away: enter a day until 2031-11-26"),
        ("2027-02-30", '"2027-02-30" is not a day such as 2027-02-20'),
        ("<script>" + "x" * 10_000, f'"<script>{"x" * 32}" is not a day such as 2027-02-20'),
    ],
    ids=["past", "far", "impossible", "hostile"],
)
def test_days_without_preview_are_explained(at: str, problem: str):
    view = build_preview(state(), {}, at, TODAY)
    assert (view.problem, view.preview) == (problem, None)
    assert "<script>x" not in html_of(view)
    assert view.today == date(2026, 11, 22)
