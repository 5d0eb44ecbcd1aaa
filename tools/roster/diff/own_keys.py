"""Keys that only the repository's JSON Schema or the gateway knows: compared and shown whatever they mean."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from roster.findings import Pointer
from roster.model import Model, comparable
from roster.naming import join_names, quote
from roster.secret_redaction import redact_text


def changed_keys(old: Model, new: Model) -> Iterator[str]:
    """Yield the keys of the repository whose values differ between two models."""
    before, after = old.own_values, new.own_values
    for key in before | after:
        if comparable(before.get(key)) != comparable(after.get(key)):
            yield key


def pointer(model: Model, key: str) -> Pointer:
    """Return the path from a model to one of its own values, or to the first of those in its list of retirements."""
    if not key.startswith("retirement."):
        return (key,)
    name = key.partition(".")[2]
    retirements = model.entry["retirement"]
    if isinstance(retirements, dict):
        return "retirement", name
    return "retirement", next(index for index, each in enumerate(retirements) if name in each), name


class ChangedValues(NamedTuple):
    """The values that differ between two mappings of settings, redacted, and the words for a message."""

    old: dict[str, Any]
    new: dict[str, Any]
    words: str


def changed_values(before: Mapping[str, Any], after: Mapping[str, Any]) -> ChangedValues | None:
    """Return the settings whose values differ; None if there are none."""
    names = [name for name in {**before, **after} if comparable(before.get(name)) != comparable(after.get(name))]
    if not names:
        return None
    old, new = ({name: redacted(name, values.get(name)) for name in names} for values in (before, after))
    words = join_names(f"{name} {shown(old[name])} → {shown(new[name])}" for name in names)
    return ChangedValues(old, new, words)


def redacted(key: str, value: Any) -> Any:
    """Return a value, or its redacted text if it looks like a secret at its key."""
    if not isinstance(value, str | list | dict):
        return value
    text = redact_text(f"{key}: {comparable(value)}").removeprefix(f"{key}: ")
    return value if text == comparable(value) else text


def shown(value: Any) -> str:
    """Return a value for a message."""
    if value is None:
        return "none"
    return quote(value) if isinstance(value, str) else quote(comparable(value))[1:-1]
