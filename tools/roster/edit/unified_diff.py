"""Unified diffs of files.

difflib alone takes minutes for a roster of some thousand models, whose lines are so similar. An edit changes few lines
in many places, so the two texts are compared line by line, and difflib is applied only to the lines that differ.
"""

import re
from collections.abc import Iterator
from difflib import SequenceMatcher
from itertools import count
from typing import Literal

from roster.naming import printable
from roster.secret_redaction import redact_text
from roster.yaml.line_index import LINE_BREAK

_CONTEXT = 3
"""The number of lines shown around a change, and of equal lines that end one."""
_MAX_SHIFT = 8
"""How many more lines one side of a change may have than the other."""
_MAX_REFINED = 500
"""The longest change, in lines, in which difflib searches for equal lines."""
_LINE = re.compile(rf"[^\r\n]*{LINE_BREAK}|[^\r\n]+")
_Opcode = tuple[Literal["replace", "delete", "insert", "equal"], int, int, int, int]
"""An operation of difflib: its tag, and the start and end of the lines in the old and in the new text."""


def unified_diff(path: str, before: bytes | None, after: bytes) -> Iterator[str]:
    """Yield the lines of a unified diff, with secrets masked and control characters escaped.

    ``before``: None for a new file.
    """
    old, new = _lines(before or b""), _lines(after)
    hunks = list(_LocalMatcher(old, new).get_grouped_opcodes(_CONTEXT))
    if hunks:
        yield "--- /dev/null\n" if before is None else f"--- a/{printable(path)}\n"
        yield f"+++ b/{printable(path)}\n"
    for hunk in hunks:
        (_, start, _, new_start, _), (_, _, end, _, new_end) = hunk[0], hunk[-1]
        yield f"@@ -{_range(start, end)} +{_range(new_start, new_end)} @@\n"
        for tag, start, end, new_start, new_end in hunk:
            yield from (_diff_line(" " if tag == "equal" else "-", line) for line in old[start:end])
            yield from (_diff_line("+", line) for line in new[new_start:new_end] if tag != "equal")


class _LocalMatcher(SequenceMatcher[str]):
    """A matcher for texts that differ in few lines at a time."""

    def __init__(self, old: list[str], new: list[str]) -> None:
        super().__init__(None, old, new)
        self._old, self._new = old, new

    def get_opcodes(self) -> list[_Opcode]:
        opcodes: list[_Opcode] = []
        i = j = 0
        while i < len(self._old) or j < len(self._new):
            start, new_start = i, j
            while self._old[i : i + 1] == self._new[j : j + 1] != []:
                i, j = i + 1, j + 1
            if i > start:
                opcodes.append(("equal", start, i, new_start, j))
            end, new_end = self._next_equal(i, j)
            opcodes += self._refine(i, end, j, new_end)
            i, j = end, new_end
        return opcodes

    def _next_equal(self, i: int, j: int) -> tuple[int, int]:
        """Return the next lines, after the different lines ``i`` and ``j``, from which on the texts are equal."""
        for lines in count():
            for shift in range(_MAX_SHIFT + 1):
                for end, new_end in ((i + lines + shift, j + lines), (i + lines, j + lines + shift)):
                    is_equal = self._old[end : end + _CONTEXT] == self._new[new_end : new_end + _CONTEXT]
                    if is_equal and (end, new_end) != (i, j):
                        return min(end, len(self._old)), min(new_end, len(self._new))
        raise AssertionError("both texts end")

    def _refine(self, start: int, end: int, new_start: int, new_end: int) -> list[_Opcode]:
        """Return the operations of a change, split at the equal lines in it."""
        if end - start > _MAX_REFINED:
            return [("replace", start, end, new_start, new_end)]
        matcher = SequenceMatcher(None, self._old[start:end], self._new[new_start:new_end])
        return [
            (tag, start + i, start + i_end, new_start + j, new_start + j_end)
            for tag, i, i_end, j, j_end in matcher.get_opcodes()
        ]


def _lines(data: bytes) -> list[str]:
    return _LINE.findall(redact_text(data.decode("utf-8", "replace")))


def _range(start: int, end: int) -> str:
    # an empty range has the number of the line before it
    return f"{start + 1 if end > start else start},{end - start}"


def _diff_line(mark: str, line: str) -> str:
    text = line.rstrip("\r\n")
    end = "\n" if len(line) > len(text) else "\n\\ No newline at end of file\n"
    return mark + "\t".join(map(printable, text.split("\t"))) + ("\r" if line.endswith("\r\n") else "") + end
