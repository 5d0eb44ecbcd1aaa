"""LastingDefaults agrees with a look at each default."""

from datetime import date
from itertools import combinations, permutations
from typing import Any

from roster.roster import Roster
from roster.rules.base.lasting_defaults import LastingDefaults

DAYS = [date(2031, 1, 31), date(2031, 2, 1), date(2031, 3, 31), date(2031, 4, 1), date.max]


def model(id_: str, **values: Any) -> dict[str, Any]:
    return {"id": id_, "features": ["chat", "code"], "default_for": ["chat"]} | values


def ending(replacement: str | None = None, last_day: str = "2031-03-31") -> dict[str, Any]:
    return {"notice": "2030-01-01", "last_day": last_day, "features": ["chat"], "replacement": replacement}


MODELS = [
    model("lasting", default_for=[]),
    model("suspended", suspended={"since": "2031-02-01"}),
    model("ending", retirement=ending()),
    model("replaced", retirement=ending("lasting")),
    model("one", retirement=ending("other", "2031-01-31")),
    model("other", retirement=ending("one")),
    model("unserved", features=["code"]),
    model("never", suspended={"since": "0001-01-01"}, retirement=ending("replaced", "2031-01-31")),
]


def test_answers_agree_with_a_look_at_each_default():
    for some in combinations(MODELS, 3):
        for entries in permutations(some):
            roster = Roster.of("path", "production", list(entries))
            lasting, defaults = LastingDefaults(roster), roster.defaults.get("chat", [])
            for on in DAYS:
                context = ([entry["id"] for entry in entries], on)
                offered = any("chat" in each.offered_features(on) for each in defaults)
                assert lasting.has_default("chat", on) == offered, context
                assert not lasting.has_default("code", on)
                for besides in roster:
                    successors = (roster.successor(each, "chat", on) for each in defaults if each is not besides)
                    assert lasting.has_successor("chat", on, besides) == any(successors), (context, besides.id)
