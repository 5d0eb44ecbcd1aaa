"""The view models of the page of models and of the comparison, without a database or a browser."""

from datetime import date

from roster.accept.accepted_list import SuspendedModel
from roster.instance.page.comparison_view import ComparisonView, build_comparison
from roster.instance.page.feature_view import RetirementView
from roster.instance.page.models_view import ModelView, build_models, view_models
from roster.instance.selection.offered_list import OfferedList
from roster.instance.selection.requested_selection import RequestedSelection
from tests.instance.page.sample_state import LIST, NOW, SELECTIONS, state

TODAY = NOW.date()
COUNTS = {"duo_chat": {"opus_4": 3, "haiku_3_5": 1}, "duo_chat_explain_code": {"opus_4": 2}}


def models(*selections: RequestedSelection, offered: OfferedList = LIST) -> dict[str, ModelView]:
    return {view.model.id: view for view in view_models(state(*selections, offered=offered), COUNTS, TODAY)}


def compare(*ids: str) -> ComparisonView:
    return build_comparison(state(*SELECTIONS), COUNTS, TODAY, ids)


def test_models_are_grouped_by_provider_in_list_order():
    page = build_models(state(), {}, TODAY)
    assert [(provider.name, [view.model.id for view in provider.models]) for provider in page.providers] == [
        ("Vertex AI", ["sonnet_4", "gemini"]),
        ("Bedrock", ["sonnet_3_7", "opus_4"]),
        ("Fireworks AI", ["codestral"]),
        ("", ["hostile"]),
    ]


def test_model_shows_where_it_serves_and_is_a_default_or_allowed():
    features = {feature.name: feature for feature in models(*SELECTIONS)["sonnet_4"].features}
    assert [
        (name, each.is_serving, each.is_own_default, each.is_roster_default, each.is_allowed)
        for name, each in features.items()
    ] == [
        ("code-completion", False, False, False, True),
        ("code-generation", False, False, True, True),
        ("duo_chat", True, False, True, True),  # it replaces the selected default
        ("duo_chat_explain_code", True, False, True, False),  # the selected default is unavailable
        ("duo_chat_write_tests", False, False, True, True),
        ("summarize_mr_review", False, False, True, False),
    ]
    own = models(*SELECTIONS)["codestral"]
    assert [each.name for each in own.features if each.is_own_default] == ["code-generation"]
    assert (own.serving, own.allowed, len(own.features)) == (2, 2, 2)


def test_selections_of_namespaces_are_counted_by_feature():
    opus = models()["opus_4"]
    assert {each.name: each.namespaces for each in opus.features} == {
        "duo_chat": 3,
        "duo_chat_explain_code": 2,
        "duo_chat_write_tests": 0,
    }
    assert opus.namespaces == 5


def test_models_that_are_not_offered_are_listed_if_they_are_selected_or_suspended():
    assert "sonnet_3_5" not in models()
    selected = models(*SELECTIONS)["sonnet_3_5"]
    assert (selected.is_selected, selected.features, selected.states) == (True, (), ("GA",))
    suspension = SuspendedModel("sonnet_3_5", date(2026, 11, 20), "provider incident")
    suspended = models(offered=LIST._replace(suspended={"sonnet_3_5": suspension}))["sonnet_3_5"]
    assert (suspended.suspension, suspended.states) == (suspension, ("GA", "SUSPENDED"))


def test_states_include_those_for_features_and_retirements():
    chat = LIST.features["duo_chat"]._replace(release_states={"sonnet_3_7": "BETA"})
    view = models(offered=LIST._replace(features={**LIST.features, "duo_chat": chat}))["sonnet_3_7"]
    assert view.states == ("GA", "BETA", "RETIRING")
    assert {feature.retirement for feature in view.retiring} == {
        RetirementView(date(2026, 12, 1), "GitLab: Claude Sonnet 4", 9)
    }


def test_retirement_of_all_features_is_common():
    views = models()
    assert views["sonnet_3_7"].common_retirement == RetirementView(date(2026, 12, 1), "GitLab: Claude Sonnet 4", 9)
    chat = LIST.features["duo_chat"]._replace(models={**LIST.features["duo_chat"].models, "sonnet_3_7": None})
    partly = models(offered=LIST._replace(features={**LIST.features, "duo_chat": chat}))["sonnet_3_7"]
    assert (partly.common_retirement, len(partly.retiring)) == (None, 2)
    assert views["sonnet_4"].common_retirement is None


def test_open_model_may_be_named_by_an_earlier_id():
    renamed = LIST._replace(aliases={"opus_old": "opus_4"})
    page = build_models(state(offered=renamed), {}, TODAY, "opus_old")
    ((view,),) = (provider.models for provider in page.providers)
    assert (view.model.id, view.aliases, page.choices) == ("opus_4", ("opus_old",), None)
    assert build_models(state(), {}, TODAY, "unknown").providers == ()


def test_comparison_marks_facts_that_differ():
    facts = {fact.name: fact for fact in compare("sonnet_4", "sonnet_3_7").facts}
    assert (facts["cost_indicator"].values, facts["cost_indicator"].differs) == (("$$", "$$"), False)
    assert (facts["context_window"].values, facts["context_window"].differs) == ((200_000, None), True)
    assert facts["retirement"].differs


def test_comparison_shows_features_that_only_one_model_serves():
    comparison = compare("sonnet_4", "codestral", "sonnet_4")
    assert [view.model.id for view in comparison.models] == ["sonnet_4", "codestral"]
    assert comparison.only == (
        ("General Chat", "Code Explanation", "Test Generation", "Code Review Summary"),
        (),
    )
    cells = {feature.name: feature for feature in comparison.features}
    assert list(cells) == [name for name in LIST.features if "sonnet_4" in LIST.features[name].models]
    assert (cells["code-generation"].differs, cells["duo_chat"].differs) == (False, True)
    assert cells["duo_chat"].cells[1] is None


def test_comparison_needs_two_to_five_known_models():
    ids = ["sonnet_4", "sonnet_3_7", "opus_4", "codestral", "gemini", "hostile"]
    assert [compare(*ids[:number]).status for number in range(7)] == [400, 400, 200, 200, 200, 200, 400]
    unknown = compare("sonnet_4", "unknown")
    assert (unknown.status, unknown.unknown, unknown.features) == (404, ("unknown",), ())
