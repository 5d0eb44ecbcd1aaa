"""The lines of some places of a roster, without reading the rest of it once more."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator

from roster.findings import Place
from roster.roster import DATE_KEYS
from roster.yaml.document import Document, read

_ITEM = re.compile(r"^-(?=\s)", re.MULTILINE)


def lines(path: str, data: bytes, models: int, places: Iterable[Place]) -> dict[Place, int]:
    """Return the line of each place of a roster that could be read; lines count from 1.

    ``models``: how many it has. Where as many items start at the start of a line, they are the models, and only those
    with a place in them are looked into.
    """
    text = data.decode("utf-8-sig")
    starts = [found.start() for found in _ITEM.finditer(text)]
    wanted = set(places)
    if not starts or len(starts) != models or text.count("\r") != text.count("\r\n"):
        return {place: span.line for place, span in read(path, data, dates=DATE_KEYS).spans(wanted).items()}
    return dict(_by_model(text, [*starts, len(text)], wanted))


def _by_model(text: str, starts: list[int], places: set[Place]) -> Iterator[tuple[Place, int]]:
    by_model: defaultdict[int, list[Place]] = defaultdict(list)
    for place in places:
        by_model[int(place.pointer[0]) if place.pointer else 0].append(place)
    counted, line = 0, 0
    for index in sorted(by_model):
        start, end = starts[index : index + 2]
        line += text.count("\n", counted, start)
        counted = start
        alone = {place: place._replace(pointer=(0, *place.pointer[1:])) for place in by_model[index]}
        spans = Document("", text[start:end], None, True).spans(alone.values())
        yield from ((place, line + spans[alone[place]].line) for place in alone)
