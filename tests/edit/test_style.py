"""The style of values that are written to a roster."""

from roster.edit.style import FlowStyle, Style

FEATURES = tuple(f"duo_chat_feature_{number}" for number in range(9))


def test_long_list_in_new_roster_has_one_item_per_line():
    assert Style().pair("features", FEATURES) == "features:" + "".join(f"\n    - {name}" for name in FEATURES)


def test_short_list_in_new_roster_is_in_brackets():
    assert Style().pair("features", FEATURES[:4]) == f"features: [{', '.join(FEATURES[:4])}]"


def test_long_list_keeps_the_brackets_of_a_roster():
    style = Style(lists={"default_for": FlowStyle()})
    assert style.pair("features", FEATURES) == f"features: [{', '.join(FEATURES)}]"
    assert "\n" not in Style(flow=FlowStyle()).mapping({"features": FEATURES})
