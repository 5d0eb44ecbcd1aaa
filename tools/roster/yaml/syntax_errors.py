"""Readable messages for libyaml's syntax errors: what is wrong, where, and what to write instead.

The errors are those of libyaml's scanner.c and parser.c (https://github.com/yaml/libyaml).
"""

import re
from collections.abc import Callable
from typing import Any

from roster.yaml import event_ranges
from roster.yaml.line_index import Range, line_end, line_start

CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ufffe\uffff]+")
"""What libyaml's reader rejects: control characters and Unicode noncharacters."""

Explanation = tuple[Range, str, str]
"""The range, the message and the hint."""

NOT_REPLACED = "this looks like a template or a reference, which nothing replaces"
WRITE_THE_VALUE = "write the value itself"
_REFERENCE = re.compile(r"%\w+%|@\w+@|\{%[^\r\n]*?%\}|`[^`\r\n]*`")
_CONFLICT = re.compile(r"(?m)^(?:<{7}|>{7}) .*$")


def explain(error: Any, text: str) -> Explanation:
    """Return the range, the message and the hint for a ``yaml.MarkedYAMLError`` over ``text``."""
    if conflict := _CONFLICT.search(text):
        return conflict.span(), "unresolved merge conflict", "resolve it and remove the conflict markers"
    at = min(error.problem_mark.index, len(text))
    for problem, explanation in _EXPLANATIONS.items():
        if problem in error.problem:
            return explanation(error, text, at)
    return (at, at + 1), f"this is not YAML: {error.problem}", ""


def invalid_tag(error: Any, text: str) -> Range | None:
    """Return the range of the tag that caused an error; None for another cause."""
    if error.context != "while scanning a tag" and "undefined tag handle" not in error.problem:
        return None
    return event_ranges.of_tag(error.context_mark.index, text)


def _invalid_start(_: Any, text: str, at: int) -> Explanation:
    if text[at] == "\t":
        return (at, at + 1), "a tab cannot indent a line", "use spaces"
    start = at - 1 if text.startswith("{%", at - 1) else at
    if reference := _REFERENCE.match(text, start):
        return reference.span(), NOT_REPLACED, WRITE_THE_VALUE
    return (at, at + 1), f'a value cannot start with "{text[at]}"', "put it in quotes"


def _anchor_without_name(error: Any, text: str, _: int) -> Explanation:
    at = error.context_mark.index
    hint = "put it in quotes" if text[at] == "&" else 'put it in quotes, or start a list item with "- "'
    return (at, at + 1), f'a value cannot start with "{text[at]}"', hint


def _colon(_: Any, text: str, at: int) -> Explanation:
    before = _line_before(text, at)
    key = before.lstrip(" -")
    if ":" in key or key[:1] in ("'", '"', "[", "{"):
        return (at, at + 1), 'a ":" is not allowed here', 'put a value that contains ": " in quotes'
    message = "this line continues the value above it but contains a key"
    return (at - len(key), at), message, "indent it like its neighbors"


def _no_colon(error: Any, text: str, _: int) -> Explanation:
    at = error.context_mark.index
    hint = 'write ": " after a key, and indent text more than the key that it belongs to'
    return (at, at + len(_line_after(text, at))), 'missing ":" after a key', hint


def _no_key(_: Any, text: str, at: int) -> Explanation:
    if text[at : at + 1] == ":":
        return (at, at + 1), 'there is no key before this ":"', "write the key"
    message, hint = "this is not aligned with the keys above it", "indent it like its neighbors"
    return _after_value(text, at) or ((at, at + 1), message, hint)


def _no_dash(_: Any, text: str, at: int) -> Explanation:
    message, hint = "this is not aligned with the list above it", "indent it like its neighbors"
    return _after_value(text, at) or ((at, at + 1), message, f'{hint}, or start a new entry with "- "')


def _after_value(text: str, at: int) -> Explanation | None:
    before = _line_before(text, at).rstrip()
    quote = before[-1:]
    position = (at, at + len(_line_after(text, at)))
    if not before.strip(" -"):
        return None
    if quote not in ("'", '"'):
        return position, "text after the end of the value", "put the whole value in quotes"
    if before.count(quote) % 2:
        end = at - len(_line_before(text, at)) + len(before)
        return (end - 1, end), "the quote closed here was opened on a line above", "close it there"
    return position, "text after the closing quote", "put the whole value in quotes, of the other kind"


def _no_comma(error: Any, text: str, at: int) -> Explanation:
    opened = error.context_mark.index
    bracket = text[opened : opened + 1]
    closing = {"[": "]", "{": "}"}.get(bracket, "]")
    line = _line_before(text, opened)
    outside = len(line) - len(line.lstrip(" -"))
    current = _line_before(text, at)
    continues = len(current) - len(current.lstrip(" ")) > outside or "\n" not in text[opened:at]
    if bracket in ("[", "{") and (not text[at:].strip() or not continues):
        return (opened, opened + 1), f'the "{bracket}" opened here is never closed', f'add "{closing}"'
    return (at, at + 1), f'a comma or a "{closing}" is missing before this', ""


def _no_value(error: Any, text: str, at: int) -> Explanation:
    if not text[at:].strip():
        end = len(text.rstrip())
        return (max(end - 1, 0), end), "the file ends where a value is missing", "close what is open"
    if "block" in error.context and text[at] in "]},":
        return (at, at + 1), f'a value cannot start with "{text[at]}"', "put it in quotes"
    return (at, at + 1), "a value is missing before this", ""


def _open_quote(error: Any, text: str, _: int) -> Explanation:
    at = error.context_mark.index  # the end of the file is no help; the opening quote is
    return (at, at + 1), "the quote opened here is never closed", f"add {text[at]} where it ends"


def _message(message: str, hint: str) -> Callable[[Any, str, int], Explanation]:
    return lambda error, text, at: ((at, at + 1), message, hint)


def _escape(message: str, hint: str) -> Callable[[Any, str, int], Explanation]:
    def explained(_: Any, text: str, at: int) -> Explanation:
        start = text.rfind("\\", 0, at + 1)
        return (start, max(at, start + 2)), message, hint

    return explained


def _line_before(text: str, at: int) -> str:
    return text[line_start(text, at) : at]


def _line_after(text: str, at: int) -> str:
    return text[at : line_end(text, at)].rstrip()


_EXPLANATIONS: dict[str, Callable[[Any, str, int], Explanation]] = {
    "cannot start any token": _invalid_start,
    "alphabetic or numeric character": _anchor_without_name,
    "mapping values are not allowed": _colon,
    "could not find expected ':'": _no_colon,
    "did not find expected key": _no_key,
    "did not find expected '-' indicator": _no_dash,
    "did not find expected ',' or": _no_comma,
    "did not find expected node content": _no_value,
    "found unexpected end of stream": _open_quote,
    "found unexpected document indicator": _open_quote,
    "unknown escape character": _escape("invalid escape in double quotes", "use single quotes"),
    "hexdecimal number": _escape("too few hexadecimal digits in this escape", "use single quotes"),
    "invalid Unicode character escape": _escape("this escape is not a valid character", "write the character itself"),
    "block sequence entries are not allowed": _message(
        "a list item is not allowed here", "put it on a line of its own"
    ),
    "mapping keys are not allowed": _message('a value cannot start with "? "', "put it in quotes"),
    "found a tab character": _message("a tab cannot indent a line", "use spaces"),
    "did not find expected <document start>": _message("content after the end of the document", "remove it"),
    "did not find expected comment or line break": _message("text after a block indicator", "start a new line"),
    "indentation indicator equal to 0": _message("the indentation of a block must be 1 to 9 spaces", "remove the 0"),
    "exceeded": _message("lists and mappings are nested too deeply here", ""),
}
