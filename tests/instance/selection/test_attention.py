"""What needs attention: each cause has an entry with its start and with actions that settle it."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from roster.accept.accepted_list import SuspendedModel
from roster.instance.database.connections import Database
from roster.instance.selection.attention import Attention, Snooze, find_attention
from roster.instance.selection.attention_entry import ActionKind, AttentionEntry, AttentionKind
from roster.instance.selection.attention_storage import hide_entry, load_attention, show_entry
from roster.instance.selection.offered_list import OfferedList, OfferedRetirement
from roster.instance.selection.request_errors import find_errors
from roster.instance.selection.requested_selection import RequestedSelection
from roster.instance.selection.resolution import resolve
from roster.instance.selection.selections import Selection, SelectionMode, SelectionVersion
from roster.instance.selection.state import InstanceState, InstanceStatus
from roster.instance.selection.words import sentence
from tests.instance.database.statements import count_statements
from tests.instance.selection.offered_lists import list_serving, store_list, store_selection
from tests.properties import examples

TODAY = date(2026, 11, 22)
SELECTED_AT = datetime(2026, 8, 5, 12, tzinfo=UTC)
LATER = SELECTED_AT + timedelta(days=10)
RETIREMENT = OfferedRetirement(date(2026, 8, 5), date(2026, 12, 1), "gemini")


def selection(*models: str, mode: SelectionMode = SelectionMode.CHOSEN_MODELS) -> Selection:
    return Selection(1, None, "chat", "", models, models[0], SELECTED_AT, SELECTED_AT, mode=mode)


def state_of(offered: OfferedList, selected: Selection | None = None) -> InstanceState:
    status = InstanceStatus(True, None, None, None)
    version = SelectionVersion(4, "alice", SELECTED_AT, row_id=1)
    return InstanceState(status, offered, {"chat": selected} if selected else {}, {}, {(None, "chat"): version})


def attention(
    offered: OfferedList,
    selected: Selection | None = None,
    namespaces: Mapping[str, int] | None = None,
    today: date = TODAY,
) -> tuple[AttentionEntry, ...]:
    return find_attention(state_of(offered, selected), {"chat": namespaces or {}}, (), today).entries


def dated(offered: OfferedList, **dates: Any) -> OfferedList:
    return offered._replace(features={"chat": offered.features["chat"]._replace(**dates)})


def labels(entry: AttentionEntry) -> list[str]:
    return [sentence(action.label) for action in entry.actions]


SERVED = list_serving({"chat": ["claude", "gemini", "opus"]})
RETIRED = list_serving({"chat": ["gemini"]}, retired={("claude", ""): "gemini"}, gone=("claude",))


class TestKinds:
    def test_nothing_needs_attention(self):
        for selected in (None, selection("gemini"), selection("gemini", mode=SelectionMode.OWN_DEFAULT)):
            assert attention(SERVED, selected, {"gemini": 3}) == ()

    def test_replaced_default(self):
        offered = RETIRED._replace(withdrawn={("claude", "chat"): LATER})
        (entry,) = attention(offered, selection("claude"))
        assert (entry.kind, entry.since) == (AttentionKind.DEFAULT_UNAVAILABLE, LATER)
        assert entry.text == (
            "GitLab: claude was retired on 1 December 2026; its replacement, GitLab: gemini, serves the feature "
            "instead. Your selection is kept and applies again when the model returns."
        )
        assert labels(entry) == ["Make GitLab: gemini the default", "Follow the roster", "Keep it as it is"]
        assert entry.actions[0].change == RequestedSelection("chat", ("gemini",), "gemini", version=4)

    def test_suspended_default_stays_allowed(self):
        suspended = {"claude": SuspendedModel("claude", date(2026, 11, 1), "incident")}
        offered = list_serving({"chat": ["gemini"]}, gone=("claude",))._replace(suspended=suspended)
        (entry,) = attention(offered, selection("claude", "gemini"))
        assert entry.since == datetime(2026, 11, 1, tzinfo=UTC), "the instance did not note when it was withdrawn"
        assert "has been suspended since 1 November 2026: incident; the roster default" in entry.text
        assert entry.actions[0].change
        assert entry.actions[0].change.models == ("claude", "gemini")

    def test_default_without_anything_that_serves(self):
        offered = list_serving({"chat": []}, gone=("claude",))
        (entry,) = attention(offered, selection("claude"))
        assert entry.kind is AttentionKind.NOTHING_SERVES
        assert labels(entry) == ["Follow the roster"], "nothing else is sensible"

    def test_feature_without_default(self):
        offered = list_serving({"chat": ["claude"]}, defaults={"chat": None})
        (entry,) = attention(dated(offered, default_since=LATER))
        assert (entry.kind, entry.since) == (AttentionKind.NOTHING_SERVES, LATER)
        assert labels(entry) == ["Make GitLab: claude the default"]
        assert entry.actions[0].change
        assert entry.actions[0].change.mode is SelectionMode.OWN_DEFAULT, "models that arrive stay allowed"

    def test_unavailable_allowed_models(self):
        offered = list_serving({"chat": ["gemini"]})._replace(
            withdrawn={("claude", "chat"): LATER, ("opus", "chat"): LATER + timedelta(days=1)}
        )
        (entry,) = attention(offered, selection("gemini", "claude", "opus"))
        assert (entry.kind, entry.since) == (AttentionKind.MODELS_UNAVAILABLE, LATER)
        assert entry.text == "claude and opus are allowed but currently unavailable."
        assert labels(entry) == ["Remove the unavailable models", "Keep it as it is"]
        assert entry.actions[0].change == RequestedSelection("chat", ("gemini",), "gemini", version=4)

    def test_retiring_default(self):
        offered = list_serving({"chat": ["claude", "gemini"]}, ends={("claude", "chat"): RETIREMENT})
        (entry,) = attention(offered, selection("claude"))
        assert (entry.kind, entry.since) == (AttentionKind.DEFAULT_RETIRING, datetime(2026, 8, 5, tzinfo=UTC))
        assert entry.text == (
            "Your default model, GitLab: claude, retires on 1 December 2026 (in 9 days); "
            "its replacement is GitLab: gemini."
        )
        assert entry.actions[0].change
        assert entry.actions[0].change.models == ("claude", "gemini"), "until then, namespaces can select it"
        assert attention(offered, selection("claude"), today=date(2026, 8, 4)) == (), "before its notice"

    def test_retiring_roster_default(self):
        offered = list_serving({"chat": ["claude", "gemini"]}, ends={("claude", "chat"): RETIREMENT})
        (entry,) = attention(offered)
        assert entry.kind is AttentionKind.ROSTER_DEFAULT_RETIRING
        assert labels(entry) == ["Make GitLab: gemini the default", "Keep it as it is"]
        assert attention(offered, selection("gemini")) == (), "the roster's default does not serve"

    def test_moved_roster_default_is_listed_for_a_while(self):
        moved = dated(SERVED, default_since=LATER, previous_default="gemini")
        (entry,) = attention(moved, today=LATER.date() + timedelta(days=30))
        assert (entry.kind, entry.since) == (AttentionKind.ROSTER_DEFAULT_MOVED, LATER)
        assert entry.text == "The roster default moved from GitLab: gemini to GitLab: claude."
        assert labels(entry) == ["Make GitLab: gemini the default", "Keep it as it is"]
        assert attention(moved, today=LATER.date() + timedelta(days=31)) == ()

    def test_default_that_moved_after_the_selection(self):
        moved = dated(SERVED, default_since=LATER, previous_default="gemini")
        for mode in (SelectionMode.OWN_DEFAULT, SelectionMode.CHOSEN_MODELS):
            (entry,) = attention(moved, selection("opus", mode=mode))
            assert entry.text.endswith(" to GitLab: claude after your selection of GitLab: opus.")
            assert labels(entry) == ["Make GitLab: claude the default", "Follow the roster", "Keep it as it is"]
        assert attention(moved, selection("claude")) == (), "the new default is the selected one"
        earlier = dated(SERVED, default_since=SELECTED_AT, previous_default="gemini")
        assert attention(earlier, selection("opus")) == (), "it moved before"

    def test_new_models_where_only_chosen_ones_are_allowed(self):
        offered = dated(SERVED, offered_since={"gemini": LATER, "opus": LATER, "claude": SELECTED_AT})
        (entry,) = attention(offered, selection("claude"))
        assert (entry.kind, entry.since) == (AttentionKind.NEW_MODELS, LATER)
        assert entry.text == "GitLab: gemini and GitLab: opus are new since your selection, and not allowed."
        assert labels(entry) == [
            "Allow GitLab: gemini", "Allow GitLab: opus", "Allow all 2 models", "Keep it as it is",
        ]  # fmt: skip
        assert entry.actions[2].change == RequestedSelection("chat", ("claude", "gemini", "opus"), "claude", version=4)
        assert attention(offered, selection("claude", mode=SelectionMode.OWN_DEFAULT)) == (), "they are allowed"
        assert attention(dated(SERVED, offered_since={}), selection("claude")) == (), "from before dates were noted"

    def test_namespaces_whose_selections_are_not_effective(self):
        counts = {"claude": 2, "opus": 1, "gemini": 5, "gone": 1}
        (entry,) = attention(SERVED, selection("gemini"), counts)
        assert (entry.kind, entry.since) == (AttentionKind.NAMESPACES_INEFFECTIVE, SELECTED_AT)
        assert entry.text == (
            "The selections of 4 namespaces are not effective: GitLab: claude (2, not allowed), "
            "GitLab: opus (1, not allowed) and gone (1, not allowed)."
        )
        assert labels(entry)[0] == "Allow GitLab: claude"
        assert attention(RETIRED, None, {"claude": 1}) == (), "its replacement serves"


class TestHidden:
    OFFERED = RETIRED._replace(withdrawn={("claude", "chat"): LATER})

    def find(self, today: date, *snoozes: Snooze, offered: OfferedList = OFFERED) -> Attention:
        return find_attention(state_of(offered, selection("claude")), {}, snoozes, today)

    def test_entry_comes_back_on_its_day(self):
        (entry,) = self.find(TODAY).entries
        snooze = Snooze(entry.key, TODAY + timedelta(days=7), "alice", SELECTED_AT)
        hidden = self.find(TODAY + timedelta(days=6), snooze)
        assert hidden.entries == ()
        assert [each.snooze for each in hidden.hidden] == [snooze]
        assert self.find(TODAY + timedelta(days=7), snooze).entries == (entry,)

    def test_entry_that_is_kept_comes_back_when_it_changes(self):
        (entry,) = self.find(TODAY).entries
        snooze = Snooze(entry.key, None, "alice", SELECTED_AT)
        assert self.find(TODAY + timedelta(days=999), snooze).entries == ()
        withdrawn_again = self.OFFERED._replace(withdrawn={("claude", "chat"): LATER + timedelta(days=3)})
        assert len(self.find(TODAY, snooze, offered=withdrawn_again).entries) == 1

    def test_hiding_is_stored(self, database: Database):
        with database.write_transaction() as connection:
            (entry,) = self.find(TODAY).entries
            state = state_of(self.OFFERED, selection("claude"))
            assert list(hide_entry(connection, self.find(TODAY), "unknown", None, TODAY, "alice"))
            assert list(hide_entry(connection, self.find(TODAY), entry.key, TODAY, TODAY, "alice")) == [
                "the day must be after today, 2026-11-22, not 2026-11-22"
            ]
            for until in (TODAY + timedelta(days=1), None):
                assert not list(hide_entry(connection, self.find(TODAY), entry.key, until, TODAY, "alice"))
                (hidden,) = load_attention(connection, state, TODAY).hidden
                assert (hidden.snooze.until, hidden.snooze.actor) == (until, "alice")
            show_entry(connection, entry.key)
            assert load_attention(connection, state, TODAY).entries == (entry,)

    def test_attention_takes_two_statements(self, database: Database):
        with database.write_transaction() as connection:
            store_list(connection, self.OFFERED)
            for number in range(1, 4):
                store_selection(connection, "chat", "claude", namespace_id=number)
            with count_statements(database) as statements:
                load_attention(connection, state_of(self.OFFERED), TODAY)
            assert len(statements) == 2


IDS = ("claude", "gemini", "opus", "mistral")
some_ids = st.lists(st.sampled_from(IDS), unique=True)


@st.composite
def states(draw: st.DrawFn) -> InstanceState:
    serving, selected = draw(some_ids), draw(some_ids)
    moments = st.none() | st.sampled_from([SELECTED_AT - timedelta(days=1), LATER])
    gone = [id_ for id_ in IDS if id_ not in serving]
    retired = {
        (id_, draw(st.sampled_from(["", "chat"]))): draw(st.sampled_from(IDS)) for id_ in gone if draw(st.booleans())
    }
    offered = list_serving({"chat": serving}, {"chat": draw(st.none() | st.sampled_from(IDS))}, retired, gone)
    since = {id_: moment for id_ in serving if (moment := draw(moments))}
    offered = dated(
        offered,
        offered_since=since,
        default_since=draw(moments),
        previous_default=draw(st.none() | st.sampled_from(IDS)),
    )
    mode = draw(st.sampled_from([SelectionMode.OWN_DEFAULT, SelectionMode.CHOSEN_MODELS]))
    models = selected[:1] if mode is SelectionMode.OWN_DEFAULT else selected
    return state_of(offered, selection(*models, mode=mode) if selected else None)


@examples(150)
@given(state=states(), namespaces=st.dictionaries(st.sampled_from(IDS), st.integers(1, 3)))
def test_everything_unavailable_has_an_entry_and_actions_can_be_saved(state: InstanceState, namespaces: dict[str, int]):
    found = find_attention(state, {"chat": namespaces}, (), TODAY)
    kinds = {entry.kind for entry in found.entries}
    selected, feature = state.instance.get("chat"), state.offered.features["chat"]
    default_is_gone = selected is not None and selected.default_model not in feature.models
    is_visible = feature.offered or selected is not None
    nothing = is_visible and resolve(state.offered, "chat", selected).model is None
    assert (AttentionKind.NOTHING_SERVES in kinds) == nothing
    assert (AttentionKind.DEFAULT_UNAVAILABLE in kinds) == (default_is_gone and not nothing)
    others = selected.models[1:] if selected and feature.offered else ()
    assert (AttentionKind.MODELS_UNAVAILABLE in kinds) == any(model not in feature.models for model in others)
    for entry in found.entries:
        for action in entry.actions:
            if action.kind is not ActionKind.KEEP:
                assert action.change
                assert list(find_errors(state.offered, action.change, selected, selected)) == [], entry.text
    snoozes = [Snooze(entry.key, TODAY + timedelta(days=2), "alice", SELECTED_AT) for entry in found.entries]
    assert find_attention(state, {"chat": namespaces}, snoozes, TODAY + timedelta(days=1)).entries == ()
    assert find_attention(state, {"chat": namespaces}, snoozes, TODAY + timedelta(days=2)).hidden == ()
