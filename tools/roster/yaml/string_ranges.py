"""The keys and values that parts of a file's text belong to."""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator
from itertools import accumulate, islice

from roster.findings import Place, Pointer
from roster.yaml.document import Document
from roster.yaml.line_index import LineIndex, Range
from roster.yaml.parser import MAX_FINDINGS

Find = Callable[[str], Iterable[Range]]


def locate_matches(document: Document, matches: Iterable[Range], find: Find) -> Iterator[tuple[Place, str]]:
    """Yield the place and the text of each match in a file, up to one more than are reported.

    Args:
        matches: ranges in the text; each place has the exact span, and the pointer of the key or value around it.
        find: finds the same in a key or value. A match that only an escape produces is not in the text: its place is
            the whole key or value.
    """
    ranges = list(islice(matches, MAX_FINDINGS + 1))
    if not ranges and "\\" not in document.text:
        return
    lines = LineIndex(document.text)
    holders = _holders(document, find)
    spans = document.spans(holders) if holders else {}
    holder_ranges = [(*lines.offsets(spans[place]), place) for place in holders]
    in_text = set()
    for start, end in ranges:
        holder = next((place for first, last, place in holder_ranges if first <= start < last), Place(document.path))
        in_text.add(holder)
        yield holder._replace(span=lines.span(start, end)), document.text[start:end]
    for first, _, place in holder_ranges:
        # only double quotes have escapes, and an alias repeats what its anchor reported
        if place not in in_text and document.text.startswith('"', first):
            yield place, holders[place]


def _holders(document: Document, find: Find) -> dict[Place, str]:
    """Return the keys and values with a match, up to one more than are reported."""
    value = document.value
    entries: list[tuple[Pointer, object]] = (
        [((index,), entry) for index, entry in enumerate(value)] if isinstance(value, list) else [((), value)]
    )
    texts = ["\n".join(_texts(entry)) for _, entry in entries]
    strings = [string for index in _holding(texts, find) for string in _strings(entries[index][1], entries[index][0])]
    holding = [strings[index] for index in _holding([text for *_, text in strings], find)]
    return {Place(document.path, pointer, at_key): text for pointer, at_key, text in holding}


def _holding(texts: list[str], find: Find) -> Iterable[int]:
    """Return the indexes of the texts with a match; one search in all of them is faster than one search in each."""
    ends = list(accumulate(len(text) + 1 for text in texts))
    holding = dict.fromkeys(bisect_right(ends, start) for start, _ in find("\n".join(texts)))
    return islice(holding, MAX_FINDINGS + 1)


def _texts(value: object) -> list[str]:
    """Return the keys and values of a value, in any order; quicker than ``_strings``."""
    texts, values = [], [value]
    for item in values:
        if isinstance(item, str):
            texts.append(item)
        elif isinstance(item, list):
            values += item
        elif isinstance(item, dict):
            texts += item
            values += item.values()
    return texts


def _strings(value: object, pointer: Pointer) -> Iterator[tuple[Pointer, bool, str]]:
    """Yield every string of a value with its pointer and whether it is a key."""
    if isinstance(value, str):
        yield pointer, False, value
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _strings(item, (*pointer, index))
    elif isinstance(value, dict):
        for key, item in value.items():
            yield (*pointer, key), True, key
            yield from _strings(item, (*pointer, key))
