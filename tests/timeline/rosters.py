"""Rosters with retirements, for tests of the timeline."""

from datetime import date, datetime
from typing import Any

from roster.provider_facts import parse_facts
from roster.registries import Registries
from roster.roster import Roster, roster_path
from roster.timeline.events import Timeline, build_timeline

TODAY = date(2026, 9, 1)
Entry = dict[str, Any]
PROVIDER = {"name": "bedrock", "title": "Amazon Bedrock", "prefixes": ["bedrock"], "credential": "ambient"}


def model(name: str, *features: str, default_for: tuple[str, ...] = (), **keys: Any) -> Entry:
    return {"name": name, "features": list(features or ("duo_chat",)), "default_for": list(default_for)} | keys


def retiring(
    name: str,
    *features: str,
    notice: str | None = "2026-08-05",
    last_day: str | None = "2026-12-01",
    only: tuple[str, ...] = (),
    default_for: tuple[str, ...] = (),
    replacement: str | None = "gemini",
) -> Entry:
    retirement = {
        "notice": notice,
        "last_day": last_day,
        "replacement": replacement,
        "features": list(only),
    }
    return model(name, *features, default_for=default_for, retirement=retirement)


def timeline_of(
    on: date = TODAY,
    ends: dict[str, dict[str, Any]] | None = None,
    revised: datetime | None = None,
    **environments: list[Entry],
) -> Timeline:
    """Return the timeline of some rosters by environment, with ``_`` for a hyphen; ``ends``: facts by identifier."""
    names = {name.replace("_", "-"): models for name, models in environments.items()}
    registries = Registries.of([], [], [], [PROVIDER])
    registries.provider_facts = {
        identifier: parse_facts({"identifier": identifier, "sources": [], **facts})
        for identifier, facts in (ends or {}).items()
    }
    rosters = (Roster.of(roster_path(name), name, models) for name, models in names.items())
    return build_timeline(rosters, on, registries, revised)
