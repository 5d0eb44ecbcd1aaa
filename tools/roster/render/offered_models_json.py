"""``offered_models.json``: the list that the API serves to instances, without endpoints, identifiers and keys."""

import json
from collections.abc import Collection, Mapping
from datetime import date
from typing import Any

from roster.roster import Roster


def render(roster: Roster, on: date, *_: object) -> bytes:
    """Render the models offered on a date, in roster order, one per line."""
    return encode_models(offered_models(roster, on))


def offered_models(roster: Roster, on: date) -> list[dict[str, Any]]:
    """Return the models offered on a date, in the shape of the API."""
    return [
        {"name": model.api_name, "id": model.id, "release_state": model.release_state, "features": list(features)}
        for model in roster
        if (features := model.offered_features(on))
    ]


def encode_models(models: list[dict[str, Any]]) -> bytes:
    """Return models in the shape of the API as the bytes of the artifact."""
    return f"{format_json_list(models)}\n".encode()


def format_json_list(items: list[dict[str, Any]]) -> str:
    """Format a JSON list with one item per line, so that line-based diffs show the changed models."""
    lines = ",\n".join(map(json.JSONEncoder(ensure_ascii=False).encode, items))
    return f"[\n{lines}\n]" if items else "[]"


def format_json_object(content: Mapping[str, Any], lists: Collection[str]) -> str:
    """Format a JSON object with one key per line, and the lists at some keys with one item per line."""
    lines = (
        f"{json.dumps(key)}: {format_json_list(value) if key in lists else json.dumps(value, ensure_ascii=False)}"
        for key, value in content.items()
    )
    return "{\n" + ",\n".join(lines) + "\n}\n"
