"""Insertion of a model at the end of a roster, in the roster's style."""

import re
from collections.abc import Mapping

from roster.edit.infer_style import infer_style
from roster.edit.ranges import ModelSample, Ranges, line_break
from roster.edit.style import Style, WrittenValue
from roster.yaml.document import Document
from roster.yaml.line_index import LINE_BREAK, next_line

_LINE_ENDS = ("\n", "\r")


def insert_model(document: Document, model: Mapping[str, WrittenValue]) -> str:
    """Return a roster's text with a model at its end.

    ``model``: its values by key, in the order to use if the roster has no other model.
    """
    text = document.text
    if not document.value:
        return _insert_first(document, model)
    sample = ModelSample(document)
    style = infer_style(sample)
    if sample.starts_with("["):
        end = sample.items[-1][1]
        return text[:end] + style.separator + style.flow_mapping(model) + text[end:]
    end = sample.end_with_comments(sample.items[-1])
    return _join(text, text[:end], style.blank_lines, style, model, text[end:])


def _insert_first(document: Document, model: Mapping[str, WrittenValue]) -> str:
    """Add a model to a roster that has none: after its comments, or instead of ``[]`` or ``null``."""
    text, style = document.text, Style(line_break(document.text))
    start, end = Ranges(document, [()]).value()
    if "#" in text[start:end]:  # keep the brackets, because a comment is within them
        position = start + len(text[start : end - 1].rstrip())
        return f"{text[:position]}{style.line_break}{style.indent}{style.flow_mapping(model)}{text[position:]}"
    head, tail = text, ""
    if text[start:end].strip():
        following = next_line(text, end)
        head, tail = _end_line(text[:start].rstrip(" \t"), style) + text[end:following].lstrip(), text[following:]
    blank_lines = 1 if re.search(rf"#[^\r\n]*{LINE_BREAK}?\Z", head) else 0
    return _join(text, head, blank_lines, style, model, tail)


def _join(text: str, head: str, blank_lines: int, style: Style, model: Mapping[str, WrittenValue], tail: str) -> str:
    """Put a model between two parts of a text; if the text has no final line break, neither has the result."""
    final_break = style.line_break if tail or not text or text.endswith(_LINE_ENDS) else ""
    before = _end_line(head, style) + blank_lines * style.line_break
    return before + style.bullet + style.mapping(model) + final_break + tail


def _end_line(text: str, style: Style) -> str:
    return text + style.line_break if text and not text.endswith(_LINE_ENDS) else text
