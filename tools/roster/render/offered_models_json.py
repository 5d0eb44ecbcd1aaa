"""``offered_models.json``: the list that the API gives to instances. It names no endpoint, identifier or key."""

import json
from datetime import date
from typing import Any

from roster.roster import Roster


def render(roster: Roster, on: date, *_: object) -> bytes:
    """Return the models offered on a day, in roster order, one a line."""
    return f"{as_lines(offered(roster, on))}\n".encode()


def offered(roster: Roster, on: date) -> list[dict[str, Any]]:
    """Return the models offered on a day, as the API shows them."""
    return [
        {"name": model.api_name, "id": model.id, "release_state": model.release_state, "features": list(features)}
        for model in roster
        if (features := model.offered_features(on))
    ]


def as_lines(models: list[dict[str, Any]]) -> str:
    """Return a list as JSON, one item a line, so that a difference between two versions reads model by model."""
    lines = ",\n".join(map(json.JSONEncoder(ensure_ascii=False).encode, models))
    return f"[\n{lines}\n]" if models else "[]"
