"""The next announced end of a default, by its level."""

from datetime import date

from roster.instance.selection.default_ends import DefaultEnd, next_default_ends
from roster.instance.selection.offered_list import OfferedList, OfferedRetirement
from tests.instance.selection.offered_lists import LAST_DAY, NOW, list_serving
from tests.instance.selection.test_resolution import selection

TODAY, EARLIER = NOW.date(), date(2026, 10, 1)


def offering(notice: date | None = TODAY, **ends: date) -> OfferedList:
    """Return a list with three models for ``duo_chat``, the default first, of which some end."""
    retirements = {(model, "duo_chat"): OfferedRetirement(notice, day, "mistral") for model, day in ends.items()}
    return list_serving({"duo_chat": ["claude", "gemini", "mistral"]}, ends=retirements)


def test_next_end_of_each_level():
    offered = offering(claude=LAST_DAY, gemini=EARLIER)
    assert next_default_ends(offered, {}, {}, TODAY) == {"roster": DefaultEnd(LAST_DAY, "duo_chat", "claude")}
    instance = {"duo_chat": selection("gemini", "claude")}
    counts = {"duo_chat": {"claude": 3, "gemini": 1}, "unknown": {"claude": 1}}
    assert next_default_ends(offered, instance, counts, TODAY) == {
        "roster": DefaultEnd(LAST_DAY, "duo_chat", "claude"),
        "instance": DefaultEnd(EARLIER, "duo_chat", "gemini"),
        "namespace": DefaultEnd(EARLIER, "duo_chat", "gemini"),
    }


def test_end_of_one_of_several_roster_defaults():
    offered = offering(gemini=EARLIER)
    feature = offered.features["duo_chat"]._replace(shares={"claude": 90, "gemini": 10})
    offered = offered._replace(features={"duo_chat": feature})
    assert next_default_ends(offered, {}, {}, TODAY) == {"roster": DefaultEnd(EARLIER, "duo_chat", "gemini")}


def test_end_that_concerns_no_default_or_is_not_announced_is_no_next_end():
    instance, counts = {"duo_chat": selection("claude"), "gone": selection("claude")}, {"duo_chat": {"claude": 1}}
    for offered in (offering(gemini=EARLIER), offering(notice=date(2026, 8, 6), claude=EARLIER), offering()):
        assert next_default_ends(offered, instance, counts, TODAY) == {}
