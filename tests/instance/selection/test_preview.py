"""The preview of a future day: which features another model serves, and why."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from roster.instance.selection.effect import MoveReason
from roster.instance.selection.effect_wording import describe_moves
from roster.instance.selection.offered_list import OfferedList, OfferedRetirement
from roster.instance.selection.preview import list_on, preview, preview_problem
from roster.instance.selection.resolution import SelectionLevel, resolve
from roster.instance.selection.selections import Selection
from roster.instance.selection.words import sentence
from tests.instance.selection.offered_lists import list_serving
from tests.properties import examples

TODAY, DAY = date(2026, 11, 22), date(2027, 1, 31)
DECEMBER, JANUARY = date(2026, 12, 1), date(2027, 1, 15)
NOW = datetime(2026, 8, 5, tzinfo=UTC)
SERVING = {"chat": ["claude", "gemini", "opus"]}


def ending(**ends: OfferedRetirement) -> OfferedList:
    return list_serving(SERVING, ends={(model, "chat"): end for model, end in ends.items()})


def selected(*models: str) -> dict[str, Selection]:
    return {"chat": Selection(1, None, "chat", "", models, models[0], NOW, NOW)}


def changes(offered: OfferedList, instance: dict[str, Selection] | None = None, day: date = DAY) -> list[str]:
    found = preview(offered, instance or {}, TODAY, day)
    return [f"{each.day}: {each.before} to {each.after}: {sentence(each.words)}" for each in found.changes]


def test_roster_default_is_expected_to_move_to_its_replacement():
    offered = ending(claude=OfferedRetirement(None, DECEMBER, "gemini"))
    assert changes(offered) == [
        (
            "2026-12-02: claude to gemini: GitLab: claude retires, with 1 December 2026 as its last day; "
            "its replacement, GitLab: gemini, is expected to become the roster default."
        ),
    ]
    assert changes(offered, day=DECEMBER) == [], "the last day itself"
    assert len(changes(offered, day=DECEMBER + timedelta(days=1))) == 1


def test_selected_default_and_its_replacement_retire_one_after_the_other():
    offered = ending(opus=OfferedRetirement(None, DECEMBER, "gemini"), gemini=OfferedRetirement(None, JANUARY, None))
    assert changes(offered, selected("opus")) == [
        (
            "2026-12-02: opus to gemini: GitLab: opus retires, with 1 December 2026 as its last day; "
            "its replacement, GitLab: gemini, serves instead."
        ),
        (
            "2027-01-16: gemini to claude: GitLab: gemini retires, with 15 January 2027 as its last day; "
            "the roster default, GitLab: claude, serves instead."
        ),
    ]


def test_default_without_replacement_leaves_the_feature_without_model():
    (change,) = changes(ending(claude=OfferedRetirement(None, DECEMBER, None)))
    assert change.startswith("2026-12-02: claude to None: ")
    assert change.endswith("; no other model is known to serve the feature then.")


def test_one_of_several_defaults_takes_over():
    offered = ending(claude=OfferedRetirement(None, DECEMBER, "gemini"))
    chat = offered.features["chat"]._replace(shares={"claude": 80, "opus": 20})
    (change,) = changes(offered._replace(features={"chat": chat}))
    assert change.startswith("2026-12-02: claude to opus: ")


def test_namespace_and_models_that_the_list_keeps_after_their_last_day():
    offered = ending(opus=OfferedRetirement(None, date(2026, 11, 1), "gemini"))
    found = preview(offered, {}, TODAY, DAY, selected("opus"), SelectionLevel.NAMESPACE)
    assert [(each.day, each.before, each.after) for each in found.changes] == [(date(2026, 11, 23), "opus", "gemini")]
    assert [(each.now, each.model, each.level) for each in found.features] == [
        ("opus", "gemini", SelectionLevel.NAMESPACE)
    ]


def test_namespaces_that_move_are_counted():
    offered = ending(opus=OfferedRetirement(None, DECEMBER, "gemini"), claude=OfferedRetirement(None, JANUARY, "opus"))
    counts = {"chat": {"opus": 3, "gemini": 5, "claude": 2}, "ghost": {"opus": 7}}
    found = preview(offered, selected("claude", "opus"), TODAY, DAY, namespaces=counts)
    reasons = [MoveReason.MODEL_RETIRES, MoveReason.FOLLOWS_INSTANCE, MoveReason.MODEL_RETIRES]
    assert [move.reason for each in found.moves for move in each.moves] == reasons
    assert [
        (each.day, each.change and each.change.after, each.moves and describe_moves(offered, each.moves.moves))
        for each in found.by_day
    ] == [
        (date(2026, 12, 2), None, "3 namespaces go from GitLab: opus to GitLab: claude."),
        (date(2027, 1, 16), "gemini", "10 namespaces go from GitLab: claude to GitLab: gemini."),
    ]
    assert [(each.moved_namespaces, found.unchanged) for each in found.features] == [(10, 0)]
    alone = preview(offered, selected("claude", "opus"), TODAY, DECEMBER + timedelta(1), namespaces=counts)
    assert (alone.changes, alone.features[0].moved_namespaces, alone.unchanged) == ((), 3, 0)


def test_days_without_preview():
    assert preview_problem(TODAY, TODAY) == ""
    assert preview_problem(date(2026, 11, 21), TODAY) == (
        "2026-11-21 is in the past: enter a day from today, 2026-11-22, on"
    )
    assert preview_problem(date(2031, 11, 27), TODAY) == "2031-11-27 is too far away: enter a day until 2031-11-26"


IDS = ("claude", "gemini", "opus")
ends = st.builds(
    OfferedRetirement, st.none(), st.none() | st.dates(TODAY - timedelta(2), DAY), st.none() | st.sampled_from(IDS)
)


@examples(100)
@given(ends=st.dictionaries(st.sampled_from(IDS), ends), models=st.permutations(IDS), has_selection=st.booleans())
def test_changes_lead_to_what_serves_on_the_day(
    ends: dict[str, OfferedRetirement], models: list[str], has_selection: bool
):
    offered, instance = ending(**ends), selected(*models) if has_selection else {}
    found = preview(offered, instance, TODAY, DAY)
    serving = resolve(offered, "chat", instance.get("chat")).model
    for change in found.changes:
        assert change.before == serving
        assert change.end
        serving = change.after
        assert resolve(list_on(offered, change.day), "chat", instance.get("chat")).model == serving
    assert [each.model for each in found.features] == [serving]
    assert serving == resolve(list_on(offered, DAY), "chat", instance.get("chat")).model


@examples(100)
@given(
    ends=st.dictionaries(st.sampled_from(IDS), ends),
    models=st.lists(st.sampled_from(IDS), min_size=1, unique=True),
    has_selection=st.booleans(),
)
def test_moves_lead_to_what_serves_namespaces_on_the_day(
    ends: dict[str, OfferedRetirement], models: list[str], has_selection: bool
):
    offered, instance = ending(**ends), selected(*models) if has_selection else {}
    found = preview(offered, instance, TODAY, DAY, namespaces={"chat": dict.fromkeys(IDS, 1)})
    before: Counter[str | None] = Counter()
    after: Counter[str | None] = Counter()
    for model in IDS:
        own = selected(model)["chat"]
        for serving, moment in ((before, offered), (after, list_on(offered, DAY))):
            serving[resolve(moment, "chat", instance.get("chat"), own, SelectionLevel.NAMESPACE).model] += 1
    for each in found.moves:
        for move in each.moves:
            before[move.before] -= move.namespaces
            before[move.after] += move.namespaces
    assert +before == +after
