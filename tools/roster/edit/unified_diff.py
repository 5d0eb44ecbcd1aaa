"""Unified diffs of files.

difflib alone takes minutes for a roster of some thousand models, whose lines are so similar. An edit changes few lines
in many places, so the two texts are compared line by line, and difflib is applied only to the lines that differ.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from difflib import SequenceMatcher
from itertools import count
from typing import NamedTuple

from roster.naming import printable
from roster.secret_patterns import redact_text
from roster.yaml.line_index import LINE_BREAK

_CONTEXT = 3
"""The number of lines shown around a change, and of equal lines that end one."""
_MAX_SHIFT = 8
"""How many more lines one side of a change may have than the other."""
_MAX_REFINED = 500
"""The longest change, in lines, in which difflib searches for equal lines."""
_LINE = re.compile(rf"[^\r\n]*(?:{LINE_BREAK}|\Z)")


class _Change(NamedTuple):
    """Lines of the old text that are replaced by lines of the new text: from 0, ends exclusive."""

    old: int
    old_end: int
    new: int
    new_end: int


def unified_diff(path: str, before: bytes | None, after: bytes) -> Iterator[str]:
    """Yield the lines of a unified diff, with secrets masked and control characters escaped.

    ``before``: None for a new file.
    """
    old, new = _lines(before or b""), _lines(after)
    hunks = list(_hunks(_changes(old, new)))
    if hunks:
        yield "--- /dev/null\n" if before is None else f"--- a/{printable(path)}\n"
        yield f"+++ b/{printable(path)}\n"
    for changes in hunks:
        yield from _hunk_lines(changes, old, new)


def _lines(data: bytes) -> list[str]:
    text = redact_text(data.decode("utf-8", "replace"))
    return [match[0] for match in _LINE.finditer(text) if match[0]]


def _changes(old: Sequence[str], new: Sequence[str]) -> Iterator[_Change]:
    i = j = 0
    while i < len(old) or j < len(new):
        if old[i : i + 1] == new[j : j + 1]:
            i, j = i + 1, j + 1
        else:
            end, new_end = _next_equal(old, new, i, j)
            yield from _refine(old, new, _Change(i, end, j, new_end))
            i, j = end, new_end


def _refine(old: Sequence[str], new: Sequence[str], change: _Change) -> Iterator[_Change]:
    """Split a change at the equal lines in it."""
    if change.old_end - change.old > _MAX_REFINED:
        yield change
        return
    sides = old[change.old : change.old_end], new[change.new : change.new_end]
    for tag, i, i_end, j, j_end in SequenceMatcher(None, *sides).get_opcodes():
        if tag != "equal":
            yield _Change(change.old + i, change.old + i_end, change.new + j, change.new + j_end)


def _next_equal(old: Sequence[str], new: Sequence[str], i: int, j: int) -> tuple[int, int]:
    """Return the next lines, after the different lines ``i`` and ``j``, from which on the texts are equal."""
    for lines in count():
        for shift in range(_MAX_SHIFT + 1):
            for end, new_end in ((i + lines + shift, j + lines), (i + lines, j + lines + shift)):
                if old[end : end + _CONTEXT] == new[new_end : new_end + _CONTEXT] and (end, new_end) != (i, j):
                    return min(end, len(old)), min(new_end, len(new))
    raise AssertionError("both texts end")


def _hunks(changes: Iterable[_Change]) -> Iterator[list[_Change]]:
    """Group the changes whose contexts overlap."""
    hunk: list[_Change] = []
    for change in changes:
        if hunk and change.old - hunk[-1].old_end > 2 * _CONTEXT:
            yield hunk
            hunk = []
        hunk.append(change)
    if hunk:
        yield hunk


def _hunk_lines(changes: list[_Change], old: Sequence[str], new: Sequence[str]) -> Iterator[str]:
    first, last = changes[0], changes[-1]
    before, after = min(_CONTEXT, first.old), min(_CONTEXT, len(old) - last.old_end)
    position, end = first.old - before, last.old_end + after
    yield f"@@ -{_range(position, end)} +{_range(first.new - before, last.new_end + after)} @@\n"
    for change in changes:
        yield from (_diff_line(" ", line) for line in old[position : change.old])
        yield from (_diff_line("-", line) for line in old[change.old : change.old_end])
        yield from (_diff_line("+", line) for line in new[change.new : change.new_end])
        position = change.old_end
    yield from (_diff_line(" ", line) for line in old[position:end])


def _range(start: int, end: int) -> str:
    # an empty range has the number of the line before it
    return f"{start + 1 if end > start else start},{end - start}"


def _diff_line(mark: str, line: str) -> str:
    text = line.rstrip("\r\n")
    end = "\n" if len(line) > len(text) else "\n\\ No newline at end of file\n"
    return mark + "\t".join(map(printable, text.split("\t"))) + ("\r" if line.endswith("\r\n") else "") + end
