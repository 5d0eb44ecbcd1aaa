"""Storing a list over another one: the stored list is then read back unchanged."""

from datetime import date

from hypothesis import HealthCheck, given
from hypothesis import strategies as st

from roster.accept.accepted_list import Tombstone
from roster.instance.database.connections import Database
from roster.instance.selection.list_difference import ListDifference, diff_lists
from roster.instance.selection.offered_list import (
    EMPTY_LIST,
    ListedModel,
    OfferedFeature,
    OfferedList,
    OfferedRetirement,
)
from roster.instance.selection.offered_list_storage import load_offered_list, store_offered_list
from tests.instance.sync.sync_helpers import DatabaseCalls
from tests.properties import examples

IDS = ("claude", "gemini", "straße", "STRASSE", "e\u0301", "é", "\U0001d50a", "i\u0307", "İ")
"""Ids that a database could consider equal."""
days = st.none() | st.dates(date(2026, 1, 1), date(2027, 1, 1))
texts = st.sampled_from(["a", "A", "ß", "\U0001f600", "e\u0301"])
some_ids = st.lists(st.sampled_from(IDS), unique=True)
ends = st.builds(OfferedRetirement, days, days, st.none() | texts).map(lambda end: end if any(end) else None)


@st.composite
def lists(draw: st.DrawFn) -> OfferedList:
    """Generate a list like ``build_offered_list`` does: offered models come first, and serve in their order."""
    ids = draw(some_ids)
    offered = draw(st.integers(0, len(ids)))
    states, optional_text = st.sampled_from(["GA", "BETA"]), st.none() | texts
    models = {
        id_: ListedModel(
            id_,
            draw(texts),
            draw(states),
            draw(optional_text),
            draw(optional_text),
            draw(optional_text),
            number < offered,
        )
        for number, id_ in enumerate(ids)
    }
    features = {}
    for name in draw(some_ids):
        serving = [id_ for id_ in ids[:offered] if draw(st.booleans())]
        ending = {id_: draw(ends) for id_ in serving}
        features[name] = OfferedFeature(
            name, draw(texts), draw(texts), draw(optional_text), "kept", bool(serving), ending
        )
    retired = {
        (id_, feature): Tombstone(id_, date(2026, 1, 1), draw(texts), (feature,) if feature else ())
        for id_ in draw(some_ids)
        for feature in draw(st.lists(st.sampled_from(["", *IDS]), max_size=2, unique=True))
    }
    return OfferedList(dict(sorted(features.items(), key=lambda item: not item[1].offered)), models, retired)


def ordered_parts(offered: OfferedList) -> list[object]:
    """Return the ordered parts of a list."""
    ordered = [(feature, list(feature.models)) for feature in offered.features.values()]
    return [ordered, list(offered.models.values())]


@examples(60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(before=lists(), after=lists())
def test_stored_list_is_read_back(database: Database, before: OfferedList, after: OfferedList):
    with database.write_transaction() as connection:
        for old, new in ((EMPTY_LIST, before), (before, after), (after, before)):
            store_offered_list(connection, old, new)
            assert load_offered_list(connection) == new
            assert ordered_parts(load_offered_list(connection)) == ordered_parts(new)
        connection.rollback()


def test_equal_list_writes_nothing(database: Database):
    model = ListedModel("claude", "Claude", "GA", None, None, None, offered=True)
    feature = OfferedFeature("duo_chat", "Chat", "chat", "claude", "list", True, {"claude": None})
    offered = OfferedList({"duo_chat": feature}, {"claude": model}, {})
    with database.write_transaction() as connection:
        store_offered_list(connection, EMPTY_LIST, offered)
    calls = DatabaseCalls(database)
    with database.write_transaction() as connection:
        store_offered_list(connection, offered, offered)
    assert calls.writes == []


def test_only_differing_row_is_written(database: Database):
    names = ["claude", "gemini", "mistral"]
    models = {id_: ListedModel(id_, id_, "GA", None, None, None, offered=True) for id_ in names}
    feature = OfferedFeature("duo_chat", "Chat", "chat", "claude", "list", True, dict.fromkeys(names))
    offered = OfferedList({"duo_chat": feature}, models, {})
    other = offered._replace(models=models | {"gemini": models["gemini"]._replace(name="Gemini")})
    with database.write_transaction() as connection:
        store_offered_list(connection, EMPTY_LIST, offered)
    calls = DatabaseCalls(database)
    with database.write_transaction() as connection:
        store_offered_list(connection, offered, other)
    (written,) = calls.writes
    assert written.startswith("UPDATE instance_ai_offered_models")
    assert diff_lists(offered, other) == ListDifference(changed=("gemini",))


def test_changes_that_count():
    one, two = (ListedModel(id_, id_, "GA", None, None, None, offered=True) for id_ in ("one", "two"))
    feature = OfferedFeature("duo_chat", "Chat", "chat", "one", "list", True, {"one": None, "two": None})
    offered = OfferedList({"duo_chat": feature}, {"one": one, "two": two}, {})

    def differing(feature: OfferedFeature, *models: ListedModel) -> ListDifference:
        other = OfferedList({"duo_chat": feature}, {model.id: model for model in models}, {})
        return diff_lists(offered, other)

    assert differing(feature._replace(default="two", title="Other"), two, one) == ListDifference()
    assert differing(feature._replace(models={"one": None}), one, two) == ListDifference(changed=("two",))
    retiring = feature._replace(models={"one": OfferedRetirement(None, date(2026, 1, 1), None)})
    assert differing(retiring, one) == ListDifference(changed=("one",), removed=("two",))
    gone = two._replace(offered=False)
    assert differing(feature._replace(models={"one": None}), one, gone) == ListDifference(removed=("two",))
    assert diff_lists(OfferedList({}, {"two": gone}, {}), offered).added == ("one", "two")
