"""Rewriting of the lists in the roster's JSON Schema that are generated from the registries, as text."""

import json
from collections.abc import Mapping

from roster.findings import ConfigurationError, Place, Pointer
from roster.schema.validator import at_pointer
from roster.yaml.document import parse
from roster.yaml.line_index import LineIndex


def rewrite_lists(path: str, text: str, lists: Mapping[Pointer, list[str]]) -> str:
    """Return a schema's text with some lists replaced; every other byte stays.

    Raises:
        ConfigurationError: a list is missing, or the text is not YAML.
    """
    document = parse(path, text.encode())
    for finding in document.findings:
        raise ConfigurationError(f"{path} cannot be rewritten: {finding.message}")
    for pointer in lists:
        if not isinstance(at_pointer(document.value, pointer), list):
            raise ConfigurationError(f"{path} cannot be rewritten: it has no list {'/'.join(map(str, pointer))}")
    lines, places = LineIndex(text), {Place(path, pointer): names for pointer, names in lists.items()}
    spans = document.spans(places)
    for place in sorted(places, key=lambda place: spans[place], reverse=True):
        span = spans[place]
        indent = " " * (len(lines[span.line]) - len(lines[span.line].lstrip()))
        items = ",\n".join(f"{indent}  {json.dumps(name, ensure_ascii=False)}" for name in places[place])
        start, end = lines.offsets(span)
        text = f"{text[:start]}[\n{items}\n{indent}]{text[end:]}"
    return text
