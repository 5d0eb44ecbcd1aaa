"""Style inference: how the retirements of a roster are written."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from roster.edit.quoting import quotes_at
from roster.edit.ranges import Ranges, pointers_within
from roster.edit.style import FlowStyle, Style
from roster.findings import Pointer
from roster.yaml.document import Document

RETIREMENT = "retirement"


def infer_retirement_style(document: Document, position: int, style: Style) -> tuple[Style, bool]:
    """Return the style of the file's retirement nearest above, or else below, and whether it is in braces."""
    pointers = list(_retirements(document.value))
    before = [pointer for pointer in pointers if int(pointer[0]) <= position]
    for pointer in [*before[-1:], *pointers[:1]]:
        entry = _at(document.value, pointer)
        ranges = Ranges(document, pointers_within(pointer, entry))
        if pointer in ranges and not ranges.starts_with("*", *pointer):
            return _with_quotes(ranges, pointer, entry, style), ranges.starts_with("{", *pointer)
    return style, False


def _retirements(value: Any) -> Iterator[Pointer]:
    """Yield the pointer of each retirement of a roster."""
    for index, model in enumerate(value):
        entry = model.get(RETIREMENT) if isinstance(model, dict) else None
        if isinstance(entry, dict) and entry:
            yield index, RETIREMENT
        elif isinstance(entry, list):
            yield from ((index, RETIREMENT, item) for item, each in enumerate(entry) if isinstance(each, dict) and each)


def _at(value: Any, pointer: Pointer) -> Any:
    for key in pointer:
        value = value[key]
    return value


def _with_quotes(ranges: Ranges, pointer: Pointer, entry: Mapping[str, Any], style: Style) -> Style:
    """Return a style with the quotes of a retirement's values, and with its brackets around features."""
    quotes = {
        key: quotes_at(ranges.text, ranges.value(*pointer, key)[0])
        for key, value in entry.items()
        if isinstance(value, str)
    }
    lists = style.lists
    if "features" in entry and ranges.starts_with("[", *pointer, "features"):
        lists = {**lists, "features": FlowStyle()}
    return replace(style, quotes={**style.quotes, **quotes}, lists=lists)
