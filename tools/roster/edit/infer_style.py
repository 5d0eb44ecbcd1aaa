"""The style of a roster, learnt from its last models."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator

from roster.edit import quoting
from roster.edit.neighbours import BREAK, Neighbours, Range
from roster.edit.style import Brackets, Dashes, Style


def learn(neighbours: Neighbours) -> Style:
    """Return how a roster's models are written."""
    bullet, indent = _bullet(neighbours)
    marks: defaultdict[str, Counter[str]] = defaultdict(Counter)
    needed: Counter[str] = Counter()
    for key, mark, value in _scalars(neighbours):
        if mark:
            needed[mark] += 1
        if quoting.is_plain(value):
            marks[key][mark] += 1
            marks[""][mark] += 1
    blank_lines = neighbours.blank_lines
    return Style(
        line_break=neighbours.line_break,
        bullet=bullet,
        indent=indent,
        blank_lines=1 if blank_lines is None else blank_lines,
        between=brackets(neighbours, neighbours.at(), neighbours.items).between,
        braces=_braces(neighbours),
        lists=_lists(neighbours),
        marks={key: _most_common(count, quoting.PLAIN) for key, count in marks.items()},
        needed=_most_common(needed, quoting.DOUBLE),
        key_mark=_most_common(Counter(_key_marks(neighbours)), quoting.PLAIN),
        order=tuple(list(neighbours.models.values())[-1]) if neighbours.models else (),
    )


def _bullet(neighbours: Neighbours) -> tuple[str, str]:
    """Return what stands before a model's first key, dash included, and before its others."""
    dash = " " * neighbours.column(neighbours.at()[0])
    for index in reversed(neighbours.models):
        start, _ = neighbours.at(index)
        before = neighbours.text[start - neighbours.column(start) : start]
        if re.fullmatch("[ \t]*-[ \t]+", before):
            return before, " " * len(before)
        if not before.strip():  # the dash has a line of its own
            return f"{dash}-{neighbours.line_break}{before}", before
    return f"{dash}- ", f"{dash}  "


def _braces(neighbours: Neighbours) -> Brackets | None:
    """Return how the last model stands in braces; None where it has none."""
    for index, model in reversed(neighbours.models.items()):
        if not neighbours.starts_with("{", (index,)):
            break
        pairs = [(neighbours.key(index, key)[0], neighbours.at(index, key)[1]) for key in model]
        return brackets(neighbours, neighbours.at(index), pairs)
    return None


def _lists(neighbours: Neighbours) -> dict[str, Brackets | Dashes]:
    """Return how the last list at each key is written."""
    styles: dict[str, Brackets | Dashes] = {}
    for index, key, value in neighbours.written(list):
        outer = neighbours.at(index, key)
        items = [neighbours.at(index, key, position) for position in range(len(value))]
        if neighbours.starts_with("[", (index, key)):
            styles[key] = brackets(neighbours, outer, items)
        elif neighbours.starts_with("-", (index, key)):
            indent = neighbours.column(outer[0]) - neighbours.column(neighbours.key(index, key)[0])
            gap = neighbours.text[outer[0] + 1 : items[0][0]]
            styles[key] = Dashes(" " * indent, gap if gap and not gap.strip(" ") else " ")
    return styles


def brackets(neighbours: Neighbours, outer: Range, items: list[Range]) -> Brackets:
    """Return what stands around and between items in brackets, where it is nothing but space and commas."""
    usual = Brackets()
    if not items:
        return usual
    text = neighbours.text
    opening, closing = text[outer[0] + 1 : items[0][0]], text[items[-1][1] : outer[1] - 1]
    between = f",{opening}" if re.search(BREAK, opening) else usual.between
    if len(items) > 1:
        between = text[items[-2][1] : items[-1][0]]
    return Brackets(
        usual.opening if opening.strip() else opening,
        between if between.strip() == "," else usual.between,
        usual.closing if closing.strip(" \t\r\n,") else closing,
    )


def _scalars(neighbours: Neighbours) -> Iterator[tuple[str, str, str]]:
    """Yield the key, the quotes and the value of each text that stands at a key or in a list."""
    texts = [(key, neighbours.at(index, key), value) for index, key, value in neighbours.written(str)]
    for index, key, value in neighbours.written(list):
        texts += [(key, neighbours.at(index, key, place), item) for place, item in enumerate(value)]
    for key, (start, _), value in texts:
        first = neighbours.text[start : start + 1]
        if isinstance(value, str) and first not in ("|", ">", "*"):
            yield key, _mark(first), value


def _key_marks(neighbours: Neighbours) -> Iterator[str]:
    for index, model in neighbours.models.items():
        for key in model:
            start, _ = neighbours.key(index, key)
            yield _mark(neighbours.text[start : start + 1])


def _mark(first: str) -> str:
    return first if first in (quoting.SINGLE, quoting.DOUBLE) else quoting.PLAIN


def _most_common(counts: Counter[str], otherwise: str) -> str:
    return counts.most_common(1)[0][0] if counts else otherwise
