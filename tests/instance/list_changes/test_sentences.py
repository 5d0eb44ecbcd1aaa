"""What changed between two offered lists, in the words of admins."""

from datetime import date
from itertools import permutations

from roster.accept.accepted_list import SuspendedModel, Tombstone
from roster.instance.list_changes import sentences as module
from roster.instance.list_changes.sentences import MAX_SENTENCES, describe_difference
from roster.instance.selection.list_difference import diff_lists
from roster.instance.selection.offered_list import EMPTY_LIST, ListedModel, OfferedFeature, OfferedList
from roster.instance.selection.offered_list import OfferedRetirement as Retirement
from tests.instance.page.sample_state import HOSTILE
from tests.instance.selection.offered_lists import large_list

TITLES = {"chat": "General Chat", "code": "Code Generation", "tests": "Test Generation", "review": "Code Review"}
NAMES = {"claude": "Claude Sonnet 4", "gemini": "Gemini 2.5 Flash", "mistral": "Mistral Medium", "hostile": HOSTILE}


def model(id_: str, **facts: object) -> ListedModel:
    return ListedModel(id_, NAMES.get(id_, id_), "GA", "Bedrock", "Quick", "$", offered=True)._replace(**facts)  # type: ignore[arg-type]


def offered(
    serving: dict[str, str],
    *models: ListedModel,
    gone: tuple[str, ...] = (),
    retired: tuple[Tombstone, ...] = (),
    suspended: tuple[SuspendedModel, ...] = (),
    ends: dict[tuple[str, str], Retirement] | None = None,
    **others: object,
) -> OfferedList:
    """Return a list by the models of each feature, as words; the first one is the default."""
    features = {
        name: OfferedFeature(
            name, TITLES.get(name, name), "", next(iter(ids.split()), None), "list", bool(ids),
            {id_: (ends or {}).get((id_, name)) for id_ in ids.split()},
        )
        for name, ids in serving.items()
    }  # fmt: skip
    listed = {id_: model(id_) for ids in serving.values() for id_ in ids.split()}
    listed |= {each.id: each for each in models} | {id_: model(id_, offered=False) for id_ in gone}
    tombstones = {(each.id, name): each for each in retired for name in each.features or ("",)}
    return OfferedList(features, listed, tombstones, {each.id: each for each in suspended})._replace(**others)  # type: ignore[arg-type]


BEFORE = offered({"chat": "claude gemini", "code": "claude mistral"})
LAST_DAY = date(2026, 12, 1)


def sentences(after: OfferedList, before: OfferedList = BEFORE) -> list[str]:
    return list(describe_difference(before, after, diff_lists(before, after)))


def test_unchanged_list_has_no_sentences():
    assert sentences(BEFORE) == []


def test_first_list_is_one_sentence():
    assert sentences(BEFORE, EMPTY_LIST) == ["The first list offers 3 models for 2 features"]


def test_new_model_names_provider_and_features():
    after = offered({"chat": "claude gemini opus", "code": "claude mistral opus"}, model("opus", name="Claude Opus 4"))
    assert sentences(after) == ["Claude Opus 4 (Bedrock) is offered for General Chat and Code Generation"]
    everywhere = {**dict.fromkeys([*TITLES, "a", "b"], "claude")}
    after = offered({name: f"{ids} opus" for name, ids in everywhere.items()})
    before = offered(everywhere)
    assert sentences(after, before) == [
        "opus (Bedrock) is offered for General Chat, Code Generation and 4 more features"
    ]


def test_removed_model_has_a_reason():
    serving = {"chat": "claude gemini", "code": "claude"}
    for options, sentence in (
        ({}, "Mistral Medium is no longer offered"),
        (
            {"retired": (Tombstone("mistral", LAST_DAY, "claude"),)},
            "Mistral Medium is no longer offered: it was replaced by Claude Sonnet 4",
        ),
        ({"retired": (Tombstone("mistral", LAST_DAY, None),)}, "Mistral Medium is no longer offered: it was retired"),
        (
            {"suspended": (SuspendedModel("mistral", LAST_DAY, "provider incident"),)},
            "Mistral Medium is suspended: provider incident",
        ),
        ({"aliases": {"mistral": "claude"}}, "Mistral Medium is no longer offered: it was replaced by Claude Sonnet 4"),
    ):
        assert sentences(offered(serving, model("mistral", offered=False), **options)) == [sentence]


def test_returning_model_is_offered_again():
    without = offered({"chat": "claude gemini", "code": "claude"}, gone=("mistral",))
    assert sentences(BEFORE, without) == ["Mistral Medium (Bedrock) is offered again for Code Generation"]
    suspended = without._replace(suspended={"mistral": SuspendedModel("mistral", LAST_DAY, "incident")})
    assert sentences(BEFORE, suspended) == [
        "Mistral Medium (Bedrock) is offered again for Code Generation: its suspension ended"
    ]


def test_model_that_serves_other_features():
    after = offered(
        {"chat": "claude gemini mistral", "code": "claude"},
        retired=(Tombstone("mistral", LAST_DAY, "claude", ("code",)),),
    )
    assert sentences(after) == [
        "Mistral Medium is no longer offered for Code Generation: it was replaced by Claude Sonnet 4",
        "Mistral Medium is offered for General Chat, too",
    ]


def test_features_whose_default_moved_in_the_same_way_share_a_sentence():
    after = offered({"chat": "gemini claude", "code": "mistral claude"})
    assert sentences(after) == [
        "The default of General Chat went from Claude Sonnet 4 to Gemini 2.5 Flash",
        "The default of Code Generation went from Claude Sonnet 4 to Mistral Medium",
    ]
    many, same = (offered(dict.fromkeys(TITLES, ids)) for ids in ("claude gemini", "gemini claude"))
    assert sentences(same, many) == [
        "The default of General Chat, Code Generation and 2 more features went from Claude Sonnet 4 to Gemini 2.5 Flash"
    ]


def test_default_that_began_or_ended():
    chat = BEFORE.features["chat"]._replace(default=None)
    without = BEFORE._replace(features={**BEFORE.features, "chat": chat})
    assert sentences(without) == ["There is no default of General Chat anymore; it was Claude Sonnet 4"]
    assert sentences(BEFORE, without) == ["The default of General Chat is Claude Sonnet 4 now; there was none"]


def test_shares_of_defaults():
    chat = BEFORE.features["chat"]._replace(shares={"claude": 3, "gemini": 1})
    shared = BEFORE._replace(features={**BEFORE.features, "chat": chat})
    start = "The shares of the defaults of General Chat changed: "
    assert sentences(shared) == [start + "Claude Sonnet 4 75% and Gemini 2.5 Flash 25%"]
    assert sentences(BEFORE, shared) == [start + "Claude Sonnet 4 100%"]
    gemini = BEFORE._replace(features={**BEFORE.features, "chat": BEFORE.features["chat"]._replace(default="gemini")})
    assert sentences(gemini, shared) == ["The default of General Chat went from Claude Sonnet 4 to Gemini 2.5 Flash"]


def test_retirement_is_announced_moved_and_withdrawn():
    serving = {"chat": "claude gemini", "code": "claude mistral"}
    first, later = (Retirement(LAST_DAY, day, "gemini") for day in (LAST_DAY, date(2027, 2, 1)))
    everywhere, moved, partly = (
        offered(serving, ends=ends)
        for ends in (
            {("claude", "chat"): first, ("claude", "code"): first},
            {("claude", "chat"): later, ("claude", "code"): later},
            {("claude", "chat"): first},
        )
    )
    replacement = ": its replacement is Gemini 2.5 Flash"
    for before, after, expected in (
        (BEFORE, everywhere, f"Claude Sonnet 4 retires after 1 December 2026{replacement}"),
        (BEFORE, partly, f"Claude Sonnet 4 retires after 1 December 2026 for General Chat{replacement}"),
        (everywhere, moved, f"Claude Sonnet 4 retires after 1 February 2027 instead of 1 December 2026{replacement}"),
        (everywhere, partly, "The retirement of Claude Sonnet 4 for Code Generation was withdrawn"),
        (everywhere, BEFORE, "The retirement of Claude Sonnet 4 was withdrawn"),
    ):
        assert sentences(after, before) == [expected]


def test_new_and_ended_features():
    after = offered({"chat": "claude gemini", "tests": "gemini mistral"})
    assert sentences(after) == [
        "No model serves Code Generation anymore",
        "Test Generation is a new feature, with 2 models and the default Gemini 2.5 Flash",
    ]
    gone = offered({"chat": "claude gemini", "code": ""}, gone=("mistral",))
    assert (
        sentences(BEFORE, gone)[-1] == "Code Generation is offered again, with 2 models and the default Claude Sonnet 4"
    )


def test_changed_facts():
    for facts, expected in (
        ({"description": "Slow"}, "The description of Claude Sonnet 4 changed"),
        ({"cost_indicator": "$$"}, "The cost of Claude Sonnet 4 changed from $ to $$"),
        ({"context_window": 200_000}, "The context window of Claude Sonnet 4 changed from unknown to 200,000 tokens"),
        ({"name": "Claude 4"}, "Claude Sonnet 4 is called Claude 4 now"),
        ({"release_state": "BETA"}, "Claude Sonnet 4 is now in beta (before: generally available)"),
        (
            {"description": None, "data_retention_days": 0, "capabilities": ("tools", "vision")},
            (
                "Claude Sonnet 4 changed: description, capabilities from unknown to tools, vision and storage of "
                "prompts from unknown to not stored"
            ),
        ),
    ):
        assert sentences(offered({"chat": "claude gemini", "code": "claude mistral"}, model("claude", **facts))) == [
            expected
        ]


def test_release_state_of_one_feature():
    chat = BEFORE.features["chat"]._replace(release_states={"gemini": "BETA"})
    after = BEFORE._replace(features={**BEFORE.features, "chat": chat})
    assert sentences(after) == ["Gemini 2.5 Flash is now in beta (before: generally available)"]
    chat = BEFORE.features["chat"]._replace(release_states={"claude": "BETA"})
    after = BEFORE._replace(features={**BEFORE.features, "chat": chat})
    assert sentences(after) == ["Claude Sonnet 4 is now in beta for General Chat (before: generally available)"]


def test_renamed_model():
    after = offered(
        {"chat": "sonnet gemini", "code": "sonnet mistral"},
        model("sonnet", name="Claude Sonnet 4"),
        model("claude", offered=False),
        aliases={"claude": "sonnet"},
    )
    assert sentences(after) == ["The ID of Claude Sonnet 4 is sonnet now; it was claude"]


def test_two_models_that_became_one():
    before = offered({"chat": "claude gemini mistral"})
    after = offered({"chat": "sonnet"}, gone=("claude", "gemini", "mistral"))
    after = after._replace(aliases=dict.fromkeys(("claude", "gemini"), "sonnet"))
    assert sentences(after, before) == [
        "Gemini 2.5 Flash is no longer offered: it was replaced by sonnet",
        "Mistral Medium is no longer offered",
        "The ID of sonnet is sonnet now; it was claude",
        "Claude Sonnet 4 is called sonnet now",
    ]


def test_renamed_feature():
    chat = BEFORE.features["chat"]._replace(title="Agentic Chat")
    assert sentences(BEFORE._replace(features={**BEFORE.features, "chat": chat})) == [
        "The feature General Chat is called Agentic Chat now"
    ]


def test_hostile_names_stay_on_one_printable_line():
    after = offered({"chat": "claude gemini hostile", "code": "claude mistral"}, model("hostile", provider="a\nb"))
    (sentence,) = sentences(after)
    assert sentence.isprintable()
    assert sentence == r'<script>alert("𝒳\u202e")</script> (a\nb) is offered for General Chat'
    (sentence,) = sentences(offered({"chat": "claude gemini x", "code": "claude mistral"}, model("x", name="x" * 300)))
    assert len(sentence) < 150


def test_many_changes_are_counted():
    large = large_list(35, 102)
    models = {id_: each._replace(description="New") for id_, each in large.models.items()}
    texts = sentences(large._replace(models=models), large)
    assert (len(texts), texts[-1]) == (MAX_SENTENCES + 1, "There are 2 more changes")
    models.popitem()
    models["model_101"] = large.models["model_101"]
    assert len(sentences(large._replace(models=models), large)) == MAX_SENTENCES + 1 == 101


def test_every_pair_of_lists_has_sentences_exactly_if_it_differs():
    """No writer fails on a combination of changes, and no difference goes without a sentence."""
    lists = [
        BEFORE,
        offered({"chat": "gemini", "code": "mistral claude", "tests": "claude"}, gone=()),
        offered({"chat": "claude", "code": ""}, model("claude", provider=None), gone=("gemini", "mistral")),
        offered({"chat": "sonnet"}, gone=("claude", "gemini", "mistral"), aliases={"claude": "sonnet"}),
        offered(
            {"chat": "mistral", "code": "mistral"},
            gone=("claude", "gemini"),
            retired=(Tombstone("gemini", LAST_DAY, "claude"), Tombstone("claude", LAST_DAY, "mistral", ("chat",))),
            suspended=(SuspendedModel("claude", LAST_DAY, "incident"),),
        ),
    ]
    for before, after in permutations(lists, 2):
        texts = sentences(after, before)
        assert texts
        assert len(texts) == len(set(texts))
    assert module.MAX_SENTENCES == 100
