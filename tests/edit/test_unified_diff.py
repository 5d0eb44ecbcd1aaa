"""Unified diffs: applying one to the old text gives the new text."""

import re

from hypothesis import given
from hypothesis import strategies as st

from roster.edit.unified_diff import unified_diff

LINES = st.lists(st.sampled_from(["a\n", "b\n", "c\r\n", "\n", "- d\n", "+ e\n"]), max_size=30).map("".join)
TEXTS = st.tuples(LINES, st.sampled_from(["", "end", "end\n"])).map("".join)
SECRET = "glpat-x9Kq2LmN7pRt4VwY8zBc"


def diff(old: str, new: str) -> str:
    return "".join(unified_diff("a.yaml", old.encode(), new.encode()))


def applied(old: str, patch: str) -> str:
    """Apply a unified diff as ``patch`` does."""
    lines, new, at = lines_of(old), list[str](), 0
    for line in lines_of(patch.replace("\n\\ No newline at end of file\n", "\0\n"))[2:]:
        text = line[1:].replace("\0\n", "")
        if line.startswith("@@"):
            start, length = map(int, re.findall(r"\d+", line)[:2])
            first = start - 1 if length else start
            new += lines[at:first]
            at = first
        elif line[0] in " -":
            assert lines[at] == text
            at += 1
        if line[0] in " +":
            new.append(text)
    return "".join(new + lines[at:])


def lines_of(text: str) -> list[str]:
    return re.findall("[^\n]*\n|[^\n]+", text)


@given(TEXTS, TEXTS)
def test_applying_the_diff_gives_the_new_text(old: str, new: str):
    assert applied(old, diff(old, new)) == new


@given(TEXTS)
def test_equal_texts_have_an_empty_diff(text: str):
    assert diff(text, text) == ""


def test_distant_changes_have_separate_hunks():
    old = "".join(f"{number}\n" for number in range(30))
    new = old.replace("\n4\n", "\nfour\n").replace("\n20\n", "\n").replace("\n22\n", "\n")
    assert diff(old, new) == (
        "--- a/a.yaml\n+++ b/a.yaml\n@@ -2,7 +2,7 @@\n 1\n 2\n 3\n-4\n+four\n 5\n 6\n 7\n"
        "@@ -18,9 +18,7 @@\n 17\n 18\n 19\n-20\n 21\n-22\n 23\n 24\n 25\n"
    )


def test_secrets_are_masked():
    shown = diff(f"# {SECRET}\n- a\n", f"# {SECRET}\n- b\n")
    assert SECRET not in shown
    assert shown.endswith(f" # {'*' * len(SECRET)}\n-- a\n+- b\n")


def test_control_characters_are_escaped():
    assert diff("a\x1b[31m\tb\r\n", "a\u202e\r\n").endswith("-a\\x1b[31m\tb\r\n+a\\u202e\r\n")
