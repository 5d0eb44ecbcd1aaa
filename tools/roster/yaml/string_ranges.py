"""Where a stretch of a file's text belongs: to which of its keys and values."""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator
from itertools import accumulate, islice

from roster.findings import Place, Pointer
from roster.yaml import limits
from roster.yaml.document import Document
from roster.yaml.line_index import LineIndex

Range = tuple[int, int]
"""A stretch of a text: the offsets of its start and its end."""
Find = Callable[[str], Iterable[Range]]


def locate_matches(document: Document, found: Iterable[Range], find: Find) -> Iterator[tuple[Place, str]]:
    """Yield the place of each thing that was found in a file, with the text that is there.

    ``found`` says where it stands in the file's text: there it has its exact span, and the pointer of the key or value
    that it is part of. ``find`` finds the same in keys and values: what only an escape makes stands nowhere in the
    text, so its place is the whole key or value. No more are told than of any other problem of one file.
    """
    ranges = list(islice(found, limits.FINDINGS))
    if not ranges and "\\" not in document.text:
        return
    lines = LineIndex(document.text)
    holders = _holders(document, find)
    spans = document.spans(holders) if holders else {}
    stretches = [(*lines.offsets(spans[place]), place) for place in holders]
    in_text = set()
    for start, end in ranges:
        holder = next((place for first, last, place in stretches if first <= start < last), Place(document.path))
        in_text.add(holder)
        yield holder._replace(span=lines.span(start, end)), document.text[start:end]
    for first, _, place in stretches:
        # other quotes know no escapes, and an alias repeats what was told of its anchor
        if place not in in_text and document.text.startswith('"', first):
            yield place, holders[place]


def _holders(document: Document, find: Find) -> dict[Place, str]:
    """Return the keys and values that something is found in; a search in all at once is quicker than one in each."""
    strings = list(_strings(document.value, ()))
    ends = list(accumulate(len(value) + 1 for *_, value in strings))
    found = find("\n".join(value for *_, value in strings))
    holding = dict.fromkeys(bisect_right(ends, start) for start, _ in found)
    return {
        Place(document.path, pointer, at_key): value
        for pointer, at_key, value in (strings[index] for index in islice(holding, limits.FINDINGS))
    }


def _strings(value: object, pointer: Pointer) -> Iterator[tuple[Pointer, bool, str]]:
    """Yield every text of a value, with its pointer and whether it is a key."""
    if isinstance(value, str):
        yield pointer, False, value
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _strings(item, (*pointer, index))
    elif isinstance(value, dict):
        for key, item in value.items():
            yield (*pointer, key), True, key
            yield from _strings(item, (*pointer, key))
