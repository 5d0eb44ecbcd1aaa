"""The quick way through a clean file: values without positions.

It knows only what nearly every roster is made of and hands over to the careful way (by returning None) at the first
alias, anchor, tag, merge key, ambiguous scalar, repeated key, second document or mistake. Whatever it does return,
the careful way returns as well, without a finding: the differential tests hold the two together.
"""

from typing import Any

import yaml

from roster.yaml.libyaml import BREAKS, UNREADABLE, CParser
from roster.yaml.limits import DEPTH, NODES
from roster.yaml.plain_scalars import LOOKS_TYPED, NOT_TEXT, AmbiguousScalarError, resolve


class _HandOver(Exception):
    """The file holds something that only the careful way understands."""


def values(text: str, dates: frozenset[str]) -> tuple[bool, Any]:
    """Return (True, the document's value), or (False, None) when the careful way has to read it.

    ``dates``: the keys whose value may be a plain date.
    """
    if "\t" in text or ("%" in text and _may_have_directives(text)):
        return False, None
    try:
        return True, _read(CParser(text), dates)
    except (_HandOver, AmbiguousScalarError, *UNREADABLE):
        return False, None


def _may_have_directives(text: str) -> bool:
    """Say whether any line starts with a %; libyaml compares each directive with all before it."""
    return text[0] == "%" or any(line_break + "%" in text for line_break in BREAKS)


def _read(parser: Any, dates: frozenset[str]) -> Any:  # one loop: a call for each node would double its time
    next_event = parser.get_event
    scalar, mapping_start, sequence_start = yaml.ScalarEvent, yaml.MappingStartEvent, yaml.SequenceStartEvent
    not_text, looks_typed = NOT_TEXT, LOOKS_TYPED
    next_event()  # the stream's start
    if type(next_event()) is not yaml.DocumentStartEvent:
        raise _HandOver  # an empty stream: the careful way says where
    root: list[Any] = []
    stack: list[Any] = []
    names: dict[str, str] = {}  # keys come again in every model: one string serves them all
    here: Any = root  # the container being filled
    key: str | None = None  # the key that waits for its value, in a mapping
    for _ in range(NODES):
        event = next_event()
        kind = type(event)
        if kind is scalar:
            value: Any = event.value
            if event.anchor is not None or event.tag is not None:
                raise _HandOver
            if event.implicit[0] and (value in not_text or value[0] in looks_typed):
                value = resolve(value, date_expected=key in dates)
            if type(here) is list:
                here.append(value)
            elif key is None:
                if type(value) is not str or value in here:
                    raise _HandOver
                key = names.setdefault(value, value)
            else:
                here[key] = value
                key = None
            continue
        if kind is mapping_start or kind is sequence_start:
            if event.anchor is not None or event.tag is not None or len(stack) == DEPTH:
                raise _HandOver
            value = {} if kind is mapping_start else []
            if type(here) is list:
                here.append(value)
            elif key is None:
                raise _HandOver
            else:
                here[key] = value
                key = None
            stack.append(here)
            here = value
        elif kind is yaml.MappingEndEvent or kind is yaml.SequenceEndEvent:
            here = stack.pop()
        elif kind is yaml.DocumentEndEvent and type(next_event()) is yaml.StreamEndEvent:
            return root[0]
        else:
            raise _HandOver
    raise _HandOver
