"""Rules on YAML itself. The loader finds these while it reads, all but the last two."""

import re
from collections.abc import Iterator

from roster.findings import Finding, Place, Replace, Severity, Span
from roster.rules.rule import Context, document_rule, external_rule
from roster.yaml.document import Document
from roster.yaml.line_index import LineIndex

yaml_syntax = external_rule(
    "yaml-syntax",
    severity=Severity.ERROR,
    summary="The file is not YAML.",
    reason="Nobody can read it, so nothing in it is offered.",
    remedy="Mend the file at the caret; the cause is there or just before.",
    bad="- name: Claude\n  description: good: really\n",
    good='- name: Claude\n  description: "good: really"\n',
)
yaml_duplicate_key = external_rule(
    "yaml-duplicate-key",
    severity=Severity.ERROR,
    summary="A key is given twice in one mapping.",
    reason="Readers keep one of the two values and drop the other; often a dash is missing and two models became one.",
    remedy='Remove one of the two, or start the second model with "- ".',
    bad="- name: Claude\n  family: claude\n  family: gemini\n",
    good="- name: Claude\n  family: claude\n",
)
yaml_ambiguous_scalar = external_rule(
    "yaml-ambiguous-scalar",
    severity=Severity.ERROR,
    summary="A value without quotes means different things in different versions of YAML.",
    reason="YAML 1.1 reads no as false and 012 as ten; what was checked would not be what the gateway reads.",
    remedy="Put the value in quotes.",
    bad="- name: no\n",
    good='- name: "no"\n  id: norwegian\n',
)
yaml_forbidden_construct = external_rule(
    "yaml-forbidden-construct",
    severity=Severity.ERROR,
    summary="The file uses a part of YAML that rosters do without.",
    reason=(
        "Tags can run code, merge keys and many aliases hide what a model says, and a second document is never read."
    ),
    remedy="Write the values out.",
    bad="- name: !!str Claude\n",
    good="- name: Claude\n",
)
yaml_encoding = external_rule(
    "yaml-encoding",
    severity=Severity.ERROR,
    summary="The file is not clean UTF-8.",
    reason="Readers disagree on what other bytes mean, and some stop at them.",
    remedy="Save the file as UTF-8 without a byte order mark, and remove control characters.",
    bad="\ufeff- name: Claude\n",
    good="- name: Claude\n",
)

_CUT = r"[^\s#][ \t]+(#[^\s#!][^\r\n]*)"


@document_rule(
    severity=Severity.ERROR,
    summary="What follows a value was read as a comment.",
    reason='YAML ends a value without quotes at " #"; the rest is lost without a word.',
    remedy="Put the value in quotes, or write a space after the # of a comment.",
    bad="- name: Claude #2\n",
    good='- name: "Claude #2"\n',
)
def value_cut_by_comment(document: Document, _: Context) -> Iterator[Finding]:
    text = document.text
    if not document.readable or (" #" not in text and "\t#" not in text):
        return
    found = [match.span(1) for match in re.finditer(_CUT, text)]
    ends = document.plain_scalar_ends() if found else frozenset()
    lines = LineIndex(text) if found else None
    for start, end in found:
        if lines and len(text[:start].rstrip(" \t")) in ends:
            place = Place(document.path, span=lines.span(start, end))
            yield Finding(place, "this was read as a comment", "put the whole value in quotes, or a space after the #")


_SCHEMA_LINE = r"(?m)^[ \t]*#[ \t]+yaml-language-server[ \t]*:[^\r\n]*\$schema=\S"


@document_rule(
    severity=Severity.WARNING,
    summary="No line tells editors which JSON Schema the file has.",
    reason="With it an editor completes keys and features, explains them, and shows mistakes while they are made.",
    remedy="Start the file with the line that the message gives.",
    bad="- name: Claude\n",
    good="# yaml-language-server: $schema=../../schemas/offered_models_metadata.schema.json\n- name: Claude\n",
)
def missing_schema_line(document: Document, context: Context) -> Iterator[Finding]:
    line = f"# yaml-language-server: $schema={context.schema}"
    if context.schema and document.readable and document.value and not re.search(_SCHEMA_LINE, document.text):
        place = Place(document.path, span=Span(1, 1, 1, 1))
        hint = f'write "{line}" above'
        yield Finding(
            place, "editors are not told which schema this file has", hint, "", (Replace(place, f"{line}\n"),)
        )
