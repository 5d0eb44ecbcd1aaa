"""The messages that the webhook gets: one for each new entry of what needs attention."""

import json
from datetime import UTC, datetime

from roster.instance.selection.attention_entry import AttentionEntry
from roster.instance.selection.words import sentence

MESSAGE_TYPE = "model_selection.attention"


def message_id(key: str) -> str:
    """Return the id of an entry's message, the same in each attempt, so that receivers can ignore a second one."""
    return f"msg_{key}"


def message_body(entry: AttentionEntry, instance: str, now: datetime) -> str:
    """Return the body: type, timestamp and data, as the specification recommends."""
    data = {
        "instance": instance,
        "key": entry.key,
        "kind": entry.kind.value,
        "feature": entry.feature,
        "title": entry.title,
        "since": entry.since and _timestamp(entry.since),
        "text": entry.text,
        "actions": [sentence(action.label) for action in entry.actions],
    }
    content = {"type": MESSAGE_TYPE, "timestamp": _timestamp(now), "data": data}
    return json.dumps(content, ensure_ascii=True, separators=(",", ":"))


def _timestamp(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
