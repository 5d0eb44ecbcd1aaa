"""The writer of nested values: PyYAML and our own loader read back what it writes."""

from functools import partial
from typing import Any

import yaml
from hypothesis import given
from hypothesis import strategies as some

from roster.edit import quoting
from roster.yaml.block_writer import BlockFormat, block_lines
from roster.yaml.document import parse
from tests.properties import examples

PLAIN = BlockFormat(
    partial(quoting.format_scalar, quotes=quoting.PLAIN),
    partial(quoting.format_scalar, quotes=quoting.PLAIN, in_flow=True),
    flow_width=40,
)
texts = some.text(max_size=6) | some.sampled_from(
    ["yes", "null", "1e3", "2026-01-01", "a: b", "- x", "# c", "", "\U0001f600"]
)
numbers = some.integers(-(10**17), 10**17) | some.floats(-1e6, 1e6).map(lambda number: round(number, 4))
values = some.recursive(
    some.none() | some.booleans() | numbers | texts,
    lambda inner: some.lists(inner, max_size=3) | some.dictionaries(texts, inner, max_size=3),
    max_leaves=6,
)


def text_of(value: Any, form: BlockFormat) -> str:
    return "".join(f"{line}\n" for line in block_lines(value, form))


@given(some.dictionaries(texts, values, min_size=1, max_size=3))
@examples(60)
def test_both_readers_read_the_value_back(value: dict[str, Any]):
    for form in (BlockFormat(), PLAIN):
        text = text_of(value, form)
        assert yaml.safe_load(text) == value
        document = parse("", text.encode())
        assert (document.value, document.findings) == (value, ())


def test_short_lists_are_in_brackets():
    value = {"short": ["a", "b, c"], "long": ["a" * 30, "b" * 30], "empty": [], "nested": [{"x": 1, "z": 2}]}
    assert text_of(value, PLAIN).splitlines() == [
        'short: [a, "b, c"]',
        "long:",
        f"  - {'a' * 30}",
        f"  - {'b' * 30}",
        "empty: []",
        "nested:",
        "  - x: 1",
        "    z: 2",
    ]


def test_numbers_have_no_exponent():
    assert text_of({"small": 1e-5, "large": 1e20}, PLAIN) == "small: 0.00001\nlarge: 100000000000000000000.0\n"
