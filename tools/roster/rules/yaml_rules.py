"""Rules on YAML: syntax that all parsers read the same way. The loader reports all but the last two."""

import re
from collections.abc import Iterator

from roster.findings import Finding, Place, Replace, Severity, Span
from roster.rules.base.rule import Context, document_rule, external_rule
from roster.yaml.document import Document
from roster.yaml.line_index import LineIndex

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
