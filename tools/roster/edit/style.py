"""How a roster is written, and how a model is written so that it looks like its neighbours."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from roster.edit import quoting as scalar

Value = str | tuple[str, ...]
"""A value of a new model: a text, or texts in a list."""


class Brackets(NamedTuple):
    """What stands in brackets beside the items: before the first one, between two, after the last one."""

    opening: str = ""
    between: str = ", "
    closing: str = ""

    def around(self, items: list[str]) -> str:
        """Return the items with what stands around them, without the brackets."""
        return f"{self.opening}{self.between.join(items)}{self.closing}"


class Dashes(NamedTuple):
    """A list on lines of its own: what stands before each dash beyond its key's indentation, and after it."""

    indent: str
    gap: str


@dataclass(frozen=True, slots=True)
class Style:
    """How a roster is written.

    Attributes:
        line_break: what ends a line.
        bullet: what stands before a model's first key on its line, dash included.
        indent: what stands before a model's other keys.
        blank_lines: how many empty lines stand between two models.
        between: what stands between two models where the roster is a list in brackets, without dashes.
        braces: how a model stands in braces; None where each key has a line.
        lists: how a list is written at each key that has one.
        marks: the quotes that values have although they need none, for each key; empty for none.
        needed: the quotes of values that need some.
        key_mark: the quotes of keys; empty for none.
        order: the keys of a model, in its order.
    """

    line_break: str = "\n"
    bullet: str = "- "
    indent: str = "  "
    blank_lines: int = 1
    between: str = ", "
    braces: Brackets | None = None
    lists: Mapping[str, Brackets | Dashes] = field(default_factory=dict)
    marks: Mapping[str, str] = field(default_factory=dict)
    needed: str = scalar.DOUBLE
    key_mark: str = scalar.PLAIN
    order: tuple[str, ...] = ()

    def item(self, model: Mapping[str, Value]) -> str:
        """Return a model with its dash, without a line break at its end."""
        return self.bullet + self.entry(model)

    def entry(self, model: Mapping[str, Value]) -> str:
        """Return a model without its dash."""
        pairs = [self.pair(key, model[key]) for key in _ordered(list(model), self.order)]
        if self.braces is not None:
            return "{" + self.braces.around(pairs) + "}"
        return (self.line_break + self.indent).join(pairs)

    def in_braces(self, model: Mapping[str, Value]) -> str:
        """Return a model as one that is part of a list in brackets."""
        return replace(self, braces=self.braces or Brackets()).entry(model)

    def pair(self, key: str, value: Value) -> str:
        """Return a key with its value."""
        return f"{self.key_mark}{key}{self.key_mark}:{self._value(key, value)}"

    def _value(self, key: str, value: Value) -> str:
        if isinstance(value, str):
            return " " + self.scalar(key, value, in_brackets=self.braces is not None)
        style = self.lists.get(key) or next(iter(self.lists.values()), Brackets())
        if isinstance(style, Brackets):
            return f" [{style.around([self.scalar(key, item, in_brackets=True) for item in value])}]"
        start = f"{self.line_break}{self.indent}{style.indent}-{style.gap}"
        return "".join(start + self.scalar(key, item) for item in value)

    def scalar(self, key: str, value: str, *, in_brackets: bool = False) -> str:
        """Return a text at a key, or an item of its list."""
        mark = self.marks.get(key, self.marks.get("", scalar.PLAIN))
        return scalar.written(value, mark, needed=self.needed, in_brackets=in_brackets)


def _ordered(keys: list[str], example: tuple[str, ...]) -> list[str]:
    """Return keys in the order of an example; one that it lacks comes after the key that it usually follows."""
    order = [key for key in example if key in keys]
    for index, key in enumerate(keys):
        if key not in order:
            order.insert(order.index(keys[index - 1]) + 1 if index else 0, key)
    return order
