"""Rules on YAML: syntax that all parsers read the same way. The loader reports all but the last three."""

import re
from collections.abc import Iterator
from functools import cache
from itertools import islice
from typing import Any

from roster.findings import Finding, Place, Pointer, Replace, Severity, Span
from roster.rules.base.placeholders import PROSE_KEYS
from roster.rules.base.rule import Context, document_rule, external_rule
from roster.schema.model_keys import model_keys, structured_keys
from roster.yaml.document import Document
from roster.yaml.line_index import LineIndex
from roster.yaml.parser import MAX_FINDINGS

yaml_syntax = external_rule(
    "yaml-syntax",
    summary="Invalid YAML.",
    reason="The file cannot be parsed, so none of its models are offered.",
    remedy="Fix the syntax at the caret or just before it.",
    bad="- name: Claude\n  description: good: really\n",
    good='- name: Claude\n  description: "good: really"\n',
)
yaml_duplicate_key = external_rule(
    "yaml-duplicate-key",
    summary="Duplicate key in a mapping.",
    reason="Parsers keep one value and drop the other. Often, a missing dash has merged two models into one.",
    remedy='Remove one of the keys, or start the second model with "- ".',
    bad="- name: Claude\n  family: claude\n  family: gemini\n",
    good="- name: Claude\n  family: claude\n",
)
yaml_ambiguous_scalar = external_rule(
    "yaml-ambiguous-scalar",
    summary="Unquoted value that YAML 1.1 and 1.2 read differently.",
    reason="YAML 1.1 reads no as false and 012 as ten, so the gateway could read a different value than the check.",
    remedy="Quote the value.",
    bad="- name: no\n",
    good='- name: "no"\n  id: norwegian\n',
)
yaml_forbidden_construct = external_rule(
    "yaml-forbidden-construct",
    summary="YAML construct that rosters do not allow.",
    reason="Tags can run code, merge keys and aliases obscure values, and a second document is never read.",
    remedy="Write the values out.",
    bad="- name: !!str Claude\n",
    good="- name: Claude\n",
)
yaml_encoding = external_rule(
    "yaml-encoding",
    summary="Invalid UTF-8, byte order mark or control character.",
    reason="Parsers read such bytes differently, and some fail.",
    remedy="Save the file as UTF-8 without a byte order mark, and remove control characters.",
    bad="\ufeff- name: Claude\n",
    good="- name: Claude\n",
)

_CUT_OFF = r"[^\s#][ \t]+(#[^\s#!][^\r\n]*)"


@document_rule(
    summary="Value that is cut off by a comment.",
    reason='YAML ends an unquoted value at " #" and silently drops the rest.',
    remedy="Quote the value, or start the comment with a # and a space.",
    bad="- name: Claude #2\n",
    good='- name: "Claude #2"\n',
)
def value_cut_by_comment(document: Document, _: Context) -> Iterator[Finding]:
    text = document.text
    if not document.readable or (" #" not in text and "\t#" not in text):
        return
    comments = [match.span(1) for match in re.finditer(_CUT_OFF, text)]
    if not comments:
        return
    from roster.yaml.node_ranges import plain_ends

    ends, lines = plain_ends(text), LineIndex(text)
    for start, end in comments:
        if len(text[:start].rstrip(" \t")) in ends:
            place = Place(document.path, span=lines.span(start, end))
            yield Finding(place, "this is read as a comment", "quote the whole value, or write a space after the #")


_CONTINUED_PROSE = r"(?:name|description|provider)[\x22']?: +[^\n]*\n +- |: +[>|]"
"""A text with an item below it, or a block that may contain a key."""


@document_rule(
    summary="Line that is read as part of the value above it.",
    reason="A line that is indented more than its neighbors continues the value above, which is then another value.",
    remedy="Indent the line like its neighbors, or write the value on one line.",
    bad="- name: Claude\n  features:\n    - duo_chat\n      - code-generation\n",
    good="- name: Claude\n  features:\n    - duo_chat\n    - code-generation\n"
    "  default_for: [duo_chat, code-generation]\n",
)
def unintended_continuation(document: Document, context: Context) -> Iterator[Finding]:
    places = [Place(document.path, pointer) for pointer in islice(_with_spaces(document, context), MAX_FINDINGS)]
    if not places:
        return
    lines, starts = LineIndex(document.text), ("- ", *(f"{key}: " for key in model_keys()))
    for place, span in document.spans(places).items():
        for number in range(span.line + 1, span.end_line + 1):
            text = lines[number].strip()
            if text.startswith(starts) or (text and place.pointer[1] not in PROSE_KEYS):
                column = lines[number].index(text) + 1
                message = f"this line is read as part of the value that starts on line {span.line}"
                again = place._replace(span=Span(number, column, number, column + len(text)))
                is_item = isinstance(place.pointer[-1], int)
                in_block = lines[span.line][: span.column - 1].rstrip().endswith("-")
                yield Finding(again, message, _continuation_hint(text.startswith(starts), is_item, in_block))
                break


def _continuation_hint(has_start: bool, is_item: bool, in_block: bool) -> str:
    """Return what to do with a line that has the start of an item or key, or continues an item of a list."""
    if has_start:
        return "indent it like its neighbors"
    join = "write the value on one line"
    separate = 'start it with "- "' if in_block else "put a comma before it"
    return f"{separate} if it is an item; otherwise, {join}" if is_item else join


def _with_spaces(document: Document, context: Context) -> Iterator[Pointer]:
    """Yield the pointers of the values that may continue on another line by mistake.

    Values that nobody reads contain no space, unless the schema rejects their model.
    """
    models = document.value if isinstance(document.value, list) else []
    prose = bool(models) and not _continued_prose().is_valid(document.text)
    for index in range(len(models)) if prose else sorted(context.invalid):
        for key, value in models[index].items() if isinstance(models[index], dict) else ():
            if isinstance(value, str):
                # the schema rejects a text instead of a list or a mapping, and says what is meant
                if " " in value and (prose or key not in PROSE_KEYS) and key not in structured_keys():
                    yield index, key
            elif value:
                yield from (pointer for pointer, text in _items(value, (index, key)) if " " in text)


def _items(value: object, pointer: Pointer) -> Iterator[tuple[Pointer, str]]:
    """Yield the pointers and texts in a list, or in the lists of a mapping."""
    if isinstance(value, list):
        yield from (((*pointer, index), item) for index, item in enumerate(value) if isinstance(item, str))
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from _items(item, (*pointer, key))


@cache
def _continued_prose() -> Any:
    import jsonschema_rs  # its regular expressions search ten times as fast as Python's

    return jsonschema_rs.validator_for({"not": {"pattern": _CONTINUED_PROSE}})


_SCHEMA_LINE = r"(?m)^[ \t]*#[ \t]+yaml-language-server[ \t]*:[^\r\n]*\$schema=\S"


@document_rule(
    severity=Severity.WARNING,
    summary="Missing link to the JSON Schema for editors.",
    reason="With this line, editors complete and explain keys and features, and show mistakes as you type.",
    remedy="Add the line shown in the message at the top of the file.",
    bad="- name: Claude\n",
    good="# yaml-language-server: $schema=../../schemas/offered_models_metadata.schema.json\n- name: Claude\n",
)
def missing_schema_line(document: Document, context: Context) -> Iterator[Finding]:
    line = f"# yaml-language-server: $schema={context.schema}"
    if not (context.schema and document.readable and document.value) or document.text.startswith(line):
        return
    if not re.search(_SCHEMA_LINE, document.text):
        place = Place(document.path, span=Span(1, 1, 1, 1))
        message = "the file does not name its JSON Schema for editors"
        yield Finding(place, message, f'add "{line}" above', "", (Replace(place, f"{line}\n"),))
