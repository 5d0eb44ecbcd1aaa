"""The view model and its formatting, without a database, a clock or a browser."""

import re
from datetime import UTC, date, datetime, timedelta

import pytest

from roster.accept.accepted_list import SuspendedModel
from roster.display_text import category_title, day, minute
from roster.instance.auth.token_authentication import Access, AuthenticatedCaller
from roster.instance.page.feature_view import FeatureView, ModelOption, RetirementView
from roster.instance.page.responses import TEMPLATES, age
from roster.instance.page.view_model import PageView, build_page
from roster.instance.selection.attention import Snooze, find_attention
from roster.instance.selection.attention_entry import AttentionKind
from roster.instance.selection.offered_list import EMPTY_LIST, OfferedList, OfferedRetirement
from roster.instance.selection.requested_selection import RequestedSelection
from roster.instance.selection.resolution import SelectionLevel
from roster.instance.selection.selections import SelectionMode, SelectionVersion
from roster.instance.selection.state import SyncRun
from roster.instance.selection.words import until
from tests.instance.page.sample_state import LIST, NOW, SELECTIONS, state


def features(page: PageView) -> dict[str, FeatureView]:
    return {feature.name: feature for category in page.categories for feature in category.features}


def options(feature: FeatureView) -> tuple[ModelOption, ...]:
    assert feature.options is not None
    return feature.options


def kinds(feature: FeatureView) -> list[AttentionKind]:
    return [entry.kind for entry in feature.entries]


def feature_view(name: str, *selections: RequestedSelection, offered: OfferedList = LIST) -> FeatureView:
    """Return a feature with its form."""
    return features(build_page(state(*selections, offered=offered), NOW, name))[name]


def test_features_are_grouped_by_category_in_list_order():
    page = build_page(state(), NOW)
    assert [(category.name, [each.name for each in category.features]) for category in page.categories] == [
        ("code_suggestions", ["code-completion", "code-generation"]),
        ("duo_chat", ["duo_chat", "duo_chat_explain_code", "duo_chat_write_tests"]),
        ("code_review_workflow", ["summarize_mr_review"]),
        ("vulnerability_management", ["resolve_vulnerability"]),
    ]


def test_alternating_categories_are_merged():
    first, last = LIST.features["code-completion"], LIST.features["resolve_vulnerability"]
    repeated = first._replace(name="again", category=first.category)
    mixed = LIST._replace(features={each.name: each for each in (first, last, repeated)})
    page = build_page(state(offered=mixed), NOW)
    assert [(each.name, len(each.features)) for each in page.categories] == [
        ("code_suggestions", 2),
        ("vulnerability_management", 1),
    ]


def test_features_without_category_come_last():
    first, last = LIST.features["code-completion"], LIST.features["resolve_vulnerability"]
    mixed = LIST._replace(features={each.name: each for each in (first._replace(category=""), last)})
    page = build_page(state(offered=mixed), NOW)
    assert [category.name for category in page.categories] == ["vulnerability_management", ""]


def test_without_selection_all_models_are_allowed_and_roster_default_serves():
    feature = feature_view("duo_chat")
    assert (feature.selected_default, feature.served_by, feature.level) == (
        None,
        "GitLab: Claude Sonnet 4",
        SelectionLevel.ROSTER,
    )
    assert feature.roster_default == "GitLab: Claude Sonnet 4"
    assert [each.model.id for each in options(feature)] == ["sonnet_4", "sonnet_3_7", "opus_4", "gemini"]
    assert all(each.is_allowed and each.is_available for each in options(feature))
    assert [each.model.id for each in options(feature) if each.is_default] == ["sonnet_4"]
    assert feature.entries == ()


SUSPENDED = SuspendedModel("sonnet_3_5", date(2026, 11, 20), "provider incident <b>")


CALLER = AuthenticatedCaller(Access.WRITE, "token:1a2b3c4d")


def page_html(page: PageView) -> str:
    """Return the page's text, with tags, on one line."""
    html = TEMPLATES.get_template("page.html").render(
        page=page, root="", csrf_token="", can_write=True, current_path="", caller=CALLER
    )
    return re.sub(r"\s+", " ", html)


def test_suspended_default_needs_attention_and_has_a_reason():
    offered = LIST._replace(suspended={"sonnet_3_5": SUSPENDED})
    page = build_page(state(*SELECTIONS, offered=offered), NOW, "duo_chat_explain_code")
    feature = features(page)["duo_chat_explain_code"]
    assert kinds(feature) == [AttentionKind.DEFAULT_UNAVAILABLE]
    (option,) = (each for each in options(feature) if not each.is_available)
    assert option.suspension == SUSPENDED
    html = page_html(page)
    reason = (
        'suspended since <time datetime="2026-11-20">20 November 2026</time>: <bdi>provider incident &lt;b&gt;</bdi>'
    )
    assert f"<bdi>GitLab: Claude 3.5 Sonnet</bdi> has been {reason}; the roster default," in html
    assert '<span class="tag warn">Suspended</span>' in html


def test_facts_of_a_model_are_shown_in_one_line():
    html = page_html(build_page(state(), NOW, "code-generation"))
    facts = (
        "200,000 tokens of context · 64,000 tokens of output · tools, vision · processed in eu, us · prompts not stored"
    )
    assert f'<span class="about">{facts}</span>' in html
    assert (
        'href="https://docs.example.com/claude?a=1&amp;b=2" rel="noreferrer">Documentation<span class="hidden">' in html
    )
    assert "None" not in html


def test_several_defaults_have_shares_in_percent():
    chat = LIST.features["duo_chat"]._replace(shares={"sonnet_4": 60, "opus_4": 20})
    offered = LIST._replace(features=LIST.features | {"duo_chat": chat})  # type: ignore[operator]
    page = build_page(state(offered=offered), NOW, "duo_chat")
    models = options(features(page)["duo_chat"])
    assert [(each.model.id, each.share) for each in models if each.is_roster_default] == [
        ("sonnet_4", 75),
        ("opus_4", 25),
    ]
    assert [each.model.id for each in models if each.is_default] == ["sonnet_4"]
    assert '<span class="tag">Roster default (25%)</span>' in page_html(page)


def test_release_state_is_that_for_the_feature():
    chat = LIST.features["duo_chat"]._replace(release_states={"sonnet_3_7": "BETA"})
    offered = LIST._replace(features=LIST.features | {"duo_chat": chat})  # type: ignore[operator]
    feature = feature_view("duo_chat", offered=offered)
    assert {each.model.id: each.release_state for each in options(feature)}["sonnet_3_7"] == "BETA"


def test_selection_sets_allowed_models_and_default():
    feature = feature_view("code-generation", *SELECTIONS)
    assert (feature.selected_default, feature.served_by, feature.level) == (
        "GitLab: Codestral 25.01",
        "GitLab: Codestral 25.01",
        SelectionLevel.INSTANCE,
    )
    assert [(each.model.id, each.is_allowed, each.is_default, each.is_roster_default) for each in options(feature)] == [
        ("sonnet_4", True, False, True),
        ("sonnet_3_7", False, False, False),
        ("codestral", True, True, False),
    ]
    assert feature.entries == ()


OPUS_AS_DEFAULT = RequestedSelection("duo_chat", (), "opus_4", mode=SelectionMode.OWN_DEFAULT)


def test_own_default_allows_all_models():
    feature = feature_view("duo_chat", OPUS_AS_DEFAULT)
    assert (feature.mode, feature.served_by) == (SelectionMode.OWN_DEFAULT, "GitLab: Claude Opus 4")
    assert [(each.model.id, each.is_allowed, each.is_default) for each in options(feature)] == [
        ("sonnet_4", True, False),
        ("sonnet_3_7", True, False),
        ("opus_4", True, True),
        ("gemini", True, False),
    ]


@pytest.mark.parametrize(
    ("selections", "mode"),
    [((), "ROSTER"), ((OPUS_AS_DEFAULT,), "OWN_DEFAULT"), (SELECTIONS, "CHOSEN_MODELS")],
    ids=["roster", "own-default", "chosen-models"],
)
def test_form_shows_the_mode(selections: tuple[RequestedSelection, ...], mode: str):
    html = page_html(build_page(state(*selections), NOW, "duo_chat"))
    assert f'<form data-feature="duo_chat" data-mode="{mode}"' in html
    radios = re.findall(r'<input type="radio" name="mode" value="(\w+)"[^>]*?( checked)?>', html)
    assert [(value, bool(checked)) for value, checked in radios] == [
        (each, each == mode) for each in ("ROSTER", "OWN_DEFAULT", "CHOSEN_MODELS")
    ]


def test_form_and_row_have_the_version_and_who_made_it():
    version = SelectionVersion(3, "token:<b>", NOW, 1)
    html = page_html(build_page(state(*SELECTIONS, versions={"duo_chat": version}), NOW, "duo_chat"))
    assert '<summary data-part="summary:duo_chat" data-version="3" ' in html
    assert '<div data-part="options:duo_chat" data-version="3">' in html
    assert "Last changed by <bdi>token:&lt;b&gt;</bdi>, <time" in html
    html = page_html(build_page(state(), NOW, "duo_chat"))
    assert '<div data-part="options:duo_chat" data-version="0">' in html
    assert "Last changed by" not in html


def test_models_that_arrived_after_the_selection_are_new():
    since = {"sonnet_4": NOW - timedelta(days=1), "gemini": NOW + timedelta(days=1)}
    chat = LIST.features["duo_chat"]._replace(offered_since=since)
    offered = LIST._replace(features=LIST.features | {"duo_chat": chat})  # type: ignore[operator]
    for selections, new in ((SELECTIONS, ["gemini"]), ((OPUS_AS_DEFAULT,), ["gemini"]), ((), [])):
        page = build_page(state(*selections, offered=offered), NOW + timedelta(days=2), "duo_chat")
        assert [each.model.id for each in options(features(page)["duo_chat"]) if each.is_new] == new
        assert page_html(page).count('<span class="tag new">New</span>') == len(new)


def test_replaced_selection_is_kept_and_marked_unavailable():
    feature = feature_view("duo_chat", *SELECTIONS)
    assert (
        feature.selected_default,
        feature.served_by,
        feature.level,
        feature.is_replaced,
    ) == (
        "GitLab: Claude 3.5 Haiku",
        "GitLab: Claude Sonnet 4",
        SelectionLevel.INSTANCE,
        True,
    )
    assert kinds(feature) == [AttentionKind.DEFAULT_UNAVAILABLE]
    last = options(feature)[-1]
    assert (last.model.id, last.is_available, last.is_allowed, last.is_default) == ("haiku_3_5", False, True, True)


def test_unavailable_selection_without_replacement_falls_back_to_roster_default():
    feature = feature_view("duo_chat_explain_code", *SELECTIONS)
    assert (feature.served_by, feature.level, feature.is_replaced) == (
        "GitLab: Claude Sonnet 4",
        SelectionLevel.ROSTER,
        False,
    )
    assert kinds(feature) == [AttentionKind.DEFAULT_UNAVAILABLE]


def test_unavailable_allowed_model_needs_attention_although_default_serves():
    feature = feature_view("duo_chat_write_tests", *SELECTIONS)
    assert kinds(feature) == [AttentionKind.MODELS_UNAVAILABLE]
    assert feature.has_problem
    assert feature.entries[0].text == "GitLab: Claude 3.5 Sonnet is allowed but currently unavailable."


def test_feature_no_longer_offered_is_listed_while_it_has_a_selection():
    feature = feature_view("glab_ask", *SELECTIONS)
    assert (feature.is_offered, feature.served_by, feature.roster_default) == (False, None, None)
    assert kinds(feature) == [AttentionKind.NOTHING_SERVES]
    assert [(each.model.id, each.is_available) for each in options(feature)] == [("sonnet_3_5", False)]
    assert "glab_ask" not in features(build_page(state(), NOW))


def test_selection_of_unknown_feature_and_model_is_listed_by_their_ids():
    selection = RequestedSelection("unknown_feature", ("unknown_model",), "unknown_model")
    page = build_page(state(selection), NOW, "unknown_feature")
    feature = page.categories[-1].features[0]
    assert (page.categories[-1].name, feature.title, feature.selected_default) == (
        "another_category",
        "unknown_feature",
        "unknown_model",
    )
    assert options(feature)[0].model.name == "unknown_model"


@pytest.mark.parametrize(
    ("end", "expected"),
    [
        (None, None),
        (OfferedRetirement(None, None, None), RetirementView(None, None, None)),
        (OfferedRetirement(date(2026, 11, 23), date(2026, 12, 1), "sonnet_4"), None),
        (
            OfferedRetirement(date(2026, 11, 22), date(2026, 12, 1), "opus_4"),
            RetirementView(date(2026, 12, 1), "GitLab: Claude Opus 4", 9),
        ),
        (OfferedRetirement(None, date(2026, 11, 22), "unknown"), RetirementView(date(2026, 11, 22), "unknown", 0)),
        (OfferedRetirement(None, date(2026, 11, 21), None), RetirementView(date(2026, 11, 21), None, -1)),
    ],
)
def test_retirement_is_shown_from_its_notice_on(end: OfferedRetirement | None, expected: RetirementView | None):
    changed = LIST.features["code-generation"]._replace(models={"sonnet_4": end})
    offered = LIST._replace(features={"code-generation": changed})
    selection = RequestedSelection("code-generation", ("sonnet_4",), "sonnet_4")
    feature = feature_view("code-generation", selection, offered=offered)
    assert options(feature)[0].retirement == expected
    assert feature.is_retiring == (expected is not None)


@pytest.mark.parametrize(
    ("days_left", "sentence"),
    [
        (-1, "was retired on 1 December 2026."),
        (0, "retires on 1 December 2026 (today)."),
        (1, "retires on 1 December 2026 (tomorrow)."),
        (None, "is being retired."),
    ],
)
def test_sentence_about_a_retirement(days_left: int | None, sentence: str):
    last_day = None if days_left is None else date(2026, 12, 1)
    template = TEMPLATES.from_string('{% import "macros.html" as macros %}{{ macros.retirement(end) }}')
    html = template.render(end=RetirementView(last_day, None, days_left))
    assert re.sub(r"<[^>]*>", "", html).strip() == sentence


def test_attention_lists_features_with_problems_or_announced_retirements():
    page = build_page(state(*SELECTIONS), NOW)
    assert [entry.feature for entry in page.attention.entries] == [
        "glab_ask",
        "duo_chat",
        "duo_chat_explain_code",
        "duo_chat_write_tests",
        "summarize_mr_review",
    ]
    html = page_html(page)
    assert html.count("<li data-entry=") == 5
    assert ">Make <bdi>GitLab: Claude Sonnet 4</bdi> the default<span" in html
    assert f'<input type="date" min="{NOW.date() + timedelta(days=1)}">' in html


def test_hidden_notices_are_listed_apart_and_do_not_mark_the_feature():
    before = state(*SELECTIONS)
    keys = [entry.key for entry in find_attention(before, {}, (), NOW.date()).entries]
    snoozes = [Snooze(keys[0], None, "alice", NOW), *(Snooze(key, date(2027, 1, 31), "alice", NOW) for key in keys[1:])]
    page = build_page(before, NOW, None, find_attention(before, {}, snoozes, NOW.date()))
    html = page_html(page)
    assert "Nothing needs your attention" in html
    assert "<summary>5 hidden</summary>" in html
    assert 'Hidden until <time datetime="2027-01-31">31 January 2027</time>' in html
    assert html.count("Hidden until it changes") == 1
    assert "data-attention" not in html
    assert all(not feature.has_problem for feature in features(page).values())


def test_many_notices_are_folded():
    many = state(*SELECTIONS, RequestedSelection("code-completion", ("sonnet_3_5",), "sonnet_3_5"))
    assert "<summary>1 more</summary>" in page_html(build_page(many, NOW))


def test_retirement_of_unselected_model_needs_no_attention():
    assert build_page(state(), NOW).attention.entries == ()


def test_open_feature_is_the_only_one_and_keeps_attention_and_sync():
    page, only, unknown = (build_page(state(*SELECTIONS), NOW, name) for name in (None, "duo_chat_write_tests", ""))
    assert [(each.name, [feature.name for feature in each.features]) for each in only.categories] == [
        ("duo_chat", ["duo_chat_write_tests"])
    ]
    assert (only.attention, only.sync) == (page.attention, page.sync)
    assert unknown.categories == ()


def test_only_the_open_feature_has_a_form():
    page = build_page(state(*SELECTIONS), NOW)
    assert {feature.options for feature in features(page).values()} == {None}
    assert "<form data-feature" not in page_html(page)
    assert page_html(build_page(state(*SELECTIONS), NOW, "duo_chat")).count("<form data-feature") == 1


def test_page_before_first_list_shows_only_the_failure():
    page = build_page(
        state(offered=EMPTY_LIST, run=SyncRun("failed", "unreachable", "the gateway does not respond", NOW)), NOW
    )
    assert page.categories == ()
    assert (page.sync.replaced_at, page.sync.failure, page.sync.failed_at) == (
        None,
        "the gateway does not respond",
        NOW,
    )


@pytest.mark.parametrize(
    ("silence", "is_stale"), [(timedelta(seconds=59), False), (timedelta(hours=47), False), (timedelta(days=3), True)]
)
def test_sync_is_stale_after_two_days_without_check(silence: timedelta, is_stale: bool):
    sync = build_page(state(checked_at=NOW - silence, replaced_at=NOW - timedelta(days=30)), NOW).sync
    assert (sync.age, sync.is_stale, sync.failure) == (silence, is_stale, None)


def test_list_replaced_by_command_counts_as_check():
    sync = build_page(state(checked_at=NOW - timedelta(days=3), replaced_at=NOW), NOW).sync
    assert (sync.checked_at, sync.age, sync.is_stale) == (NOW, timedelta(), False)


def test_recovered_failure_is_not_shown():
    assert build_page(state(run=SyncRun("recovered", None, None, NOW), checked_at=None), NOW).sync.failure is None


def test_failure_without_message_shows_its_reason():
    assert build_page(state(run=SyncRun("failed", "too_large", None, NOW)), NOW).sync.failure == "too_large"


def test_formatting_of_durations_and_dates():
    assert [age(timedelta(seconds=seconds)) for seconds in (59, 60, 7199, 7200, 86400)] == [
        "less than a minute ago",
        "1 minute ago",
        "1 hour ago",
        "2 hours ago",
        "1 day ago",
    ]
    assert [until(days) for days in (0, 1, 2)] == ["today", "tomorrow", "in 2 days"]
    assert day(date(2026, 12, 1)) == "1 December 2026"
    assert minute(datetime(2026, 12, 1, 4, 5, tzinfo=UTC)) == "1 December 2026, 04:05 UTC"


def test_category_titles():
    assert [category_title(each) for each in ("code_suggestions", "gitlab_cli", "")] == [
        "Code suggestions",
        "GitLab CLI",
        "Other features",
    ]
