"""Resolution: each case, and properties that hold in all cases."""

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as some

from roster.instance.selection.offered_list import EMPTY_LIST, OfferedList
from roster.instance.selection.resolution import SelectionLevel, StepOutcome, allowed_models, resolve
from roster.instance.selection.selections import Selection
from tests.instance.selection.offered_lists import NOW, list_serving

CHAT = "duo_chat"
OFFERED = list_serving(
    {CHAT: ["claude", "gemini", "mistral"], "code-generation": ["coder"]},
    retired={("old", ""): "gemini", ("older", CHAT): "old", ("ancient", ""): "gone"},
    gone=["old", "older", "ancient", "lost"],
)


def selection(*models: str, namespace_id: int | None = None) -> Selection:
    """Return a selection whose default is its first model."""
    return Selection(1, namespace_id, CHAT, "duo_chat", models, models[0], NOW, NOW)


def outcome(
    instance: Selection | None,
    namespace: Selection | None = None,
    *,
    start: SelectionLevel,
    offered: OfferedList = OFFERED,
) -> tuple[str | None, str | None, str]:
    """Return the serving model, the deciding level, and the descriptions of the steps."""
    resolution = resolve(offered, CHAT, instance, namespace, start)
    return resolution.model, resolution.level, "; ".join(step.describe() for step in resolution.steps)


INSTANCE = {
    "no selection": (
        None,
        "claude",
        "roster",
        'the instance has no selection; the roster defaults to "claude"',
    ),
    "a selection": (("gemini", "claude"), "gemini", "instance", 'the instance selected "gemini"'),
    "a replaced model": (
        ("old", "claude"),
        "gemini",
        "instance",
        'the instance selected "old", which is not available and was replaced by "gemini"',
    ),
    "a model replaced twice": (
        ("older",),
        "gemini",
        "instance",
        'the instance selected "older", which is not available and was replaced by "gemini"',
    ),
    "an unavailable model without replacement": (
        ("lost", "gemini"),
        "claude",
        "roster",
        'the instance selected "lost", which is not available; the roster defaults to "claude"',
    ),
    "an unavailable model with an unavailable replacement": (
        ("ancient",),
        "claude",
        "roster",
        'the instance selected "ancient", which is not available; the roster defaults to "claude"',
    ),
    "a model that serves another feature": (
        ("coder",),
        "claude",
        "roster",
        'the instance selected "coder", which is not available; the roster defaults to "claude"',
    ),
}


@pytest.mark.parametrize(("models", "model", "level", "sentences"), INSTANCE.values(), ids=INSTANCE)
def test_resolution_for_the_instance(models: tuple[str, ...] | None, model: str, level: str, sentences: str):
    assert outcome(selection(*models) if models else None, start=SelectionLevel.INSTANCE) == (model, level, sentences)


NAMESPACE = {
    "no selection at any level": (
        None,
        None,
        "claude",
        "roster",
        "the namespace has no selection; the instance has no selection",
    ),
    "the instance's selection": (
        ("gemini",),
        None,
        "gemini",
        "instance",
        "the namespace has no selection; the instance selected",
    ),
    "own selection": (None, "mistral", "mistral", "namespace", 'the namespace selected "mistral"'),
    "own selection of an allowed model": (
        ("gemini", "mistral"),
        "mistral",
        "mistral",
        "namespace",
        'the namespace selected "mistral"',
    ),
    "own selection, no longer allowed": (
        ("gemini",),
        "mistral",
        "gemini",
        "instance",
        'the namespace selected "mistral", which the instance does not allow; the instance selected "gemini"',
    ),
    "own selection, replaced": (
        None,
        "old",
        "gemini",
        "namespace",
        'the namespace selected "old", which is not available and was replaced by "gemini"',
    ),
    "own selection, replaced by an allowed model": (
        ("claude", "old", "gemini"),
        "old",
        "gemini",
        "namespace",
        'the namespace selected "old", which is not available and was replaced by "gemini"',
    ),
    "own selection, replaced by a model that is not allowed": (
        ("claude", "old"),
        "old",
        "claude",
        "instance",
        'the namespace selected "old", which is not available; the instance selected "claude"',
    ),
    "both selections unavailable": (
        ("lost",),
        "lost",
        "claude",
        "roster",
        'the namespace selected "lost", which is not available; the instance selected "lost", which is',
    ),
    "both selections unavailable, replaced for the instance only": (
        ("old",),
        "old",
        "gemini",
        "instance",
        'the namespace selected "old", which is not available; the instance selected "old"',
    ),
}


@pytest.mark.parametrize(("instance", "namespace", "model", "level", "begin"), NAMESPACE.values(), ids=NAMESPACE)
def test_resolution_for_a_namespace(
    instance: tuple[str, ...] | None, namespace: str | None, model: str, level: str, begin: str
):
    own = selection(namespace, namespace_id=7) if namespace else None
    *resolution, sentences = outcome(selection(*instance) if instance else None, own, start=SelectionLevel.NAMESPACE)
    assert resolution == [model, level]
    assert sentences.startswith(begin)


def test_namespace_selection_is_ignored_for_the_instance():
    resolution = resolve(OFFERED, CHAT, None, selection("mistral", namespace_id=7))
    assert (resolution.model, [step.level for step in resolution.steps]) == (
        "claude",
        [SelectionLevel.INSTANCE, SelectionLevel.ROSTER],
    )


class TestNoModelServes:
    def test_feature_without_default(self):
        offered = list_serving({CHAT: ["claude"]}, {CHAT: None})
        assert outcome(None, start=SelectionLevel.INSTANCE, offered=offered) == (
            None,
            None,
            "the instance has no selection; the roster has no default",
        )

    def test_default_that_does_not_serve(self):
        offered = list_serving({CHAT: ["claude"]}, {CHAT: "ghost"})
        resolution = resolve(offered, CHAT, None)
        assert (resolution.model, resolution.steps[-1].outcome) == (None, StepOutcome.UNAVAILABLE)

    def test_feature_no_longer_offered(self):
        offered = list_serving({CHAT: []}, {CHAT: "claude"}, gone=["claude"])
        assert resolve(offered, CHAT, selection("claude")).model is None
        assert allowed_models(offered, CHAT, None) == ()

    def test_before_first_list(self):
        assert (
            resolve(EMPTY_LIST, CHAT, selection("claude"), selection("claude"), SelectionLevel.NAMESPACE).model is None
        )
        assert allowed_models(EMPTY_LIST, CHAT, None) == ()


@pytest.mark.parametrize(
    ("instance", "ids"),
    [
        (None, ("claude", "gemini", "mistral")),
        (("mistral", "claude"), ("claude", "mistral")),
        (("old", "gemini"), ("gemini",)),
        (("lost",), ()),
    ],
)
def test_allowed_models(instance: tuple[str, ...] | None, ids: tuple[str, ...]):
    assert allowed_models(OFFERED, CHAT, selection(*instance) if instance else None) == ids


IDS = ("a", "b", "c", "d", "e")
ids = some.sampled_from(IDS)
choices = some.none() | some.lists(ids, min_size=1, max_size=4, unique=True).map(lambda models: selection(*models))
own = some.none() | ids.map(lambda model: selection(model, namespace_id=7))


@some.composite
def lists(draw: some.DrawFn) -> OfferedList:
    serving = draw(some.lists(ids, max_size=4, unique=True))
    keys = some.tuples(ids, some.sampled_from(["", CHAT, "other"]))
    retired: Mapping[tuple[str, str], str] = draw(some.dictionaries(keys, ids, max_size=6))
    default = draw(some.none() | ids)
    return list_serving(
        {CHAT: serving, "other": draw(some.lists(ids, max_size=2, unique=True))}, {CHAT: default}, retired
    )


class TestProperties:
    @given(lists(), choices, own, some.sampled_from([SelectionLevel.NAMESPACE, SelectionLevel.INSTANCE]))
    def test_serving_model_serves_the_feature(
        self, offered: OfferedList, instance: Selection | None, namespace: Selection | None, start: SelectionLevel
    ):
        resolution = resolve(offered, CHAT, instance, namespace, start)
        assert (resolution.model is None) == (resolution.level is None)
        assert resolution.model is None or offered.serves(resolution.model, CHAT)
        assert resolution == resolve(offered, CHAT, instance, namespace, start)
        *before, last = resolution.steps
        assert all(step.serving is None for step in before)
        assert last.serving == resolution.model
        assert [step.level for step in resolution.steps] == list(SelectionLevel)[list(SelectionLevel).index(start) :][
            : len(resolution.steps)
        ]

    @given(lists(), choices, own)
    def test_model_selected_by_namespace_is_allowed(
        self, offered: OfferedList, instance: Selection | None, namespace: Selection | None
    ):
        resolution = resolve(offered, CHAT, instance, namespace, SelectionLevel.NAMESPACE)
        if resolution.level is SelectionLevel.NAMESPACE:
            assert resolution.model in allowed_models(offered, CHAT, instance)
        else:  # as without a selection of the namespace
            without = resolve(offered, CHAT, instance)
            assert (resolution.model, resolution.level) == (without.model, without.level)

    @given(lists(), choices, own)
    def test_available_default_guarantees_a_model(
        self, offered: OfferedList, instance: Selection | None, namespace: Selection | None
    ):
        if offered.serves(offered.features[CHAT].default, CHAT):
            assert resolve(offered, CHAT, instance, namespace, SelectionLevel.NAMESPACE).model is not None

    @given(lists(), choices.filter(bool))
    def test_returning_model_serves_again(self, offered: OfferedList, instance: Selection):
        serving = offered.features[CHAT]
        back = {**serving.models, instance.default_model: None}
        returned = offered._replace(
            features={**offered.features, CHAT: serving._replace(models=back)},
            models={**list_serving({CHAT: list(back)}).models},
        )
        resolution = resolve(returned, CHAT, instance)
        assert (resolution.model, resolution.level) == (instance.default_model, SelectionLevel.INSTANCE)
