"""libyaml's complaints in words that help: what is wrong, where, and what to write instead.

The complaints are those of libyaml's scanner.c and parser.c (https://github.com/yaml/libyaml).
"""

import re
from collections.abc import Callable
from typing import Any

from roster.yaml import event_ranges
from roster.yaml.event_ranges import Range

CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ufffe\uffff]+")
"""What libyaml's reader refuses: control characters, and what Unicode calls no character."""

Explanation = tuple[Range, str, str]
"""The range, the message and the hint."""

_CONFLICT = re.compile(r"(?m)^(?:<{7}|>{7}) .*$")
_IN_WORDS: tuple[tuple[str, str, str], ...] = (
    ("block sequence entries are not allowed", "a list item cannot stand here", "put it on a line of its own"),
    ("mapping keys are not allowed", 'a value cannot start with "? "', "put it in quotes"),
    ("found a tab character", "a tab cannot indent a line", "use spaces"),
    ("did not find expected <document start>", "the file goes on after its end", "remove what is left over"),
    ("did not find expected comment or line break", "something stands after the block's indicator", "start a new line"),
    ("indentation indicator equal to 0", "a block is indented by 1 to 9 spaces", "remove the 0"),
    ("exceeded", "lists and mappings nest too deep here", ""),
)


def explain(error: Any, text: str) -> Explanation:
    """Return the range, the message and the hint for a ``yaml.MarkedYAMLError`` over ``text``."""
    conflict = _CONFLICT.search(text)
    if conflict:
        return conflict.span(), "a merge conflict was left in this file", "resolve it, and remove its marks"
    at = min(error.problem_mark.index, len(text))
    for complaint, explained in _EXPLAINED.items():
        if complaint in error.problem:
            return explained(error, text, at)
    for complaint, message, hint in _IN_WORDS:
        if complaint in error.problem:
            return (at, at + 1), message, hint
    return (at, at + 1), f"this is not YAML: {error.problem}", ""


def strange_tag(error: Any, text: str) -> Range | None:
    """Return the range of the tag that libyaml stumbled over; None when it was something else."""
    if error.context != "while scanning a tag" and "undefined tag handle" not in error.problem:
        return None
    return event_ranges.of_tag_at(error.context_mark.index, text)


def _strange_start(_: Any, text: str, at: int) -> Explanation:
    if text[at] == "\t":
        return (at, at + 1), "a tab cannot indent a line", "use spaces"
    return (at, at + 1), f'a value cannot start with "{text[at]}"', "put it in quotes"


def _anchor_without_name(error: Any, text: str, _: int) -> Explanation:
    at = error.context_mark.index
    hint = "put it in quotes" if text[at] == "&" else 'put it in quotes, or start a list item with "- "'
    return (at, at + 1), f'a value cannot start with "{text[at]}"', hint


def _colon(_: Any, text: str, at: int) -> Explanation:
    before = _line_before(text, at)
    key = before.lstrip(" -")
    if ":" in key or key[:1] in ("'", '"', "[", "{"):
        return (at, at + 1), 'a ":" cannot stand here', 'put a value that contains ": " in quotes'
    return (
        (at - len(key), at),
        "this line continues the value above it, and holds a key",
        "indent it like its neighbours",
    )


def _no_colon(error: Any, text: str, _: int) -> Explanation:
    at = error.context_mark.index
    hint = 'write ": " after a key, and indent text more than the key that it belongs to'
    return (at, at + len(_line_after(text, at))), 'this is not a key with its value: the ":" is missing', hint


def _no_key(_: Any, text: str, at: int) -> Explanation:
    if text[at : at + 1] == ":":
        return (at, at + 1), 'there is no key before this ":"', "write the key"
    message, hint = "this does not line up with the keys above it", "indent it like its neighbours"
    return _after_value(text, at) or ((at, at + 1), message, hint)


def _no_dash(_: Any, text: str, at: int) -> Explanation:
    message = "this does not line up with the list above it"
    hint = 'indent it like its neighbours, or start a new model with "- "'
    return _after_value(text, at) or ((at, at + 1), message, hint)


def _after_value(text: str, at: int) -> Explanation | None:
    before = _line_before(text, at).rstrip()
    quote = before[-1:]
    where = (at, at + len(_line_after(text, at)))
    if not before.strip(" -"):
        return None
    if quote not in ("'", '"'):
        return where, "this stands after the end of the value", "put the whole value in quotes"
    if before.count(quote) % 2:
        end = at - len(_line_before(text, at)) + len(before)
        return (end - 1, end), "the quote that closes here was opened on a line above", "close it there"
    return where, "this stands after the closing quote", "put the whole value in quotes, of the other kind"


def _no_comma(error: Any, text: str, at: int) -> Explanation:
    opened = error.context_mark.index
    bracket = text[opened : opened + 1]
    closing = {"[": "]", "{": "}"}.get(bracket, "]")
    line = _line_before(text, opened)
    outside = len(line) - len(line.lstrip(" -"))
    here = _line_before(text, at)
    continues = len(here) - len(here.lstrip(" ")) > outside or "\n" not in text[opened:at]
    if bracket in ("[", "{") and (not text[at:].strip() or not continues):
        return (opened, opened + 1), f'the "{bracket}" opened here never closes', f'add "{closing}"'
    return (at, at + 1), f'a comma or a "{closing}" is missing before this', ""


def _no_value(error: Any, text: str, at: int) -> Explanation:
    if not text[at:].strip():
        end = len(text.rstrip())
        return (max(end - 1, 0), end), "the file ends where a value is missing", "close what is open"
    if "block" in error.context and text[at] in "]},":
        return (at, at + 1), f'a value cannot start with "{text[at]}"', "put it in quotes"
    return (at, at + 1), "a value is missing before this", ""


def _open_quote(error: Any, text: str, _: int) -> Explanation:
    at = error.context_mark.index  # the end of the file says nothing; the opening quote does
    return (at, at + 1), "the quote opened here never closes", f"add {text[at]} where it ends"


def _escape(message: str, hint: str) -> Callable[[Any, str, int], Explanation]:
    def explained(_: Any, text: str, at: int) -> Explanation:
        start = text.rfind("\\", 0, at + 1)
        return (start, max(at, start + 2)), message, hint

    return explained


def _line_before(text: str, at: int) -> str:
    return text[max(text.rfind("\n", 0, at), text.rfind("\r", 0, at)) + 1 : at]


def _line_after(text: str, at: int) -> str:
    found = re.compile(r"[^\r\n]*").match(text, at)
    return found.group().rstrip() if found else ""


_EXPLAINED: dict[str, Callable[[Any, str, int], Explanation]] = {
    "cannot start any token": _strange_start,
    "alphabetic or numeric character": _anchor_without_name,
    "mapping values are not allowed": _colon,
    "could not find expected ':'": _no_colon,
    "did not find expected key": _no_key,
    "did not find expected '-' indicator": _no_dash,
    "did not find expected ',' or": _no_comma,
    "did not find expected node content": _no_value,
    "found unexpected end of stream": _open_quote,
    "found unexpected document indicator": _open_quote,
    "unknown escape character": _escape("this escape means nothing in double quotes", "use single quotes"),
    "hexdecimal number": _escape("this escape lacks hexadecimal digits", "use single quotes"),
    "invalid Unicode character escape": _escape("this escape names no character", "write the character itself"),
}
