"""Recognition of text that is not meant to be read as it is: markup, code, addresses, quotes, garbled characters."""

import html
import re
from collections.abc import Iterator
from typing import NamedTuple

from roster.naming import quote
from roster.rules.base.placeholders import HTML_TAG
from roster.rules.base.unicode_text import invisible_characters

_PAIRS = {
    "“": "”", "„": "“”", "”": "”", "«": "»", "»": "«", "\u2018": "\u2019", "\u201a": "\u2018\u2019", "\u2039": "\u203a",
    '"': '"', "'": "'", "`": "`",
}  # fmt: skip
"""The closing quotes for each opening one."""
_ONE_SIDED = "“”„«»"
_ENTITY = r"&(?:#\d{1,7}|#x[0-9a-fA-F]{1,6}|[A-Za-z]{2,31});"
_SYMBOLS = "\x80-\xbf\u0152\u0153\u0160\u0161\u0178\u017d\u017e\u0192\u02c6\u02dc\u2013-\u203a\u20ac\u2122"
_GARBLED = (
    rf"(?:[ÂÃ][{_SYMBOLS}]|â[€\u201a\u201e][{_SYMBOLS}]|ð[{_SYMBOLS}]{{3}}|ï»¿|(?:[ÐÑ][{_SYMBOLS}]){{2,}}"
    rf"|(?:[ä-é][{_SYMBOLS}]{{2}}){{2,}})"
)
"""UTF-8 that was read as Windows-1252, such as Ã© for é."""
_CODE = {
    "an HTML tag": HTML_TAG,
    "SQL": (
        r"(?i)\b(?:drop|truncate|alter)\s+(?:table|database|schema)\b|\bunion\s+(?:all\s+)?select\b|;\s*--"
        r"|'\s*or\s+'?\w+'?\s*=|(?-i:\bSELECT\s.*\sFROM\b|\bINSERT INTO\b|\bDELETE FROM\b)"
    ),
    "a shell command": r";\s*(?:rm|curl|wget|bash|sh|cat|nc)\s+\S",
    "a script": r"(?i)javascript:|data:text/html",
    "a relative path": r"\.\.[/\\]",
    "a file's path": r"(?i)/etc/passwd|file://",
    "percent-encoding": r"%(?:0[AaDd]|2[0-9A-Fa-f]|3[A-Fa-f])(?![0-9])",
    "Markdown": (
        r"!?\[[^\]]*\]\([^)]*\)|\*\*\S.*?\*\*|(?<![\w*])\*\w[^*]*\*(?![\w*])|(?<!\w)__\w.*?__(?!\w)|`[^`]+`|~~\S.*?~~"
    ),
    "a formula": r"\A=\w",
}
_IN_NAMES = {
    "a Markdown block": r"\A(?:#{1,6}|[-*+>]) ",
    "an escape sequence": r"\\(?:x[0-9A-Fa-f]{2}|u[0-9A-Fa-f]{4}|[A-Za-z0\"'])",
    "a user name and a password": r"(?<![^\s/\"'<>])[^\s/:@]++:[^\s@]++@[A-Za-z0-9]",
    "a password": r"(?i)\b(?:pass(?:word|wd|phrase)|secret|token|api[-_ ]?key)\b\s*[:=]\s*\S",
    "an address": r"(?i)\b[a-z][a-z0-9+.-]*://\S*|\bwww\.\w\S*",
}


class Problem(NamedTuple):
    """A problem with a text: what the value contains, what to do, and the corrected value if there is exactly one."""

    message: str
    hint: str
    correction: str = ""


def surrounding_quotes(value: str) -> Problem | None:
    """Return the problem of a value that includes quotes around it."""
    if len(value) < 3:
        return None
    first, last, inner = value[0], value[-1], value[1:-1]
    if last in _PAIRS.get(first, "") and inner.strip() and not set(first + last) & set(inner):
        return Problem(f"the quotes {first} and {last} are part of this value", "remove them", inner.strip())
    if first in _ONE_SIDED and value.count(first) == 1 and not set(_PAIRS.get(first, "")) & set(value[1:]):
        return Problem(f"the quote {first} at the start is part of this value", "remove it", value[1:].strip())
    if last in _ONE_SIDED and value.count(last) == 1 and not _opens(value[:-1], last):
        return Problem(f"the quote {last} at the end is part of this value", "remove it", value[:-1].strip())
    return None


def not_plain(key: str, value: str) -> Problem | None:
    """Return the first problem of a text that people read; None for plain text."""
    return next(_problems(key, value), None)


def misread(key: str, value: str) -> Problem | None:
    """Return the problem of a text that was read in the wrong encoding; None for any other."""
    if garbled := re.search(_GARBLED, value):
        return _garbled(key, value, garbled[0])
    if "\ufffd" in value:
        return Problem(f"{quote(key)} contains U+FFFD in place of a lost character", "retype the text")
    return None


def _problems(key: str, value: str) -> Iterator[Problem]:
    if problem := misread(key, value):
        yield problem
    for match in re.finditer(_ENTITY, value):
        if (text := _decoded(match)) != match[0]:
            hint = f"write {'a space' if text == ' ' else quote(text)}" if text else "remove it"
            yield Problem(_contains(key, "an HTML entity", match[0]), hint, re.sub(_ENTITY, _decoded, value))
    for kind, pattern in (_CODE if key == "description" else _CODE | _IN_NAMES).items():
        if code := re.search(pattern, value):
            hint = "write plain text: customers see it as it is"
            if "password" in kind:
                hint = "remove it; revoke it if it is real"
            yield Problem(_contains(key, kind, code[0]), hint)


def _decoded(entity: re.Match[str]) -> str:
    """Return the text of an HTML entity: a space for any white space, nothing for an invisible or invalid character."""
    text = html.unescape(entity[0])
    if text.isspace():
        return " "
    return "" if invisible_characters(text) or "\ufffd" in text else text


def _contains(key: str, kind: str, text: str) -> str:
    shown = "" if "password" in kind or "@" in text else f": {quote(text)}"
    return f"{quote(key)} contains {kind}{shown}"


def _garbled(key: str, value: str, garbled: str) -> Problem:
    message = f"{quote(key)} contains garbled characters: {quote(garbled)}"
    try:
        corrected = re.sub(_GARBLED, lambda match: match[0].encode("cp1252").decode(), value)
    except UnicodeError:
        return Problem(message, "retype the text")
    return Problem(message, f"write {quote(corrected)}", corrected)


def _opens(text: str, closing: str) -> bool:
    """Return whether a text has an opening quote for a closing one."""
    return any(char in text for char, closings in _PAIRS.items() if closing in closings)
