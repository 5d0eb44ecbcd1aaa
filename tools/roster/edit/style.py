"""The style of a roster, and models, keys and values written in it."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

from roster.edit import quoting
from roster.edit.verbatim import Verbatim
from roster.model import DATE_KEYS

_DATE = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}")
_MAX_COLUMNS = 120
"""Of a line with a list in brackets, in a roster that has no other list."""

Value = str | tuple[str, ...]
"""The value of a model's key: a text, or a list of texts."""
Answer = Value | int
"""The value of an option or a prompt."""
WrittenValue = Answer | Verbatim
"""A value to write to a file."""


class FlowStyle(NamedTuple):
    """The spacing of a flow collection (in brackets or braces): before the first item, between two, after the last."""

    opening: str = ""
    separator: str = ", "
    closing: str = ""

    def join(self, items: list[str]) -> str:
        """Return the items with their spacing, without the brackets."""
        return f"{self.opening}{self.separator.join(items)}{self.closing}"


class BlockStyle(NamedTuple):
    """The spacing of a block list (with dashes): the indentation relative to the key, and the gap after the dash."""

    indent: str
    gap: str


@dataclass(frozen=True, slots=True)
class Style:
    """The style of a roster.

    Attributes:
        bullet: the text before a model's first key, including the dash.
        indent: the text before a model's other keys.
        blank_lines: the number of blank lines between two models.
        separator: the text between two models in a roster that is a flow list.
        flow: the style of models in braces; None where each key has a line.
        lists: the style of the list at each key.
        quotes: the quotes of values that need none, by key; at the empty key, of all values together.
        required_quotes: the quotes of values that need some.
        key_quotes: the quotes of keys.
        key_order: the order of a model's keys.
    """

    line_break: str = "\n"
    bullet: str = "- "
    indent: str = "  "
    blank_lines: int = 1
    separator: str = ", "
    flow: FlowStyle | None = None
    lists: Mapping[str, FlowStyle | BlockStyle] = field(default_factory=dict)
    quotes: Mapping[str, str] = field(default_factory=dict)
    required_quotes: str = quoting.DOUBLE
    key_quotes: str = quoting.PLAIN
    key_order: tuple[str, ...] = ()

    def mapping(self, model: Mapping[str, WrittenValue]) -> str:
        """Return a model, without the bullet before it and without a line break at its end."""
        pairs = [self.pair(key, model[key]) for key in _ordered(list(model), self.key_order)]
        if self.flow is not None:
            return "{" + self.flow.join(pairs) + "}"
        return (self.line_break + self.indent).join(pairs)

    def flow_mapping(self, model: Mapping[str, WrittenValue]) -> str:
        """Return a model in braces, as an item of a flow list."""
        return replace(self, flow=self.flow or FlowStyle()).mapping(model)

    def pair(self, key: str, value: WrittenValue) -> str:
        """Return a key with its value."""
        return f"{self.key_quotes}{key}{self.key_quotes}:{self.value(key, value)}"

    def value(self, key: str, value: WrittenValue) -> str:
        """Return the text of a value after the colon."""
        if isinstance(value, Verbatim):
            if value.text and self.flow is None:
                first, *others = value.text.split("\n")
                return self.line_break.join([first, *(line and self.indent + line for line in others)])
            return f" {self._flow_value(key, value.value)}"
        if isinstance(value, int):
            return f" {value}"
        if isinstance(value, str):
            return " " + self.scalar(key, value, in_flow=self.flow is not None)
        style = self.lists.get(key) or next(iter(self.lists.values()), None)
        if style is None or isinstance(style, FlowStyle):
            text = f" [{(style or FlowStyle()).join([self.scalar(key, item, in_flow=True) for item in value])}]"
            if style or self.flow or len(f"{self.indent}{key}:{text}") <= _MAX_COLUMNS:
                return text
            style = BlockStyle(indent="  ", gap=" ")
        start = f"{self.line_break}{self.indent}{style.indent}-{style.gap}"
        return "".join(start + self.scalar(key, item) for item in value)

    def _flow_value(self, key: str, value: Any) -> str:
        """Return a value of any type on one line."""
        if isinstance(value, dict):
            pairs = [
                f"{self.scalar('', name, in_flow=True)}: {self._flow_value(key, item)}" for name, item in value.items()
            ]
            return f"{{{', '.join(pairs)}}}"
        if isinstance(value, list):
            return f"[{', '.join(self._flow_value(key, item) for item in value)}]"
        return self.scalar(key, value, in_flow=True) if isinstance(value, str) else json.dumps(value)

    def scalar(self, key: str, value: str, *, in_flow: bool = False) -> str:
        """Return the text at a key, or an item of its list."""
        return self.quoted(key, value, self.quotes.get(key, self.quotes.get("", quoting.PLAIN)), in_flow=in_flow)

    def quoted(self, key: str, value: str, quotes: str, *, in_flow: bool = False) -> str:
        """Return the text at a key in given quotes; a date needs none at the keys that may have a plain one."""
        if quotes == quoting.PLAIN and key in DATE_KEYS and _DATE.fullmatch(value):
            return value
        return quoting.format_scalar(value, quotes, required=self.required_quotes, in_flow=in_flow)


def _ordered(keys: list[str], example: tuple[str, ...]) -> list[str]:
    """Return keys in the order of an example; a key that it lacks follows the one before it in ``keys``."""
    order = [key for key in example if key in keys]
    for index, key in enumerate(keys):
        if key not in order:
            order.insert(order.index(keys[index - 1]) + 1 if index else 0, key)
    return order
