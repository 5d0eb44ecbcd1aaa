"""A roster and registry entries as text, in the style of the toolkit's own files."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from roster.edit import quoting
from roster.edit.style import Style, WrittenValue
from roster.edit.verbatim import Verbatim
from roster.schema.model_keys import model_keys
from roster.yaml.block_writer import BlockFormat, block_lines

_STYLE = Style()
_KEYS_WITH_DATES = ("retirement", "suspended")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def roster_text(comment: str, models: Sequence[Mapping[str, Any]]) -> bytes:
    """Return a roster: its first comment, then each model, with its keys in the schema's order."""
    order = {key: position for position, key in enumerate(model_keys())}
    entries = (dict(sorted(model.items(), key=lambda item: order.get(item[0], len(order)))) for model in models)
    parts = [comment] if comment else []
    return "\n".join([*parts, *entry_texts(entries)]).encode()


def entry_texts(entries: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """Yield each entry of a list, with a line break at its end."""
    for entry in entries:
        yield f"{_STYLE.bullet}{_STYLE.mapping({key: _written(key, value) for key, value in entry.items()})}\n"


def pair_text(key: str, value: Any) -> str:
    """Return a key with its value, as a further key of an entry."""
    return _STYLE.indent + _STYLE.pair(key, _written(key, value))


def _written(key: str, value: Any) -> WrittenValue:
    if isinstance(value, str):
        return value
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return tuple(value)
    lines = list(block_lines(value, _WITH_DATES if key in _KEYS_WITH_DATES else _FORMAT))
    is_block = isinstance(value, dict | list) and value
    return Verbatim(value, "\n".join(["", *(f"  {line}" for line in lines)]) if is_block else f" {lines[0]}")


def _date_or_quoted(text: str) -> str:
    return text if _DATE.fullmatch(text) else quoting.format_scalar(text, quoting.PLAIN)


_FORMAT = BlockFormat(
    quote=partial(quoting.format_scalar, quotes=quoting.PLAIN),
    quote_in_flow=partial(quoting.format_scalar, quotes=quoting.PLAIN, in_flow=True),
    flow_width=100,
)
_WITH_DATES = _FORMAT._replace(quote=_date_or_quoted)
