"""A change as a unified diff: what people read before they take it.

difflib alone takes minutes for a roster of some thousand models, whose lines look so alike. What mends a roster changes
lines here and there, so the two texts are walked side by side, and difflib is left what differs.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from difflib import SequenceMatcher
from itertools import count
from typing import NamedTuple

from roster.naming import printable
from roster.secret_patterns import redact_text

_CONTEXT = 3
"""How many lines are shown around a change; so many equal lines end one."""
_SHIFT = 8
"""How many more lines one side of a change may have than the other before both are taken to differ further."""
_REFINED_AT_MOST = 500
"""How many changed lines in a row are searched for equal ones."""
_LINE = re.compile(r"([^\r\n]*)(\r\n|\n|\r|\Z)")


class _Range(NamedTuple):
    """Lines of the old and the new text, from 0, the ends exclusive."""

    old: int
    old_end: int
    new: int
    new_end: int


def unified_diff(path: str, before: bytes | None, after: bytes) -> Iterator[str]:
    """Yield the lines of a unified diff, without the secrets of the file and with nothing that a terminal obeys.

    ``before``: None for a file that is new.
    """
    old, new = _lines(before or b""), _lines(after)
    hunks = list(_hunks(_changes(old, new)))
    if hunks:
        yield "--- /dev/null\n" if before is None else f"--- a/{printable(path)}\n"
        yield f"+++ b/{printable(path)}\n"
    for changes in hunks:
        yield from _drawn(changes, old, new)


def _lines(data: bytes) -> list[str]:
    text = redact_text(data.decode("utf-8", "replace"))
    return [found[0] for found in _LINE.finditer(text) if found[0]]


def _changes(old: Sequence[str], new: Sequence[str]) -> Iterator[_Range]:
    i = j = 0
    while i < len(old) or j < len(new):
        if old[i : i + 1] == new[j : j + 1]:
            i, j = i + 1, j + 1
        else:
            end, new_end = _until_equal(old, new, i, j)
            yield from _refined(old, new, _Range(i, end, j, new_end))
            i, j = end, new_end


def _refined(old: Sequence[str], new: Sequence[str], change: _Range) -> Iterator[_Range]:
    """Yield a change without the equal lines in it."""
    if change.old_end - change.old > _REFINED_AT_MOST:
        yield change
        return
    sides = old[change.old : change.old_end], new[change.new : change.new_end]
    for kind, *lines in SequenceMatcher(None, *sides).get_opcodes():
        if kind != "equal":
            yield _Range(change.old + lines[0], change.old + lines[1], change.new + lines[2], change.new + lines[3])


def _until_equal(old: Sequence[str], new: Sequence[str], i: int, j: int) -> tuple[int, int]:
    """Return the lines at which two texts go on alike that differ from ``i`` and ``j`` on."""
    for lines in count():
        for more in range(_SHIFT + 1):
            for end, new_end in ((i + lines + more, j + lines), (i + lines, j + lines + more)):
                if old[end : end + _CONTEXT] == new[new_end : new_end + _CONTEXT] and (end, new_end) != (i, j):
                    return min(end, len(old)), min(new_end, len(new))
    raise AssertionError("both texts end")


def _hunks(changes: Iterable[_Range]) -> Iterator[list[_Range]]:
    """Put the changes together whose contexts meet."""
    hunk: list[_Range] = []
    for change in changes:
        if hunk and change.old - hunk[-1].old_end > 2 * _CONTEXT:
            yield hunk
            hunk = []
        hunk.append(change)
    if hunk:
        yield hunk


def _drawn(changes: list[_Range], old: Sequence[str], new: Sequence[str]) -> Iterator[str]:
    before = min(_CONTEXT, changes[0].old)
    after = min(_CONTEXT, len(old) - changes[-1].old_end)
    whole = _Range(
        changes[0].old - before, changes[-1].old_end + after, changes[0].new - before, changes[-1].new_end + after
    )
    yield f"@@ -{_counted(whole.old, whole.old_end)} +{_counted(whole.new, whole.new_end)} @@\n"
    at = whole.old
    for change in changes:
        yield from (_shown(" ", line) for line in old[at : change.old])
        yield from (_shown("-", line) for line in old[change.old : change.old_end])
        yield from (_shown("+", line) for line in new[change.new : change.new_end])
        at = change.old_end
    yield from (_shown(" ", line) for line in old[at : whole.old_end])


def _counted(start: int, end: int) -> str:
    # an empty range is named by the line before it
    return f"{start + 1 if end > start else start},{end - start}"


def _shown(mark: str, line: str) -> str:
    text = line.rstrip("\r\n")
    end = "\n" if len(line) > len(text) else "\n\\ No newline at end of file\n"
    return mark + "\t".join(map(printable, text.split("\t"))) + ("\r" if line.endswith("\r\n") else "") + end
