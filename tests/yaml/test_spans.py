"""Exact spans of keys and values in every style of YAML."""

from unittest.mock import Mock, call

import pytest
from hypothesis import given
from hypothesis import strategies as some

from roster.findings import Place, Pointer, Span
from roster.yaml import node_ranges
from roster.yaml.document import parse
from roster.yaml.line_index import LineIndex
from roster.yaml.node_ranges import find_ranges
from roster.yaml.parser import CParser
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


@pytest.mark.parametrize(
    "text",
    [
        "- a: 1\n- b: 2\n",
        "# comment\n\n---\n- a: 1\n  b: [c, d]\n-\n  e: 2\n- f\n",
        "- a: 1\r\n- b:\r\n  - c\r\n  - d\r\n",
        "-\n- a\n-",
        '- a: "b\n- c"\n- d: 1\n',
        '- a: "b\n- c"\n',
        " - a: 1\n - b: 2\n",
        "&x\n- a: 1\n- *x\n",
        "- &x a\n- *x\n- c: !!str d\n",
        "%TAG !e! tag:example.com,2026:\n---\n- !e!a b\n- c\n",
        "- a: |\n    b\n\n- c: >+\n    d\n\n",
        "- a: 1\n- b: 2\n...\n",
        "- a: 1\n---\n- b: 2\n",
        "- a: 1\r- b: 2\r",
        "- a: 1\x85- b: 2\n",
        "[\n- a,\n- b]\n",
        "a: 1\n",
    ],
)
def test_ranges_of_single_items_equal_those_of_a_complete_pass(text: str):
    value = parse("a.yaml", text.encode()).value
    pointers = [(), (0,), (1,), (2,), (7,), (0, "a"), (0, "b", 1), (1, "b", 0), (1, "b"), (2, "c"), ("a",)]
    for chosen in (pointers, *([pointer] for pointer in pointers)):
        complete = find_ranges(text, None, chosen)
        assert find_ranges(text, value, chosen) == complete, chosen


def test_only_items_with_places_are_parsed(monkeypatch: pytest.MonkeyPatch):
    text = "".join(f"- a: {number}\n" for number in range(100))
    document = parse("a.yaml", text.encode())
    parser = Mock(wraps=CParser)
    monkeypatch.setattr(node_ranges, "CParser", parser)
    document.spans([Place("a.yaml", (50, "a"))])
    assert parser.call_args_list == [call("- a: 50\n"), call("- a: 99\n")]  # the last one, because the list ends there
