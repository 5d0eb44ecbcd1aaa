"""libyaml's complaints in words that help: what is wrong, where, and what to write instead.

The complaints are those of libyaml's scanner.c and parser.c (https://github.com/yaml/libyaml).
"""

import re
from typing import Any

CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ufeff\ufffe\uffff]")
"""What libyaml's reader refuses: control characters, and a byte order mark inside the text."""

_IN_WORDS: tuple[tuple[str, str, str], ...] = (
    ("mapping values are not allowed", 'a ":" cannot stand here', 'put a value that contains ": " in quotes'),
    ("could not find expected ':'", 'this is not a key with its value: the ":" is missing', ""),
    ("did not find expected key", "this does not line up with the keys above it", "indent it like its neighbours"),
    ("did not find expected '-' indicator", "this does not line up with the list above it", 'start a model with "- "'),
    ("block sequence entries are not allowed", "a list item cannot stand here", "put it on a line of its own"),
    ("block mapping values are not allowed", "a key with its value cannot stand here", "put it on a line of its own"),
    ("found a tab character", "a tab cannot indent a line", "use spaces"),
    ("did not find expected ',' or ']'", 'this list has no closing "]", or a comma is missing', ""),
    ("did not find expected ',' or '}'", 'this mapping has no closing "}", or a comma is missing', ""),
    ("found unexpected end of stream", "the quote opened here never closes", ""),
    ("found unexpected document indicator", "the quote opened here never closes before a new document", ""),
    ("unknown escape character", "this escape means nothing in double quotes", "use single quotes"),
    ("did not find expected hexdecimal number", "this escape lacks hexadecimal digits", "use single quotes"),
    ("invalid Unicode character escape", "this escape names no character", ""),
    ("alphabetic or numeric character", 'a name is missing after "&" or "*"', "put the value in quotes"),
    ("did not find expected <document start>", "the file goes on after its end", "remove what is left over"),
    ("did not find expected comment or line break", "something stands after the block's indicator", "start a new line"),
    ("undefined tag handle", "a roster takes no tags", "remove the tag"),
    ("exceeded", "lists and mappings nest too deep here", ""),
)
_OPENED_BEFORE = ("while scanning a quoted scalar",)


def explain(error: Any, text: str) -> tuple[tuple[int, int], str, str]:
    """Return the range, the message and the hint for a ``yaml.MarkedYAMLError`` over ``text``."""
    mark = error.problem_mark
    if error.context in _OPENED_BEFORE and "escape" not in error.problem:
        mark = error.context_mark  # the end of the file says nothing; the opening quote does
    start = min(mark.index, len(text))
    where = (start, start + 1)
    at = text[start : start + 1]
    if "cannot start any token" in error.problem:
        if at == "\t":
            return where, "a tab cannot indent a line", "use spaces"
        return where, f'a value cannot start with "{at}"', "put it in quotes"
    for complaint, message, hint in _IN_WORDS:
        if complaint in error.problem:
            return where, message, hint
    return where, f"this is not YAML: {error.problem}", ""
