"""Additions to a registry: entries at its end, and keys of entries that it has already."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from roster.edit.ranges import Ranges, line_break
from roster.edit.splice import Splice, apply_splices
from roster.findings import ConfigurationError
from roster.importing.roster_text import entry_texts, pair_text
from roster.yaml.document import Document, parse
from roster.yaml.line_index import line_start, next_line


def with_entries(path: str, data: bytes, entries: Sequence[Any]) -> bytes:
    """Return a registry with some entries; its other content and its comments remain.

    A mapping whose name is registered gives its other keys to the registered entry; a key with None is removed there.

    Raises:
        ConfigurationError: the registry is written so that it must be edited by hand.
    """
    document = parse(path, data)
    current = document.value or []
    positions = {_name(entry): position for position, entry in enumerate(current)}
    known = {positions[_name(entry)]: entry for entry in entries if _name(entry) in positions}
    new = [entry for entry in entries if _name(entry) not in positions]
    changes = {position: entry for position, entry in known.items() if isinstance(entry, Mapping)}
    text = apply_splices(document.text, _key_splices(document, changes)) + _appended(document, new)
    if parse(path, text.encode()).value != _expected(current, changes, new):
        raise ConfigurationError(f"{path} cannot be edited: its style is too unusual; write each key on its own line")
    return text.encode()


def _name(entry: Any) -> str:
    return str(entry["name"] if isinstance(entry, Mapping) else entry)


def _expected(value: Sequence[Any], changes: Mapping[int, Mapping[str, Any]], new: Sequence[Any]) -> list[Any]:
    merged = [
        {key: item for key, item in (entry | changes[position]).items() if item is not None}
        if position in changes
        else entry
        for position, entry in enumerate(value)
    ]
    return merged + list(new)


def _key_splices(document: Document, changes: Mapping[int, Mapping[str, Any]]) -> Iterator[Splice]:
    """Yield the replacement of the keys that differ, and the insertion of others at the end of their entry."""
    pointers = [(position, key) for position in changes for key in document.value[position]]
    ranges = Ranges(document, pointers)
    for position, entry in changes.items():
        current = document.value[position]
        for key, value in entry.items():
            if key in current and current[key] != value:
                start, end = ranges.pair(position, key)
                text = "" if value is None else _fitted(document, f"{pair_text(key, value)}\n")
                yield Splice(line_start(document.text, start), next_line(document.text, end), text)
        added = {key: value for key, value in entry.items() if value is not None and key not in current}
        if added:
            end = next_line(document.text, max(ranges.value(position, key)[1] for key in current))
            pairs = "".join(f"{pair_text(*each)}\n" for each in added.items())
            is_cut = not document.text[:end].endswith("\n")
            yield Splice(end, end, _fitted(document, f"\n{pairs}" if is_cut else pairs))


def _appended(document: Document, new: Sequence[Any]) -> str:
    if not new:
        return ""
    start = "" if document.text.endswith("\n") or not document.text else "\n"
    if all(isinstance(entry, str) for entry in new):
        return _fitted(document, start + "".join(f"- {entry}\n" for entry in new))
    return _fitted(document, start + "".join(f"\n{text}" for text in entry_texts(new)))


def _fitted(document: Document, text: str) -> str:
    """Return a text with the registry's line breaks, and indented as its list is."""
    margin = ""
    if document.value:
        ranges = Ranges(document, [()])
        margin = " " * ranges.column(ranges.value()[0])
    indented = re.sub(r"(?m)^(?=[^\n])", margin, text)
    return indented.replace("\n", line_break(document.text)) if document.text else indented
