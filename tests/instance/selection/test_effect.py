"""Effect of requested selections: who gets another model, what can be selected, and the sentences about it."""

import pytest

from roster.instance.selection.effect import FeatureEffect, MoveReason, NamespaceMove, effect_of
from roster.instance.selection.effect_wording import describe, summarize
from roster.instance.selection.requested_selection import RequestedSelection, follow_roster
from roster.instance.selection.selections import Selection, SelectionMode
from tests.instance.selection.offered_lists import NOW, list_serving

OFFERED = list_serving(
    {"chat": ["claude", "gemini", "mistral"], "code": ["coder"], "nothing": []},
    retired={("old", ""): "gemini"},
    gone=["old"],
)._replace(aliases={"gemini_1": "gemini"})
OWN = SelectionMode.OWN_DEFAULT


def selected(*models: str, mode: SelectionMode = SelectionMode.CHOSEN_MODELS) -> Selection:
    return Selection(1, None, "chat", "", models, models[0], NOW, NOW, mode=mode)


def only(*models: str, feature: str = "chat") -> RequestedSelection:
    return RequestedSelection(feature, models, models[0])


def own_default(model: str) -> RequestedSelection:
    return RequestedSelection("chat", (), model, mode=OWN)


def effect(
    before: Selection | None, requested: RequestedSelection, namespaces: dict[str, int] | None = None
) -> FeatureEffect:
    instance = {before.feature: before} if before else {}
    (effect,) = effect_of(OFFERED, instance, {requested.feature: namespaces or {}}, [requested])
    return effect


def sentence(before: Selection | None, requested: RequestedSelection, namespaces: dict[str, int] | None = None) -> str:
    return describe(OFFERED, effect(before, requested, namespaces)).replace("GitLab: ", "")


def test_effect_of_a_ban():
    found = effect(None, only("gemini"), {"claude": 2, "gemini": 4, "mistral": 1})
    assert (found.served_before, found.served_after) == ("claude", "gemini")
    assert found.moves == (
        NamespaceMove("claude", "gemini", 2, MoveReason.NO_LONGER_ALLOWED),
        NamespaceMove("mistral", "gemini", 1, MoveReason.NO_LONGER_ALLOWED),
    )
    assert (found.no_longer_selectable, found.newly_selectable) == (("claude", "mistral"), ())


def test_namespaces_with_the_same_models_and_reason_are_counted_together():
    found = effect(selected("claude"), only("mistral"), {"gemini": 2, "old": 3, "gemini_1": 1, "claude": 5})
    assert found.moves == (
        NamespaceMove("claude", "mistral", 6, MoveReason.FOLLOWS_INSTANCE),
        NamespaceMove("claude", "mistral", 5, MoveReason.NO_LONGER_ALLOWED),
    )


def test_namespace_whose_model_is_allowed_again():
    found = effect(selected("claude"), follow_roster("chat"), {"gemini_1": 2, "old": 1})
    assert found.moves == (NamespaceMove("claude", "gemini", 3, MoveReason.ALLOWED_AGAIN),)
    assert found.newly_selectable == ("gemini", "mistral")


SENTENCES = {
    "a ban": (
        (None, only("gemini"), {"claude": 3}),
        (
            "users without a selected model go from claude to gemini; 3 namespaces go from claude to gemini; "
            "namespaces can no longer select claude and mistral; the default no longer follows the roster; "
            "models that arrive later are no longer allowed automatically"
        ),
    ),
    "one namespace that returns to its own selection": (
        (selected("claude"), own_default("claude"), {"mistral": 1}),
        (
            "1 namespace goes from claude to mistral, which it selected; namespaces can also select gemini and "
            "mistral; models that arrive later are allowed automatically"
        ),
    ),
    "the roster again": (
        (selected("gemini", mode=OWN), follow_roster("chat"), {}),
        "users without a selected model go from gemini to claude; the default follows the roster",
    ),
    "the roster's default, chosen": (
        (None, own_default("claude"), {"claude": 3}),
        "the default no longer follows the roster",
    ),
    "nothing": ((selected("claude"), only("claude"), {"mistral": 1}), "nothing changes"),
}


@pytest.mark.parametrize("about", SENTENCES)
def test_sentence(about: str):
    arguments, expected = SENTENCES[about]
    assert sentence(*arguments) == f"Title of chat: {expected}"


def test_sentences_about_a_feature_that_stops_or_starts_to_work():
    lost = selected("vanished", "gone")
    no_default = OFFERED.features["chat"]._replace(default=None)
    offered = OFFERED._replace(features={**OFFERED.features, "chat": no_default})

    def described(before: Selection | None, requested: RequestedSelection) -> str:
        instance = {"chat": before} if before else {}
        (found,) = effect_of(offered, instance, {"chat": {"mistral": 2, "claude": 1}}, [requested])
        return describe(offered, found).partition("; namespaces can")[0].replace("GitLab: ", "")

    assert described(None, only("claude")) == (
        "Title of chat: it starts to work for users without a selected model, with claude; "
        "2 namespaces go from mistral to claude"
    )
    assert described(selected("claude"), follow_roster("chat")) == (
        "Title of chat: it stops working for users without a selected model; "
        "2 namespaces go from claude to mistral, which they selected"
    )
    assert described(None, RequestedSelection("chat", lost.models, "gone")) == (
        "Title of chat: it stops working for 3 namespaces"
    )
    assert described(lost, follow_roster("chat")) == (
        "Title of chat: it starts to work for 2 namespaces, with mistral; "
        "it starts to work for 1 namespace, with claude"
    )


def test_sentence_counts_namespaces_with_the_same_models_once():
    offered = list_serving({"chat": ["claude", "gemini", "opus"]})
    (found,) = effect_of(offered, {"chat": selected("claude")}, {"chat": {"claude": 2, "opus": 3}}, [only("gemini")])
    assert {move.reason for move in found.moves} == {MoveReason.NO_LONGER_ALLOWED, MoveReason.FOLLOWS_INSTANCE}
    assert "; 5 namespaces go from GitLab: claude to GitLab: gemini; " in describe(offered, found)


def test_sentence_counts_names_beyond_five():
    models = [f"m{number}" for number in range(20)]
    offered = list_serving({"chat": models})
    namespaces = dict.fromkeys(models[1:], 2)
    (found,) = effect_of(offered, {}, {"chat": namespaces}, [only("m0")])
    banned = ", ".join(f"GitLab: m{number}" for number in (1, 2, 3, 4))
    assert describe(offered, found).startswith(
        f"Title of chat: 38 namespaces go to GitLab: m0; namespaces can no longer select {banned} and 15 more; "
    )


def test_sentence_puts_many_moves_back_to_own_selections_together():
    models = [f"m{number}" for number in range(10)]
    offered = list_serving({"chat": models}, defaults={"chat": None})
    namespaces = {model: 10 - number for number, model in enumerate(models)}
    (found,) = effect_of(offered, {"chat": selected("gone")}, {"chat": namespaces}, [follow_roster("chat")])
    assert describe(offered, found).startswith(
        "Title of chat: 55 namespaces go back to the models that they selected; namespaces can also select "
    )


def test_summary_counts_features():
    effects = effect_of(
        OFFERED, {"code": selected("coder")}, {"chat": {"claude": 2, "mistral": 1}},
        [only("gemini"), follow_roster("code"), follow_roster("nothing")],
    )  # fmt: skip
    assert summarize(effects) == (
        "users without a selected model get another model in 1 feature; 3 namespace selections lead to another model "
        "in 1 feature; namespaces can no longer select some models in 1 feature"
    )
    assert summarize(effects[1:]) == "the same models serve, and namespaces can select the same"


def test_unknown_feature_and_models_have_an_effect():
    (found,) = effect_of(OFFERED, {}, {}, [only("nobody", feature="ghost\0")])
    assert describe(OFFERED, found).startswith("ghost\\x00: ")


def test_effect_is_the_same_for_an_earlier_id():
    assert effect(None, only("gemini_1")) == effect(None, only("gemini"))
