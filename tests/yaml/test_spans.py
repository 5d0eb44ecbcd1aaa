"""Exact spans of keys and values in every style of YAML."""

import pytest
from hypothesis import given
from hypothesis import strategies as some

from roster.findings import Place, Pointer, Span
from roster.yaml.document import parse
from roster.yaml.line_index import LineIndex
from tests.yaml.yaml_writer import Writer, values


@given(some.data(), values, some.sampled_from(["\n", "\r\n"]))
def test_written_values_have_recorded_spans(data: some.DataObject, value: object, line_break: str):
    writer = Writer(data.draw, line_break)
    text = writer.document(value)
    document = parse("a.yaml", text.encode())
    assert not document.findings, text
    assert document.value == value, text
    lines = LineIndex(text)
    expected = {}
    for pointer, (key_range, value_range) in writer.ranges.items():
        if pointer:
            expected[Place("a.yaml", pointer, at_key=True)] = lines.span(*key_range)
        expected[Place("a.yaml", pointer)] = lines.span(*value_range)
    assert document.spans(expected) == expected, text


def text_in_span(text: str, pointer: Pointer, *, at_key: bool = False) -> str:
    """Return the text in the span of a place."""
    place = Place("a.yaml", pointer, at_key)
    span = parse("a.yaml", text.encode()).spans([place])[place]
    start, end = LineIndex(text).offsets(span)
    return text[start:end]


@pytest.mark.parametrize(
    ("text", "pointer", "expected"),
    [
        ("a: |\n  one\n  two\n\nb: 1\n", ("a",), "|\n  one\n  two"),
        ("a: >-\n  one\n\n\nb: 1\n", ("a",), ">-\n  one"),
        ("a: one\n  two\nb: 1\n", ("a",), "one\n  two"),
        ("a: &x one\nb: *x\n", ("a",), "one"),
        ("a: &x one\nb: *x\n", ("b",), "*x"),
        ("a: &x [1, 2]\nb: *x\n", ("b", 1), "*x"),
        ("a: &x\n  b: 1\nc: 2\n", ("a",), "b: 1"),
        ("a: [\n  1,\n  2,\n]\n", ("a",), "[\n  1,\n  2,\n]"),
        ('{"a": {"b": ["c", 1]}}', ("a", "b", 0), '"c"'),
        ("日本: x\né: y # z\n", ("é",), "y"),
        ("a:\r  b\rc: d\r", ("c",), "d"),
        ("- a: 1\n  b: 2\n- c\n", (0,), "a: 1\n  b: 2"),
    ],
)
def test_span_of_value(text: str, pointer: Pointer, expected: str):
    assert text_in_span(text, pointer) == expected


def test_span_of_key():
    assert text_in_span("'a b': 1\n", ("a b",), at_key=True) == "'a b'"


def test_missing_place_has_span_of_nearest_parent():
    assert text_in_span("a:\n  b: 1\n", ("a", "z", 3)) == "b: 1"


def test_columns_count_code_points():
    place = Place("a.yaml", ("k",))
    (span,) = parse("a.yaml", "{日本: x, k: yz}".encode()).spans([place]).values()
    assert span == Span(1, 12, 1, 14)
