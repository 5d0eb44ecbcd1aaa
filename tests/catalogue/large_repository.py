"""A repository with 70 models and 35 features in three environments, which differ a little."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from roster.registries import ENVIRONMENTS
from roster.roster import roster_path
from tests.conftest import copy_data, edit
from tests.large_roster import roster_entries

CODESTRAL = "codestral_2501_fireworks"
RETIRING = {"notice": "2026-10-01", "last_day": "2027-03-01", "replacement": "codestral_2508_fireworks"}
SUSPENSION = {"since": "2026-11-01", "reason": "The provider answers with errors"}


def write_repository(folder: Path) -> None:
    """Write the rosters and registries to an empty folder."""
    copy_data(folder, "env", "schemas")
    edit(folder / ENVIRONMENTS, "release_states: [BETA, GA]", "release_states: [EXPERIMENT, BETA, GA]")
    edit(folder / ENVIRONMENTS, "trial_days: 7", "trial_days: 0")
    for environment in ("production", "staging", "staging-ref"):
        entries = list(_entries(environment))
        text = yaml.dump(entries, Dumper=yaml.CSafeDumper, sort_keys=False, allow_unicode=True)
        (folder / roster_path(environment)).write_text(text, encoding="utf-8")


def _entries(environment: str) -> Iterator[dict[str, Any]]:
    is_production = environment == "production"
    for number, entry in enumerate(roster_entries()):
        if entry["provider"] == "Vertex":
            regions = ["eu-west-1"] if number % 2 else ["eu"]
            entry |= {"processed_in": regions, "data_retention_days": 0}
        if entry["family"] == "claude":
            entry["capabilities"] = ["tools", "vision"]
        if entry["id"] == CODESTRAL and is_production:
            entry["retirement"] = RETIRING
        if entry["id"] == "qwen_3_coder_fireworks" and is_production:
            entry["suspended"] = SUSPENSION
        if number % 9 == 8 and environment == "staging-ref" and "default_for" not in entry:
            entry["release_state"] = "BETA"
        if number % 10 == 9 and environment == "staging-ref" and "default_for" not in entry:
            continue
        yield entry
