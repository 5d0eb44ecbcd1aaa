"""A model added at the end of a roster, in the roster's own style: every byte that was there stays."""

import re
from collections.abc import Mapping
from typing import Any

from roster.edit.infer_style import learn
from roster.edit.neighbours import BREAK, Neighbours, line_break, range_of_roster
from roster.edit.style import Style, Value
from roster.findings import ConfigurationError
from roster.roster import DATE_KEYS
from roster.yaml.document import Document, read

_ENDS_A_LINE = ("\n", "\r")


def insert(path: str, text: str, model: Mapping[str, Value]) -> str:
    """Return a roster's text with a model added at its end.

    ``model``: its values by key, in the order that a roster without any model is to have.

    Raises:
        ConfigurationError: the text is no roster, or one so unusual that a model has to be added by hand.
    """
    document = read(path, text.encode(), dates=DATE_KEYS)
    before = _models(document)
    changed = text[: len(text) - len(document.text)] + _changed(document, model)
    after = read(path, changed.encode(), dates=DATE_KEYS)
    new = {key: value if isinstance(value, str) else list(value) for key, value in model.items()}
    if after.value != [*before, new]:
        raise ConfigurationError(
            f"{path} is written in a way that nothing can be added to safely: add the model by hand"
        )
    return changed


def _models(document: Document) -> list[Any]:
    value = [] if document.value is None else document.value
    if not document.readable or not isinstance(value, list):
        what = "is not a list of models" if document.readable else "cannot be read as YAML"
        raise ConfigurationError(f"{document.path} {what}, so none can be added: roster check says what is wrong")
    return value


def _changed(document: Document, model: Mapping[str, Value]) -> str:
    text = document.text
    if not document.value:
        return _with_the_first(document, model)
    neighbours = Neighbours(document)
    style = learn(neighbours)
    if neighbours.in_brackets:
        end = neighbours.items[-1][1]
        return text[:end] + style.between + style.in_braces(model) + text[end:]
    end = neighbours.end_of_lines(neighbours.items[-1])
    return _joined(text, text[:end], style.blank_lines, style, model, text[end:])


def _with_the_first(document: Document, model: Mapping[str, Value]) -> str:
    """Add a model to a roster that has none: below its comments, or where it holds ``[]`` or ``null``."""
    text, style = document.text, Style(line_break(document.text))
    start, end = range_of_roster(document)
    if "#" in text[start:end]:  # a comment in the brackets keeps them
        here = start + len(text[start : end - 1].rstrip())
        return f"{text[:here]}{style.line_break}{style.indent}{style.in_braces(model)}{text[here:]}"
    head, tail = text, ""
    if text[start:end].strip():
        head, comment, tail = text[:start].rstrip(" \t"), *_rest_of_line(text, end)
        head = _ended(head, style) + comment
    blank_lines = 1 if re.search(rf"#[^\r\n]*{BREAK}?\Z", head) else 0
    return _joined(text, head, blank_lines, style, model, tail)


def _joined(text: str, head: str, blank_lines: int, style: Style, model: Mapping[str, Value], tail: str) -> str:
    """Put a model between two parts of a text; at its end, the last line ends as the text's last line did."""
    last_break = style.line_break if tail or not text or text.endswith(_ENDS_A_LINE) else ""
    return _ended(head, style) + blank_lines * style.line_break + style.item(model) + last_break + tail


def _ended(text: str, style: Style) -> str:
    return text + style.line_break if text and not text.endswith(_ENDS_A_LINE) else text


def _rest_of_line(text: str, start: int) -> tuple[str, str]:
    """Return the comment that follows on a line, with the line's break, and what follows the line."""
    rest = re.compile(rf"[^\r\n]*{BREAK}?").match(text, start)
    line = rest[0] if rest else ""
    return line.lstrip(" \t") if line.strip() else "", text[start + len(line) :]
