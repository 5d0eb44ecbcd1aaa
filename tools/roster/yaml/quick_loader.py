"""Quick loader: reads clean files, without positions.

It handles what nearly every roster consists of, and gives up at the first alias, anchor, tag, merge key, ambiguous
scalar, duplicate key, second document or error; the careful loader then reads the file. Whatever it returns, the
careful loader returns too, without a finding: the differential tests compare the two.
"""

from typing import Any

import yaml

from roster.yaml.parser import LINE_BREAKS, MAX_DEPTH, MAX_KEYS, MAX_NODES, PARSE_ERRORS, CParser
from roster.yaml.plain_scalars import LOOKS_TYPED, NOT_TEXT, AmbiguousScalarError, resolve_scalar


class TooManyNodesError(Exception):
    """The file has more than MAX_NODES keys, values, lists and mappings."""


class _HandOver(Exception):
    """The file contains something that only the careful loader handles."""


def load(text: str, dates: frozenset[str]) -> tuple[bool, Any]:
    """Return (True, the document's value), or (False, None) if the careful loader has to read it.

    ``dates``: the keys whose value may be a plain date.

    Raises:
        TooManyNodesError: there are too many to read the file again.
    """
    if "\t" in text or ("%" in text and _may_have_directives(text)):
        return False, None
    try:
        return True, _read(CParser(text), dates)
    except (_HandOver, AmbiguousScalarError, *PARSE_ERRORS):
        return False, None


def _may_have_directives(text: str) -> bool:
    """Return whether any line starts with a %; libyaml compares each directive with all before it."""
    return text[0] == "%" or any(line_break + "%" in text for line_break in LINE_BREAKS)


def _read(parser: Any, dates: frozenset[str]) -> Any:  # one loop: a call per node would double its time
    next_event = parser.get_event
    scalar, mapping_start, sequence_start = yaml.ScalarEvent, yaml.MappingStartEvent, yaml.SequenceStartEvent
    not_text, looks_typed = NOT_TEXT, LOOKS_TYPED
    next_event()  # the stream's start
    if type(next_event()) is not yaml.DocumentStartEvent:
        raise _HandOver  # an empty stream: the careful loader reports where
    root: list[Any] = []
    stack: list[Any] = []
    names: dict[str, str] = {}  # keys recur in every model: share one string
    container: Any = root  # the one being filled
    key: str | None = None  # the mapping's key that waits for its value
    budget = MAX_NODES + 1  # the end of the document
    while budget:
        ends = 0
        for _ in range(budget):
            event = next_event()
            kind = type(event)
            if kind is scalar:
                value: Any = event.value
                if event.anchor is not None or event.tag is not None:
                    raise _HandOver
                if event.implicit[0] and (value in not_text or value[0] in looks_typed):
                    value = resolve_scalar(value, date_expected=key in dates)
                if type(container) is list:
                    container.append(value)
                elif key is None:
                    if type(value) is not str or value in container:
                        raise _HandOver
                    key = names.setdefault(value, value)
                else:
                    container[key] = value
                    key = None
                continue
            if kind is mapping_start or kind is sequence_start:
                if event.anchor is not None or event.tag is not None or len(stack) == MAX_DEPTH:
                    raise _HandOver
                value = {} if kind is mapping_start else []
                if type(container) is list:
                    container.append(value)
                elif key is None:
                    raise _HandOver
                else:
                    container[key] = value
                    key = None
                stack.append(container)
                container = value
            elif kind is yaml.MappingEndEvent or kind is yaml.SequenceEndEvent:
                if len(container) > MAX_KEYS and kind is yaml.MappingEndEvent:
                    raise _HandOver
                container = stack.pop()
                ends += 1
            elif kind is yaml.DocumentEndEvent and type(next_event()) is yaml.StreamEndEvent:
                return root[0]
            else:
                raise _HandOver
        budget = ends  # which are no nodes
    raise TooManyNodesError
