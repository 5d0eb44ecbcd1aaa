"""What the page shows of a state, without a database, a clock or a browser."""

from datetime import UTC, date, datetime, timedelta

import pytest

from roster.instance.page.formatting import age, category_title, day, minute, until
from roster.instance.page.view_model import Ending, Feature, Page, page_of
from roster.instance.selection.offered_list import EMPTY_LIST, OfferedRetirement
from roster.instance.selection.resolution import SelectionLevel
from roster.instance.selection.selection_changes import RequestedSelection
from roster.instance.selection.state import SyncRun
from tests.instance.page.given import CHOSEN, LIST, NOW, state


def features(page: Page) -> dict[str, Feature]:
    return {feature.name: feature for category in page.categories for feature in category.features}


def shown(name: str, *chosen: RequestedSelection) -> Feature:
    return features(page_of(state(*chosen), NOW))[name]


def test_features_stand_in_their_categories_in_roster_order():
    page = page_of(state(), NOW)
    assert [(category.title, [each.name for each in category.features]) for category in page.categories] == [
        ("Code suggestions", ["code-completion", "code-generation"]),
        ("Duo chat", ["duo_chat", "duo_chat_explain_code", "duo_chat_write_tests"]),
        ("Code review workflow", ["summarize_mr_review"]),
        ("Vulnerability management", ["resolve_vulnerability"]),
    ]


def test_a_category_that_is_named_twice_stands_once():
    first, last = LIST.features["code-completion"], LIST.features["resolve_vulnerability"]
    again = first._replace(name="again", category=first.category)
    mixed = LIST._replace(features={each.name: each for each in (first, last, again)})
    page = page_of(state(offered=mixed), NOW)
    assert [(each.name, len(each.features)) for each in page.categories] == [
        ("code_suggestions", 2),
        ("vulnerability_management", 1),
    ]


def test_without_a_choice_all_is_allowed_and_the_rosters_default_serves():
    feature = shown("duo_chat")
    assert (feature.chosen, feature.serving, feature.by) == (False, "GitLab: Claude Sonnet 4", SelectionLevel.ROSTER)
    assert feature.default == "GitLab: Claude Sonnet 4"
    assert [each.ref for each in feature.choices] == ["sonnet_4", "sonnet_3_7", "opus_4", "gemini"]
    assert all(each.allowed and each.available for each in feature.choices)
    assert [each.ref for each in feature.choices if each.default] == ["sonnet_4"]
    assert not feature.needs_attention


def test_a_choice_says_what_is_allowed_and_which_serves():
    feature = shown("code-generation", *CHOSEN)
    assert (feature.chosen, feature.serving, feature.by) == (True, "GitLab: Codestral 25.01", SelectionLevel.INSTANCE)
    assert [(each.ref, each.allowed, each.default, each.of_roster) for each in feature.choices] == [
        ("sonnet_4", True, False, True),
        ("sonnet_3_7", False, False, False),
        ("codestral", True, True, False),
    ]
    assert not feature.needs_attention


def test_a_choice_that_was_replaced_is_kept_and_marked():
    feature = shown("duo_chat", *CHOSEN)
    assert (feature.wanted, feature.serving, feature.by, feature.replaced, feature.unavailable) == (
        "GitLab: Claude 3.5 Haiku",
        "GitLab: Claude Sonnet 4",
        SelectionLevel.INSTANCE,
        True,
        True,
    )
    last = feature.choices[-1]
    assert (last.ref, last.available, last.allowed, last.default) == ("haiku_3_5", False, True, True)
    assert feature.missing == ()


def test_a_choice_without_an_heir_leaves_it_to_the_rosters_default():
    feature = shown("duo_chat_explain_code", *CHOSEN)
    assert (feature.serving, feature.by, feature.replaced, feature.unavailable) == (
        "GitLab: Claude Sonnet 4",
        SelectionLevel.ROSTER,
        False,
        True,
    )


def test_an_allowed_model_that_is_missing_is_told_though_the_default_serves():
    feature = shown("duo_chat_write_tests", *CHOSEN)
    assert (feature.unavailable, feature.missing, feature.needs_attention) == (
        False,
        ("GitLab: Claude 3.5 Sonnet",),
        True,
    )


def test_a_feature_that_is_offered_no_more_is_shown_while_it_is_chosen():
    feature = shown("glab_ask", *CHOSEN)
    assert (feature.offered, feature.serving, feature.default, feature.unavailable) == (False, None, None, True)
    assert [(each.ref, each.available) for each in feature.choices] == [("sonnet_3_5", False)]
    assert "glab_ask" not in features(page_of(state(), NOW))


def test_a_choice_for_a_feature_and_a_model_that_nobody_knows_is_shown_by_their_names():
    page = page_of(state(RequestedSelection("unheard_of", ("nobody",), "nobody")), NOW)
    feature = page.categories[-1].features[0]
    assert (page.categories[-1].name, feature.title, feature.wanted) == ("another_category", "unheard_of", "nobody")
    assert (feature.choices[0].name, feature.choices[0].release_state) == ("nobody", None)


@pytest.mark.parametrize(
    ("end", "told"),
    [
        (None, None),
        (OfferedRetirement(None, None, None), Ending(None, None, None)),
        (OfferedRetirement(date(2026, 11, 23), date(2026, 12, 1), "sonnet_4"), None),
        (
            OfferedRetirement(date(2026, 11, 22), date(2026, 12, 1), "opus_4"),
            Ending(date(2026, 12, 1), "GitLab: Claude Opus 4", 9),
        ),
        (OfferedRetirement(None, date(2026, 11, 22), "unknown"), Ending(date(2026, 11, 22), "unknown", 0)),
        (OfferedRetirement(None, date(2026, 11, 21), None), Ending(date(2026, 11, 21), None, -1)),
    ],
)
def test_an_end_is_told_from_its_notice_on(end: OfferedRetirement | None, told: Ending | None):
    changed = LIST.features["code-generation"]._replace(models={"sonnet_4": end})
    offered = LIST._replace(features={"code-generation": changed})
    feature = features(
        page_of(state(RequestedSelection("code-generation", ("sonnet_4",), "sonnet_4"), offered=offered), NOW)
    )
    assert feature["code-generation"].choices[0].ending == told
    assert feature["code-generation"].ending == told


def test_an_end_is_over_after_the_last_day():
    assert [Ending(None, None, days).over for days in (None, 1, 0, -1)] == [False, False, False, True]


def test_what_needs_attention_is_what_does_not_hold_or_will_end():
    assert [each.name for each in page_of(state(*CHOSEN), NOW).attention] == [
        "duo_chat",
        "duo_chat_explain_code",
        "duo_chat_write_tests",
        "summarize_mr_review",
        "glab_ask",
    ]


def test_the_end_of_a_model_that_is_not_the_instances_default_asks_for_nothing():
    assert page_of(state(), NOW).attention == ()


def test_of_the_page_with_one_feature_all_else_stays():
    page = page_of(state(*CHOSEN), NOW)
    only = page.only("duo_chat_write_tests")
    assert [(each.name, [feature.name for feature in each.features]) for each in only.categories] == [
        ("duo_chat", ["duo_chat_write_tests"])
    ]
    assert (only.attention, only.sync) == (page.attention, page.sync)
    assert page.only("nothing").categories == ()


def test_before_the_first_list_there_is_nothing_to_show_but_why():
    page = page_of(state(offered=EMPTY_LIST, run=SyncRun("failed", "unreachable", "nobody answers", NOW)), NOW)
    assert page.categories == ()
    assert (page.sync.replaced_at, page.sync.failure, page.sync.failed_at) == (None, "nobody answers", NOW)


@pytest.mark.parametrize(
    ("silent", "words", "stale"),
    [
        (timedelta(seconds=59), "less than a minute ago", False),
        (timedelta(hours=47), "1 day ago", False),
        (timedelta(days=3), "3 days ago", True),
    ],
)
def test_how_long_the_gateway_was_not_heard_from(silent: timedelta, words: str, stale: bool):
    sync = page_of(state(checked_at=NOW - silent, replaced_at=NOW - timedelta(days=30)), NOW).sync
    assert (sync.age, sync.stale, sync.failure) == (words, stale, None)


def test_a_list_that_the_command_replaced_was_heard_of_after_the_last_check():
    sync = page_of(state(checked_at=NOW - timedelta(days=3), replaced_at=NOW), NOW).sync
    assert (sync.checked_at, sync.age, sync.stale) == (NOW, "less than a minute ago", False)


def test_a_failure_that_is_over_is_not_told():
    assert page_of(state(run=SyncRun("recovered", None, None, NOW), checked_at=None), NOW).sync.failure is None


def test_a_failure_without_a_message_is_told_by_its_reason():
    assert page_of(state(run=SyncRun("failed", "too_large", None, NOW)), NOW).sync.failure == "too_large"


def test_moments_as_a_person_writes_them():
    assert [age(seconds) for seconds in (0, 60, 7199, 7200, 86400)] == [
        "less than a minute ago",
        "1 minute ago",
        "1 hour ago",
        "2 hours ago",
        "1 day ago",
    ]
    assert [until(days) for days in (0, 1, 2)] == ["today", "tomorrow", "in 2 days"]
    assert day(date(2026, 12, 1)) == "1 December 2026"
    assert minute(datetime(2026, 12, 1, 4, 5, tzinfo=UTC)) == "1 December 2026, 04:05 UTC"


def test_categories_as_a_person_writes_them():
    assert [category_title(each) for each in ("code_suggestions", "gitlab_cli", "")] == [
        "Code suggestions",
        "GitLab CLI",
        "",
    ]
