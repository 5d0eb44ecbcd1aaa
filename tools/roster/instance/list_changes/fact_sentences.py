"""What changed about a model that two lists offer: its release state and its facts, as sentences."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from roster.display_text import thousands
from roster.instance.selection.offered_list import ListedModel
from roster.naming import join_names, printable

_STATES = {"GA": "generally available", "BETA": "in beta", "EXPERIMENT": "an experiment"}
_UNKNOWN = "unknown"


def _tokens(number: int) -> str:
    return f"{thousands(number)} tokens"


def _days(number: int) -> str:
    return "not stored" if number == 0 else "1 day" if number == 1 else f"{thousands(number)} days"


def _names(names: tuple[str, ...]) -> str:
    return printable(", ".join(names)) or _UNKNOWN


_FACTS: Mapping[str, tuple[str, Callable[[Any], str]]] = {
    "provider": ("provider", printable),
    "cost_indicator": ("cost", printable),
    "context_window": ("context window", _tokens),
    "max_output_tokens": ("output limit", _tokens),
    "capabilities": ("capabilities", _names),
    "processed_in": ("processing regions", _names),
    "data_retention_days": ("storage of prompts", _days),
}
"""The facts whose old and new value are named, with their names and formats."""
_TEXTS = ("description", "documentation")


def changed_release_state(model: str, old: str | None, new: str | None, scope: str) -> Iterator[str]:
    """Yield a sentence if a model's release state changed; ``scope`` names the features, if not all."""
    if old != new and new:
        before = f" (before: {_STATES.get(old, old)})" if old else ""
        yield f"{model} is now {_STATES.get(new, new)}{scope}{before}"


def changed_facts(model: str, old: ListedModel, new: ListedModel) -> Iterator[str]:
    """Yield a sentence with the facts that changed, if any."""
    names = [name for name in _TEXTS if getattr(old, name) != getattr(new, name)]
    changes = {
        label: f"from {_value(format_, before)} to {_value(format_, after)}"
        for name, (label, format_) in _FACTS.items()
        if (before := getattr(old, name)) != (after := getattr(new, name))
    }
    if changes and not names and len(changes) == 1:
        yield from (f"The {label} of {model} changed {change}" for label, change in changes.items())
    elif changes or names:
        parts = [*names, *(f"{label} {change}" for label, change in changes.items())]
        yield f"The {parts[0]} of {model} changed" if len(parts) == 1 else f"{model} changed: {join_names(parts)}"


def _value(format_: Callable[[Any], str], value: Any) -> str:
    return _UNKNOWN if value is None else format_(value)
