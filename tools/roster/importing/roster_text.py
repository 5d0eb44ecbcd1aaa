"""A roster and registry entries as text, in the style of the toolkit's own files."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from roster.edit import quoting
from roster.edit.style import Style
from roster.edit.verbatim import Verbatim
from roster.schema.model_keys import model_keys
from roster.yaml.block_writer import block_lines

_STYLE = Style()


def roster_text(comment: str, models: Sequence[Mapping[str, Any]]) -> bytes:
    """Return a roster: its first comment, then each model, with its keys in the schema's order."""
    order = {key: position for position, key in enumerate(model_keys())}
    entries = (dict(sorted(model.items(), key=lambda item: order.get(item[0], len(order)))) for model in models)
    parts = [comment] if comment else []
    return "\n".join([*parts, *entry_texts(entries)]).encode()


def entry_texts(entries: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """Yield each entry of a list, with a line break at its end."""
    for entry in entries:
        yield f"{_STYLE.bullet}{_STYLE.mapping({key: _written(value) for key, value in entry.items()})}\n"


def pair_text(key: str, value: Any) -> str:
    """Return a key with its value, as a further key of an entry."""
    return _STYLE.indent + _STYLE.pair(key, _written(value))


def _written(value: Any) -> str | tuple[str, ...] | Verbatim:
    if isinstance(value, str):
        return value
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return tuple(value)
    lines = list(block_lines(value, _quoted))
    is_block = isinstance(value, dict | list) and value
    return Verbatim(value, "\n".join(["", *(f"  {line}" for line in lines)]) if is_block else f" {lines[0]}")


def _quoted(text: str) -> str:
    return quoting.format_scalar(text, quoting.PLAIN)
