"""Dates of the offered list: they are kept over syncs, and set when something differs."""

from datetime import UTC, datetime, timedelta

from roster.instance.database.connections import Database
from roster.instance.selection.list_dates import with_dates
from roster.instance.selection.offered_list import EMPTY_LIST, OfferedList
from roster.instance.selection.offered_list_storage import load_offered_list, store_offered_list
from tests.instance.selection.offered_lists import list_serving

FIRST, SECOND, THIRD = (datetime(2026, 8, day, 12, tzinfo=UTC) for day in (1, 2, 3))
CHAT = list_serving({"chat": ["claude", "gemini"]})


def synced(*lists: OfferedList) -> OfferedList:
    """Return the last list after syncs on one day after the other."""
    stored = EMPTY_LIST
    for number, offered in enumerate(lists):
        stored = with_dates(stored, offered, FIRST + timedelta(days=number))
    return stored


def test_models_of_the_first_list_are_offered_since_its_sync():
    assert synced(CHAT).features["chat"].offered_since == {"claude": FIRST, "gemini": FIRST}


def test_dates_are_kept_until_a_model_arrives():
    more = list_serving({"chat": ["claude", "gemini", "opus"], "code": ["claude"]})
    offered = synced(CHAT, CHAT, more)
    assert offered.features["chat"].offered_since == {"claude": FIRST, "gemini": FIRST, "opus": THIRD}
    assert offered.features["code"].offered_since == {"claude": THIRD}, "a feature that it did not serve before"


def test_returning_model_has_a_new_date_and_is_withdrawn_meanwhile():
    without = list_serving({"chat": ["claude"]}, gone=("gemini",))
    assert synced(CHAT, without).withdrawn == {("gemini", "chat"): SECOND}
    assert synced(CHAT, without, without).withdrawn == {("gemini", "chat"): SECOND}
    returned = synced(CHAT, without, CHAT)
    assert returned.withdrawn == {}
    assert returned.features["chat"].offered_since == {"claude": FIRST, "gemini": THIRD}


def test_renamed_model_keeps_its_dates():
    renamed = list_serving({"chat": ["sonnet", "gemini"]})._replace(aliases={"claude": "sonnet"})
    chat = synced(CHAT, renamed)
    assert chat.features["chat"].offered_since == {"sonnet": FIRST, "gemini": FIRST}
    assert chat.withdrawn == {}
    assert (chat.features["chat"].default_since, chat.features["chat"].previous_default) == (FIRST, None)


def test_moved_default_has_the_time_of_its_move():
    moved = list_serving({"chat": ["claude", "gemini"]}, defaults={"chat": "gemini"})
    for lists in ((CHAT, moved), (CHAT, moved, moved)):
        chat = synced(*lists).features["chat"]
        assert (chat.default_since, chat.previous_default) == (SECOND, "claude")
    chat = synced(CHAT, moved, CHAT).features["chat"]
    assert (chat.default_since, chat.previous_default) == (THIRD, "gemini")


def test_list_from_before_dates_were_noted_stays_without():
    offered = with_dates(CHAT, list_serving({"chat": ["claude", "gemini", "opus"]}), SECOND)
    assert offered.features["chat"].offered_since == {"opus": SECOND}
    assert offered.features["chat"].default_since is None


def test_dates_are_stored(database: Database):
    moved = list_serving({"chat": ["opus", "gemini"]}, gone=("claude",))
    with database.write_transaction() as connection:
        before = EMPTY_LIST
        for offered in (synced(CHAT), synced(CHAT, moved), synced(CHAT, moved, CHAT)):
            store_offered_list(connection, before, offered)
            assert load_offered_list(connection) == offered
            before = offered
