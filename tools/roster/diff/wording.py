"""The words of a change that depend on what there is and was."""

from collections.abc import Mapping
from typing import Any

from roster.naming import listed
from roster.roster import Retirement

_MOVES = {
    "identifier": "another model answers",
    "endpoint": "requests go to {endpoint}",
    "api_key": "gateways need {api_key} to be set before",
    "family": "it is given the prompts of {family}",
}


def reached_otherwise(there: Mapping[str, str]) -> str:
    """Return what it means for users that a model is reached in another way: the new values, by their keys."""
    return listed(_MOVES[key].format_map(there) for key in there)


def dates(retirement: Retirement | None) -> dict[str, str]:
    """Return the words for a retirement; "-" where it says nothing that can be read."""
    retirement = retirement or Retirement()
    return {
        "notice": str(retirement.notice or "-"),
        "last_day": str(retirement.last_day or "-"),
        "replacement": retirement.replacement or "nothing",
    }


def otherwise(was: Mapping[str, Any] | None, will: Mapping[str, Any] | None) -> str:
    """Return what is different between two retirements, in words."""
    if not was or not will:
        return ""
    words = {"notice": "notice", "last_day": "last day", "replacement": "replacement", "features": "features"}
    return listed(
        f"{words[key]} {_told(will[key])} instead of {_told(was[key])}" for key in words if was[key] != will[key]
    )


def _told(value: Any) -> str:
    return listed(value) if value and isinstance(value, list) else str(value or "none")
